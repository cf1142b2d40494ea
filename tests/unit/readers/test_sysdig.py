import pytest

from kit.scan_reports import read, sample


@pytest.mark.parametrize(("name", "severity", "asset"), [("console", 4, "prod/web/app"), ("command_line", 5, "example/app:1")])
def test_each_entry_is_a_finding(name, severity, asset):
    assert sample(f"sysdig/{name}.json").column("rule", "severity_id", "asset", "cvss_score", "package_name") == [
        ("CVE-2024-0001", severity, asset, 9.8, "example")
    ]


def test_packages_that_refer_to_their_vulnerabilities():
    package = {"name": "p", "version": "1", "vulnerabilitiesRefs": ["v", "w"]}
    result = {"packages": {"a": package}, "vulnerabilities": {"v": {"name": "CVE-2024-1", "severity": "low"}}}
    assert read({"result": result})[1].column("rule") == ["CVE-2024-1"]
