from kit.scan_reports import read, sample


def columns(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


def test_nested_components_count_and_the_described_one_is_the_asset():
    rows = sample("cyclonedx_json/bom.json")
    assert columns(rows.components, "package_name", "package_version", "package_ecosystem") == [
        ("org.example:parser", "1.0", "Maven"),
        ("@scope/inner", "2.0", "npm"),
        ("no-version", None, None),
        ("bad-purl", "3", None),
        ("debian", "12", None),
        ("libexample", "1.0-2", "Debian"),
    ]
    assert {row["asset"] for row in rows.components} == {"example/app:1"}
    assert (rows.scan["product_name"], rows.scan["product_version"], rows.scan["findings"]) == ("maker", "1.2", 3)


def test_a_package_of_a_distribution_gets_it_from_the_operating_system_among_the_components():
    *_, package = sample("cyclonedx_json/bom.json").components
    assert (package["distro"], package["package_arch"]) == ("debian 12", "amd64")
    assert (package["package_source_name"], package["package_source_version"]) == ("example", "1.0-1")


def test_a_bad_package_url_costs_itself_alone():
    component = sample("cyclonedx_json/bom.json").components[3]
    assert (component["package_purl"], component["package_version"]) == (None, "3")


def test_each_component_that_a_vulnerability_affects_is_a_finding():
    rows = sample("cyclonedx_json/bom.json")
    assert rows.column("package_name", "package_version", "package_fixed_version", "status") == [
        ("org.example:parser", "1.0", None, "not_affected"),
        ("other", "2.0", None, "not_affected"),
        ("elsewhere", None, "2.0", "not_affected"),
    ]
    assert set(rows.column("vulnerability_uid", "severity_id", "cvss_score", "cwe")) == {("CVE-2024-0001", 4, 9.8, "787")}


def test_an_analysis_and_a_patch_are_statements():
    rows = sample("cyclonedx_json/bom.json")
    assert columns(rows.statements, "vulnerability_uid", "product_name", "product_version", "version_range", "status", "justification") == [
        ("CVE-2023-0009", "org.example:parser", "1.0", None, "fixed", None),
        ("CVE-2024-0001", "org.example:parser", "1.0", None, "not_affected", "vulnerable_code_not_in_execute_path"),
        ("CVE-2024-0001", "other", "2.0", None, "not_affected", "vulnerable_code_not_in_execute_path"),
        ("CVE-2024-0001", "elsewhere", None, "vers:pypi/<2", "not_affected", "vulnerable_code_not_in_execute_path"),
        ("CVE-2024-0001", "elsewhere", "2.0", None, "not_affected", "vulnerable_code_not_in_execute_path"),
    ]  # fmt: skip
    assert {row["publisher"] for row in rows.statements} == {"Example Ltd"}


def test_a_vulnerability_without_analysis_is_no_statement_and_one_without_targets_is_about_the_asset():
    bom = {"bomFormat": "CycloneDX", "metadata": {"component": {"name": "app"}}, "vulnerabilities": [{"id": "CVE-2024-1"}]}
    rows = read(bom)[1]
    assert (rows.statements, rows.column("package_name", "severity_id")) == ([], [("app", 0)])


def test_the_same_component_listed_twice_stays_twice():
    item = {"type": "library", "name": "a", "version": "1"}
    assert len(read({"bomFormat": "CycloneDX", "components": [item, item]})[1].components) == 2


def test_the_format_may_stand_behind_the_components():
    bom = {"components": [{"type": "library", "name": "a", "bom-ref": "a"}], "bomFormat": "CycloneDX"}
    assert read(bom)[0] == "cyclonedx_json"


def test_deep_nesting_is_read_without_recursion():
    item: dict = {"type": "library", "name": "innermost"}
    for level in range(60):
        item = {"type": "library", "name": f"level-{level}", "components": [item]}
    assert len(read({"bomFormat": "CycloneDX", "components": [item]})[1].components) == 61


def test_a_bill_cut_off_gives_what_was_complete_and_a_fault():
    name, rows = read('{"bomFormat": "CycloneDX", "components": [{"name": "a", "version": "1"}, {"name": "b"')
    assert (name, [row["package_name"] for row in rows.components], len(rows.faults)) == ("cyclonedx_json", ["a"], 1)
