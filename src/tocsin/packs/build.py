"""Makes a pack of sources: records in, sorted tables out."""

import re
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tocsin.errors import PackError
from tocsin.packs.file import TABLES, Manifest, Source
from tocsin.packs.records import Advisory, Affected, Exploit, Record, Status
from tocsin.packs.sources import Reading, read, sha256_of
from tocsin.packs.spaces import is_distro, normal_name, scheme_of
from tocsin.versions import LENGTH_MAX, SCHEMES, key
from tocsin.versions.ranges import END, Interval, after

FROM_START, TO_END = -1, np.iinfo(np.int32).max  # bounds that are no version
OPEN, FIXED, LAST = 0, 1, 2  # `kind`: what the upper bound of a range is
_DATE = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]")
_SCHEME_NUMBER = {name: number for number, name in enumerate(SCHEMES)}


def exactly(version: str) -> Interval:
    """The interval of a version that is none in its scheme: beyond all keys, by its text alone."""
    at = END + version.strip().encode("utf-8", "surrogatepass")
    return Interval(at, after(at))


@dataclass
class Builder:
    """Collects records; ``finish`` sorts them into tables. The order in which they come does not matter to what is found."""

    packages: dict[str, int] = field(default_factory=dict)
    bounds: dict[tuple[bytes, str], int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=lambda: {"": 0})
    columns: dict[str, Any] = field(
        default_factory=lambda: {name: array("i") for name in ("package", "low", "high", "advisory")}
    )
    small: dict[str, Any] = field(default_factory=lambda: {"kind": array("B"), "status": array("B"), "note": array("h")})
    advisories: list[tuple[Any, ...]] = field(default_factory=list)
    exploits: dict[str, dict[str, Any]] = field(default_factory=dict)
    listed: dict[int, list[tuple[int, str, list[Interval], set[bytes]]]] = field(default_factory=dict)

    def add(self, record: Record, source: int) -> int:
        """Take a record; returns how many ranges it gave."""
        if isinstance(record, Exploit):
            known = self.exploits.setdefault(record.cve, {})
            known |= {
                name: value for name, value in record.facts.items() if value is not None and (value != "" or name not in known)
            }
            return 0
        before = len(self.columns["low"])
        number = len(self.advisories)
        self.advisories.append(_advisory(record, source))
        lists: dict[int, tuple[str, list[Interval], set[bytes]]] = {}
        for affected in record.affected:
            package = self._package(affected)
            scheme = scheme_of(affected.space)
            whole = (Interval(),) if affected.status is Status.UNREADABLE else ()
            for interval in affected.intervals or whole:
                self._range(package, number, scheme, interval, affected.status, affected.note)
            if affected.status is Status.AFFECTED and affected.listed and not is_distro(affected.space):
                _, intervals, keys = lists.setdefault(package, (scheme, [], set()))
                intervals += affected.intervals
                for version in affected.listed:
                    found = key(scheme, version)
                    if found is not None:
                        keys.add(found)
                    elif len(version) <= LENGTH_MAX:  # it can be told, if not compared
                        self._range(package, number, scheme, exactly(version), Status.AFFECTED, "")
        for package, (scheme, intervals, keys) in lists.items():
            if keys:
                self.listed.setdefault(package, []).append((number, scheme, intervals, keys))
        return len(self.columns["low"]) - before

    def _package(self, affected: Affected) -> int:
        name = f"{affected.space}\t{normal_name(affected.space, affected.name)}"
        return self.packages.setdefault(name, len(self.packages))

    def _range(self, package: int, advisory: int, scheme: str, interval: Interval, status: Status, note: str) -> None:
        text = interval.fixed or interval.last
        self.columns["package"].append(package)
        self.columns["advisory"].append(advisory)
        self.columns["low"].append(FROM_START if interval.low == b"" else self._bound(scheme, interval.low, ""))
        self.columns["high"].append(TO_END if interval.high == END else self._bound(scheme, interval.high, text))
        self.small["kind"].append(FIXED if interval.fixed else LAST if interval.last else OPEN)
        self.small["status"].append(status)
        if len(self.notes) > 1000:  # a hostile source; ours use a dozen
            note = ""
        self.small["note"].append(self.notes.setdefault(note[:80], len(self.notes)))

    def _bound(self, scheme: str, at: bytes, text: str) -> int:
        entry = (bytes((_SCHEME_NUMBER[scheme],)) + at, text)
        return self.bounds.setdefault(entry, len(self.bounds))

    def _compare_lists(self) -> None:
        """Where sources enumerate versions, note what their ranges and lists say differently.

        A release that other records list, that lies in the range but not in the record's own list although that reaches beyond it:
        the record does not say (``UNLISTED``). A listed version outside the range is affected.
        """
        for package, entries in self.listed.items():
            every = sorted(set().union(*(keys for _, _, _, keys in entries)))
            for number, scheme, intervals, keys in entries:
                newest = max(keys)
                for version in every:
                    held = any(one.holds(version) for one in intervals)
                    if held and version not in keys and version < newest:
                        self._range(package, number, scheme, Interval(version, after(version)), Status.UNLISTED, "")
                    elif not held and version in keys:
                        self._range(package, number, scheme, Interval(version, after(version)), Status.AFFECTED, "")

    def finish(self) -> dict[str, pa.Table]:
        """The tables, as ``file.TABLES`` describes them."""
        self._compare_lists()
        self.listed.clear()
        names = sorted(self.packages)
        package_rank = np.empty(len(names), dtype=np.int32)
        for rank, name in enumerate(names):
            package_rank[self.packages[name]] = rank
        bounds = sorted(self.bounds)
        bound_rank = np.empty(len(bounds), dtype=np.int32)
        for rank, entry in enumerate(bounds):
            bound_rank[self.bounds[entry]] = rank
        columns = {
            name: np.frombuffer(values, dtype=np.int32) if len(values) else np.zeros(0, np.int32)
            for name, values in self.columns.items()
        }
        package = package_rank[columns["package"]] if len(names) else columns["package"]
        by = np.lexsort((columns["low"], columns["advisory"], package))
        edges = {name: _mapped(columns[name], bound_rank)[by] for name in ("low", "high")}
        counts = np.bincount(package, minlength=len(names)).astype(np.int32)
        small = {name: np.asarray(values, dtype=values.typecode)[by] for name, values in self.small.items()}
        tables: dict[str, dict[str, Any]] = {
            "packages": {"package": names, "ranges": counts},
            "bounds": {"key": [entry[0] for entry in bounds], "text": [entry[1] for entry in bounds]},
            "ranges": {**edges, "advisory": columns["advisory"][by], **small},
            "advisories": dict(zip(TABLES["advisories"].names, zip(*self.advisories, strict=True), strict=True))
            if self.advisories
            else {},
            "exploits": _exploit_columns(self.exploits),
        }
        return {
            name: pa.table([pa.array(tables[name].get(f.name, []), f.type) for f in schema], schema=schema)
            for name, schema in TABLES.items()
        }


