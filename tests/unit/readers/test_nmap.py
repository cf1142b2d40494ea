from kit.scan_reports import read, sample


def test_one_open_port_is_one_finding_whatever_hosts_have_it():
    rows = sample("nmap/scripts.xml")
    ports = [row for row in rows.findings if row["rule"] == "open-port"]
    assert [(row["title"], row["occurrences"], row["severity_id"]) for row in ports] == [
        ("Open port: 22/tcp", 1, 1), ("Open port: 80/tcp", 2, 1),
    ]  # fmt: skip
    assert (ports[0]["package_name"], ports[0]["package_version"], ports[0]["asset"]) == (
        "ExampleSSH",
        "7.4",
        "web.example.org",
    )
    places = [place for place in rows.places if place["finding_uid"] == ports[1]["finding_uid"]]
    assert [(place["ip"], place["hostname"], place["port"], place["protocol"]) for place in places] == [
        ("192.0.2.1", "web.example.org", 80, "tcp"), ("2001:db8::2", None, 80, "tcp"),
    ]  # fmt: skip
    assert (rows.scan["product_name"], rows.scan["product_version"]) == ("Nmap", "7.95")
    assert rows.scan["start_time"].isoformat() == "2024-03-01T10:00:00+00:00"
    assert rows.scan["end_time"].isoformat() == "2024-03-01T10:01:00+00:00"


def test_weaknesses_that_scripts_found_are_findings():
    rows = sample("nmap/scripts.xml")
    known = [row for row in rows.findings if row["rule"] == "vulners"]
    assert [(row["vulnerability_uid"], row["severity_id"], row["cvss_score"], row["package_name"], row["package_version"]) for row in known] == [
        ("CVE-2024-0001", 5, 9.8, "ssh", "7.4"), ("EXPLOITPACK:ABC", 3, 5.0, "ssh", "7.4"),
    ]  # fmt: skip
    [proven] = [row for row in rows.findings if row["rule"] == "smb-vuln-example"]
    assert (proven["title"], proven["vulnerability_uid"], proven["status"], proven["severity_id"]) == (
        "Remote code in SMB", "CVE-2024-0003", "VULNERABLE", 4,
    )  # fmt: skip
    assert proven["port"] is None


def test_the_same_port_of_tcp_and_udp_is_one_finding():
    port = '<port protocol="{}" portid="53"><state state="open"/></port>'
    host = f'<host><address addr="192.0.2.1" addrtype="ipv4"/><ports>{port.format("tcp")}{port.format("udp")}</ports></host>'
    _, rows = read(f'<nmaprun scanner="nmap">{host}</nmaprun>')
    assert rows.column("port", "occurrences") == [(53, 2)]


def test_masscan_counts_ports_of_hosts_each_once():
    rows = sample("nmap/masscan.xml")
    assert rows.column("asset", "port") == [("192.0.2.1", 80), ("192.0.2.2", 80)]
    assert rows.scan["product_name"] == "masscan"


def test_hosts_are_announced_but_not_there():
    _, rows = read('<nmaprun scanner="nmap"><runstats><hosts up="2" down="0" total="2"/></runstats></nmaprun>')
    assert "expected 2 hosts" in str(rows.error)


def test_nonsense_in_ports_is_passed_over():
    ports = (
        '<port protocol="tcp" portid="x"><state state="open"/></port><port/><port portid="99999"><state state="open"/></port>'
    )
    _, rows = read(f"<nmaprun><host><ports>{ports}</ports></host></nmaprun>")
    assert rows.column("port") == [None]
