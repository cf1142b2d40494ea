"""Small packs, made by the real builder from records made by hand."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tocsin.packs.build import Builder, build
from tocsin.packs.file import Manifest, Pack, Signature, Source, write
from tocsin.packs.library import Library, Shelf
from tocsin.packs.records import Record
from tocsin.packs.sources import Reading
from tocsin.packs.sources import osv as osv_source
from tocsin.versions import SCHEMES


def osv(
    identifier: str, ecosystem: str, name: str, *events: tuple[str, str], aliases: Iterable[str] = (), **more: Any
) -> dict[str, Any]:
    """An OSV record on one package: ``osv("PYSEC-1", "PyPI", "django", ("introduced", "0"), ("fixed", "3.2"))``."""
    kind = "ECOSYSTEM"
    affected = {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": kind, "events": [{event: version} for event, version in events]}] if events else [],
    }
    affected |= {"versions": more.pop("versions")} if "versions" in more else {}
    return {"id": identifier, "modified": "2025-11-01T00:00:00Z", "aliases": list(aliases), "affected": [affected]} | more


def advisories(*values: Mapping[str, Any]) -> list[Record]:
    """OSV records as the packs take them."""
    return [record for value in values for record in osv_source.records(value)]


def library(records: Iterable[Record]) -> Library:
    """A library of one pack, in memory."""
    builder = Builder()
    for record in records:
        builder.add(record, 0)
    manifest = Manifest("kit", (Source("kit", "osv", "2025-11-01", "0" * 64, advisories=1),), {}, (), tuple(SCHEMES))
    tables = builder.finish()
    return Library((Shelf(Pack(replace(manifest, notes=tuple(builder.notes)), tables, "0" * 64, Signature())),))


def write_pack(path: Path, *values: Mapping[str, Any], name: str = "kit", private: Any = None) -> Path:
    """A pack file of JSON values of any source."""
    source = path.with_suffix(".jsonl")
    source.write_text("".join(f"{json.dumps(value)}\n" for value in values))
    manifest, tables = build([source], name)
    write(path, manifest, tables, private)
    return path


def read_values(values: Iterable[Mapping[str, Any]], folder: Path) -> tuple[list[tuple[str, Record]], Reading]:
    """What the sources make of JSON values."""
    from tocsin.packs.sources import read

    path = folder / "source.jsonl"
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values))
    reading = Reading()
    return list(read(path, reading)), reading
