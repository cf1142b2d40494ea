"""The installed packs together, as the analyzers ask them: what is known of a package's version, what of a CVE's exploitation."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tocsin.errors import PackError
from tocsin.packs.build import FIXED, FROM_START, LAST, TO_END, exactly
from tocsin.packs.file import Pack, Source
from tocsin.packs.records import Status
from tocsin.packs.spaces import scheme_of
from tocsin.versions import key

OLD_DAYS = 30
MODULAR = "modular"


@dataclass(frozen=True, slots=True)
class Known:
    """What one advisory says of one version.

    Attributes:
        id, aliases, covers, title, severity, score, vector, published, cwes: The advisory's, as in ``records.Advisory``.
        verdict: ``affected``, ``fixed``, ``not_affected``, ``unknown_version`` or ``not_evaluated``.
        why: For the last three, in a few words or OpenVEX's; for ``affected``, what its maker says about a fix (``will_not_fix``).
        fixed_version: Which version fixes it, from the range the version is in; "" if none is known.
        fixed_key: Its key.
        last_affected: Where only that is known.
        source: Name of the source.
    """

    id: str
    aliases: tuple[str, ...]
    covers: tuple[str, ...]
    verdict: str
    why: str = ""
    fixed_version: str = ""
    fixed_key: bytes = b""
    last_affected: str = ""
    title: str = ""
    severity: str = ""
    score: float | None = None
    vector: str = ""
    published: str = ""
    cwes: tuple[str, ...] = ()
    source: str = ""


class _Texts(Sequence[bytes]):
    """A column of bytes, sliced without a copy of the column."""

    def __init__(self, column: Any) -> None:
        array = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.binary())
        buffers: Any = array.buffers()
        self._offsets: Any = (
            np.frombuffer(buffers[1], np.int32)[array.offset : array.offset + len(array) + 1]
            if len(array)
            else np.zeros(1, np.int32)
        )
        self._data = memoryview(buffers[2]) if buffers[2] is not None else memoryview(b"")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, at: Any) -> Any:
        return bytes(self._data[self._offsets[at] : self._offsets[at + 1]])


@dataclass(frozen=True)
class Shelf:
    """One pack, ready to be asked."""

    pack: Pack

    def __post_init__(self) -> None:
        rows, packages = self.pack.tables["ranges"].num_rows, self.pack.tables["packages"]
        bounds, advisories = self.pack.tables["bounds"].num_rows, self.pack.tables["advisories"].num_rows
        wrong = [
            int(self._counts.sum()) != rows or (self._counts < 0).any(),
            ((self.low < FROM_START) | (self.low >= bounds)).any(),
            ((self.high < 0) | ((self.high >= bounds) & (self.high != TO_END))).any(),
            ((self.advisory < 0) | (self.advisory >= advisories)).any(),
            ((self.note < 0) | (self.note >= len(self.pack.manifest.notes))).any(),
            (self.status > max(Status)).any(),
            packages["package"].null_count > 0,
            not set(self._sources_named) <= set(range(len(self.pack.manifest.sources))),
        ]
        if any(wrong):
            raise PackError(
                f"pack {self.pack.manifest.name}: its tables do not fit each other (check {wrong.index(True) + 1}). Get it again."
            )

    def _column(self, name: str) -> np.ndarray[Any, Any]:
        return self.pack.tables["ranges"][name].to_numpy()

    @cached_property
    def low(self) -> np.ndarray[Any, Any]:
        return self._column("low")

    @cached_property
    def high(self) -> np.ndarray[Any, Any]:
        return self._column("high")

    @cached_property
    def advisory(self) -> np.ndarray[Any, Any]:
        return self._column("advisory")

    @cached_property
    def kind(self) -> np.ndarray[Any, Any]:
        return self._column("kind")

    @cached_property
    def status(self) -> np.ndarray[Any, Any]:
        return self._column("status")

    @cached_property
    def note(self) -> np.ndarray[Any, Any]:
        return self._column("note")

    @cached_property
    def _counts(self) -> np.ndarray[Any, Any]:
        return self.pack.tables["packages"]["ranges"].to_numpy().astype(np.int64)

    @cached_property
    def _starts(self) -> np.ndarray[Any, Any]:
        return np.concatenate(([0], np.cumsum(self._counts)))

    @cached_property
    def _sources_named(self) -> list[int]:
        unique: Any = pc.unique(self.pack.tables["advisories"]["source"])
        return [int(value) for value in unique.to_pylist()]

    @cached_property
    def _keys(self) -> _Texts:
        return _Texts(self.pack.tables["bounds"]["key"])

    @cached_property
    def _bound_texts(self) -> Any:
        column = self.pack.tables["bounds"]["text"]
        return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())

    @cached_property
    def _modular(self) -> int:
        return self.pack.manifest.notes.index(MODULAR) if MODULAR in self.pack.manifest.notes else -1

    @cached_property
    def spaces(self) -> frozenset[str]:
        """Spaces it holds ranges of."""
        names: Any = self.pack.tables["packages"]["package"]
        return frozenset(pc.unique(pc.replace_substring_regex(names, "\t.*", "")).to_pylist())

    def numbers(self, packages: Sequence[str]) -> list[int | None]:
        """Which of the pack's packages these are (``space<TAB>name``); None where it has nothing on one."""
        known: Any = self.pack.tables["packages"]["package"].combine_chunks()
        found: Any = pc.index_in(pa.array(packages, pa.string()), value_set=known)
        return list(found.to_pylist())

    def _scheme_byte(self, scheme: str) -> bytes | None:
        schemes = self.pack.manifest.schemes
        return bytes((schemes.index(scheme),)) if scheme in schemes else None

    def ask(
        self, package: int, space: str, version: bytes | None, *, text: str = "", modular: bool = False
    ) -> list[tuple[int, str, str, int]]:
        """What the advisories say of a version: ``(advisory, verdict, why, bound of the fix or last affected, or -1)``.

        Advisories that say nothing of it (before the first affected, between two ranges) are left out.
        """
        first, end = int(self._starts[package]), int(self._starts[package + 1])
        rows = slice(first, end)
        status, advisory, note = self.status[rows], self.advisory[rows], self.note[rows]
        counted = (note == self._modular) == modular if self._modular >= 0 else np.ones(end - first, dtype=bool)
        prefix = self._scheme_byte(scheme_of(space))
        if version is None or prefix is None:
            exact = (prefix or b"") + exactly(text).low if text else b""
            return list(self._of_no_version(rows, counted, exact))
        at = bisect_right(self._keys, prefix + version)
        held = counted & (self.low[rows] < at) & (self.high[rows] >= at)
        said: dict[int, tuple[int, str, str, int]] = {}
        rows_held = np.flatnonzero(held | (counted & (status == Status.UNREADABLE)))
        # An advisory's own list is more exact than its range, so it comes last and counts.
        for row in sorted(rows_held.tolist(), key=lambda row: int(status[row] == Status.UNLISTED)):
            one = self._held(first + row)
            known = said.get(one[0])
            rank = (-int(status[row] == Status.UNLISTED), _RANK[one[1]], -one[3])
            if known is None or rank < (0, _RANK[known[1]], -known[3]):
                said[one[0]] = one
        past = counted & (status == Status.AFFECTED) & (self.kind[rows] == FIXED) & (self.high[rows] < at)
        passed: dict[int, int] = {}
        for row in np.flatnonzero(past).tolist():
            passed[int(advisory[row])] = max(passed.get(int(advisory[row]), -1), int(self.high[first + row]))
        found = list(said.values())
        return found + [(number, "fixed", "", high) for number, high in passed.items() if number not in said]

    def _held(self, row: int) -> tuple[int, str, str, int]:
        number, note = int(self.advisory[row]), self.pack.manifest.notes[self.note[row]]
        status = Status(int(self.status[row]))
        high = int(self.high[row]) if self.kind[row] in (FIXED, LAST) else -1
        if status is Status.NOT_AFFECTED:
            return number, "not_affected", note or "not affected, by its maker", -1
        if status is Status.UNREADABLE:
            return number, "not_evaluated", "the advisory's range cannot be read", -1
        if status is Status.UNLISTED:
            return number, "unknown_version", "in the advisory's range, but not among the releases it lists", -1
        if status is Status.UNDER_INVESTIGATION:
            return number, "not_evaluated", "its maker has not decided yet", -1
        return number, "affected", "" if note == MODULAR else note, high

    def _of_no_version(self, rows: slice, counted: np.ndarray[Any, Any], exact: bytes) -> Iterator[tuple[int, str, str, int]]:
        """Of a version that cannot be compared is known what is said of all versions, and where it is listed letter by letter."""
        at = bisect_right(self._keys, exact) - 1
        same = (self.low[rows] == at) if at >= 0 and self._keys[at] == exact else np.zeros(len(counted), dtype=bool)
        every = (self.low[rows] == FROM_START) & (self.high[rows] == TO_END)
        whole = {
            one[0]: one for row in np.flatnonzero((every | same) & counted).tolist() for one in [self._held(rows.start + row)]
        }
        for number in dict.fromkeys(self.advisory[rows][counted].tolist()):
            yield whole.get(number, (number, "unknown_version", "its version is not known, or cannot be compared", -1))

    def told(self, said: Iterable[tuple[int, str, str, int]]) -> Iterator[Known]:
        """The answers of ``ask`` with the advisories' own facts."""
        said = list(said)
        table = self.pack.tables["advisories"].take(pa.array([one[0] for one in said], pa.int64()))
        sources = [source.name for source in self.pack.manifest.sources]
        for (_, verdict, why, bound), facts in zip(said, table.to_pylist(), strict=True):
            text = self._bound_texts[bound].as_py() if bound >= 0 else ""
            last = verdict == "affected" and bound >= 0 and self._keys[bound].endswith(b"\x00") and self._is_last(bound)
            yield Known(
                facts["id"], _split(facts["aliases"]), _split(facts["covers"]), verdict, why,
                fixed_version="" if last else text, fixed_key=b"" if last or bound < 0 else self._keys[bound][1:], last_affected=text if last else "",
                title=facts["title"], severity=facts["severity"], score=facts["score"], vector=facts["vector"], published=facts["published"],
                cwes=_split(facts["cwes"]), source=sources[facts["source"]],
            )  # fmt: skip

    def _is_last(self, bound: int) -> bool:
        return bound in self._lasts

    @cached_property
    def _lasts(self) -> frozenset[int]:
        """Bounds that are a last affected version."""
        return frozenset(np.unique(self.high[self.kind == LAST]).tolist())


