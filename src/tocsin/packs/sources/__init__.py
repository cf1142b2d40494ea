"""Sources of reference data in their own formats. What a file is, its content says; a plain list of CVEs, its name."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException

from tocsin.errors import PackError
from tocsin.packs.records import Advisory, Record
from tocsin.packs.sources import cve, distros, exploits, nvd, osv, oval, vex
from tocsin.packs.sources._documents import Document, Reading, documents, objects, sha256_of


@dataclass(frozen=True)
class _Format:
    """How a JSON value is told, taken apart, and read: a damaged part costs itself alone."""

    claims: Callable[[Any], bool]
    records: Callable[[Any], Iterator[Record]]
    parts: Callable[[Any, Reading], Iterable[Any]] = lambda value, reading: (value,)


# In this order: the first that claims a value reads it.
_JSON = {
    "kev": _Format(exploits.claims_kev, exploits.kev, exploits.kev_entries),
    "cve": _Format(cve.claims, cve.records),
    "nvd": _Format(nvd.claims, nvd.records, lambda value, reading: value["vulnerabilities"]),
    "csaf": _Format(vex.claims_csaf, vex.csaf),
    "openvex": _Format(vex.claims_openvex, vex.openvex),
    "alpine-secdb": _Format(distros.claims_alpine, distros.alpine, distros.alpine_packages),
    "nuclei": _Format(exploits.claims_nuclei, exploits.nuclei),
    "osv": _Format(osv.claims, osv.records),
    "metasploit": _Format(exploits.claims_metasploit, exploits.metasploit),
    "debian-tracker": _Format(distros.claims_debian, distros.debian, lambda value, reading: value.items()),
}
_DAMAGE = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError)
_SKIPPED = (
    ".md",
    ".csv.sha256",
    ".asc",
    ".sig",
    ".sha256",
    ".sha512",
    ".html",
    ".yaml",
    ".yml",
)  # what lies beside records in archives


def read(path: Path, reading: Reading) -> Iterator[tuple[str, Record]]:
    """The records of a file or folder, each with the kind of its document.

    A record that cannot be used is noted in ``reading``; the others go on.

    Raises:
        PackError: It cannot be opened or is damaged as a whole, or it holds nothing that we know.
    """
    known = False
    for document in documents(path):
        for kind, record in _of_document(document, reading):
            known = True
            if isinstance(record, Advisory):
                reading.dated(max(record.published, record.modified))
            yield kind, record
    if not known:
        why = f" ({reading.first_fault})" if reading.first_fault else ""
        raise PackError(
            f"{path}: expected records of {', '.join((*_JSON, *exploits.TABLES, 'oval'))}, found none{why}. See docs/packs.md."
        )


def _of_document(document: Document, reading: Reading) -> Iterator[tuple[str, Record]]:
    head = document.data[:1].strip() or document.data.lstrip()[:1]
    if head in (b"{", b"["):
        for place, value in objects(document, reading):
            yield from _of_json(place, value, reading)
    elif oval.claims(document.data):
        yield from _guarded("oval", document.place, partial(oval.records, document.data), reading)
    elif kind := exploits.table_of(document.data):
        yield from ((kind, record) for record in exploits.table(kind, document.data, document.place, reading))
    elif kind := exploits.list_of(document.place, document.data):
        yield from ((kind, record) for record in exploits.plain_list(kind, document.data))
    elif not document.place.lower().endswith(_SKIPPED):
        reading.fault(document.place, "no format that we know")


def _of_json(place: str, value: Any, reading: Reading) -> Iterator[tuple[str, Record]]:
    if isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _of_json(f"{place}, entry {number + 1}", entry, reading) if isinstance(entry, Mapping) else ()
        return
    kind = next((kind for kind, known in _JSON.items() if known.claims(value)), None)
    if kind is None:
        reading.fault(place, "no format that we know")
        return
    known = _JSON[kind]
    try:
        parts = enumerate(known.parts(value, reading), 1)
    except _DAMAGE as error:
        reading.fault(place, f"{type(error).__name__}: {error}")
        return
    for number, part in parts:
        yield from _guarded(kind, place if part is value else f"{place}, entry {number}", partial(known.records, part), reading)


def _guarded(kind: str, place: str, records: Callable[[], Iterator[Record]], reading: Reading) -> Iterator[tuple[str, Record]]:
    try:
        for record in records():
            yield kind, record
    except (*_DAMAGE, ParseError, DefusedXmlException) as error:
        reading.fault(place, f"{type(error).__name__}: {error}")


__all__ = ["Reading", "read", "sha256_of"]
