from kit.scan_reports import read, sample


def test_npm_6_counts_advisories_of_modules():
    rows = sample("npm_audit/npm6.json")
    [finding] = rows.findings
    assert (finding["package_name"], finding["package_version"], finding["vulnerability_uid"]) == (
        "example",
        "1.0",
        "CVE-2024-0001",
    )
    assert (finding["severity_id"], finding["cwe"], finding["occurrences"]) == (4, "787", 2)


def test_npm_7_counts_vulnerable_packages():
    rows = sample("npm_audit/npm7.json")
    assert rows.column("title", "severity_id") == [("An overflow", 4), ("user", 4)]
    assert rows.findings[0]["vulnerability_uid"] == "GHSA-2222-3333-4444"
    assert rows.findings[0]["remediation"] == "Update user to 2.0.0."


def test_a_dry_run_of_audit_fix_holds_the_audit():
    audit = {"auditReportVersion": 2, "vulnerabilities": {"a": {"name": "a", "severity": "low", "via": ["b"]}}}
    assert read({"added": 1, "audit": audit})[1].column("title") == ["a"]


def test_a_summary_that_counts_more_than_nothing_is_an_error_where_nothing_is_listed():
    _, rows = read({"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"vulnerabilities": {"total": 3}}})
    assert "expected 3 vulnerabilities" in str(rows.error)
    assert rows.tables == {}
    assert (
        read({"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"vulnerabilities": {"total": 0}}})[1].scan[
            "findings"
        ]
        == 0
    )
