"""From what scanners say to rows: grouping, severities, CVSS, ids, times.

A reader of a scan report yields ``Seen`` objects, one for each time a finding is told of, and an ``Activity`` for the report
itself; ``gather`` makes rows of them: one ``vulnerability_finding`` per key, merged, one ``vulnerability_occurrence`` per
place, one ``scan_activity``.
"""

import hashlib
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NamedTuple

from cvss import CVSS2, CVSS3, CVSS4, CVSSError  # type: ignore[import-untyped]
from packageurl import PackageURL

from tocsin.errors import EvidenceError
from tocsin.model import Batch
from tocsin.readers._rows import batches
from tocsin.terms import Severity

FINDINGS_MOST = 1_000_000
PLACES_MOST = 4_000_000
DESCRIPTION, REMEDIATION, LINE, KEY = 4000, 2000, 1000, 300

FINDING_TABLES = ("vulnerability_finding", "vulnerability_occurrence", "scan_activity")

Row = tuple[str, Mapping[str, Any]]
Told = Iterator["Seen | Activity | Row"]


class Place(NamedTuple):
    """Where a finding was seen; the columns of ``vulnerability_occurrence``."""

    asset: str | None = None
    ip: str | None = None
    hostname: str | None = None
    port: int | None = None
    protocol: str | None = None
    url_path: str | None = None


@dataclass(slots=True)
class Seen:
    """One finding as a report tells of it once; the columns of ``vulnerability_finding``, and the key it is grouped by.

    Attributes:
        offset: Byte where its record starts.
        key: What makes it the same finding as another; None in it counts as "".
        severity: OCSF; the highest of a key is kept.
        ids: CVE, GHSA and other ids, those of a key together.
        cwe: Numbers or texts with numbers in them.
        places: Where it was seen; those of a key together, each once.
        asset: Where no place names one.
        own: Whether the report counts this entry by itself even where an earlier one has the same key.
    """

    offset: int
    key: tuple[object, ...]
    title: str | None = None
    severity: Severity = Severity.UNKNOWN
    ids: Iterable[str] = ()
    cwe: Iterable[str | int | None] = ()
    places: Iterable[Place] = ()
    rule: str | None = None
    description: str | None = None
    cvss_score: float | None = None
    cvss_vector: str | None = None
    package_name: str | None = None
    package_version: str | None = None
    package_purl: str | None = None
    package_fixed_version: str | None = None
    asset: str | None = None
    status: str | None = None
    product_name: str | None = None
    first_seen_time: datetime | None = None
    remediation: str | None = None
    own: bool = False


@dataclass(slots=True)
class Activity:
    """The scan a report is of; ``None`` where the report does not say. Of several, later ones fill what earlier ones left."""

    product_name: str
    product_version: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    targets: str | None = None
    offset: int = 0


_MERGED = ("title", "rule", "description", "cvss_vector", "package_name", "package_version", "package_purl",
           "package_fixed_version", "asset", "status", "first_seen_time", "remediation")  # fmt: skip
_BOUNDS = {"description": DESCRIPTION, "remediation": REMEDIATION}


@dataclass(slots=True)
class _Held:
    offset: int
    columns: dict[str, Any]
    severity: Severity
    score: float | None
    ids: list[str] = field(default_factory=list)
    cwe: set[int] = field(default_factory=set)
    places: dict[Place, None] = field(default_factory=dict)


