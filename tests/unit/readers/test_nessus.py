import pytest

from evidence.make_xml_scan_reports import nessus_host, nessus_item
from kit.scan_reports import read, sample


def report(*items: str) -> str:
    return f'<NessusClientData_v2><Report name="r">{nessus_host("192.0.2.1", "a.example", "".join(items))}</Report></NessusClientData_v2>'


def test_one_plugin_with_one_severity_is_one_finding_on_many_hosts():
    rows = sample("nessus/scan.nessus")
    assert rows.column("title", "rule", "severity_id", "occurrences") == [("Old server", "1", 4, 2), ("Web server", "2", 1, 2)]
    old = rows.findings[0]
    assert (old["vulnerability_uid"], old["vulnerability_uids"], old["cwe"]) == (
        "CVE-2024-0001", "CVE-2024-0001,CVE-2024-0002", "787",
    )  # fmt: skip
    assert (old["cvss_score"], old["cvss_vector"][:8], old["remediation"]) == (9.8, "CVSS:3.1", "Update it.")
    assert [(place["asset"], place["ip"], place["hostname"], place["port"]) for place in rows.places] == [
        ("192.0.2.1", "192.0.2.1", "web.example.org", 443),
        ("192.0.2.1", "192.0.2.1", "web.example.org", 443),
        ("192.0.2.2", "192.0.2.2", "db.example.org", 8443),
        ("192.0.2.2", "192.0.2.2", "db.example.org", None),
    ]
    assert (rows.scan["targets"], rows.scan["start_time"].isoformat()) == ("Office", "2024-03-01T10:00:00+00:00")


def test_another_severity_is_another_finding():
    _, rows = read(report(nessus_item("1", "a", 1, 80), nessus_item("1", "a", 2, 81), nessus_item("1", "a", 1, 82)))
    assert rows.column("severity_id", "occurrences") == [(2, 2), (3, 1)]


@pytest.mark.parametrize(("said", "severity"), [("0", 1), ("4", 5), ("9", 5), ("x", 1), ("-1", 1)])
def test_severities(said, severity):
    _, rows = read(report(nessus_item("1", "a", 0, 80).replace('severity="0"', f'severity="{said}"')))
    assert rows.column("severity_id") == [severity]


def test_a_score_rates_what_the_report_does_not():
    _, rows = read(report(nessus_item("1", "a", 0, 80, "<cvss3_base_score>5.3</cvss3_base_score>")))
    assert rows.column("severity_id", "cvss_score") == [(3, 5.3)]
