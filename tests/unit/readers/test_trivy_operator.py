from kit.scan_reports import read, sample


def test_vulnerabilities_and_failed_checks_of_resources():
    rows = sample("trivy_operator/reports.json")
    assert rows.column("rule", "severity_id", "asset") == [("CVE-2024-0001", 5, "Pod/web"), ("KSV001", 3, "c")]
    assert rows.places[0]["url_path"] == "example/app:1"
    assert rows.scan["product_version"] == "0.50.0"


def test_one_resource_alone_and_compliance_reports():
    check = {"id": "AVD-1", "severity": "HIGH", "success": False, "title": "t"}
    resource = {"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "ClusterComplianceReport", "metadata": {"name": "nsa"}}
    name, rows = read(resource | {"status": {"detailReport": {"results": [{"checks": [check]}]}}})
    assert (name, rows.column("rule")) == ("trivy_operator", ["AVD-1"])


def test_resources_by_kind_and_summaries_of_compliance():
    control = {"id": "1.1", "name": "Non-root", "severity": "MEDIUM", "totalFail": 2}
    resource = {
        "metadata": {"name": "nsa"},
        "status": {"summaryReport": {"controlCheck": [control, control | {"totalFail": 0}]}},
    }
    name, rows = read({"clustercompliancereports.aquasecurity.github.io": [resource]})
    assert (name, rows.column("title")) == ("trivy_operator", ["Non-root"])
