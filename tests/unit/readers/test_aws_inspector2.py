from kit.scan_reports import read, sample


def test_each_entry_is_a_finding_on_its_resources():
    rows = sample("aws_inspector2/findings.json")
    assert rows.column("rule", "severity_id", "status") == [
        ("CVE-2024-0001", 4, "active"),
        ("NETWORK_REACHABILITY", 1, "closed"),
    ]
    assert rows.column("package_name", "package_fixed_version", "cvss_score")[0] == ("example", "1.1", 9.8)
    assert [(place["asset"], place["ip"], place["port"], place["protocol"]) for place in rows.places] == [
        ("i-1", "192.0.2.1", None, None),
        ("i-1", None, 22, "tcp"),
    ]


def test_another_layout_is_an_error():
    assert "expected a list of findings" in str(read({"findings": {}})[1].error)
