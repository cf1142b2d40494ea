from evidence.make_xml_scan_reports import REPORTS, rule_result
from kit.scan_reports import read, sample


def test_one_check_that_failed_is_one_finding_on_all_addresses():
    rows = sample("openscap/results.xml")
    assert rows.column("rule", "title", "severity_id", "occurrences", "status") == [
        ("r1", "EXAMPLE-2024:1: kernel update", 4, 2, "fail"), ("r2", "Root login", 4, 2, "fail"),
    ]  # fmt: skip
    assert rows.column("vulnerability_uids") == ["CVE-2024-0001,CVE-2024-0002", "CVE-2024-0002"]
    assert [(p["asset"], p["ip"]) for p in rows.places][:2] == [
        ("web.example.org", "127.0.0.1"),
        ("web.example.org", "192.0.2.1"),
    ]
    assert (rows.scan["product_version"], rows.scan["targets"]) == ("1.3.9", "web.example.org")


def test_rules_without_a_check_are_told_apart_and_a_collection_is_read():
    results = "".join(rule_result(uid, "fail", "x").partition("<check")[0] + "</rule-result>" for uid in ("a", "b"))
    test = f'<TestResult xmlns="http://checklists.nist.gov/xccdf/1.2"><target>t</target>{results}</TestResult>'
    name, rows = read(f'<arf:asset-report-collection xmlns:arf="http://scap.nist.gov/schema/asset-reporting-format/1.1">{test}</arf:asset-report-collection>')  # fmt: skip
    assert (name, rows.column("title", "asset")) == ("openscap", [("a", "t"), ("b", "t")])


def test_a_benchmark_is_no_result():
    _, rows = read(REPORTS["openscap/results.xml"].partition("<TestResult")[0] + "</Benchmark>")
    assert "not its results" in str(rows.error)
