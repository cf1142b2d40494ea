import pytest

from kit.packs import advisories, library, osv
from tocsin.errors import PackError
from tocsin.packs.build import build
from tocsin.packs.records import Exploit


def verdicts(known, space, name, version):
    return {one.id: one.verdict for one in known.match([(space, name, version)])[0]}


def test_the_order_of_records_does_not_matter():
    records = advisories(*(osv(f"A-{n}", "npm", f"p{n % 3}", ("introduced", "0"), ("fixed", f"{n}.0.0")) for n in range(1, 9)))
    asked = [("npm", f"p{n}", "4.5.0") for n in range(3)]
    one, other = library(records).match(asked), library(reversed(records)).match(asked)
    assert [{(k.id, k.verdict, k.fixed_version) for k in said} for said in one] == [
        {(k.id, k.verdict, k.fixed_version) for k in said} for said in other
    ]


def test_a_release_that_the_list_leaves_out_is_not_called_affected():
    known = library(
        advisories(
            osv("A", "PyPI", "x", ("introduced", "0"), ("fixed", "3"), versions=["1.0", "2.0"]),
            osv("B", "PyPI", "x", ("introduced", "0"), ("fixed", "3"), versions=["1.0", "1.5", "2.0", "2.5"]),
        )
    )
    assert verdicts(known, "pypi", "x", "1.5") == {"A": "unknown_version", "B": "affected"}
    assert verdicts(known, "pypi", "x", "2.5") == {"A": "affected", "B": "affected"}, "newer than A's list: its range counts"
    assert verdicts(known, "pypi", "x", "2.9") == {"A": "affected", "B": "affected"}, "nobody lists it: the ranges count"


def test_a_listed_version_outside_the_range_and_one_that_is_no_version_are_affected():
    known = library(
        advisories(osv("A", "PyPI", "x", ("introduced", "2"), ("fixed", "3"), versions=["1.0", "2.0", "0.9-eevee"]))
    )
    assert verdicts(known, "pypi", "x", "1.0") == {"A": "affected"}
    assert verdicts(known, "pypi", "x", "0.9-eevee") == {"A": "affected"}
    assert verdicts(known, "pypi", "x", "0.9-other") == {"A": "unknown_version"}
    assert verdicts(known, "pypi", "x", "1.1") == {}


def test_of_an_exploits_facts_the_later_source_counts_and_none_is_lost():
    known = library(
        [Exploit("CVE-2024-0001", {"epss": 0.1, "kev_added": ""}), Exploit("CVE-2024-0001", {"epss": 0.2, "nuclei": True})]
    )
    assert known.exploits(["CVE-2024-0001", "CVE-2024-0002"]) == {
        "CVE-2024-0001": {"epss": 0.2, "kev_added": "", "nuclei": True}
    }


def test_a_source_that_is_missing_or_unknown_is_refused(tmp_path):
    with pytest.raises(PackError, match="no such file"):
        build([tmp_path / "none.json"], "x")
    (tmp_path / "odd.json").write_text('{"a": 1}')
    with pytest.raises(PackError, match=r"odd\.json: expected records of .*no format that we know"):
        build([tmp_path / "odd.json"], "x")
    with pytest.raises(PackError, match="at least one source"):
        build([], "x")
