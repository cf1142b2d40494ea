from kit.scan_reports import sample


def test_confirmed_vulnerabilities_count_and_nothing_else():
    rows = sample("qualys_scan/scan.xml")
    assert rows.column("rule", "title", "severity_id", "port", "asset") == [
        ("11", "Hidden service", 3, 443, "web.example.org"), ("12", "Old", 5, 443, "web.example.org"),
    ]  # fmt: skip
    assert (rows.findings[0]["vulnerability_uid"], rows.findings[0]["description"]) == ("CVE-2024-0001", "It hides.")
    assert (rows.scan["targets"], rows.scan["start_time"].isoformat()) == ("192.0.2.1", "2024-03-01T10:00:00+00:00")
