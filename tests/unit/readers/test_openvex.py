from kit.scan_reports import read, sample


def test_each_product_is_a_statement_and_a_finding():
    rows = sample("openvex/document.json")
    assert [
        (row["product_name"], row["product_version"], row["status"], row["justification"], row["remediation"])
        for row in rows.statements
    ] == [
        ("pkg:npm/example", "1.0", "not_affected", "vulnerable_code_not_present", None),
        ("pkg:npm/other", "2.0", "not_affected", "vulnerable_code_not_present", None),
        ("pkg:npm/example", "1.0", "affected", None, "Upgrade."),
    ]
    assert rows.statements[0]["vulnerability_uids"] == "CVE-2024-0001,GHSA-2222-3333-4444"
    assert (rows.statements[0]["publisher"], rows.statements[0]["product_purl"]) == ("Example", "pkg:npm/example@1.0")
    assert rows.column("status", "severity_id") == [("not_affected", 1), ("not_affected", 1), ("affected", 0)]


def test_a_document_without_statements_is_a_scan():
    assert read({"@context": "https://openvex.dev/ns/v0.2.0", "statements": []})[1].scan["findings"] == 0


def test_a_product_that_has_no_version_keeps_its_name():
    document = {
        "@context": "https://openvex.dev/ns",
        "statements": [{"vulnerability": "CVE-2024-1", "products": ["router"], "status": "fixed"}],
    }
    [row] = read(document)[1].statements
    assert (row["product_name"], row["product_version"], row["product_purl"]) == ("router", None, None)
