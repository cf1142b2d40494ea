"""NVD's CVE API 2.0, and its yearly feeds of the same form.

Source: https://nvd.nist.gov/developers/vulnerabilities
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tocsin.packs.records import Advisory, Affected
from tocsin.packs.sources.cve import cpe_name
from tocsin.versions import key
from tocsin.versions.ranges import END, Interval, after

_SPLIT = re.compile(r"(?<!\\):")


def claims(value: Any) -> bool:
    """Whether this is a page or feed of NVD."""
    return isinstance(value, dict) and value.get("format") == "NVD_CVE" and isinstance(value.get("vulnerabilities"), list)


def records(entry: Mapping[str, Any]) -> Iterator[Advisory]:
    """The advisory of an entry; none where it is rejected."""
    cve = entry["cve"]
    if cve.get("vulnStatus") == "Rejected":
        return
    score, vector = _score(cve.get("metrics") or {})
    text = next((str(one.get("value") or "") for one in cve.get("descriptions") or [] if one.get("lang") == "en"), "")
    weaknesses = [str(one["value"]) for weakness in cve.get("weaknesses") or [] for one in weakness.get("description") or []]
    yield Advisory(
        id=str(cve["id"]),
        affected=tuple(_affected(cve)),
        title=text.partition("\n")[0][:160],
        score=score,
        vector=vector,
        published=str(cve.get("published") or "")[:10],
        modified=str(cve.get("lastModified") or "")[:10],
        cwes=tuple(sorted({one for one in weaknesses if one.startswith("CWE-")})),
    )


def _score(metrics: Mapping[str, Any]) -> tuple[float | None, str]:
    for name in ("cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"):
        entries = sorted(metrics.get(name) or [], key=lambda one: one.get("type") != "Primary")
        for one in entries:
            return float(one["cvssData"]["baseScore"]), str(one["cvssData"].get("vectorString") or "")
    return None, ""


def _affected(cve: Mapping[str, Any]) -> Iterator[Affected]:
    found: dict[str, list[Interval]] = {}
    for configuration in cve.get("configurations") or []:
        for node in configuration.get("nodes") or []:
            for match in node.get("cpeMatch") or []:
                if match.get("vulnerable") and not node.get("negate"):
                    parts = _SPLIT.split(str(match["criteria"]))
                    interval = _interval(match, parts)
                    if interval:
                        found.setdefault(cpe_name(parts[3], parts[4]), []).append(interval)
    for name, intervals in found.items():
        yield Affected("cpe", name, tuple(dict.fromkeys(intervals)))


def _interval(match: Mapping[str, Any], parts: list[str]) -> Interval | None:
    """None where it names no version that can be compared."""
    low, high, fixed, last = b"", END, "", ""
    if exact := _exact(parts):
        at = key("generic", exact)
        return Interval(at, after(at), last=exact) if at else None
    if parts[5] == "-":
        return None
    for name, text in match.items():
        if not name.startswith("version"):
            continue
        at = key("generic", str(text))
        if at is None:
            return None
        match_low = {"versionStartIncluding": at, "versionStartExcluding": after(at)}
        low = match_low.get(name, low)
        if name == "versionEndExcluding":
            high, fixed = at, str(text)
        elif name == "versionEndIncluding":
            high, last = after(at), str(text)
    return Interval(low, high, fixed, last) if low < high else None


def _exact(parts: list[str]) -> str:
    version, update = (part.replace("\\", "") for part in parts[5:7])
    if version in ("*", "-"):
        return ""
    return version if update in ("*", "-", "") else f"{version}-{update}"
