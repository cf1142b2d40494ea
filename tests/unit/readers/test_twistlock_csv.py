from kit.scan_reports import sample


def test_one_vulnerability_of_one_package_is_a_finding_in_all_images():
    rows = sample("twistlock_csv/report.csv")
    assert rows.column("rule", "severity_id", "occurrences") == [("CVE-2024-0001", 4, 2)]
    assert [place["asset"] for place in rows.places] == ["app:1", "app:2"]
