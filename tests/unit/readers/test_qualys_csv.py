from kit.scan_reports import read, sample


def test_one_qid_is_one_finding_on_all_its_hosts():
    rows = sample("qualys_csv/vm.csv")
    [finding] = rows.findings
    assert (finding["rule"], finding["severity_id"], finding["cvss_score"], finding["occurrences"]) == ("38", 4, 7.5, 2)
    assert finding["vulnerability_uids"] == "CVE-2024-0001,CVE-2024-0002"
    assert [place["ip"] for place in rows.places] == ["192.0.2.1", "192.0.2.2"]


def test_vmdr_counts_records_also_where_each_is_quoted_as_one_field():
    rows = sample("qualys_csv/vmdr.csv")
    assert rows.column("rule", "severity_id", "asset", "status") == [("38", 5, "web", "active")]
    assert rows.findings[0]["remediation"] == 'Say "yes"'
    assert rows.scan["product_name"] == "Qualys VMDR"


def test_vmdr_by_cve():
    text = "CVE,QID,Title,Severity,Asset Name\nCVE-2024-0001,38,Old,5,web\nCVE-2024-0002,38,Old,5,web\n"
    assert read(text)[1].column("vulnerability_uid") == ["CVE-2024-0001", "CVE-2024-0002"]
