from kit.scan_reports import read, sample


def test_vulnerabilities_and_compliance_are_findings():
    rows = sample("twistlock/report.json")
    assert rows.column("rule", "severity_id", "package_version") == [("CVE-2024-0001", 4, "1.0"), ("41", 4, None)]


def test_the_same_package_twice_is_one_finding():
    entry = {"id": "CVE-2024-1", "packageName": "p", "packageVersion": "1", "severity": "low"}
    assert len(read({"results": [{"vulnerabilities": [entry, entry]}]})[1].findings) == 1