def _advisory(record: Advisory, source: int) -> tuple[Any, ...]:
    return (
        record.id, ",".join(sorted(set(record.aliases) - {record.id})), ",".join(sorted(set(record.covers))), record.title, record.severity,
        record.score, record.vector, record.published, ",".join(record.cwes), source,
    )  # fmt: skip


def _mapped(values: np.ndarray[Any, Any], ranks: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    found = values.copy()
    real = (values != FROM_START) & (values != TO_END)
    found[real] = ranks[values[real]]
    return found


def _exploit_columns(exploits: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    cves = sorted(exploits)
    return {"cve": cves} | {name: [exploits[cve].get(name) for cve in cves] for name in TABLES["exploits"].names[1:]}


def build(
    sources: Iterable[Path], name: str, *, built: str = "", watch: Callable[[str, int], None] = lambda name, records: None
) -> tuple[Manifest, dict[str, pa.Table]]:
    """Read sources into a manifest and tables, for ``file.write``.

    Args:
        sources: Files or folders in the sources' own formats.
        name: Of the pack.
        built: ISO date to write in.
        watch: Told how many records of a source were read, now and then.

    Raises:
        PackError: A source cannot be read, or holds nothing that we know; the message names it.
    """
    builder, read_sources = Builder(), []
    for number, path in enumerate(sources):
        if not path.exists():
            raise PackError(f"{path}: no such file or folder. Check the path.")
        read_sources.append(_add(builder, path, number, watch))
    if not read_sources:
        raise PackError("expected at least one source, found none. Name files or folders.")
    manifest = Manifest(name, tuple(read_sources), {}, tuple(builder.notes), tuple(SCHEMES), built)
    tables = builder.finish()
    return replace(manifest, notes=tuple(builder.notes)), tables


def _add(builder: Builder, path: Path, number: int, watch: Callable[[str, int], None]) -> Source:
    reading = Reading()
    kinds: dict[str, int] = {}
    counts = {"advisories": 0, "ranges": 0, "exploits": 0}
    for done, (kind, record) in enumerate(read(path, reading)):
        kinds[kind] = kinds.get(kind, 0) + 1
        counts["ranges"] += builder.add(record, number)
        counts["exploits" if isinstance(record, Exploit) else "advisories"] += 1
        if done % 1000 == 0:
            watch(path.name, done)
    named = _DATE.search(path.name)  # lists of CVEs carry no date of their own
    date = reading.date or max(reading.dates, default="") or (named[0] if named else "")
    kind = "+".join(sorted(kinds))
    return Source(
        path.name, kind, date, sha256_of(path), **counts, unreadable=reading.unreadable, first_fault=reading.first_fault
    )
