"""What every kind of action file shares: its contract, its name, its header."""

import hashlib
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tocsin.model import Finding, Mitigation
from tocsin.model.text import percent, printable
from tocsin.terms import Tlp

EXPIRY_H = 4
EXPIRY_S = EXPIRY_H * 3600
LINE_CHARACTERS = 118
TEXT_CHARACTERS = 300
_VERBATIM = "    "


class Render(Protocol):
    """Writes the file; a pure function, called only where `why_not` is silent."""

    def __call__(self, finding: Finding, mitigation: Mitigation, *, tlp: Tlp) -> str: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file.

    Attributes:
        id: Its name, in `Action.kind` and as the file's name.
        extension: Without the dot.
        why_not: Why this kind cannot say what the mitigation wants, "" if it can.
        render: The file's text.
        undo: One sentence or command that takes it back.
        remark: What to know of this kind beside the mitigation's own note.
        measured: Whether the mitigation's hit and collateral hold for this file; not where somebody else chooses the filter.
        optional: Left out without a word where `why_not` speaks, because another kind of the same effect says as much.
    """

    id: str
    extension: str
    why_not: Callable[[Finding, Mitigation], str]
    render: Render
    undo: Callable[[Finding, Mitigation], str]
    remark: str = ""
    measured: bool = True
    optional: bool = False


def ordinal(finding: Finding, mitigation: Mitigation) -> int:
    """The mitigation's place among those of its finding, from 1; 0 for one that is not the finding's."""
    return finding.mitigations.index(mitigation) + 1 if mitigation in finding.mitigations else 0


def short_id(finding: Finding) -> str:
    """Eight hex digits made of the finding's whole id: no part of it alone tells findings of one victim or one time apart."""
    return hashlib.sha256(finding.id.encode(errors="replace")).hexdigest()[:8]


def name(finding: Finding, mitigation: Mitigation) -> str:
    """A name for tables, zones and routes, the same each time and of no other mitigation: ``tocsin_1f3a9c2b_1``."""
    return f"tocsin_{short_id(finding)}_{ordinal(finding, mitigation)}"


def plain(text: str, limit: int = TEXT_CHARACTERS) -> str:
    """Foreign text for a comment: one line, nothing hidden, and no backslash.

    Apache joins a comment that ends in a backslash with the line below, and ExaBGP reads escapes even in comments.
    """
    return printable(text, limit).replace("\\", "/")


def comment(lines: Iterable[str], sign: str = "#") -> str:
    """The lines as comments, each ended by a newline; wrapped, but for commands (four spaces before), which get copied."""
    written: list[str] = []
    for line in lines:
        clean = plain(line, 4 * TEXT_CHARACTERS)
        if line.startswith(_VERBATIM):
            wrapped = [clean]
        else:
            wrapped = textwrap.wrap(clean, LINE_CHARACTERS, subsequent_indent="  ", break_on_hyphens=False)
        written += [f"{sign} {part}\n" for part in wrapped] or [f"{sign}\n"]
    return "".join(written)


def header(
    finding: Finding,
    mitigation: Mitigation,
    *,
    tlp: Tlp,
    does: str,
    expiry: str,
    rollback: str,
    deploy: str,
    later: str = "",
    more: Sequence[str] = (),
) -> list[str]:
    """The lines every file starts with; no time of day is among them, so that the same evidence gives the same bytes.

    Args:
        does: What the file does, in a sentence.
        expiry: When and how it ends by itself, or when to end it.
        later: The command to have run when it should have expired, where it does not by itself.
        rollback: How to take it back now.
        deploy: How to check and load it.
        more: What else is worth knowing, a sentence each.
    """
    lines = [
        f"{tlp}",
        f"{does} {plain(mitigation.summary)}".strip(),
        f"For the finding: {plain(finding.title)} (id {plain(finding.id, 64)}, confidence {finding.confidence} of 100)",
        f"Measured: {measured(mitigation)}",
        "Approval: a person decides whether this is deployed. Approved by: ______________________",
        f"Deploy: {deploy}",
        f"Expiry: {expiry}",
        *([f"{_VERBATIM}echo '{later}' | at now + {EXPIRY_H} hours"] if later else []),
        f"Roll back: {rollback}",
    ]
    if mitigation.note:
        lines.append(f"Note: {plain(mitigation.note)}")
    return [*lines, *more]


def measured(mitigation: Mitigation) -> str:
    """Hit and collateral in a sentence, or that nobody measured them."""
    if mitigation.hit_ratio is None and mitigation.collateral_ratio is None:
        return "not measured on this evidence; try it where you can watch it."
    hit = "unknown" if mitigation.hit_ratio is None else percent(mitigation.hit_ratio)
    other = "unknown" if mitigation.collateral_ratio is None else percent(mitigation.collateral_ratio)
    return f"it matches {hit} of the attack and {other} of the other traffic of the same evidence."
