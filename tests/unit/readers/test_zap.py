from evidence.make_xml_scan_reports import zap_alert
from kit.scan_reports import read, sample


def test_each_alert_of_each_site_is_a_finding_at_its_urls():
    rows = sample("zap/report.xml")
    assert rows.column("title", "severity_id", "port", "occurrences") == [
        ("Cookie without Secure", 2, 443, 2), ("Error page", 3, 443, 1), ("Cookie without Secure", 2, 80, 1),
    ]  # fmt: skip
    cookie = rows.findings[0]
    assert (cookie["rule"], cookie["cwe"], cookie["description"], cookie["remediation"]) == (
        "10011",
        "614",
        "A header & more.",
        "Set it.",
    )
    assert (rows.scan["product_version"], rows.scan["targets"]) == ("2.14.0", "https://web.example.org")
    assert rows.scan["start_time"].isoformat() == "2024-03-01T10:00:00+00:00"


def test_the_plus_report_and_an_alert_told_twice():
    alert = zap_alert(1, "a", 3, "High", "https://a.example/").replace(
        "<method>", "<responsebody>&lt;html&gt;</responsebody><method>"
    )
    _, rows = read(f'<OWASPZAPReport><site name="https://a.example"><alerts>{alert}{alert}</alerts></site></OWASPZAPReport>')
    assert rows.column("severity_id", "occurrences") == [(4, 1), (4, 1)]
