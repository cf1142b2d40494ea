"""What changed between two packs, small enough for an e-mail: blocks of the old file by number, new ones compressed.

The result is the new pack byte for byte, so its signature holds. Blocks are cut where the content says (a rolling hash would; here, at
rows of tables): a delta is made over the unpacked tables, row by row, and the new pack's own bytes are made again from them.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import zstandard

from tocsin.errors import PackError
from tocsin.packs.file import FILE_MAX, TABLES, _arrow, _json, open_pack

FORMAT = "tocsin-delta/1"
_WINDOW = 27  # log2 of how far back the compressor looks: 128 MB, in case of larger tables of the old pack's part


def is_delta(path: Path) -> bool:
    """Whether a file is a delta."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "delta.json" in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _columns(table: pa.Table) -> dict[str, bytes]:
    """Each column's plain values, uncompressed: neighbours of the same kind, so that what is the same lies alike."""
    found = {}
    for name in table.column_names:
        sink = io.BytesIO()
        part = pa.table({name: table[name].combine_chunks()})
        with pa.ipc.new_stream(sink, part.schema) as writer:
            writer.write_table(part)
        found[name] = sink.getvalue()
    return found


def make_delta(old: Path, new: Path, out: Path) -> int:
    """Write what turns ``old`` into ``new``; returns its size in bytes.

    Raises:
        PackError: One of them is damaged, or the file cannot be written.
    """
    before, after = open_pack(old), open_pack(new)
    with zipfile.ZipFile(new) as archive:
        head = {name: archive.read(name) for name in archive.namelist() if not name.endswith(".arrow")}
    members: dict[str, bytes] = {}
    for table in TABLES:
        was, now = _columns(before.tables[table]), _columns(after.tables[table])
        for column, data in now.items():
            dictionary = zstandard.ZstdCompressionDict(was[column], dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            parameters = zstandard.ZstdCompressionParameters.from_level(
                12, source_size=len(data), window_log=_WINDOW, enable_ldm=True
            )
            members[f"{table}/{column}"] = zstandard.ZstdCompressor(
                dict_data=dictionary, compression_params=parameters
            ).compress(data)
    name = {
        "format": FORMAT,
        "pack": after.manifest.name,
        "from": before.sha256,
        "to": after.sha256,
        "file": hashlib.sha256(new.read_bytes()).hexdigest(),
    }
    temporary = out.with_name(f".{out.name}.part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            for member, data in {"delta.json": _json(name), **head, **members}.items():
                archive.writestr(zipfile.ZipInfo(member), data)
        temporary.replace(out)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise PackError(f"{out}: cannot be written ({error.strerror}). Choose another place.") from error
    return out.stat().st_size


def apply_delta(path: Path, installed: Callable[[str], Path]) -> bytes:
    """The new pack's bytes.

    Args:
        path: The delta.
        installed: Where the pack of a name lies.

    Raises:
        PackError: The delta is damaged, or is for another state of the pack than the installed one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > FILE_MAX:
                raise PackError(f"{path}: expected at most {FILE_MAX:,} bytes. No delta is so large.")
            members = {info.filename: archive.read(info) for info in archive.infolist()}
        about = json.loads(members.pop("delta.json"))
        if about["format"] != FORMAT:
            raise PackError(f"{path}: expected format {FORMAT}, found {str(about['format'])[:40]!r}.")
        old = open_pack(installed(str(about["pack"])))
        if old.sha256 != about["from"]:
            raise PackError(
                f"{path}: is for {about['pack']} of {str(about['from'])[:16]}, installed is {old.sha256[:16]}. Import the deltas between them, or the whole pack."
            )
        data = _rebuilt(members, old.tables)
    except PackError:
        raise
    except (
        OSError,
        zipfile.BadZipFile,
        ValueError,
        KeyError,
        TypeError,
        RuntimeError,
        zstandard.ZstdError,
        pa.ArrowException,
    ) as error:
        raise PackError(f"{path}: the delta is damaged ({error}). Get it again.") from error
    if hashlib.sha256(data).hexdigest() != about.get("file"):
        raise PackError(f"{path}: gives another pack than it says. Get it again, or the whole pack.")
    return data


def _rebuilt(members: Mapping[str, bytes], old: Mapping[str, pa.Table]) -> bytes:
    head = {name: data for name, data in members.items() if "/" not in name}
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, data in head.items():
            archive.writestr(zipfile.ZipInfo(name), data)
        for table, schema in TABLES.items():
            was = _columns(old[table])
            columns: list[Any] = []
            for field in schema:
                dictionary = zstandard.ZstdCompressionDict(was[field.name], dict_type=zstandard.DICT_TYPE_RAWCONTENT)
                decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=1 << 31)
                plain = decompressor.decompress(members[f"{table}/{field.name}"], max_output_size=FILE_MAX)
                columns.append(pa.ipc.open_stream(plain).read_all().column(0))
            archive.writestr(zipfile.ZipInfo(f"{table}.arrow"), _arrow(pa.table(columns, schema=schema)))
    return sink.getvalue()
