"""The terminal in 80 columns."""

import io
import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from kit.assessments import all_failed, hostile, ministry_and_banks, nothing_found
from tocsin.cli.screen import print_assessment, spark


def printed(assessment, *, width=80, case=None, **console):
    out = io.StringIO()
    print_assessment(assessment, Console(file=out, width=width, **console), case=case)
    return out.getvalue()


@pytest.mark.parametrize("make", [ministry_and_banks, nothing_found, all_failed])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_and_end_without_spaces(make, width):
    for line in printed(make(), width=width, case=Path("case")).splitlines():
        assert cell_len(line) <= width or line.strip().startswith("case/")
        assert line == line.rstrip()


def test_it_says_what_a_team_leader_needs():
    told = printed(ministry_and_banks(), case=Path("case"))
    for text in (
        "TLP:AMBER+STRICT",
        "Yes. 6 attacks on 5 victims; the worst is critical.",
        "1 ■ Critical  SYN flood on 198.51.100.20:443, 14 min, peak 1.2 million packets/s",
        "victim   198.51.100.20",
        "when     15 Feb 2022, 13:02:11 to 13:16:40 UTC, 14 min",
        "peak     1.2 million packets/s, 614 Mbit/s; usual 14,000 packets/s",
        "sources  at least 37,623, forged",
        "sure     92 %. Because",
        "hits 99.8 % of the attack, 0 % of other traffic",
        "case/actions/1-198.51.100.20-syn_flood-5d1c0a77/nftables.nft",
        "Not: Block the sources. 37,623 sources",
        "fw-02.log  skipped: no reader knows this format",
        "slow HTTP 1  not run",
        "Report  case/report.html",
    ):
        assert text in told


def test_nothing_found_is_not_nothing_there():
    told = printed(nothing_found())
    assert "That does not mean there is none." in told
    assert "fw-02.log" in told
    assert "What to do now" not in told


def test_without_a_terminal_there_are_no_escapes():
    assert "\x1b" not in printed(ministry_and_banks())


def test_on_a_terminal_there_are_colours():
    assert "\x1b[" in printed(ministry_and_banks(), force_terminal=True)


@pytest.mark.parametrize("terminal", [True, False])
def test_evidence_cannot_move_the_cursor_or_change_colours(terminal):
    told = printed(hostile(), force_terminal=terminal, case=Path("case"))
    assert not [c for c in re.sub(r"\x1b\[[0-9;]*m", "", told) if not c.isprintable() and c != "\n"]
    assert "\\x1b[31mred" in told
    assert "[bold red]rich[/]" in told.replace("\n", " ")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_console_that_cannot_show_drawings_gets_none(encoding):
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding)
    print_assessment(hostile(), Console(file=out, width=80))
    print_assessment(ministry_and_banks(), Console(file=out, width=80))
    out.flush()
    told = raw.getvalue().decode(encoding)
    assert "1 # Critical  SYN flood" in told
    assert "▁" not in told


def test_ids_are_as_long_as_needed_to_tell_findings_apart():
    told = re.findall(r"  id       (\S+)", printed(ministry_and_banks()))
    assert len(told) == len(set(told)) == 8
    assert all(len(shown) >= 8 for shown in told)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ((), ""),
        ((5.0,), ""),
        ((0.0, 0.0), ""),
        ((0.0, 7.0), "▁█"),
        ((1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0), "▂▃▄▅▅▆▇█"),
        ((float("nan"), float("inf"), -3.0, 1.0), "▁▁▁█"),
        ((0.0,) * 500 + (1.0,) + (0.0,) * 499, "▁" * 24 + "█" + "▁" * 23),
    ],
    ids=["none", "one", "all zero", "two", "rising", "no numbers", "a peak is kept"],
)
def test_spark(values, line):
    assert spark(values) == line
