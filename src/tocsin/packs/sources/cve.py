"""CVE records 5.x: the CVE list, and CISA's Vulnrichment with its SSVC decision points.

Source: https://github.com/CVEProject/cve-schema; https://github.com/cisagov/vulnrichment
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tocsin.packs.records import Advisory, Affected, Exploit, Record, Status
from tocsin.packs.spaces import scheme_of
from tocsin.versions.ranges import END, Interval, RangeError, after, bound

_COLLECTIONS = {
    "pypi.org": "pypi", "pypi.python.org": "pypi", "registry.npmjs.org": "npm", "www.npmjs.com": "npm", "repo.maven.apache.org": "maven",
    "repo1.maven.org": "maven", "rubygems.org": "rubygems", "crates.io": "crates.io", "pkg.go.dev": "go", "proxy.golang.org": "go",
    "www.nuget.org": "nuget", "nuget.org": "nuget", "packagist.org": "packagist", "repo.packagist.org": "packagist", "hex.pm": "hex",
}  # fmt: skip
_SSVC = {"Exploitation": "ssvc_exploitation", "Automatable": "ssvc_automatable", "Technical Impact": "ssvc_technical_impact"}
_ANY = ("", "0", "*", "-", "unspecified", "all", "n/a", "unknown")


def claims(value: Any) -> bool:
    """Whether this is a CVE record."""
    return isinstance(value, dict) and value.get("dataType") == "CVE_RECORD" and "containers" in value


def records(value: Mapping[str, Any]) -> Iterator[Record]:
    """The advisory, and what CISA adds on exploitation; none where the record is rejected."""
    meta, containers = value["cveMetadata"], value["containers"]
    if meta.get("state") == "REJECTED":
        return
    cna, adps = containers["cna"], containers.get("adp") or []
    metrics = [metric for part in (cna, *adps) for metric in part.get("metrics") or []]
    score, vector = _score(metrics)
    identifier = str(meta["cveId"])
    yield Advisory(
        id=identifier,
        affected=tuple(found for part in (cna, *adps) for one in part.get("affected") or [] for found in _affected(one)),
        title=str(cna.get("title") or _description(cna))[:160],
        score=score,
        vector=vector,
        published=str(meta.get("datePublished") or "")[:10],
        modified=str(meta.get("dateUpdated") or "")[:10],
        cwes=tuple(
            str(text["cweId"])
            for kind in cna.get("problemTypes") or []
            for text in kind.get("descriptions") or []
            if text.get("cweId")
        ),
    )
    facts = dict(_ssvc(metrics))
    if facts:
        yield Exploit(identifier, facts)


def _description(cna: Mapping[str, Any]) -> str:
    return next(
        (str(one.get("value") or "") for one in cna.get("descriptions") or [] if str(one.get("lang", "")).startswith("en")), ""
    )


def _score(metrics: list[Any]) -> tuple[float | None, str]:
    for version in ("cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"):
        for metric in metrics:
            found = metric.get(version)
            if found and found.get("baseScore") is not None:
                return float(found["baseScore"]), str(found.get("vectorString") or "")
    return None, ""


def _ssvc(metrics: list[Any]) -> Iterator[tuple[str, Any]]:
    for metric in metrics:
        other = metric.get("other") or {}
        content = other.get("content") or {}
        if other.get("type") == "ssvc":
            for option in content.get("options") or []:
                yield from ((_SSVC[name], str(said).lower()) for name, said in option.items() if name in _SSVC)
        elif other.get("type") == "kev" and content.get("dateAdded"):
            yield "kev_added", str(content["dateAdded"])[:10]


def cpe_name(vendor: str, product: str) -> str:
    """The name of a product in the space ``cpe``: ``vendor/product`` as CPE writes it."""
    return "/".join("_".join(text.lower().replace("\\", "").split()) for text in (vendor, product))


def _affected(part: Mapping[str, Any]) -> Iterator[Affected]:
    collection = str(part.get("collectionURL") or "").partition("://")[2].partition("/")[0].lower()
    space = _COLLECTIONS.get(collection, "cpe") if part.get("packageName") else "cpe"
    if space != "cpe":
        name = str(part["packageName"])
    else:
        vendor, product = str(part.get("vendor") or ""), str(part.get("product") or "")
        if vendor.lower() in ("", "n/a") or product.lower() in ("", "n/a"):
            return
        name = cpe_name(vendor, product)
    versions = [one for one in part.get("versions") or [] if one.get("versionType") not in ("git", "original_commit_for_fix")]
    scheme = scheme_of(space)
    try:
        hit = [interval for one in versions if one.get("status") == "affected" for interval in _intervals(scheme, one)]
        free = [interval for one in versions if one.get("status") == "unaffected" for interval in _intervals(scheme, one)]
    except RangeError:
        yield Affected(space, name, (), Status.UNREADABLE)
        return
    if part.get("defaultStatus") == "affected":
        hit += _except([Interval()], free)
    if hit:
        yield Affected(space, name, tuple(dict.fromkeys(hit)))


def _intervals(scheme: str, one: Mapping[str, Any]) -> Iterator[Interval]:
    first, below, last = str(one.get("version") or ""), one.get("lessThan"), one.get("lessThanOrEqual")
    low = b"" if first.lower() in _ANY else bound(scheme, first)
    if below is not None:
        high = END if str(below) in _ANY else bound(scheme, str(below))
        yield from [Interval(low, high, fixed=str(below) if high != END else "")] if low < high else []
    elif last is not None:
        high = END if str(last) in _ANY else after(bound(scheme, str(last)))
        yield from [Interval(low, high, last=str(last) if high != END else "")] if low < high else []
    elif low or first in ("*", "all"):
        yield Interval(low, after(low), last=first) if low else Interval()


def _except(intervals: list[Interval], free: list[Interval]) -> list[Interval]:
    for hole in free:
        cut = []
        for one in intervals:
            if hole.high <= one.low or one.high <= hole.low:
                cut.append(one)
                continue
            if one.low < hole.low:
                cut.append(Interval(one.low, hole.low))
            if hole.high < one.high:
                cut.append(Interval(hole.high, one.high, one.fixed, one.last))
        intervals = cut
    return intervals
