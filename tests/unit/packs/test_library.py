from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from kit.packs import advisories, library, osv
from tocsin.errors import PackError
from tocsin.packs.file import TABLES
from tocsin.packs.library import Library, Shelf, exploit_columns

TODAY = date(2025, 11, 15)
DJANGO = osv(
    "PYSEC-1",
    "PyPI",
    "Django",
    ("introduced", "0"),
    ("fixed", "2.2.5"),
    ("introduced", "3.0"),
    ("fixed", "3.1.2"),
    aliases=["CVE-2020-1"],
)


def said(known, version, space="pypi", name="django"):
    return [(one.id, one.verdict, one.fixed_version) for one in known.match([(space, name, version)])[0]]


@pytest.mark.parametrize(
    ("version", "found"),
    [
        pytest.param("2.2.4", [("PYSEC-1", "affected", "2.2.5")], id="in the first branch"),
        pytest.param("2.2.5", [("PYSEC-1", "fixed", "2.2.5")], id="fixed there"),
        pytest.param("3.0", [("PYSEC-1", "affected", "3.1.2")], id="in the second branch"),
        pytest.param("3.1.2", [("PYSEC-1", "fixed", "3.1.2")], id="fixed in the second"),
        pytest.param("not a version!", [("PYSEC-1", "unknown_version", "")], id="no version"),
        pytest.param("", [("PYSEC-1", "unknown_version", "")], id="none given"),
    ],
)
def test_both_sides_of_every_bound(version, found):
    assert said(library(advisories(DJANGO)), version) == found


def test_a_package_that_nobody_reported_on_has_no_answer():
    assert said(library(advisories(DJANGO)), "1", name="flask") == []


def test_a_last_affected_version_is_no_fix():
    known = library(advisories(osv("A", "npm", "x", ("introduced", "0"), ("last_affected", "1.2.0"))))
    (one,) = known.match([("npm", "x", "1.2.0")])[0]
    assert (one.verdict, one.fixed_version, one.last_affected) == ("affected", "", "1.2.0")
    assert said(known, "1.2.1", "npm", "x") == []


def test_without_a_version_what_holds_for_all_versions_is_known():
    known = library(advisories(osv("MAL-1", "npm", "evil", ("introduced", "0"))))
    assert said(known, "", "npm", "evil") == [("MAL-1", "affected", "")]


def test_a_range_that_cannot_be_read_is_told():
    known = library(advisories(osv("A", "npm", "x", ("introduced", "0"), ("fixed", "latest"))))
    assert said(known, "1.0.0", "npm", "x") == [("A", "not_evaluated", "")]


def test_packs_whose_tables_do_not_fit_are_refused():
    (shelf,) = library(advisories(DJANGO)).shelves
    ranges = shelf.pack.tables["ranges"]
    for column in ("low", "high", "advisory", "note", "status"):
        wrong = pa.array([99] * ranges.num_rows, TABLES["ranges"].field(column).type)
        table = ranges.set_column(ranges.column_names.index(column), TABLES["ranges"].field(column), wrong)
        with pytest.raises(PackError, match="do not fit each other"):
            Shelf(replace(shelf.pack, tables={**shelf.pack.tables, "ranges": table}))


def test_no_pack_is_loud():
    (line,) = Library().missing(TODAY)
    assert line.startswith("NO REFERENCE DATA")


def test_old_empty_unsigned_and_damaged_are_each_loud():
    known = library(advisories(DJANGO))
    assert known.missing(TODAY) == ["The pack kit is not signed: nobody vouches for it."]
    assert "44 days OLD" in " ".join(known.missing(date(2025, 12, 15)))
    assert any("409 days OLD" in line for line in known.missing(date(2026, 12, 15)))
    assert "The pack kit is EMPTY: nothing was checked against it." in library([]).missing(TODAY)
    assert replace(known, troubles=("PACK NOT USED: x",)).missing(TODAY)[0] == "PACK NOT USED: x"


def test_each_fact_about_exploitation_is_explained():
    assert set(exploit_columns()) == set(TABLES["exploits"].names) - {"cve"}
