from evidence.make_xml_scan_reports import openvas_result
from kit.scan_reports import read, sample


def test_one_check_on_one_port_of_one_host_is_one_finding():
    rows = sample("openvas/report.xml")
    assert rows.column("title", "asset", "port", "severity_id") == [
        ("Weak cipher 1", "web.example.org", 443, 3),
        ("Weak cipher 1", "web.example.org", 443, 3),
        ("Weak cipher 2", "web.example.org", None, 1),
    ]
    assert [place["ip"] for place in rows.places] == ["192.0.2.1", "192.0.2.2", "192.0.2.1"]
    weak = rows.findings[0]
    assert (weak["vulnerability_uid"], weak["rule"], weak["cvss_score"]) == ("CVE-2024-0001", "1.3.6.1.4.1.25623.1.0.1", 5.0)
    assert (weak["cvss_vector"], weak["remediation"]) == ("AV:N/AC:L/Au:N/C:P/I:N/A:N", "Turn it off.")
    assert weak["description"].startswith("It is weak.")
    assert (rows.scan["targets"], rows.scan["end_time"].isoformat()) == ("Office", "2024-03-01T11:00:00+00:00")


def test_an_answer_of_gmp_is_read_too():
    inner = f"<report id='r'><gmp/><results>{openvas_result(7, '192.0.2.1', '22/tcp', 'Critical', '9.8')}</results></report>"
    name, rows = read(
        f'<get_reports_response status="200"><report id="r" format_id="f">{inner}</report></get_reports_response>'
    )
    assert (name, rows.column("severity_id", "port")) == ("openvas", [(5, 22)])


def test_a_report_fetched_without_its_results_is_an_error():
    _, rows = read(
        '<report id="r" format_id="f"><report><gmp/><result_count>9<filtered>5</filtered></result_count></report></report>'
    )
    assert "expected 5 results" in str(rows.error)


def test_false_positives_say_so():
    result = openvas_result(1, "192.0.2.1", "http (80/tcp)", "False Positive", "-1.0")
    _, rows = read(f'<report id="r" format_id="f"><report><gmp/><results>{result}</results></report></report>')
    assert rows.column("status", "cvss_score", "port", "severity_id")[0][0] == "False Positive"
    assert rows.column("port") == [80]
