from kit.scan_reports import sample


def test_packages_are_components_and_assessments_statements():
    rows = sample("spdx3_json/document.json")
    assert [(row["package_name"], row["package_version"], row["package_type"]) for row in rows.components] == [
        ("org.example:parser", "1.0", "operating-system"),
        ("no-version", None, None),
    ]
    parser = rows.components[0]
    assert (parser["package_vendor"], parser["package_cpe"][:7], parser["sha256"][:4]) == ("Example Ltd", "cpe:2.3", "0123")
    [statement] = rows.statements
    assert (statement["vulnerability_uid"], statement["status"], statement["justification"], statement["product_name"]) == (
        "CVE-2024-0001", "not_affected", "vulnerable_code_not_present", "org.example:parser",
    )  # fmt: skip
