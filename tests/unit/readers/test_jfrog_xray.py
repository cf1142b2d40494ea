from kit.scan_reports import read, sample


def test_each_entry_of_a_report_is_a_finding():
    [finding] = sample("jfrog_xray/report.json").findings
    assert (finding["rule"], finding["severity_id"], finding["cvss_score"]) == ("XRAY-1", 5, 9.8)
    assert (finding["package_name"], finding["package_version"], finding["package_fixed_version"]) == (
        "org.example:lib",
        "1.0",
        "1.1",
    )


def test_on_demand_each_component_is_a_finding():
    rows = sample("jfrog_xray/on_demand.json")
    assert rows.column("package_name", "url_path", "cvss_score") == [
        ("org.example:a", "lib.jar", 7.5),
        ("org.example:b", "lib.jar", 7.5),
    ]


def test_summaries_of_artifacts():
    issue = {
        "issue_id": "XRAY-1",
        "summary": "s",
        "severity": "Low",
        "impact_path": ["a/b.jar"],
        "cves": [{"cve": "CVE-2024-1", "cwe": ["CWE-79"]}],
    }
    name, rows = read({"artifacts": [{"general": {"name": "app:1", "path": "p"}, "issues": [issue, issue]}]})
    assert (name, rows.column("rule", "cwe")) == ("jfrog_xray", [("XRAY-1", "79")] * 2)


def test_violations_of_version_1_join():
    found = {"id": "", "summary": "s", "provider": "JFrog", "severity": "High", "source_comp_id": "deb://x:1",
             "component_versions": {"more_details": {"cves": [{"cve": "CVE-2024-1", "cvss_v3": "9.8/CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}}}  # fmt: skip
    assert read({"data": [found, found]})[1].column("vulnerability_uid", "cvss_score") == [("CVE-2024-1", 9.8)]
