from kit.scan_reports import read, sample


def test_each_entry_is_a_finding_with_its_aliases():
    rows = sample("dependency_track/findings.fpf")
    [finding] = rows.findings
    assert (finding["vulnerability_uid"], finding["package_name"], finding["status"]) == (
        "CVE-2024-0001",
        "org.example/lib",
        "suppressed",
    )
    assert (finding["severity_id"], finding["cwe"], finding["cvss_score"], finding["asset"]) == (5, "787", 9.8, "App 2")
    assert (rows.scan["product_version"], rows.scan["targets"]) == ("4.10.0", "App 2")


def test_no_findings_is_a_scan():
    assert read({"meta": {"application": "Dependency-Track"}, "findings": None})[1].scan["findings"] == 0
