from kit.scan_reports import read, sample


def test_rows_per_cve_join_and_ports_part():
    rows = sample("nessus_csv/report.csv")
    assert rows.column("rule", "severity_id", "asset", "port", "occurrences") == [
        ("10", 4, "192.0.2.1", 443, 1),
        ("10", 1, "www.example.org", None, 1),
    ]
    assert rows.findings[0]["vulnerability_uids"] == "CVE-2024-0001,CVE-2024-0002"


def test_semicolons_and_numbers_as_severities():
    assert sample("nessus_csv/tenable_sc.csv").column("title", "severity_id", "port") == [("Old TLS", 5, 443)]


def test_the_export_of_vulnerability_management():
    name, rows = read(
        "asset.name,definition.id,definition.name,definition.synopsis,severity,asset.host_name,port\nweb,1,Old,Old TLS,high,w.example,443\n"
    )
    assert (name, rows.column("rule", "title", "asset", "port")) == ("nessus_csv", [("1", "Old", "w.example", 443)])
