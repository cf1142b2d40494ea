import pytest

from kit.scan_reports import read, sample


def test_all_kinds_of_an_image_report_and_no_check_that_passed():
    rows = sample("trivy/image.json")
    assert rows.column("rule", "severity_id") == [
        ("CVE-2024-0001", 4),
        ("CVE-2024-0002", 0),
        ("DS002", 4),
        ("token", 5),
        ("GPL-2.0", 4),
    ]
    first = rows.findings[0]
    assert (first["package_name"], first["package_version"], first["package_fixed_version"]) == ("libexample", "1.0", "1.1")
    assert (first["cvss_score"], first["cwe"], first["asset"], first["status"]) == (9.8, "787", "example/app:1", "fixed")
    assert first["package_purl"] == "pkg:deb/debian/libexample@1.0?distro=debian-12.1"
    assert rows.places[3]["url_path"] == "a.env:3"
    assert (rows.scan["product_name"], rows.scan["findings"], rows.scan["start_time"].year) == ("Trivy", 5, 2024)


def test_the_list_of_old_versions_and_clusters():
    assert sample("trivy/legacy.json").column("asset") == ["example/app:1 (debian 12.1)"] * 2
    assert sample("trivy/cluster.json").column("asset") == ["web/Deployment/a"] * 2 + ["web/Deployment/b"] * 2


def test_a_report_without_findings_is_a_scan():
    name, rows = read({"SchemaVersion": 2, "ArtifactName": "a", "Results": [{"Target": "a", "Vulnerabilities": None}]})
    assert (name, rows.scan["findings"], rows.error) == ("trivy", 0, None)


def test_the_same_package_in_two_layers_is_listed_twice():
    entry = {"VulnerabilityID": "CVE-2024-1", "PkgName": "p", "InstalledVersion": "1", "Severity": "LOW"}
    _, rows = read([{"Target": "t", "Type": "jar", "Vulnerabilities": [entry, entry]}])
    assert len(set(rows.column("finding_uid"))) == 2


@pytest.mark.parametrize("value", [None, 7, "x", [], [7], {"a": 1}])
def test_hostile_kinds_of_values_cost_nothing_but_themselves(value):
    for key in ("Vulnerabilities", "Misconfigurations", "Secrets", "Licenses", "Target"):
        assert read({"SchemaVersion": 2, "ArtifactName": "a", "Results": [{"Target": "a", key: value}]})[1].error is None


def test_an_entry_without_an_id_is_a_fault():
    _, rows = read([{"Target": "t", "Type": "composer", "Vulnerabilities": [{"PkgName": "p"}]}])
    assert (len(rows.faults), rows.findings) == (1, [])
