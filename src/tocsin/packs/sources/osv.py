"""OSV records: OSV's exports, GitHub's advisory database, PyPA, Go, and distributions that publish in this form.

Source: https://ossf.github.io/osv-schema/
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cvss import CVSS2, CVSS3, CVSS4  # type: ignore[import-untyped]
from cvss.exceptions import CVSSError  # type: ignore[import-untyped]

from tocsin.packs.records import Advisory, Affected, Status
from tocsin.packs.spaces import from_osv, is_distro, scheme_of
from tocsin.versions.ranges import Interval, RangeError, from_events


def claims(value: Any) -> bool:
    """Whether this is an OSV record."""
    return isinstance(value, dict) and isinstance(value.get("id"), str) and "modified" in value and "dataType" not in value


def records(value: Mapping[str, Any]) -> Iterator[Advisory]:
    """The advisory; none where it is withdrawn."""
    if value.get("withdrawn"):
        return
    upstream = _texts(value.get("upstream"))
    aliases = _texts(value.get("aliases"))
    specific = value.get("database_specific") or {}
    score, vector = _worst(value.get("severity"))
    # A distribution's update names what it fixes as upstream, before schema 1.7 as related; a record on one CVE is about that one.
    distro = any(
        is_distro(from_osv(str(part["package"]["ecosystem"])) or "")
        for part in value.get("affected") or []
        if part.get("package")
    )
    covers = upstream or (
        tuple(one for one in _texts(value.get("related")) if one.startswith("CVE-")) if distro and not aliases else ()
    )
    single = len(covers) == 1 or any(value["id"].endswith(one) for one in covers)
    yield Advisory(
        id=value["id"],
        affected=tuple(found for part in value.get("affected") or [] for found in _affected(part)),
        aliases=aliases + (covers if single else ()),
        covers=() if single else covers,
        title=str(value.get("summary") or value.get("details") or "").strip().partition("\n")[0][:160],
        severity=str(specific.get("severity") or "").lower() if isinstance(specific, dict) else "",
        score=score,
        vector=vector,
        published=str(value.get("published") or "")[:10],
        modified=str(value.get("modified") or "")[:10],
        cwes=_texts(specific.get("cwe_ids")) if isinstance(specific, dict) else (),
    )


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in values) if isinstance(values, list) else ()


def _worst(severities: Any) -> tuple[float | None, str]:
    scored = [(score_of(str(one.get("score"))), str(one.get("score"))) for one in severities or [] if isinstance(one, dict)]
    return max(((score, vector) for score, vector in scored if score is not None), default=(None, ""))


def score_of(vector: str) -> float | None:
    """The base score of a CVSS vector of any version; None where it is none."""
    try:
        if vector.startswith("CVSS:4"):
            return float(CVSS4(vector).base_score)
        if vector.startswith("CVSS:3"):
            return float(CVSS3(vector).base_score)
        return float(CVSS2(vector).base_score) if vector.startswith("AV:") else None
    except (CVSSError, ValueError, KeyError):
        return None


def _affected(part: Mapping[str, Any]) -> Iterator[Affected]:
    package = part.get("package")
    if not package:
        return
    space = from_osv(str(package["ecosystem"]))
    if not space:
        return
    name, scheme = str(package["name"]), scheme_of(space)
    ranges = [one for one in part.get("ranges") or [] if one.get("type") in ("ECOSYSTEM", "SEMVER")]
    listed = tuple(map(str, part.get("versions") or ()))
    urgency = (part.get("ecosystem_specific") or {}).get("urgency")
    note = str(urgency) if urgency in ("unimportant", "end-of-life") else ""
    intervals: tuple[Interval, ...] = ()
    try:
        intervals = tuple(interval for one in ranges for interval in from_events(scheme, one["events"]))
    except RangeError:
        yield Affected(space, name, (), Status.UNREADABLE)
    if intervals or listed:
        yield Affected(space, name, intervals, note=note, listed=listed)
