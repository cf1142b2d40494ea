import csv
import dataclasses
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import assessments
from kit.findings import HOSTILE_TEXT, all_findings, assessment, hostile, ntp_amplification, port_scan
from tocsin.exporters.findings_csv import COLUMNS, neutral, to_csv
from tocsin.model import Entity
from tocsin.terms import Tlp

STARTS = "=+-@＝＋－＠"


def rows(made):
    return list(csv.DictReader(io.StringIO(to_csv(made).decode(), newline="")))


def test_there_is_one_row_for_each_finding_in_their_order():
    assert [row["id"] for row in rows(assessment())] == [finding.id for finding in all_findings()]
    assert rows(assessments.nothing_found()) == []
    assert to_csv(assessments.nothing_found()).decode().strip() == ",".join(f'"{column}"' for column in COLUMNS)


def test_a_row_tells_what_hit_whom_and_when():
    row = rows(assessment(ntp_amplification(), tlp=Tlp.GREEN))[0]
    told = {"tlp": "TLP:GREEN", "class": "attack", "severity": "Critical", "victims": "192.0.2.53", "vector": "amplification"}
    told |= {
        "services": "ntp",
        "first_seen": "2022-02-15T13:02:11.25Z",
        "duration_s": "540.0",
        "peak_bits_per_s": "5100000000.0",
    }
    told |= {"evidence": "edge.pcap@24 edge.pcap@100", "techniques": "attack:T1498.002", "sources": ""}
    assert {name: row[name] for name in told} == told


def test_a_finding_without_times_has_empty_cells():
    row = rows(assessment(dataclasses.replace(port_scan(), first_seen=None, last_seen=None)))[0]
    assert (row["first_seen"], row["last_seen"], row["duration_s"]) == ("", "", "")


@pytest.mark.parametrize(
    ("given_text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("  =1+1", "  '=1+1"),
        ("+1 555", "'+1 555"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("＝cmd", "'＝cmd"),
        ("name;=1+1", "name;'=1+1"),
        ('name","=1+1', 'name","\'=1+1'),
        ("a\t=1", "a =1"),
        ("-5", "-5"),
        ("-5.25", "-5.25"),
        ("1e+09", "1e+09"),
        (-5, "-5"),
        (None, ""),
        (True, "True"),
        ("80-90", "80-90"),
        ("SYN flood on 192.0.2.10:443", "SYN flood on 192.0.2.10:443"),
    ],
)
def test_no_cell_is_a_formula_and_plain_ones_stay(given_text, cell):
    assert neutral(given_text) == cell


@given(st.text(alphabet=st.sampled_from([*STARTS, *" ;,\t|\"'\r\n", "a", "1", "\u202e", "\x00"]), max_size=12))
def test_however_a_spreadsheet_cuts_the_file_no_piece_starts_a_formula(text):
    made = assessment(dataclasses.replace(port_scan(), title=text, entities=(Entity("victim", "host", text),)))
    line = to_csv(made).decode().splitlines()[1]
    for delimiter in ",;\t|":
        for cell in next(csv.reader([line], delimiter=delimiter)):
            value = cell.strip().strip('"')
            assert not value.startswith(tuple(STARTS)) or value.lstrip("-").replace(".", "").isdigit()


def test_hostile_text_adds_no_row_and_no_cell():
    made = assessment(*(hostile(finding, text) for finding in all_findings() for text in HOSTILE_TEXT))
    read = list(csv.reader(io.StringIO(to_csv(made).decode(), newline="")))
    assert len(read) == 1 + len(all_findings()) * len(HOSTILE_TEXT)
    assert {len(row) for row in read} == {len(COLUMNS)}


def test_the_same_assessment_gives_the_same_bytes():
    assert to_csv(assessment()) == to_csv(assessment())
