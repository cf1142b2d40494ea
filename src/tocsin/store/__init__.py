"""The case folder: Parquet tables, one record per evidence, the manifest. Every write is atomic, so that a killed run goes on."""

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tocsin.errors import CaseError, PluginError
from tocsin.model import Batch, EvidenceCoverage, Fault
from tocsin.schema import TABLES
from tocsin.terms import ReadStatus

FORMAT = 1
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EROFS, errno.EACCES, errno.EPERM)


@contextlib.contextmanager
def writing(where: Path) -> Iterator[None]:
    """Turn what a disk can refuse into a CaseError that says what to do."""
    try:
        yield
    except OSError as error:
        raise _unwritable(where, error) from error


def _unwritable(where: Path, error: OSError) -> CaseError:
    # Arrow words the same error at length and with paths of its own.
    what = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in _NO_ROOM:
        return CaseError(f"{where}: {what}. What was read is kept: make room, then run the same command again to go on.")
    return CaseError(f"{where}: cannot be written ({what}). Choose another folder with --out.")


class Case:
    """A case folder. Paths are made on first write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def spool(self) -> Path:
        """Where archive members are unpacked while they are read."""
        return self.folder / "spool"

    def write(self, path: str, data: bytes) -> Path:
        """Write a file whole or not at all (``path`` relative to the folder)."""
        target = self.folder / path
        temporary = target.with_name(f".{target.name}.part")
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        return target

    def remove_others(self, folder: str, keep: set[str]) -> None:
        """Remove files under ``folder`` that are not in ``keep`` (relative to the case): they are a former run's."""
        root = self.folder / folder
        with writing(root):
            for path in sorted(root.rglob("*"), reverse=True):
                if path.is_file() and path.relative_to(self.folder).as_posix() not in keep:
                    path.unlink()
                elif path.is_dir() and not any(path.iterdir()):
                    path.rmdir()

    def remove_unfinished(self) -> None:
        """Remove what killed processes were writing. Only while the folder is held and nobody reads."""
        with writing(self.folder):
            for pattern in (".*.part", "*/.*.part", "tables/*/.*.part"):
                for path in self.folder.glob(pattern):
                    path.unlink()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one run.

        Raises:
            CaseError: It cannot be written, or another run holds it.
        """
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / ".lock").open("w")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise CaseError(f"{self.folder}: another run is writing here. Wait for it, or choose another --out.") from error
            try:
                yield
            except OSError as error:
                if error.errno in _NO_ROOM + _REFUSED:  # what libraries write beside the case: temporary files
                    raise _unwritable(Path(error.filename or self.folder), error) from error
                raise

    def record(self, evidence_id: str, key: str) -> EvidenceCoverage | None:
        """How this evidence was read before, if that was with the same ``key`` (reader, versions) and the tables are there."""
        path = self.folder / "evidence" / f"{evidence_id}.json"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data.pop("key") != key:
                return None
            faults = tuple(Fault(**fault) for fault in data.pop("fault_samples"))
            found = EvidenceCoverage(**(data | {"status": ReadStatus(data["status"]), "fault_samples": faults}))
            whole = all((self.folder / table_path(table, evidence_id)).is_file() for table in found.rows)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # absent, or cut off by a crash of the file system: it is read again
        return found if whole else None

    def write_record(self, found: EvidenceCoverage, key: str) -> None:
        """Keep how an evidence was read; written after its tables, so that a record vouches for them."""
        data = {name: getattr(found, name) for name in EvidenceCoverage.__dataclass_fields__}
        data |= {"key": key, "rows": dict(found.rows), "fault_samples": [_plain(f) for f in found.fault_samples]}
        self.write(f"evidence/{found.evidence_id}.json", dumps(data))

    def tables(self, evidence_ids: Mapping[str, EvidenceCoverage]) -> dict[str, list[Path]]:
        """Parquet files by table, of these evidences."""
        found: dict[str, list[Path]] = {}
        for evidence_id, coverage in sorted(evidence_ids.items()):
            for table, rows in coverage.rows.items():
                if rows:
                    found.setdefault(table, []).append(self.folder / table_path(table, evidence_id))
        return found


def table_path(table: str, evidence_id: str) -> str:
    """Where a table's rows of one evidence lie, relative to the case."""
    return f"tables/{table}/{evidence_id}.parquet"


def dumps(data: Any) -> bytes:
    """JSON as we write it everywhere: UTF-8, indented, in the order given, one newline at the end."""
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _plain(fault: Fault) -> dict[str, Any]:
    return {"evidence_id": fault.evidence_id, "offset": fault.offset, "reason": fault.reason}


class TableWriter:
    """Writes one evidence's rows, a file per table; nothing is visible before ``commit``."""

    def __init__(self, case: Case, evidence_id: str) -> None:
        self.case, self.evidence_id = case, evidence_id
        self.rows: dict[str, int] = {}
        self._open: dict[str, tuple[pq.ParquetWriter, Path]] = {}
        self._pending: dict[str, list[pa.RecordBatch]] = {}

    def add(self, batch: Batch, declared: tuple[str, ...]) -> None:
        """Take a batch.

        Raises:
            PluginError: The reader did not declare the table, or the rows are not in its schema.
            CaseError: The disk is full or may not be written.
        """
        if batch.table not in declared:
            raise PluginError(f"reader gave rows for {batch.table}; it declares {', '.join(declared)}")
        schema = TABLES[batch.table].arrow
        if not batch.rows.schema.equals(schema):
            raise PluginError(f"reader gave {batch.table} rows with schema {batch.rows.schema}; expected {schema}")
        self.rows[batch.table] = self.rows.get(batch.table, 0) + batch.rows.num_rows
        held = self._pending.setdefault(batch.table, [])
        held.append(batch.rows)
        if sum(rows.num_rows for rows in held) >= 100_000:
            self._flush(batch.table)

    def _flush(self, table: str) -> None:
        target = self.case.folder / table_path(table, self.evidence_id)
        with writing(target):
            if table not in self._open:
                target.parent.mkdir(parents=True, exist_ok=True)
                temporary = target.with_name(f".{target.name}.part")
                self._open[table] = (pq.ParquetWriter(temporary, TABLES[table].arrow, compression="zstd"), temporary)
            self._open[table][0].write_table(pa.Table.from_batches(self._pending.pop(table)))

    def commit(self) -> None:
        """Make the files visible, whole. Raises CaseError as ``add``."""
        for table in list(self._pending):
            self._flush(table)
        for table, (writer, temporary) in self._open.items():
            target = self.case.folder / table_path(table, self.evidence_id)
            with writing(target):
                writer.close()
                with temporary.open("rb") as file:
                    os.fsync(file.fileno())
                temporary.replace(target)

    def abandon(self) -> None:
        """Remove what was written."""
        for writer, temporary in self._open.values():
            with contextlib.suppress(OSError):  # the disk may be full: the unlink below is what counts
                writer.close()
            writer.is_open = False  # or else it tries again, and complains, when it is collected
            temporary.unlink(missing_ok=True)
        self._open, self._pending, self.rows = {}, {}, {}
