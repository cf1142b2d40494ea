from kit.scan_reports import sample


def test_one_vulnerability_by_one_source_of_one_origin_is_a_finding():
    rows = sample("blackduck_csv/security.csv")
    assert rows.column("vulnerability_uid", "severity_id", "occurrences", "status") == [
        ("CVE-2024-0001", 4, 1, "new"),
        ("CVE-2024-0001", 4, 2, "new"),
    ]
    assert rows.findings[0]["vulnerability_uids"] == "BDSA-2024-1,CVE-2024-0001"
