from kit.scan_reports import read, sample


def test_one_vulnerability_of_one_package_is_a_finding():
    [finding] = sample("harbor/report.json").findings
    assert (finding["rule"], finding["severity_id"], finding["cwe"], finding["cvss_score"]) == ("CVE-2024-0001", 4, "787", 9.8)
    assert finding["package_fixed_version"] == "1.1"


def test_no_vulnerabilities_is_a_scan():
    assert (
        read({"application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0": {"vulnerabilities": None}})[1].scan[
            "findings"
        ]
        == 0
    )
