"""A pack as a file: Arrow tables and a manifest in a ZIP that is not compressed itself, so that a table is one read.

``manifest.json`` names each table with its SHA-256; a signature is over the manifest, so it covers everything. A pack is opened whole
or not at all.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.errors import PackError
from tocsin.ledger.keys import public_key, sign, verify_signature

FORMAT = "tocsin-pack/1"
FILE_MAX = 2 << 30  # bytes
_MANIFEST_MAX = 4 << 20
_KIND = "reference-pack"

# The tables and their columns; the order of `packages` and `bounds` is part of the contract (``library.py``).
_TEXT, _WHOLE, _FLAG, _REAL = pa.string(), pa.int32(), pa.bool_(), pa.float64()
_COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "packages": {"package": _TEXT, "ranges": _WHOLE},  # "space<TAB>name", sorted; how many ranges it has
    "bounds": {"key": pa.binary(), "text": _TEXT},  # sorted by key; a key begins with the number of its scheme
    "ranges": {  # sorted by package, then advisory
        "low": _WHOLE, "high": _WHOLE, "advisory": _WHOLE, "kind": pa.uint8(), "status": pa.uint8(), "note": pa.int16(),
    },
    "advisories": {
        "id": _TEXT, "aliases": _TEXT, "covers": _TEXT, "title": _TEXT, "severity": _TEXT, "score": _REAL, "vector": _TEXT,
        "published": _TEXT, "cwes": _TEXT, "source": pa.int16(),
    },
    "exploits": {
        "cve": _TEXT, "kev_added": _TEXT, "kev_due": _TEXT, "kev_ransomware": _FLAG, "vulncheck_kev": _FLAG, "epss": _REAL,
        "epss_percentile": _REAL, "exploitdb": _FLAG, "metasploit": _FLAG, "nuclei": _FLAG, "poc": _FLAG, "ssvc_exploitation": _TEXT,
        "ssvc_automatable": _TEXT, "ssvc_technical_impact": _TEXT, "score": _REAL, "vector": _TEXT, "temporal_score": _REAL,
        "temporal_vector": _TEXT, "published": _TEXT, "product": _TEXT,
    },
}  # fmt: skip
TABLES = {name: pa.schema(list(columns.items())) for name, columns in _COLUMNS.items()}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a part of a pack comes from.

    Attributes:
        name: Of the file it was built from.
        kind: Its format, as ``tocsin packs build`` knows it.
        date: When the source says it was made, else its newest record's date: ISO, "" where neither is known.
        sha256: Of the file.
        advisories, ranges, exploits: Rows taken from it.
        unreadable: Records of it that could not be used.
        first_fault: The first of these, with its place; "" if none.
    """

    name: str
    kind: str
    date: str
    sha256: str
    advisories: int = 0
    ranges: int = 0
    exploits: int = 0
    unreadable: int = 0
    first_fault: str = ""


@dataclass(frozen=True)
class Manifest:
    """What a pack is. ``tables``: SHA-256 and rows of each; ``notes``: what the column ``note`` numbers; ``schemes``: the first byte of keys."""

    name: str
    sources: tuple[Source, ...]
    tables: Mapping[str, Mapping[str, Any]]
    notes: tuple[str, ...]
    schemes: tuple[str, ...]
    built: str = ""
    format: str = FORMAT

    @property
    def date(self) -> str:
        """The date of its oldest dated source: as old as its oldest part."""
        return min((source.date for source in self.sources if source.date), default="")


@dataclass(frozen=True)
class Signature:
    """Whose signature is over a pack, and whether it holds; ``key`` "" where there is none."""

    key: str = ""
    holds: bool = False


@dataclass(frozen=True)
class Pack:
    """An opened pack: every table's hash was right."""

    manifest: Manifest
    tables: Mapping[str, pa.Table]
    sha256: str
    signature: Signature


def write(path: Path, manifest: Manifest, tables: Mapping[str, pa.Table], private: Ed25519PrivateKey | None = None) -> Manifest:
    """Write a pack whole or not at all; the same tables and manifest give the same bytes.

    Returns:
        The manifest with the tables' hashes.

    Raises:
        PackError: The file cannot be written.
    """
    members = {name: _arrow(tables[name].cast(schema)) for name, schema in TABLES.items()}
    manifest = replace(
        manifest,
        tables={
            name: {"sha256": hashlib.sha256(data).hexdigest(), "rows": tables[name].num_rows} for name, data in members.items()
        },
    )
    head = {"manifest.json": _json(asdict(manifest))}
    if private:
        head["signature.json"] = signed(head["manifest.json"], private)
    _write_zip(path, head | {f"{name}.arrow": data for name, data in members.items()})
    return manifest


def _arrow(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table.combine_chunks(), max_chunksize=1 << 20)
    return sink.getvalue()


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def signed(manifest: bytes, private: Ed25519PrivateKey) -> bytes:
    """The signature's file, over the manifest's bytes."""
    digest = hashlib.sha256(manifest).hexdigest()
    return _json({"key": public_key(private), "signature": sign(private, _KIND, digest)})


