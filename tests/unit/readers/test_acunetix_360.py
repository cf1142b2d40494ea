from kit.scan_reports import read, sample


def test_one_name_is_one_finding_at_many_urls():
    rows = sample("acunetix_360/report.json")
    assert rows.column("title", "severity_id", "status", "occurrences", "cwe") == [
        ("Cookie Not Marked as HttpOnly", 3, "accepted_risk", 2, "16,1004"), ("Old server", 1, "Present", 1, None),
    ]  # fmt: skip
    cookie = rows.findings[0]
    assert (cookie["cvss_score"], cookie["first_seen_time"].isoformat()) == (9.8, "2024-02-28T12:30:00+00:00")
    assert (rows.scan["targets"], rows.scan["end_time"].isoformat()) == (
        "https://web.example.org/",
        "2024-03-01T09:59:00+00:00",
    )


def test_nothing_found_and_nothing_understood_are_two_things():
    report = {"Generated": "01/03/2024 09:59 AM", "Vulnerabilities": []}
    assert read(report)[1].scan["findings"] == 0
    assert "expected objects" in str(read(report | {"Vulnerabilities": ["x"]})[1].error)
