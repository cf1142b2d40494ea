from kit.scan_reports import read, sample


def test_failed_and_manual_checks_are_findings_one_per_detail_and_region():
    rows = sample("prowler_json/report.ocsf.json")
    assert rows.column("rule", "severity_id", "status", "url_path") == [
        ("iam_rotate", 3, "fail", "eu-1"),
        ("iam_rotate", 3, "manual", "eu-2"),
    ]
    assert (rows.scan["product_version"], rows.scan["findings"]) == ("5.0.0", 2)


def test_version_3_and_the_lines_of_version_2():
    assert sample("prowler_json/version3.json").column("rule", "severity_id", "asset", "remediation") == [
        ("iam_rotate", 4, "user-a", "Rotate")
    ]
    line = '{"Control ID":"1.4","Control":"[check14] Keys","Status":"FAIL","Account Number":"1","Message":"old","Severity":"Medium"}\n'
    name, rows = read(line + line.replace("FAIL", "PASS"))
    assert (name, rows.column("rule")) == ("prowler_json", ["1.4"])


def test_nothing_but_passed_checks_is_a_scan_without_findings():
    item = {"finding_info": {}, "status_code": "PASS", "status_detail": "fine", "risk_details": "none"}
    assert read([item])[1].scan["findings"] == 0
