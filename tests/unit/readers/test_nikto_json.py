from kit.scan_reports import read, sample


def test_one_sentence_is_one_finding_at_many_urls():
    rows = sample("nikto_json/report.json")
    assert rows.column("title", "severity_id", "occurrences") == [
        ("Backup file found.", 1, 2),
        ("This might be interesting.", 3, 1),
    ]
    assert next((p["hostname"], p["port"], p["url_path"]) for p in rows.places) == ("web.example.org", 443, "/a.pem")


def test_a_report_of_one_host_without_findings():
    name, rows = read({"host": "a.example", "ip": "192.0.2.1", "port": "80", "banner": "", "vulnerabilities": []})
    assert (name, rows.error, rows.scan["findings"], rows.scan["targets"]) == ("nikto_json", None, 0, "a.example")