class _Findings:
    def __init__(self) -> None:
        self.held: dict[str, _Held] = {}
        self.places = 0
        self.told: dict[str, int] = {}

    def add(self, seen: Seen) -> Iterator[Row]:
        """Merge it, and yield the occurrences that are new."""
        uid = finding_uid(seen.key)
        if seen.own:
            again = self.told[uid] = self.told.get(uid, 0) + 1
            uid = uid if again == 1 else f"{uid} #{again}"
        held = self.held.get(uid)
        if held is None:
            held = self.held[uid] = _Held(seen.offset, {"product_name": seen.product_name}, seen.severity, seen.cvss_score)
            if len(self.held) > FINDINGS_MOST:
                raise EvidenceError(f"at byte {seen.offset:,}: expected at most {FINDINGS_MOST:,} findings in one report.")
        for name in _MERGED:
            value = getattr(seen, name)
            if value and not held.columns.get(name):
                held.columns[name] = bounded(value, _BOUNDS.get(name, LINE)) if isinstance(value, str) else value
        held.severity = max(held.severity, seen.severity)
        held.score = max((s for s in (held.score, seen.cvss_score) if s is not None), default=None)
        held.ids.extend(found for one in seen.ids if (found := bounded(one, 200)) and found not in held.ids)
        held.cwe.update(cwe_numbers(seen.cwe))
        for place in seen.places:
            place = _bounded_place(place)
            if any(part is not None for part in place) and place not in held.places:
                held.places[place] = None
                self.places += 1
                if self.places > PLACES_MOST:
                    raise EvidenceError(f"at byte {seen.offset:,}: expected at most {PLACES_MOST:,} places in one report.")
                yield "vulnerability_occurrence", {"finding_uid": uid, "record_offset": seen.offset, **place._asdict()}

    def rows(self, product: str) -> Iterator[Row]:
        """One row per finding."""
        for uid, held in self.held.items():
            first = next(iter(held.places), Place())
            columns = held.columns
            yield (
                "vulnerability_finding",
                {
                    **columns,
                    "finding_uid": uid,
                    "record_offset": held.offset,
                    "severity_id": int(held.severity),
                    "vulnerability_uid": next((one for one in held.ids if one.startswith("CVE-")), next(iter(held.ids), None)),
                    "vulnerability_uids": ",".join(sorted(held.ids)) or None,
                    "cwe": ",".join(map(str, sorted(held.cwe))) or None,
                    "cvss_score": held.score if held.score is not None else score(columns.get("cvss_vector")),
                    "asset": first.asset or first.hostname or first.ip or columns.get("asset"),
                    "port": first.port,
                    "url_path": first.url_path,
                    "product_name": columns["product_name"] or product,
                    "occurrences": len(held.places) or 1,
                },
            )


def _bounded_place(place: Place) -> Place:
    asset, ip, hostname, port, protocol, url_path = place
    port = port if port is not None and 0 < port <= 65535 else None
    return Place(bounded(asset), bounded(ip), bounded(hostname), port, bounded(protocol), bounded(url_path))


def gather(told: Iterable[Seen | Activity | Row], *, evidence_id: str) -> Iterator[Batch]:
    """Make batches of what a report tells; rows of other tables pass through.

    An EvidenceError on the way is raised after the rows of what came before it.
    """
    failures: list[Exception] = []
    yield from batches(_rows(told, failures), evidence_id=evidence_id)
    if failures:
        raise failures[0]


def _rows(told: Iterable[Seen | Activity | Row], failures: list[Exception]) -> Iterator[Row]:
    findings, activity = _Findings(), Activity("")
    try:
        for item in told:
            if isinstance(item, Seen):
                yield from findings.add(item)
            elif isinstance(item, Activity):
                activity = _joined(activity, item)
            else:
                yield item
    except (EvidenceError, OSError, EOFError) as error:
        failures.append(error)
    yield from findings.rows(activity.product_name)
    if activity.product_name and (findings.held or not failures):
        yield (
            "scan_activity",
            {
                "product_name": bounded(activity.product_name),
                "product_version": bounded(activity.product_version),
                "start_time": activity.start_time,
                "end_time": activity.end_time,
                "targets": bounded(activity.targets),
                "findings": len(findings.held),
                "record_offset": activity.offset,
            },
        )


def _joined(one: Activity, other: Activity) -> Activity:
    return Activity(
        one.product_name or other.product_name,
        one.product_version or other.product_version,
        one.start_time or other.start_time,
        one.end_time or other.end_time,
        one.targets or other.targets,
        one.offset or other.offset,
    )


