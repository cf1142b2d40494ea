"""Findings of scanners, joined: which are one, which are none, and what is told of each."""

import random

import pytest

from tocsin.terms import FindingClass, Severity


def reported(n=0, evidence="e1", **columns):
    """One row of a scan report."""
    row = {
        "finding_uid": f"f{n}",
        "rule": "10881",
        "title": "OpenSSL is out of date",
        "severity_id": 4,
        "vulnerability_uid": "CVE-2022-0778",
        "vulnerability_uids": "CVE-2022-0778,GHSA-x3mh-jvjw-3xwx",
        "cvss_score": 7.5,
        "package_name": "openssl",
        "package_version": "1.1.1k",
        "asset": f"host{n}.example.org",
        "product_name": "Nessus",
        "occurrences": 1,
        "evidence_id": evidence,
        "record_offset": 100 * n,
    }
    return row | columns


def seen(n=0, evidence="e1", **columns):
    row = {"finding_uid": f"f{n}", "asset": f"host{n}.example.org", "evidence_id": evidence, "record_offset": 100 * n}
    return row | columns


@pytest.fixture
def said(find):
    def say(rows, places=(), **thresholds):
        tables = {"vulnerability_finding": rows, "vulnerability_occurrence": places}
        return find("reported_vulnerabilities", tables, **thresholds)

    return say


def test_one_vulnerability_of_one_package_is_one_finding_over_assets_and_reports(said):
    rows = [reported(0), reported(1), reported(2, "e2", product_name="OpenVAS", rule="1.3.6.1.4.1.25623", severity_id=5)]
    [finding] = said(rows, [seen(0), seen(1), seen(1, asset="host9.example.org"), seen(2, "e2")])
    assert finding.cls is FindingClass.EXPOSURE
    assert finding.severity is Severity.CRITICAL
    assert finding.attributes["assets"] == [f"host{n}.example.org" for n in (0, 1, 2, 9)]
    assert finding.attributes["scanners"] == ["Nessus", "OpenVAS"]
    assert finding.attributes["vulnerabilities"][0]["aliases"] == ["GHSA-x3mh-jvjw-3xwx"]
    assert finding.confidence > said([reported(0)])[0].confidence
    assert "in 2 reports" in finding.confidence_basis
    assert {row.evidence_id for row in finding.evidence} == {"e1", "e2"}


@pytest.mark.parametrize(
    ("other", "findings"),
    [
        pytest.param({"package_name": "libssl"}, 2, id="another package"),
        pytest.param({"vulnerability_uid": "CVE-2022-1292"}, 2, id="another vulnerability"),
        pytest.param({"rule": "other"}, 1, id="another check for the same vulnerability"),
        pytest.param({"asset": None}, 1, id="no asset"),
    ],
)
def test_what_makes_two(said, other, findings):
    assert len(said([reported(0), reported(1, **other)])) == findings


def test_without_an_id_the_check_makes_it_one(said):
    none = {"vulnerability_uid": None, "vulnerability_uids": None}
    assert len(said([reported(0, **none), reported(1, **none)])) == 1
    assert len(said([reported(0, **none), reported(1, **none, rule="20007")])) == 2
    assert len(said([reported(0, **none), reported(1, **none, product_name="OpenVAS")])) == 2


@pytest.mark.parametrize(
    ("status", "number"),
    [(None, 1), ("open", 1), ("Open", 1), ("fixed", 0), ("SUPPRESSED", 0), ("not_affected", 0), ("false_positive", 0)],
)
def test_what_the_scanner_itself_takes_back_is_no_finding(said, status, number):
    assert len(said([reported(0, status=status)])) == number


def test_what_is_only_information_is_context(said):
    [finding] = said([reported(0, severity_id=1)])
    assert finding.cls is FindingClass.CONTEXT


def test_the_gravest_come_first_and_the_rest_is_told(said):
    rows = [reported(n, vulnerability_uid=f"CVE-2022-{1000 + n}", severity_id=n) for n in range(2, 6)]
    found = said(rows, findings_max=2)
    assert [f.severity for f in found] == [Severity.CRITICAL, Severity.HIGH]
    assert all(f.attributes["findings_left_out"] == 2 for f in found)
    assert all("2 less grave findings" in f.confidence_basis for f in found)


def test_rows_of_nothing_but_nulls_break_nothing(said):
    [finding] = said([{"finding_uid": "f", "evidence_id": "e1", "record_offset": 0}])
    assert finding.title
    assert finding.severity is Severity.UNKNOWN


def test_no_row_is_no_finding(said):
    assert said([]) == []


def test_shuffled_rows_give_equal_findings(said):
    rows = [reported(n, vulnerability_uid=f"CVE-2022-{1000 + n % 3}") for n in range(12)]
    places = [seen(n) for n in range(12)]
    shuffled = random.Random(1)
    assert said(shuffled.sample(rows, 12), shuffled.sample(places, 12)) == said(rows, places)


def test_markup_and_control_characters_of_a_report_are_shown_and_not_obeyed(said):
    [finding] = said([reported(0, title="\x1b[2Jowned \u202egnp", description="a\x00b", asset="\x1b]0;x\x07")])
    text = finding.title + finding.meaning + "".join(finding.attributes["assets"])
    assert not set(text) & {"\x1b", "\u202e", "\x00", "\x07"}
