from evidence.make_xml_scan_reports import acunetix_item
from kit.scan_reports import read, sample


def test_name_impact_and_recommendation_make_a_finding():
    rows = sample("acunetix/report.xml")
    assert rows.column("title", "severity_id", "cwe", "occurrences", "cvss_score") == [
        ("Cross-site scripting", 4, "79", 2, 9.8), ("Cross-site scripting", 4, "79", 1, 9.8),
    ]  # fmt: skip
    assert next((p["hostname"], p["port"], p["url_path"]) for p in rows.places) == ("web.example.org", 8443, "/a")
    assert rows.findings[0]["description"] == "Text.\nIt is read.\nq"
    assert (rows.scan["targets"], rows.scan["start_time"].isoformat()) == (
        "https://web.example.org:8443/app",
        "2024-03-01T10:00:00+00:00",
    )


def test_false_positives_say_so_and_unnamed_severities_are_critical():
    item = acunetix_item("a", "", "/").replace("<IsFalsePositive>", "<IsFalsePositive>True")
    _, rows = read(f"<ScanGroup><Scan><StartURL>a.example</StartURL><ReportItems>{item}</ReportItems></Scan></ScanGroup>")
    assert rows.column("status", "severity_id", "asset") == [("false_positive", 5, "a.example")]
