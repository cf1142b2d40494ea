from kit.scan_reports import read, sample


def names(rows):
    return [(row["package_name"], row["package_version"]) for row in rows.components]


def test_every_component_counts_the_described_one_too_but_not_tools_and_ancestors():
    rows = sample("cyclonedx_xml/bom.xml")
    assert names(rows) == [
        ("example/app:1", None),
        ("@scope/inner", "2.0"),
        ("org.example:parser", "1.0"),
        ("no-version", None),
    ]
    parser = rows.components[2]
    assert (parser["package_license"], parser["sha256"][:4], parser["package_vendor"]) == ("MIT", "0123", "Example Ltd")
    assert {row["asset"] for row in rows.components} == {"example/app:1"}
    assert (rows.scan["product_name"], rows.scan["product_version"], rows.scan["start_time"].year) == ("maker", "1.2", 2024)


def test_a_vulnerability_with_analysis_is_a_finding_and_a_statement():
    rows = sample("cyclonedx_xml/bom.xml")
    assert rows.column("vulnerability_uid", "package_name", "severity_id", "cvss_score", "cwe", "status") == [
        ("CVE-2024-0001", "org.example:parser", 5, 9.8, "787", "exploitable")
    ]
    [statement] = rows.statements
    assert (statement["status"], statement["product_purl"]) == ("affected", "pkg:maven/org.example/parser@1.0?type=jar")


def test_the_extension_to_older_versions_within_and_beside_components():
    rows = sample("cyclonedx_xml/extension.xml")
    assert rows.column("vulnerability_uid", "package_name", "package_version", "cvss_score", "remediation") == [
        ("CVE-2024-0001", "one", "1", 9.8, None),
        ("CVE-2024-0002", "two", "2", None, "Upgrade"),
    ]


def test_tools_as_a_list():
    rows = read(
        '<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><metadata><tools><tool><vendor>v</vendor><name>t</name><version>3</version></tool>'
        "</tools></metadata></bom>"
    )[1]
    assert (rows.scan["product_name"], rows.scan["product_version"]) == ("t", "3")


def test_a_bill_cut_off_gives_what_was_complete_and_says_so():
    rows = read(
        '<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component><name>a</name></component><component>'
    )[1]
    assert names(rows) == [("a", None)]
    assert "at byte" in str(rows.error)
