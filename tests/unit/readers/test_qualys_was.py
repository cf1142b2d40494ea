from kit.scan_reports import read, sample


def test_one_check_is_one_finding_at_many_urls():
    rows = sample("qualys_was/scan.xml")
    assert rows.column("rule", "title", "severity_id", "cwe", "occurrences") == [
        ("150001", "Cross-site scripting", 5, "79", 3), ("150009", "Links Crawled", 1, None, 1),
    ]  # fmt: skip
    assert rows.findings[0]["first_seen_time"].isoformat() == "2024-03-01T10:05:00+00:00"
    assert rows.scan["start_time"].isoformat() == "2024-03-01T14:00:00+00:00"
    assert rows.scan["targets"] == "Shop"
    assert [place["url_path"] for place in rows.places][:2] == ["https://shop.example.org/a?q=1", "https://shop.example.org/"]


def test_a_report_by_application():
    listed = "<VULNERABILITY_LIST><VULNERABILITY><QID>1</QID><FIRST_TIME_DETECTED>x</FIRST_TIME_DETECTED></VULNERABILITY></VULNERABILITY_LIST>"
    name, rows = read(f"<WAS_WEBAPP_REPORT><RESULTS><WEB_APPLICATION>{listed}</WEB_APPLICATION></RESULTS></WAS_WEBAPP_REPORT>")
    assert (name, rows.column("title", "severity_id", "first_seen_time")) == ("qualys_was", [("QID 1", 2, None)])
