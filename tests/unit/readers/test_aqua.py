from kit.scan_reports import read, sample


def test_a_vulnerability_of_a_resource_is_a_finding():
    assert sample("aqua/report.json").column("rule", "severity_id", "cvss_score", "package_fixed_version") == [
        ("CVE-2024-0001", 2, 2.0, "1.1")
    ]


def test_files_and_lists_of_pipelines():
    name, rows = read({"cves": [{"file": "a.jar", "name": "CVE-2024-1", "score": "7.5"}]})
    assert (name, rows.column("severity_id", "url_path")) == ("aqua", [(4, "a.jar")])
    held = {"resource": {"name": "p"}, "vulnerabilities": [{"name": "CVE-2024-1", "aqua_severity": "high"}]}
    assert read([{"results": {"resources": [held]}}])[1].column("severity_id") == [4]
