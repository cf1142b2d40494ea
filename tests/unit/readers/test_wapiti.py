from kit.scan_reports import sample


def test_one_sentence_about_a_weakness_at_one_level_is_one_finding():
    rows = sample("wapiti/report.xml")
    assert rows.column("title", "severity_id", "cwe", "occurrences") == [
        ("Cross Site Request Forgery: No token", 2, "352", 2),
        ("Cross Site Request Forgery: No token", 4, "352", 1),
    ]
    assert next(place["url_path"] for place in rows.places) == "https://web.example.org/a"
    assert (rows.findings[0]["remediation"], rows.scan["product_version"]) == ("Add a token.", "3.0.4")
    assert (rows.scan["targets"], rows.scan["start_time"].isoformat()) == (
        "https://web.example.org/",
        "2024-03-01T10:00:00+00:00",
    )
