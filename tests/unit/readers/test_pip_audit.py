from kit.scan_reports import sample


def test_each_vulnerability_of_a_package_is_a_finding():
    rows = sample("pip_audit/new.json")
    assert rows.column("rule", "vulnerability_uid", "package_purl", "package_fixed_version") == [
        ("PYSEC-2024-1", "CVE-2024-0001", "pkg:pypi/example@1.0", "1.1")
    ]


def test_the_list_of_old_versions():
    assert sample("pip_audit/old.json").column("vulnerability_uid") == ["PYSEC-2024-1"]
