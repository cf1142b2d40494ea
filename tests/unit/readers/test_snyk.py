from kit.scan_reports import read, sample


def test_each_path_is_a_finding():
    rows = sample("snyk/project.json")
    assert rows.column("rule", "severity_id", "url_path") == [
        ("SNYK-JS-EXAMPLE-1", 5, "app@1 > example@1.0"),
        ("SNYK-JS-EXAMPLE-1", 5, "app@1 > user@2 > example@1.0"),
    ]
    assert rows.findings[0]["vulnerability_uid"] == "CVE-2024-0001"
    assert (rows.findings[0]["package_purl"], rows.findings[0]["package_fixed_version"]) == ("pkg:npm/example@1.0", "1.1")


def test_several_projects_and_none_with_findings():
    project = {"vulnerabilities": [], "dependencyCount": 3, "packageManager": "pip", "projectName": "p"}
    assert read([project, project])[1].scan["findings"] == 0
