from kit.scan_reports import sample


def test_each_vulnerability_of_a_product_on_a_machine_is_a_finding():
    [finding] = sample("ms_defender/vulnerabilities.json").findings
    assert (finding["rule"], finding["package_name"], finding["asset"]) == ("CVE-2024-0001", "example/office", "m")
    assert (finding["severity_id"], finding["remediation"]) == (5, "Install KB500.")


def test_machines_are_targets_not_findings():
    rows = sample("ms_defender/machines.json")
    assert (rows.scan["findings"], rows.scan["targets"]) == (0, "pc.example.org")
