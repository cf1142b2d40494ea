"""The whole assessment as text: one answer, and never a clean bill of health."""

from dataclasses import asdict, replace

import pytest

from kit.assessments import all_failed, finding, hostile, ministry_and_banks, nothing_found, others, syn_flood
from tocsin.exporters.view import report_view
from tocsin.model import Coverage
from tocsin.terms import FindingClass, ReadStatus, Tlp


def answer(assessment):
    return report_view(assessment, with_charts=False).answer


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in {"svg", "page"}:
                yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def test_the_answer_to_an_attack():
    assert answer(ministry_and_banks()) == "Yes. 6 attacks on 5 victims; the worst is critical."


def test_nothing_found_is_not_nothing_there():
    assert answer(nothing_found()) == "None was found in what was read. That does not mean there is none."


def test_nothing_found_in_everything_is_not_nothing_there_either():
    whole = tuple(replace(one, status=ReadStatus.READ) for one in nothing_found().coverage.evidence)
    told = answer(replace(nothing_found(), coverage=replace(nothing_found().coverage, evidence=whole)))
    assert told == "None was found in 6 files. That does not mean there is none."


@pytest.mark.parametrize(
    ("assessment", "told"),
    [
        (all_failed(), "It cannot be told: nothing could be read."),
        (replace(all_failed(), coverage=Coverage((), ())), "It cannot be told: nothing could be read."),
        (
            replace(nothing_found(), coverage=replace(nothing_found().coverage, analyzers=())),
            "It cannot be told: no analyzer could run.",
        ),
        (
            replace(nothing_found(), findings=(finding("t", "v", cls=FindingClass.INSUFFICIENT_EVIDENCE),)),
            "It cannot be told from this evidence.",
        ),
        (replace(nothing_found(), findings=others()[2:3]), "No attack is shown; 1 thing looks suspicious."),
    ],
    ids=["all failed", "no files", "no analyzer", "insufficient", "suspicious"],
)
def test_other_answers(assessment, told):
    assert answer(assessment) == told


def test_the_numbers_are_the_attacks_highest():
    cells = {(cell.label, cell.value): cell.note for cell in report_view(ministry_and_banks(), with_charts=False).cells}
    assert cells[("Onset, 15 Feb 2022", "13:02:11")] == "to 13:40:07 UTC, 38 min"
    assert cells[("Peak", "1.2 million")] == "packets/s on 198.51.100.20"
    assert cells[("Peak", "5.1 Gbit/s")] == "on 192.0.2.10"
    assert cells[("Evidence read", "4 of 6 files")] == "the rest is unknown"


def test_every_finding_stands_in_one_group_under_its_own_number():
    report = report_view(ministry_and_banks(), with_charts=False)
    assert [[view.number for view in group.findings] for group in report.groups] == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert [group.title for group in report.groups] == ["Denial of service on three victims at once", "Other findings"]


def test_a_finding_in_two_incidents_is_told_once_and_unknown_ids_are_passed_over():
    whole = ministry_and_banks()
    second = replace(whole.incidents[0], id="other", findings=("nobody", *whole.incidents[0].findings))
    report = report_view(replace(whole, incidents=(*whole.incidents, second)), with_charts=False)
    assert [len(group.findings) for group in report.groups] == [4, 4]


def test_too_many_findings_are_counted():
    whole = ministry_and_banks()
    report = report_view(replace(whole, incidents=(), findings=whole.findings * 30), with_charts=False)
    assert report.findings_left_out == 40
    assert len(report.steps) == 12
    assert report.steps_left_out > 0


def test_every_finding_has_its_first_step_before_any_has_its_second():
    flood = syn_flood()
    many = replace(ministry_and_banks(), incidents=(), findings=(flood,) * 9)
    steps = report_view(many, with_charts=False).steps
    assert [step.finding for step in steps] == [1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9]
    assert [bool(step.refused) for step in steps][:4] == [False, True, False, True]
    assert {step.summary for step in steps if not step.refused} == {"Put a SYN proxy before 198.51.100.20:443."}


def test_charts_are_drawn_for_findings_with_a_series():
    report = report_view(ministry_and_banks())
    assert report.timeline is not None
    drawn = {view.number: view.chart for group in report.groups for view in group.findings}
    assert [number for number, chart in drawn.items() if chart] == [1, 2, 3, 4, 5, 6]
    assert "198.51.100.20" in drawn[1].alt


def test_only_words_that_occur_are_explained():
    terms = {term.term for term in report_view(nothing_found(), with_charts=False).terms}
    assert "TLP" in terms
    assert "SYN flood" not in terms


def test_every_marking_is_said():
    for tlp in Tlp:
        assert report_view(replace(nothing_found(), tlp=tlp), with_charts=False).tlp == tlp


def test_every_string_of_a_hostile_assessment_is_safe_and_bounded():
    for text in strings(asdict(report_view(hostile()))):
        assert text.isprintable()
        assert len(text) <= 4_100