_RANK = {"affected": 0, "not_evaluated": 1, "unknown_version": 2, "not_affected": 3, "fixed": 4}


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


@dataclass(frozen=True)
class Library:
    """All installed packs, the newest first. ``troubles``: packs that could not be used, a sentence each."""

    shelves: tuple[Shelf, ...] = ()
    troubles: tuple[str, ...] = ()
    _memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source of every pack, with its date."""
        return tuple(source for shelf in self.shelves for source in shelf.pack.manifest.sources)

    @property
    def versions(self) -> dict[str, str]:
        """Which packs answered: name to hash, for the manifest of a case."""
        return {f"pack:{shelf.pack.manifest.name}": shelf.pack.sha256[:16] for shelf in self.shelves}

    @cached_property
    def spaces(self) -> frozenset[str]:
        """Ecosystems and releases of distributions that there are ranges of."""
        return frozenset().union(*(shelf.spaces for shelf in self.shelves))

    @property
    def ranges(self) -> int:
        """Of all packs."""
        return sum(shelf.pack.tables["ranges"].num_rows for shelf in self.shelves)

    def match(self, wanted: Sequence[tuple[str, str, str]]) -> list[list[Known]]:
        """What is known of packages' versions.

        Args:
            wanted: ``(space, name, version)``; the name in its space's normal spelling, the version as written.

        Returns:
            For each, every advisory that says something of it; empty where none does.
        """
        found: list[list[Known]] = [[] for _ in wanted]
        keys = [key(scheme_of(space), version.strip()) for space, _, version in wanted]
        for shelf in self.shelves:
            numbers = shelf.numbers([f"{space}\t{name}" for space, name, _ in wanted])
            asked: list[tuple[int, list[tuple[int, str, str, int]]]] = []
            for at, number in enumerate(numbers):
                if number is not None:
                    space, _, version = wanted[at]
                    asked.append((at, shelf.ask(number, space, keys[at], text=version, modular=".module" in version)))
            told = shelf.told(one for _, said in asked for one in said)
            for at, said in asked:
                found[at] += [next(told) for _ in said]
        return found

    def knows(self, wanted: Sequence[tuple[str, str]]) -> list[bool]:
        """Whether there is anything on packages, ``(space, name)``."""
        names = [f"{space}\t{name}" for space, name in wanted]
        every = [shelf.numbers(names) for shelf in self.shelves]
        return [any(numbers[at] is not None for numbers in every) for at in range(len(names))]

    def exploits(self, cves: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What is known of CVEs' exploitation: the columns of ``file.TABLES["exploits"]`` that are known, by CVE.

        Of several packs, the newest that knows a column counts.
        """
        wanted = sorted(set(cves))
        found: dict[str, dict[str, Any]] = {}
        for shelf in self.shelves:
            table = shelf.pack.tables["exploits"]
            known_cves: Any = table["cve"].combine_chunks()
            at: Any = pc.index_in(pa.array(wanted, pa.string()), value_set=known_cves)
            rows = table.take(at.drop_null()).to_pylist()
            for row in rows:
                known = found.setdefault(row.pop("cve"), {})
                known |= {name: value for name, value in row.items() if value is not None and name not in known}
        return found

    def missing(self, today: date) -> list[str]:
        """What a reader of a report must know: absent, empty, old and unsigned packs, and which kinds of data there are none of."""
        said = list(self.troubles)
        if not self.shelves:
            return [
                *said,
                "NO REFERENCE DATA on vulnerabilities is installed: software was not checked against any. Import a pack: tocsin packs import FILE.",
            ]
        for shelf in self.shelves:
            manifest = shelf.pack.manifest
            empty = shelf.pack.tables["ranges"].num_rows == 0 and shelf.pack.tables["exploits"].num_rows == 0
            if empty:
                said.append(f"The pack {manifest.name} is EMPTY: nothing was checked against it.")
            said += _ages(manifest.name, manifest.sources, today)
            if not shelf.pack.signature.key:
                said.append(f"The pack {manifest.name} is not signed: nobody vouches for it.")
        if not self.ranges:
            said.append("The installed packs hold NO RANGES of affected versions: software was not checked against any.")
        return said


