from datetime import UTC, datetime

import pytest

from tocsin.errors import EvidenceError
from tocsin.readers import _findings
from tocsin.readers._findings import Activity, Place, Seen, gather
from tocsin.terms import Severity

HOST = Place(ip="192.0.2.1", port=443, protocol="tcp")
OTHER = Place(hostname="www.example.org", url_path="/login")


def rows(told, table):
    return [row for batch in gather(told, evidence_id="e1") if batch.table == table for row in batch.rows.to_pylist()]


def test_what_has_one_key_is_one_finding_with_all_that_is_told_of_it():
    told = [
        Activity("Scanner", "1.2"),
        Seen(10, ("p", 1), "Title", Severity.LOW, ids=["GHSA-x"], places=[HOST], cwe=["CWE-79"]),
        Seen(20, ("p", 1), "Other", Severity.HIGH, ids=["CVE-2024-1"], places=[OTHER, HOST], remediation="Upgrade.", cwe=[22]),
        Seen(30, ("p", 2), "Second", places=[HOST]),
    ]
    first, second = rows(told, "vulnerability_finding")
    assert (first["title"], first["severity_id"], first["remediation"], first["record_offset"]) == ("Title", 4, "Upgrade.", 10)
    assert (first["vulnerability_uid"], first["vulnerability_uids"], first["cwe"]) == (
        "CVE-2024-1",
        "CVE-2024-1,GHSA-x",
        "22,79",
    )
    assert (first["asset"], first["port"], first["occurrences"], first["product_name"]) == ("192.0.2.1", 443, 2, "Scanner")
    assert second["finding_uid"] != first["finding_uid"]
    places = rows(told, "vulnerability_occurrence")
    assert [(row["finding_uid"], row["ip"], row["url_path"]) for row in places] == [
        (first["finding_uid"], "192.0.2.1", None),
        (first["finding_uid"], None, "/login"),
        (second["finding_uid"], "192.0.2.1", None),
    ]
    [scan] = rows(told, "scan_activity")
    assert (scan["product_name"], scan["product_version"], scan["findings"]) == ("Scanner", "1.2", 2)


def test_an_entry_of_its_own_is_a_finding_beside_an_equal_one():
    found = rows([Activity("S"), *(Seen(n, ("k",), own=True, places=[HOST]) for n in range(3))], "vulnerability_finding")
    assert [row["finding_uid"] for row in found] == ["k", "k #2", "k #3"]
    assert [row["occurrences"] for row in found] == [1, 1, 1]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("https://www.example.org/a?b", (None, "www.example.org", 443, "https", "https://www.example.org/a?b")),
        ("http://192.0.2.1:8080/", ("192.0.2.1", None, 8080, "http", "http://192.0.2.1:8080/")),
        ("www.example.org:22", (None, "www.example.org", 22, None, None)),
        ("[2001:db8::1]:443", ("2001:db8::1", None, 443, None, None)),
        ("2001:db8::1", ("2001:db8::1", None, None, None, None)),
        ("https://user:pw@www.example.org", (None, "www.example.org", 443, "https", "https://user:pw@www.example.org")),
        ("", (None, None, None, None, None)),
        (None, (None, None, None, None, None)),
    ],
)
def test_places_out_of_urls_and_hosts(place, expected):
    assert _findings.host_of(place)[1:] == expected


def test_a_scan_that_found_nothing_is_a_row():
    assert [row["findings"] for row in rows([Activity("Scanner")], "scan_activity")] == [0]


def test_an_error_comes_after_the_rows_of_what_came_before_it():
    def told():
        yield Activity("Scanner")
        yield Seen(0, ("a",), places=[HOST])
        raise EvidenceError("at byte 7: cut off")

    held = []
    with pytest.raises(EvidenceError, match="cut off"):
        held.extend(batch.table for batch in gather(told(), evidence_id="e1"))
    assert sorted(held) == ["scan_activity", "vulnerability_finding", "vulnerability_occurrence"]


