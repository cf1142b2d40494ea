from kit.scan_reports import read, sample


def test_one_test_on_one_port_is_one_finding():
    rows = sample("openvas_csv/report.csv")
    assert rows.column("rule", "severity_id", "port", "asset") == [
        ("1.3.6.1", 4, 443, "www.example.org"),
        ("1.3.6.2", 4, 443, "www.example.org"),
    ]
    assert rows.findings[0]["vulnerability_uids"] == "CVE-2024-0001,CVE-2024-0002"
    assert len(rows.places) == 2


def test_another_host_is_another_finding():
    _, rows = read("IP,NVT Name,Severity\n192.0.2.1,x,Log\n192.0.2.2,x,Log\n")
    assert rows.column("asset", "severity_id") == [("192.0.2.1", 1), ("192.0.2.2", 1)]