def finding_uid(key: tuple[object, ...]) -> str:
    """A key as text; what is long ends in a hash of the whole."""
    text = " | ".join("" if part is None else clean(str(part)) for part in key)
    if len(text) <= KEY:
        return text
    return f"{text[: KEY - 20]}… {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def clean(text: str) -> str:
    """Text that Arrow accepts: half surrogate pairs, which JSON can spell, escaped."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def bounded(text: str | None, most: int = LINE) -> str | None:
    """The text without blanks around it, at most so long; None if empty."""
    text = clean(text[: most + 200]).strip() if text else None
    if not text:
        return None
    return text if len(text) <= most else f"{text[: most - 1]}…"


_SEVERITY = {
    Severity.CRITICAL: ("critical", "crit", "urgent", "very_high", "blocker", "defcon1", "emergency", "fatal"),
    Severity.HIGH: ("high", "important", "error", "serious", "major", "severe", "danger"),
    Severity.MEDIUM: ("medium", "moderate", "warning", "warn", "med"),
    Severity.LOW: ("low", "minor", "note", "negligible", "unimportant", "minimal"),
    Severity.INFORMATIONAL: ("info", "informational", "information", "none", "log", "debug", "ok", "untriaged", "recommendation"),
}  # fmt: skip
_WORDS = {word: level for level, words in _SEVERITY.items() for word in words}


def severity(word: str | None) -> Severity:
    """The OCSF severity a scanner's word stands for, in any case; UNKNOWN for what is no such word."""
    return _WORDS.get(word.strip().lower().replace(" ", "_"), Severity.UNKNOWN) if word else Severity.UNKNOWN


def severity_of(cvss_score: float | None) -> Severity:
    """The severity of a CVSS score. Source: CVSS 3.1, section 5, table 14 (the same in 4.0); 0 is informational."""
    if cvss_score is None:
        return Severity.UNKNOWN
    steps = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
    return next((level for least, level in steps if cvss_score >= least), Severity.INFORMATIONAL)


def vector_of(*candidates: str | None) -> str | None:
    """The first of these that is a CVSS vector."""
    return next((one for one in candidates if one and score(one) is not None), None)


def host_of(place: str | None) -> Place:
    """A place out of a URL, ``host:port`` or a bare host; brackets of IPv6 addresses come off."""
    if not place:
        return Place()
    scheme, slashes, rest = place[:2000].rpartition("://")
    host, _, _ = rest.partition("/")
    host = host.rpartition("@")[2]
    name, colon, port = host.rpartition(":")
    if not (colon and port.isdecimal() and (name.startswith("[") or ":" not in name)):
        name, port = host, ""
    number = int(port[:6]) if port else {"http": 80, "https": 443}.get(scheme.lower())
    name = name.strip("[]")
    url = place if slashes or "/" in rest else None
    try:
        ip = str(ipaddress.ip_address(name))
    except ValueError:
        ip = None
    return Place(None, ip, None if ip else name.lower() or None, number, scheme.lower() or None, url)


@lru_cache(maxsize=4096)
def score(vector: str | None) -> float | None:
    """The base score of a CVSS vector of any version (2.0 with or without its parentheses); None if it is not one."""
    if not vector or len(vector) > 300:
        return None
    text = vector.strip().strip("()").upper()
    try:
        if text.startswith("CVSS:4"):
            return float(CVSS4(text).base_score)
        if text.startswith("CVSS:3"):
            return float(CVSS3(text).base_score)
        return float(CVSS2(text.removeprefix("CVSS2#").removeprefix("CVSS:2.0/").replace("AU:", "Au:")).base_score)
    except (CVSSError, ValueError, KeyError, IndexError, ArithmeticError, TypeError):
        return None


_ID = re.compile(
    r"\b(?:CVE-\d{4}-\d{4,7}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|PYSEC-\d{4}-\d+|RUSTSEC-\d{4}-\d{4}|GO-\d{4}-\d{4,}"
    r"|RHSA-\d{4}:\d+|RHBA-\d{4}:\d+|DSA-\d{4}-\d+|DLA-\d{3,4}-\d+|USN-\d{3,5}-\d+|ALAS\d*-\d{4}-\d+|ELSA-\d{4}-\d+"
    r"|(?:openSUSE|SUSE)-[SR]U-\d{4}:\d+-\d+|VU#\d{4,6}|EUVD-\d{4}-\d+|NSWG-ECO-\d+|MAL-\d{4}-\d+)\b",
    re.IGNORECASE,
)


