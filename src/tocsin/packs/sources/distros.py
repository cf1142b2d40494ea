"""Debian's security tracker and Alpine's secdb: which release has which vulnerability fixed in which version.

Sources: https://security-tracker.debian.org/tracker/data/json; https://secdb.alpinelinux.org
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tocsin.packs.records import Advisory, Affected, Status
from tocsin.packs.sources._documents import Reading
from tocsin.packs.spaces import from_distro
from tocsin.versions.ranges import Interval, RangeError, bound


def claims_debian(value: Any) -> bool:
    """Whether this is the tracker's JSON: package, then CVE, then releases."""
    first = next(iter(value.values()), None) if isinstance(value, dict) else None
    inner = next(iter(first.values()), None) if isinstance(first, dict) else None
    return isinstance(inner, dict) and isinstance(inner.get("releases"), dict)


def debian(entry: tuple[str, Mapping[str, Any]]) -> Iterator[Advisory]:
    """The advisories of a source package: one a vulnerability."""
    package, vulnerabilities = entry
    for identifier, said in vulnerabilities.items():
        named = ((from_distro(release), facts) for release, facts in said["releases"].items())
        affected = tuple(found for space, facts in named if space for found in _debian(space, package, facts))
        yield Advisory(identifier, affected, title=str(said.get("description") or "").partition("\n")[0][:160])


def _debian(space: str, package: str, said: Mapping[str, Any]) -> Iterator[Affected]:
    urgency = str(said.get("urgency") or "").replace("**", "")
    note = urgency if urgency in ("unimportant", "end-of-life") else str(said.get("nodsa_reason") or "")
    fixed = str(said.get("fixed_version") or "")
    if said.get("status") == "undetermined":
        yield Affected(space, package, (Interval(),), Status.UNDER_INVESTIGATION)
    elif said.get("status") == "open":
        yield Affected(space, package, (Interval(),), note=note)
    elif fixed == "0":
        yield Affected(space, package, (Interval(),), Status.NOT_AFFECTED, "vulnerable_code_not_present")
    elif fixed:
        yield _up_to(space, package, "deb", fixed, note)


def _up_to(space: str, package: str, scheme: str, fixed: str, note: str = "") -> Affected:
    try:
        return Affected(space, package, (Interval(b"", bound(scheme, fixed), fixed),), note=note)
    except RangeError:
        return Affected(space, package, (), Status.UNREADABLE)


def claims_alpine(value: Any) -> bool:
    """Whether this is a secdb file."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("packages"), list)
        and ("distroversion" in value or "reponame" in value)
        and "apkurl" in value
    )


def alpine_packages(value: Mapping[str, Any], reading: Reading) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The packages with their space; Wolfi and Chainguard publish in this form, too."""
    release = str(value.get("distroversion") or "")
    rolling = next((one for one in ("wolfi", "chainguard") if one in str(value.get("urlprefix") or "")), None)
    space = rolling or from_distro(f"alpine {release.removeprefix('v')}")
    if space is None:
        raise ValueError(f"expected a release of Alpine, found {release!r}")
    return ((space, entry["pkg"]) for entry in value["packages"])


def alpine(entry: tuple[str, Mapping[str, Any]]) -> Iterator[Advisory]:
    """The advisories of a package: one a vulnerability."""
    space, package = entry
    for fixed, vulnerabilities in (package.get("secfixes") or {}).items():
        for text in vulnerabilities or []:
            ids = str(text).split()  # "CVE-2020-1 GHSA-…": one vulnerability, several names
            if fixed == "0":
                affected = Affected(space, package["name"], (Interval(),), Status.NOT_AFFECTED, "vulnerable_code_not_present")
            else:
                affected = _up_to(space, package["name"], "apk", fixed)
            yield Advisory(ids[0], (affected,), aliases=tuple(ids[1:]))