def test_texts_are_bounded_and_fit_for_arrow():
    told = [Activity("S"), Seen(0, ("k" * 1000, "\ud800"), "t\ud800" * 5000, description="d" * 9000, remediation="r" * 9000)]
    [row] = rows(told, "vulnerability_finding")
    assert len(row["description"]) == 4000
    assert len(row["remediation"]) == 2000
    assert len(row["title"]) == 1000
    assert len(row["finding_uid"]) <= 310


def test_how_much_is_held_is_bounded(monkeypatch):
    monkeypatch.setattr(_findings, "FINDINGS_MOST", 3)
    with pytest.raises(EvidenceError, match="at most 3 findings"):
        list(gather((Seen(i, (i,)) for i in range(5)), evidence_id="e1"))


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("CRITICAL", 5),
        ("Important", 4),
        ("moderate", 3),
        ("Very High", 5),
        ("negligible", 2),
        ("Info", 1),
        ("what", 0),
        (None, 0),
    ],
)
def test_words_of_scanners_become_ocsf_severities(word, level):
    assert _findings.severity(word) == level


@pytest.mark.parametrize(
    ("number", "level"), [(None, 0), (0.0, 1), (0.1, 2), (3.9, 2), (4.0, 3), (6.9, 3), (7.0, 4), (8.9, 4), (9.0, 5)]
)
def test_severity_of_a_score_changes_where_cvss_says(number, level):
    assert _findings.severity_of(number) == level


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("(AV:N/AC:M/Au:N/C:N/I:P/A:N)", 4.3),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3),
        ("CVSS:2.0/AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),
        ("CVSS:3.1/AV:N", None),
        ("nonsense", None),
        ("", None),
        (None, None),
    ],
)
def test_scores_of_vectors(vector, expected):
    assert _findings.score(vector) == expected


def test_ids_are_found_in_text_in_the_spelling_of_their_makers():
    text = "see cve-2024-1234, ghsa-jfh8-c2jp-5v3q and CVE-2024-1234; RHSA-2024:0001, not CVE-24-1"
    assert _findings.ids_in(text, None) == ["CVE-2024-1234", "GHSA-jfh8-c2jp-5v3q", "RHSA-2024:0001"]


def test_cwe_numbers():
    assert _findings.cwe_numbers(["CWE-79: XSS, CWE-80", "22", 7, None, "none", 0, 99999, "CVE-2024-1"]) == {7, 22, 79, 80}


@pytest.mark.parametrize(
    "said",
    [
        "2024-03-01T10:00:00Z", "2024-03-01T10:00:00.123456789Z", "2024-03-01 10:00:00", "2024-03-01T12:00:00+02:00", 1709287200,
        1709287200000, "Fri, 01 Mar 2024 10:00:00 GMT", "Fri Mar  1 10:00:00 2024", "03/01/2024 10:00:00",
        "Mar 01, 2024 10:00 AM", "Mar 1, 2024 10:00:00 UTC", "01 Mar 2024 10:00:00",
    ],
)  # fmt: skip
def test_times_as_reports_write_them(said):
    assert _findings.instant(said).replace(microsecond=0) == datetime(2024, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("said", [None, "", "0001-01-01T00:00:00Z", "yesterday", "9999-12-31T23:59:59-12:00", "1" * 500])
def test_what_is_no_time_is_none(said):
    assert _findings.instant(said) is None


def test_package_urls():
    assert _findings.purl("pkg:npm/%40a/b@1") == "pkg:npm/%40a/b@1"
    assert _findings.purl("npm/b") is None
    assert _findings.package_url("npm", "@a/b", "1") == "pkg:npm/%40a/b@1"
    assert _findings.package_url("maven", "org.example:lib", "1.0") == "pkg:maven/org.example/lib@1.0"
    assert _findings.package_url("pypi", None) is None
