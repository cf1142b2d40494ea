from kit.scan_reports import sample


def test_one_kind_of_issue_is_one_finding_at_the_urls_of_its_sessions():
    rows = sample("webinspect/sessions.xml")
    assert rows.column("title", "rule", "severity_id", "cwe", "occurrences") == [
        ("Cross-frame scripting", "11293", 4, "352", 2)
    ]
    assert (rows.findings[0]["description"], rows.findings[0]["remediation"]) == ("It can be framed.", "Forbid it.")
    assert [(place["hostname"], place["port"]) for place in rows.places] == [("web.example.org", 443)] * 2
