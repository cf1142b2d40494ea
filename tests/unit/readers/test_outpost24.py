from kit.scan_reports import sample


def test_each_detail_is_a_finding():
    rows = sample("outpost24/report.xml")
    assert rows.column("title", "asset", "port", "severity_id", "cvss_score") == [
        ("Old product 1", "web.example.org", 443, 5, 9.8),
        ("Old product 1", "web.example.org", 8443, 5, 9.8),
        ("Old product 2", "web.example.org", 443, 3, 5.1),
    ]
    assert rows.column("cvss_vector")[2] == "(AV:N/AC:H/Au:N/C:P/I:P/A:P)"
    assert rows.findings[0]["vulnerability_uid"] == "CVE-2024-0001"
    assert (rows.scan["targets"], rows.scan["start_time"].isoformat()) == ("192.0.2.1", "2024-03-01T10:00:00+00:00")
