from kit.scan_reports import sample


def test_each_record_is_a_finding():
    assert sample("ms_defender_csv/hunting.csv").column("rule", "severity_id", "package_name", "package_version", "asset") == [
        ("CVE-2024-0001", 4, "example/office", "1.0", "pc.example.org")
    ]
