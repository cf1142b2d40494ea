from kit.scan_reports import read, sample


def test_each_erratum_is_a_finding():
    [finding] = sample("satellite/errata.json").findings
    assert (finding["rule"], finding["severity_id"], finding["vulnerability_uid"]) == ("RHSA-2024:0001", 4, "CVE-2024-0001")
    assert finding["vulnerability_uids"] == "CVE-2024-0001,CVE-2024-0002,RHSA-2024:0001"
    assert (finding["status"], finding["remediation"]) == ("installable", "Update.")


def test_an_empty_page_is_a_scan():
    assert read({"total": 0, "subtotal": 0, "selectable": 0, "results": []})[1].scan["findings"] == 0