def _ages(pack: str, sources: Iterable[Source], today: date) -> Iterator[str]:
    for source in sources:
        rows = source.advisories + source.exploits
        if not rows:
            yield f"{pack}: the source {source.name} is EMPTY."
        if source.unreadable:
            yield f"{pack}: {source.unreadable:,} records of {source.name} could not be read; the first: {source.first_fault}"
        days = age_days(source, today)
        if days is None:
            yield f"{pack}: the age of {source.name} ({source.kind}) is not known."
        elif days > OLD_DAYS:
            yield f"{pack}: {source.name} ({source.kind}) is {days:,} days OLD ({source.date}): what became known since is missing."


def age_days(source: Source, today: date) -> int | None:
    """Days since the source's date; None where that is not known."""
    try:
        return (today - date.fromisoformat(source.date[:10])).days
    except ValueError:
        return None


def exploit_columns() -> Mapping[str, str]:
    """What ``Library.exploits`` can tell, in words."""
    return {
        "kev_added": "ISO date it entered CISA's catalogue of exploited vulnerabilities; '' if it is in it since a day not known",
        "kev_due": "ISO date by which US agencies must have mended it",
        "kev_ransomware": "known to be used by ransomware",
        "vulncheck_kev": "in VulnCheck's catalogue",
        "epss": "EPSS: probability of exploitation in the next 30 days, 0 to 1",
        "epss_percentile": "its percentile, 0 to 1",
        "exploitdb": "has an entry in Exploit-DB",
        "metasploit": "has a Metasploit module",
        "nuclei": "has a Nuclei template",
        "poc": "has a public proof of concept",
        "ssvc_exploitation": "CISA's SSVC: none, poc, active",
        "ssvc_automatable": "CISA's SSVC: yes, no",
        "ssvc_technical_impact": "CISA's SSVC: partial, total",
        "score": "CVSS base score",
        "vector": "CVSS base vector",
        "temporal_score": "CVSS-BT score",
        "temporal_vector": "CVSS-BT vector",
        "published": "ISO date of publication",
        "product": "vendor and product as KEV names them",
    }