def _write_zip(path: Path, members: Mapping[str, bytes]) -> None:
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            for name, data in members.items():
                archive.writestr(zipfile.ZipInfo(name), data)  # without a date: the same pack is the same bytes
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise PackError(
            f"{path}: cannot be written ({error.strerror or error}). Make room, or choose another place."
        ) from error


def sign_file(path: Path, private: Ed25519PrivateKey) -> None:
    """Put a signature into a pack, in place of any before.

    Raises:
        PackError: It is no pack, it is damaged, or it cannot be written.
    """
    open_pack(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != "signature.json"}
    head = {"manifest.json": members.pop("manifest.json")}
    _write_zip(path, {**head, "signature.json": signed(head["manifest.json"], private), **members})


def read_manifest(path: Path) -> Manifest:
    """The manifest alone, nothing checked but that it is one: for lists."""
    with _opened(path) as archive:
        return _manifest(path, _member(path, archive, "manifest.json", _MANIFEST_MAX))


def open_pack(path: Path, wanted: Iterable[str] = TABLES) -> Pack:
    """Open a pack and check every table's hash and its signature.

    Args:
        path: The file.
        wanted: Tables to load; all are checked.

    Raises:
        PackError: It is none, it is damaged (the message says where), or of a format this version does not know.
    """
    with _opened(path) as archive:
        raw = _member(path, archive, "manifest.json", _MANIFEST_MAX)
        manifest = _manifest(path, raw)
        tables = {}
        for name, schema in TABLES.items():
            data = _member(path, archive, f"{name}.arrow", FILE_MAX)
            entry = manifest.tables.get(name, {})
            if hashlib.sha256(data).hexdigest() != entry.get("sha256"):
                raise PackError(f"{path}: {name}.arrow is not what the manifest says (SHA-256 differs). Get the pack again.")
            if name in wanted:
                tables[name] = _table(path, name, data, schema)
        signature = _signature(path, archive, raw)
    return Pack(manifest, tables, hashlib.sha256(raw).hexdigest(), signature)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        if not path.is_file():
            raise PackError(f"{path}: no such file. Check the path.")
        if path.stat().st_size > FILE_MAX:
            raise PackError(f"{path}: expected at most {FILE_MAX:,} bytes, found {path.stat().st_size:,}. No pack is so large.")
        return zipfile.ZipFile(path)
    except OSError as error:
        raise PackError(f"{path}: cannot be read ({error.strerror or error}).") from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise PackError(f"{path}: expected a pack, found no ZIP or a damaged one ({error}). Get the pack again.") from error


def _member(path: Path, archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    try:
        info = archive.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED or info.file_size > limit:
            raise PackError(f"{path}: {name}: expected at most {limit:,} bytes, not compressed. This is no pack of ours.")
        return archive.read(info)
    except KeyError as error:
        raise PackError(f"{path}: expected a pack with {name}, found none. Get the pack again.") from error
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError, NotImplementedError) as error:
        raise PackError(f"{path}: {name} is damaged ({error}). Get the pack again.") from error


def _manifest(path: Path, raw: bytes) -> Manifest:
    try:
        data = json.loads(raw)
        if data.get("format") != FORMAT:
            raise PackError(
                f"{path}: expected format {FORMAT}, found {str(data.get('format'))[:40]!r}. It needs another version of tocsin."
            )
        data["sources"] = tuple(Source(**source) for source in data["sources"])
        data["notes"], data["schemes"] = tuple(map(str, data["notes"])), tuple(map(str, data["schemes"]))
        manifest = Manifest(**data)
        if not all(isinstance(source.date, str) for source in manifest.sources) or not isinstance(manifest.tables, dict):
            raise TypeError("dates are text, tables a mapping")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PackError(f"{path}: manifest.json is damaged ({error}). Get the pack again.") from error
    return manifest


def _table(path: Path, name: str, data: bytes, schema: pa.Schema) -> pa.Table:
    try:
        table = pa.ipc.open_file(pa.BufferReader(data)).read_all()
        if not table.schema.equals(schema):
            raise ValueError(f"expected columns {', '.join(schema.names)}, found {', '.join(table.schema.names)[:200]}")
        table.validate(full=name in ("packages", "bounds"))
    except (pa.ArrowException, ValueError, OSError) as error:
        raise PackError(f"{path}: {name}.arrow is damaged ({error}). Get the pack again.") from error
    return table


def _signature(path: Path, archive: zipfile.ZipFile, manifest: bytes) -> Signature:
    if "signature.json" not in archive.namelist():
        return Signature()
    try:
        said = json.loads(_member(path, archive, "signature.json", 4096))
        key, signature = str(said["key"]), str(said["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise PackError(f"{path}: signature.json is damaged ({error}). Get the pack again.") from error
    return Signature(key, verify_signature(key, _KIND, hashlib.sha256(manifest).hexdigest(), signature))
