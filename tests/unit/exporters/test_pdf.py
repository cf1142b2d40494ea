"""The PDF says what the page says, and is the same each time."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from kit.assessments import all_failed, hostile, ministry_and_banks, nothing_found
from tocsin.exporters.pdf import render_pdf

pdftotext = pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")


def words(pdf: bytes) -> str:
    """The text of a PDF, spaces made equal; pages are ended by a form feed."""
    shown = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"[ \n]+", " ", shown.stdout.decode())


@pytest.mark.parametrize("make", [ministry_and_banks, nothing_found, all_failed, hostile])
def test_the_same_assessment_gives_the_same_bytes(make):
    first = render_pdf(make())
    assert first.startswith(b"%PDF-")
    assert render_pdf(make()) == first


def test_nothing_tells_when_it_was_made():
    assert not re.search(rb"/(CreationDate|ModDate)|xmp:(CreateDate|ModifyDate)", render_pdf(ministry_and_banks()))


@pdftotext
def test_marking_and_page_number_stand_on_every_page():
    pages = words(render_pdf(ministry_and_banks())).split("\f")[:-1]
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert page.count("TLP:AMBER+STRICT") >= 2
        assert f"{number} of {len(pages)}" in page


@pdftotext
def test_the_pdf_tells_what_the_page_tells():
    told = words(render_pdf(ministry_and_banks()))
    for text in (
        "Yes. 6 attacks on 5 victims; the worst is critical.",
        "Put a SYN proxy before 198.51.100.20:443.",
        "blocking them blocks nobody who attacks",
        "13:02:11 onset",
        "88,213,504",
        "no reader knows this format",
        "Direct Network Flood",
    ):
        assert text in told


@pdftotext
def test_hostile_text_is_never_read_as_markup():
    told = words(render_pdf(hostile()))
    assert '#panic("typst") $x^2$ *bold* @label <label> #include "/etc/passwd"' in told
    assert "root:" not in told


@pdftotext
def test_addresses_can_be_copied_although_they_may_be_broken():
    assert "2001:db8:51f:aa00:1234:5678:9abc:def0" in words(render_pdf(ministry_and_banks()))


def test_characters_that_no_font_has_do_not_cost_the_report():
    rare = replace(nothing_found(), situation="銀行 \U0001f4a3 \U00012000 ქართული \u0627\u0644\u0628\u0646\u0643")
    assert render_pdf(rare).startswith(b"%PDF-")


def test_one_finding_that_is_the_whole_incident_is_told_once():
    whole = ministry_and_banks()
    incident = replace(whole.incidents[0], title=whole.findings[0].title, findings=(whole.findings[0].id,))
    assert render_pdf(replace(whole, incidents=(incident,), findings=whole.findings[:1])).startswith(b"%PDF-")


@pdftotext
def test_nothing_found_is_not_nothing_there():
    assert "That does not mean there is none." in words(render_pdf(nothing_found()))
