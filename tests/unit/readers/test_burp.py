from evidence.make_xml_scan_reports import burp_issue
from kit.scan_reports import claimants, read, sample


def test_one_kind_of_issue_is_one_finding_at_its_highest_severity():
    rows = sample("burp/issues.xml")
    assert rows.column("title", "severity_id", "occurrences", "cwe") == [
        ("SQL injection", 4, 2, "89"), ("Interesting header", 1, 1, "89"),
    ]  # fmt: skip
    assert [(p["ip"], p["hostname"], p["port"], p["url_path"]) for p in rows.places][1] == (
        "192.0.2.1", "web.example.org", 443, "https://web.example.org/b",
    )  # fmt: skip
    assert (rows.findings[0]["rule"], rows.findings[0]["remediation"]) == ("1049088", "Mend it.")
    assert (rows.scan["product_version"], rows.scan["start_time"].isoformat()) == ("2024.1", "2024-03-01T10:00:00+00:00")


def test_extensions_share_a_type_but_not_a_finding_and_the_highest_severity_stays():
    issues = [burp_issue(1, "a", "Low", "/"), burp_issue(2, "b", "Low", "/"), burp_issue(3, "a", "High", "/")]
    _, rows = read(f'<issues burpVersion="2024.1">{"".join(issues)}</issues>')
    assert rows.column("rule", "title", "severity_id") == [("1049088", "a", 4), ("1049088", "b", 2)]


def test_issues_of_others_are_not_burps():
    assert claimants(b"<issues><issue><title>t</title></issue></issues>") == []
