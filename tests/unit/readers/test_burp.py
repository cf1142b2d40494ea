from kit.scan_reports import claimants, sample


def test_one_kind_of_issue_with_one_severity_is_one_finding():
    rows = sample("burp/issues.xml")
    assert rows.column("title", "severity_id", "occurrences", "cwe") == [
        ("SQL injection", 4, 2, "89"), ("SQL injection", 1, 1, "89"),
    ]  # fmt: skip
    assert [(p["ip"], p["hostname"], p["port"], p["url_path"]) for p in rows.places][1] == (
        "192.0.2.1", "web.example.org", 443, "https://web.example.org/b",
    )  # fmt: skip
    assert (rows.findings[0]["rule"], rows.findings[0]["remediation"]) == ("1049088", "Mend it.")
    assert (rows.scan["product_version"], rows.scan["start_time"].isoformat()) == ("2024.1", "2024-03-01T10:00:00+00:00")


def test_issues_of_others_are_not_burps():
    assert claimants(b"<issues><issue><title>t</title></issue></issues>") == []
