import pytest

from kit.scan_reports import read


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("resolved", "fixed"),
        ("resolved_with_pedigree", "fixed"),
        ("exploitable", "affected"),
        ("in_triage", "under_investigation"),
        ("false_positive", "not_affected"),
        ("not_affected", "not_affected"),
    ],
)
def test_states_in_the_words_of_openvex(state, status):
    item = {"id": "CVE-2024-1", "analysis": {"state": state}, "affects": [{"ref": "pkg:pypi/a@1"}]}
    [statement] = read({"bomFormat": "CycloneDX", "vulnerabilities": [item]})[1].statements
    assert (statement["status"], statement["product_purl"]) == (status, "pkg:pypi/a@1")


def test_a_range_of_versions_that_is_not_affected_is_its_own_statement():
    versions = [{"range": "vers:pypi/<2", "status": "affected"}, {"range": "vers:pypi/>=2", "status": "unaffected"}]
    item = {"id": "CVE-2024-1", "analysis": {"state": "exploitable"}, "affects": [{"ref": "pkg:pypi/a", "versions": versions}]}
    rows = read({"bomFormat": "CycloneDX", "vulnerabilities": [item]})[1]
    assert [(row["version_range"], row["status"]) for row in rows.statements] == [
        ("vers:pypi/<2", "affected"),
        ("vers:pypi/>=2", "not_affected"),
    ]
    assert len(rows.findings) == 1


def test_source_packages_in_the_properties_of_scanners():
    properties = [{"name": f"aquasecurity:trivy:Src{key}", "value": value} for key, value in
                  {"Name": "openssl", "Version": "1.0.2k", "Release": "16.el7", "Epoch": "1"}.items()]  # fmt: skip
    item = {"name": "openssl-libs", "version": "1", "purl": "pkg:rpm/centos/openssl-libs@1-2.el7", "properties": properties}
    [row] = read({"bomFormat": "CycloneDX", "components": [item]})[1].components
    assert (row["package_source_name"], row["package_source_version"], row["distro"]) == (
        "openssl",
        "1:1.0.2k-16.el7",
        "centos 7",
    )