def ids_in(*texts: str | None) -> list[str]:
    """The ids of vulnerabilities and advisories in these texts, in order, each once; CVE in upper case, GHSA as GitHub writes."""
    found: dict[str, None] = {}
    for text in texts:
        if text:
            for match in _ID.findall(text[:100_000]):
                upper = match.upper()
                found["GHSA" + match[4:].lower() if upper.startswith("GHSA") else upper] = None
    return list(found)


_CWE = re.compile(r"CWE[-_: /]{0,2}(\d{1,5})", re.IGNORECASE)


def cwe_numbers(said: Iterable[str | int | None]) -> set[int]:
    """CWE numbers in numbers and texts such as ``CWE-79: …``, ``79``, ``cwe-79,cwe-80``; 0 and larger than any are none."""
    found = set()
    for one in said:
        if isinstance(one, int):
            found.add(one)
        elif one and one.strip().isdecimal():
            found.add(int(one.strip()[:6]))
        elif one:
            found.update(int(number) for number in _CWE.findall(one[:10_000]))
    return {number for number in found if 0 < number < 10_000}


# Tried by how a text begins, since each try costs microseconds and a report has many times.
_BY_NAME = (
    "%a %b %d %H:%M:%S %Y",
    "%a %b %d %H:%M:%S %Z %Y",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y %H:%M:%S",
    "%b %d, %Y %H:%M:%S %Z",
    "%b %d, %Y",
)
_BY_SLASH = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y at %H:%M:%S", "%d/%m/%Y, %H:%M:%S", "%m/%d/%Y", "%Y/%m/%d")
_BY_DAY = ("%d %b %Y %H:%M:%S", "%d %b %Y", "%d %b %Y %H:%M%p %Z", "%Y-%m-%d %H:%M:%S %z")


def instant(said: str | float | None) -> datetime | None:
    """A time as reports write it: ISO 8601, RFC 5322, C's ``ctime``, Unix seconds or milliseconds; UTC where no zone is said.

    None for what is not one, and for years before 1980 (Go's and Java's zero).
    """
    if said is None or said == "":
        return None
    found = _instant(str(said).strip()[:60])
    if found is None:
        return None
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None
    return found if found.year >= 1980 else None


@lru_cache(maxsize=1024)
def _instant(text: str) -> datetime | None:
    try:
        if re.fullmatch(r"\d{9,13}(\.\d+)?", text):
            seconds = float(text)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 99_999_999_999 else seconds, UTC)
        if text[:4].isdecimal() and text[4:5] == "-":
            iso = re.sub(r"(\.\d{6})\d+", r"\1", text.removesuffix(" UTC").replace(" +", "+"))
            return datetime.fromisoformat(iso)
    except (ValueError, OverflowError, OSError):
        pass
    if not text[:1].isalnum() or not any(character.isdigit() for character in text):
        return None
    for form in _BY_NAME if text[0].isalpha() else _BY_SLASH if "/" in text else _BY_DAY:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added by who calls
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@lru_cache(maxsize=16384)
def purl(written: str | None) -> str | None:
    """A package URL as written; None if it is not one."""
    if not written or len(written) > 2000:
        return None
    try:
        PackageURL.from_string(written)
    except ValueError:
        return None
    return written


def package_url(
    kind: str, name: str | None, version: str | None = None, qualifiers: Mapping[str, str] | None = None
) -> str | None:
    """A package URL made of its parts; ``group/name``, ``@scope/name`` and Maven's ``group:name`` are told apart."""
    if not name:
        return None
    if kind == "maven":
        name = name.replace(":", "/", 1)
    namespace, _, last = name.rpartition("/")
    try:
        return PackageURL(kind, namespace or None, last, version, dict(qualifiers) if qualifiers else None).to_string()
    except ValueError:
        return None
