from kit.scan_reports import read, sample


def test_an_open_port_is_one_finding_whatever_is_told_of_it():
    rows = sample("masscan_json/old.json")
    [finding] = rows.findings
    assert (finding["asset"], finding["port"], finding["description"], finding["severity_id"]) == (
        "192.0.2.1",
        80,
        "http: x",
        1,
    )
    assert rows.places[0]["protocol"] == "tcp"
    assert finding["first_seen_time"].year == 2024


def test_lines():
    line = '{"ip":"192.0.2.1","timestamp":"1709287200","ports":[{"port":53,"proto":"udp","status":"open"}]}\n'
    assert read(line + line.replace("53", "123"))[1].column("port") == [53, 123]
