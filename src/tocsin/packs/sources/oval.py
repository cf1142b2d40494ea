"""Red Hat's OVAL streams: definitions whose criteria compare an installed package with the version that fixes it.

Source: https://oval-community-guidelines.readthedocs.io; https://access.redhat.com/security/data/oval/v2/
"""

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

from tocsin.packs.records import Advisory, Affected, Status
from tocsin.versions.ranges import Interval, RangeError, bound

_RELEASE = re.compile(r"redhat:(?:enterprise_linux|rhel_[a-z]+):([0-9]+)|Red Hat Enterprise Linux ([0-9]+)")


def claims(head: bytes) -> bool:
    """Whether a document that begins so is OVAL definitions."""
    return b"oval_definitions" in head[:4096]


def records(data: bytes) -> Iterator[Advisory]:
    """One advisory a definition of class patch or vulnerability."""
    objects: dict[str, str] = {}
    states: dict[str, str] = {}
    tests: dict[str, tuple[str, str]] = {}
    definitions: list[dict[str, Any]] = []
    for _, element in iterparse(io.BytesIO(data), forbid_dtd=True):
        name = _local(element)
        if name == "definition":
            definitions.append(_definition(element))
            element.clear()
        elif name == "rpminfo_object":
            objects[element.get("id", "")] = _child(element, "name")
        elif name == "rpminfo_state":
            evr = next((one for one in element if _local(one) == "evr" and one.get("operation") == "less than"), None)
            states[element.get("id", "")] = (evr.text or "").strip() if evr is not None else ""
        elif name == "rpminfo_test":
            references = {_local(one): one for one in element}
            tests[element.get("id", "")] = (
                references["object"].get("object_ref", "") if "object" in references else "",
                references["state"].get("state_ref", "") if "state" in references else "",
            )
    for definition in definitions:
        found = [
            (objects.get(item, ""), states.get(state, ""))
            for item, state in (tests.get(one, ("", "")) for one in definition["tests"])
        ]
        yield _advisory(definition, sorted({(name, evr) for name, evr in found if name and evr}))


def _advisory(definition: Mapping[str, Any], fixes: list[tuple[str, str]]) -> Advisory:
    affected = tuple(_fix(f"rhel {release}", name, evr) for release in definition["releases"] for name, evr in fixes)
    cves = definition["cves"]
    single = cves if len(cves) == 1 else ()
    return Advisory(
        id=definition["id"],
        affected=affected,
        aliases=tuple(single),
        covers=() if single else tuple(cves),
        title=definition["title"][:160],
        severity=definition["severity"].lower(),
        published=definition["issued"],
    )


def _fix(space: str, name: str, evr: str) -> Affected:
    try:
        return Affected(space, name, (Interval(b"", bound("rpm", evr), evr),), note="modular" if ".module+" in evr else "")
    except RangeError:
        return Affected(space, name, (), Status.UNREADABLE)


def _definition(element: Element) -> dict[str, Any]:
    every = [(_local(one), one) for one in element.iter()]
    references = [one for name, one in every if name == "reference"]
    releases = {
        found[1] or found[2]
        for name, one in every
        if name in ("cpe", "platform")
        for found in [_RELEASE.search(one.text or "")]
        if found
    }
    identifier = next(
        (one.get("ref_id", "") for one in references if one.get("source") in ("RHSA", "RHBA", "RHEA")), element.get("id", "")
    )
    return {
        "id": identifier.split("-TMP")[0],
        "cves": sorted(
            {
                (one.text or one.get("ref_id") or "").strip()
                for name, one in every
                if name == "cve" or one.get("source") == "CVE"
            }
            - {""}
        ),
        "title": next((one.text or "" for name, one in every if name == "title"), "").strip().partition("\n")[0],
        "severity": next((one.text or "" for name, one in every if name == "severity"), ""),
        "issued": next((one.get("date", "") for name, one in every if name == "issued"), "")[:10],
        "releases": sorted(releases),
        "tests": [one.get("test_ref", "") for name, one in every if name == "criterion"],
    }


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _child(element: Element, name: str) -> str:
    return next(((one.text or "").strip() for one in element if _local(one) == name), "")
