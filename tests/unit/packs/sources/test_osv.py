from kit.packs import osv
from tocsin.packs.records import Status
from tocsin.packs.sources.osv import claims, records, score_of


def one(value):
    (found,) = records(value)
    return found


def test_a_record():
    value = osv(
        "GHSA-x",
        "PyPI",
        "X",
        ("introduced", "0"),
        ("fixed", "2"),
        aliases=["CVE-2024-1"],
        summary="Bad\nthing",
        published="2024-01-02T00:00Z",
    )
    value |= {
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "database_specific": {"severity": "CRITICAL", "cwe_ids": ["CWE-79"]},
    }
    found = one(value)
    assert claims(value) and (found.id, found.aliases, found.title, found.severity, found.score) == (
        "GHSA-x",
        ("CVE-2024-1",),
        "Bad",
        "critical",
        9.8,
    )
    assert found.cwes == ("CWE-79",) and found.published == "2024-01-02" and found.affected[0].space == "pypi"


def test_withdrawn_records_and_ecosystems_unknown_are_left_out():
    assert list(records(osv("A", "npm", "x", ("introduced", "0"), withdrawn="2024-01-01T00:00Z"))) == []
    assert one(osv("A", "Android", "x", ("introduced", "0"))).affected == ()


def test_an_update_covers_what_it_names_as_upstream_and_a_record_on_one_cve_is_that_one():
    update = one(osv("DSA-1", "Debian:12", "x", ("introduced", "0"), ("fixed", "1-1"), upstream=["CVE-2024-1", "CVE-2024-2"]))
    assert update.covers == ("CVE-2024-1", "CVE-2024-2") and update.aliases == ()
    single = one(osv("DEBIAN-CVE-2024-1", "Debian:12", "x", ("introduced", "0"), upstream=["CVE-2024-1"]))
    assert single.covers == () and single.aliases == ("CVE-2024-1",)
    older = one(osv("DSA-2", "Debian:12", "x", ("introduced", "0"), related=["CVE-2024-1", "CVE-2024-2"]))
    assert older.covers == ("CVE-2024-1", "CVE-2024-2")


def test_a_range_that_cannot_be_read_is_kept_as_such():
    assert one(osv("A", "npm", "x", ("introduced", "oops"))).affected[0].status is Status.UNREADABLE


def test_scores():
    assert (
        score_of("AV:N/AC:L/Au:N/C:P/I:P/A:P") == 7.5
        and score_of("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N") == 9.3
    )
    assert score_of("high") is None and score_of("CVSS:3.1/AV:X") is None
