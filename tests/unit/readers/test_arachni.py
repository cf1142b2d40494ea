from kit.scan_reports import read, sample


def test_one_kind_of_issue_with_one_severity_is_one_finding():
    rows = sample("arachni/report.json")
    assert rows.column("title", "severity_id", "cwe", "occurrences") == [
        ("Cross-Site Scripting (XSS)", 4, "79", 2),
        ("Server header", 1, None, 1),
    ]
    assert [place["url_path"] for place in rows.places][:2] == ["https://web.example.org/a", "https://web.example.org/b"]
    assert (rows.scan["product_version"], rows.scan["end_time"].isoformat()) == ("1.5.1", "2024-03-01T11:00:00+00:00")


def test_nothing_found_and_nothing_understood_are_two_things():
    report = {"issues": [], "start_datetime": "2024-03-01 10:00:00 +0000"}
    assert read(report)[1].scan["findings"] == 0
    assert "expected objects" in str(read(report | {"issues": [1]})[1].error)
