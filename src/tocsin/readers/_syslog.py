"""The head of a syslog line in its usual spellings, and the year that RFC 3164 leaves out."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from tocsin.readers._lines import CHUNK_BYTES, MONTHS, clock_us, epoch_us, iso_us

# 1972 is no year that a log of ours can be from, and it has a 29 February.
UNKNOWN_YEAR = 1972

# RFC 5424 (`<4>1 2022-02-15T13:02:11.5Z host`), RFC 3339 stamps of rsyslog and journalctl (`2022-02-15T13:02:11+0200 host`),
# RFC 3164 (`<4>Feb 15 13:02:11 host`), with a year as some relays add it, date(1) style of OpenWrt and dmesg -T, and
# `journalctl -o short-unix`.
_HEADER = re.compile(
    r"(?:<\d{1,3}>)?(?:"
    r"(?P<rfc5424>1 )?(?P<iso>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
    r"|(?P<dmesg>\[)?(?:[A-Z][a-z]{2} )?(?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) (?:(?P<year>\d{4}) )?"
    r"(?P<clock>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,6}))?(?: (?P<year_last>\d{4}))?\]?"
    r"|(?P<epoch>\d{9,10}\.\d{1,6})"
    r"):? (?P<host>\S{1,255})(?: |$)"
)
_RFC5424_REST = re.compile(r"\S{1,48} \S{1,128} \S{1,32} (?:-|(?:\[(?:[^\]\\]|\\.)*+\])++)(?: \ufeff?|$)")
_TAG = re.compile(r"[^\s:\[\]\"]{1,64}(?:\[\d{1,10}\])?: ")


class Header(NamedTuple):
    """``host`` as written, where the text after it starts, where the message starts after tag and process id, the time stamp."""

    host: str
    after_host: int
    message: int
    stamp: "re.Match[str]"


def header(line: str) -> Header | None:
    """Read the head of a syslog line, or None if it has none."""
    found = _HEADER.match(line)
    if found is None:
        return None
    host, start = found["host"], found.end()
    if found["rfc5424"]:
        rest = _RFC5424_REST.match(line, start)
        return Header(host, start, rest.end(), found) if rest else None
    if found["dmesg"]:
        return Header("", found.start("host"), found.start("host"), found)
    if host.endswith(":"):  # nginx can leave out the host: `Feb 15 13:02:11 nginx: …`
        return Header("", found.start("host"), start, found)
    tag = _TAG.match(line, start)
    return Header(host, start, tag.end() if tag else start, found)


class Clock:
    """Turns the stamps of one log, in order, into times. A stamp without year takes that of the stamps before it.

    Args:
        year: That of the first stamp, from ``first_year``; None if the log does not say.
    """

    def __init__(self, year: int | None) -> None:
        self._year, self._month, self._said = year or UNKNOWN_YEAR, 0, year is not None
        self.guessed = False  # stamps were dated although nothing before them said a year

    def time_us(self, stamp: "re.Match[str]") -> int:
        """Microseconds since 1970; local times without zone count as UTC. Raises ValueError for an impossible date."""
        if stamp["iso"]:
            micros = iso_us(stamp["iso"])
            self._year, self._month, self._said = int(stamp["iso"][:4]), int(stamp["iso"][5:7]), True
            return micros
        if stamp["epoch"]:
            return epoch_us(stamp["epoch"])
        month = MONTHS.get(stamp["month"], 0)
        written = stamp["year"] or stamp["year_last"]
        if written:
            self._year, self._said = int(written), True
        else:
            self._year += _years_between(self._month, month)
            self.guessed = self.guessed or not self._said
        self._month = month or self._month
        micros = _second_us(self._year, stamp["month"], stamp["day"], stamp["clock"])
        return micros + int(stamp["fraction"].ljust(6, "0")) if stamp["fraction"] else micros


@lru_cache(maxsize=1024)
def _second_us(year: int, month: str, day: str, clock: str) -> int:
    return clock_us(year, month, int(day), int(clock[:2]), int(clock[3:5]), int(clock[6:]))


def _years_between(earlier: int, later: int) -> int:
    """1 from December to January, -1 back (lines around New Year can be out of order), else 0. Months as 1 to 12, 0 unknown."""
    if not earlier or not later or abs(earlier - later) <= 6:
        return 0
    return 1 if earlier > later else -1


# Starts with a literal, which is searched for several times faster than `^` with re.MULTILINE.
_LINE_DATE = re.compile(
    rb"\n(?:<\d{1,3}>)?(?:(?:1 )?(?P<year>\d{4})-(?P<number>\d\d)-\d\d[T ]"
    rb"|(?:[A-Z][a-z]{2} )?(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d )"
)
_AUDIT = re.compile(rb"audit\((\d{9,10})\.\d{1,3}:\d+\)")


def first_year(stream: BinaryIO) -> int | None:
    """The year of a log's first stamp where that stamp has none, from the first line that says one; rewinds the stream.

    A year is said by an ISO stamp at the start of a line, or by the kernel's ``audit(<Unix seconds>…`` in a line whose own month
    agrees. From there it counts back over each New Year. None if no line says a year, or the first stamp does.
    """
    years = month = 0
    try:
        for dated, line in _dated_lines(stream):
            number = int(dated["number"]) if dated["number"] else MONTHS[dated["month"].decode()]
            if dated["year"] and not month:
                return None
            years += _years_between(month, number)
            month = number
            said = int(dated["year"]) if dated["year"] else _audit_year(line, number)
            if said is not None:
                return said - years
    finally:
        stream.seek(0)
    return None


def _dated_lines(stream: BinaryIO) -> Iterator[tuple["re.Match[bytes]", bytes]]:
    """Each line start with a month, and the line if its chunk mentions ``audit(``, else empty."""
    rest = b""
    while data := rest + (chunk := stream.read(CHUNK_BYTES)):
        end = (data.rfind(b"\n") + 1 if chunk else 0) or len(data)
        data, rest = b"\n" + data[:end], data[end:]
        audited = b"audit(" in data
        for found in _LINE_DATE.finditer(data):
            yield found, data[found.start() : data.find(b"\n", found.end())] if audited else b""


def _audit_year(line: bytes, number: int) -> int | None:
    found = _AUDIT.search(line)
    if found is None:
        return None
    moment = datetime.fromtimestamp(int(found[1]), UTC)
    return moment.year if moment.month == number else None
