"""What a source of reference data says, in one shape for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from tocsin.versions.ranges import Interval


class Status(IntEnum):
    """What is said of the versions in a range. Numbers stand in packs: append only."""

    AFFECTED = 0
    NOT_AFFECTED = 1
    UNDER_INVESTIGATION = 2
    UNREADABLE = 3  # the range names what is no version of its scheme: nothing can be said
    UNLISTED = 4  # in the range, but not among the releases that the source lists, though its list reaches further


@dataclass(frozen=True, slots=True)
class Affected:
    """Of one package in one space, which versions.

    Attributes:
        space: As ``spaces`` writes it.
        name: As the source writes it.
        intervals: Empty only for ``UNREADABLE``.
        status: What is said of them.
        note: Why it is not affected (OpenVEX's words), or what its maker does about it (``will_not_fix``, ``end_of_life``, …).
        listed: Versions the source enumerates, as written.
    """

    space: str
    name: str
    intervals: tuple[Interval, ...]
    status: Status = Status.AFFECTED
    note: str = ""
    listed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advisory:
    """A source's record on one vulnerability, or on several (``covers``).

    Attributes:
        id: The record's own id.
        aliases: Other names of the same vulnerability.
        covers: Vulnerabilities it is about where it is not one itself (a distribution's update).
        title: One line; "" if none.
        severity: The source's own word, in lower case; "" if none.
        score: CVSS base score; None if none is given.
        vector: Its vector.
        published, modified: ISO dates; "" if not said.
        cwes: ``CWE-79`` and so on.
    """

    id: str
    affected: tuple[Affected, ...] = ()
    aliases: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    title: str = ""
    severity: str = ""
    score: float | None = None
    vector: str = ""
    published: str = ""
    cwes: tuple[str, ...] = ()
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Exploit:
    """What one source knows of a CVE's exploitation: some of the columns of ``EXPLOIT_COLUMNS``."""

    cve: str
    facts: Mapping[str, Any] = field(default_factory=dict)


Record = Advisory | Exploit
