from kit.scan_reports import read, sample


def test_each_product_of_a_vulnerability_is_a_statement_and_a_finding():
    rows = sample("csaf/advisory.json")
    assert [(row["status"], row["product_version"], row["version_range"]) for row in rows.statements] == [
        ("affected", "1.0", None),
        ("affected", None, "vers:generic/<1.2"),
        ("fixed", "1.2", None),
        ("not_affected", "1.0", None),
    ]
    first, _, _, last = rows.statements
    assert (first["product_name"], first["product_purl"], first["severity_id"], first["cvss_score"]) == (
        "Router",
        "pkg:generic/router@1.0",
        5,
        9.8,
    )
    assert (first["publisher"], first["document_uid"], first["time"].year) == ("Example", "EX-2024-1", 2024)
    assert first["remediation"] == "vendor_fix: Go to 1.2"
    assert (last["justification"], last["remediation"]) == ("component_not_present", None)
    assert rows.column("status", "severity_id", "cwe") == [
        ("affected", 5, "787"),
        ("affected", 5, "787"),
        ("fixed", 0, "787"),
        ("not_affected", 0, "787"),
    ]
    assert rows.scan["targets"] == "Example advisory"


def test_a_product_that_is_affected_and_fixed_is_one_finding_that_is_affected():
    document = {"category": "csaf_vex", "csaf_version": "2.1", "tracking": {"id": "1"}, "publisher": {"name": "p"}}
    found = {"cve": "CVE-2024-1", "product_status": {"fixed": ["P"], "known_affected": ["P"]}}
    _, rows = read({"document": document, "vulnerabilities": [found]})
    assert rows.column("status") == ["affected"]
    assert [row["status"] for row in rows.statements] == ["affected", "fixed"]


def test_scores_of_2_1():
    document = {"category": "csaf_base", "csaf_version": "2.1", "tracking": {"id": "1"}, "publisher": {"name": "p"}}
    metric = {"products": ["P"], "content": {"cvss_v4": {"baseScore": 7.3, "baseSeverity": "HIGH"}}}
    _, rows = read(
        {
            "document": document,
            "vulnerabilities": [{"cve": "CVE-2024-1", "product_status": {"known_affected": ["P"]}, "metrics": [metric]}],
        }
    )
    assert rows.column("severity_id", "cvss_score") == [(4, 7.3)]


def test_another_version_is_an_error_and_an_advisory_without_vulnerabilities_a_scan():
    head = {"category": "c", "tracking": {}, "publisher": {}}
    assert "found version" in str(read({"document": head | {"csaf_version": "1.2"}})[1].error)
    assert read({"document": head | {"csaf_version": "2.0"}})[1].scan["findings"] == 0
