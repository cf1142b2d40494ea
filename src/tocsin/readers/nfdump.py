"""nfdump and nfcapd files, through the ``nfdump`` program: rows are its rows.

Source: nfdump(1) of version 1.7, section OUTPUT FORMAT; file layout: nffile.h of nfdump 1.6 and 1.7.
"""

import contextlib
import os
import re
import shutil
import struct
import subprocess
import tempfile
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from tocsin.errors import EvidenceError, LimitError
from tocsin.model import Batch, Fault
from tocsin.readers import Report, reader
from tocsin.readers._flow_elements import FIREWALL_EVENTS
from tocsin.readers._flow_rows import firewall_disposition
from tocsin.schema import NETWORK_ACTIVITY

Column = Any  # a pyarrow.Array
Listed = dict[str, Column]

SECONDS_MIN = 60.0
SECONDS_PER_MIB = 5.0
MESSAGES_MAX = 100
TEXT_BYTES = 1 << 20
COMPLAINT_BYTES_KEPT, COMPLAINT_BYTES_MAX = 1 << 16, 1 << 20
BLOCK_BYTES = 4 << 20
BLOCKS_MAX = 1_000_000  # of a megabyte or more each, unless someone means harm

# Only numbers and addresses are asked for: text that an exporter chose (user names, labels) could imitate fields and lines.
_TAGS = ("cnt", "ts", "te", "pr", "sa", "sp", "da", "dp", "flg", "it", "ipkt", "ibyt", "opkt", "obyt", "exp", "ra")
_NSEL_TAGS = ("evt", "msec")
_MAGICS = (b"\x0c\xa5\x01\x00", b"\x0c\xa5\x02\x00", b"\xa5\x0c\x00\x01", b"\xa5\x0c\x00\x02")
_NAME = "flows.nfdump"
_FLAGS = {"C": 128, "E": 64, "U": 32, "A": 16, "P": 8, "R": 4, "S": 2, "F": 1}
_EVENTS = {"CREATE": 1, "ADD": 1, "DELETE": 2, "DENIED": 3, "ALERT": 4, "UPDATE": 5}  # ADD: so 1.7.1 prints CREATE
_PORTS, _ICMP = (6, 17, 33, 132, 136), (1, 58)
_BLOCKS_AT = {1: 276, 2: 40}  # after the file header of version 1 (140 bytes) its statistics (136)
_SYSID = re.compile(r"^SysID: (\d+),")
_SAMPLER = re.compile(r"packet interval: (\d+), packet space: (\d+)")
_UNKNOWN = ("0.0.0.0", "::")  # noqa: S104 - nothing is bound to it
# What nfdump makes of an IPv4 address where the exporter's template has room for both kinds; RFC 4291, 2.5.5.1 ended its use.
_IPV4_IN_IPV6 = r"^::(\d+\.\d+\.\d+\.\d+)$"


def _claims(head: bytes, name: str) -> bool:
    return head[:4] in _MAGICS


@reader(title="nfdump, nfcapd files", tables=("network_activity",), claims=_claims, needs="nfdump")
def read_nfdump(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Read flow files of layout 1 (nfdump 1.6) and 2 (1.7), in any compression the installed nfdump knows.

    The content is copied to a temporary folder, as nfdump wants a file. ``record_offset`` is where the block starts in which
    the flow lies (blocks are compressed as a whole; a flow beside a border may count to its neighbour).

    Counts are as nfdump keeps them, with the sampling rate applied by the collector. ``sampling_rate`` is the one the file names
    for the exporter, 1 if it names none, null if several. An exporter whose flows never count anything back is taken to be
    unidirectional.

    Args:
        stream: At byte 0.
        evidence_id: For the rows and faults.
        report: Takes each fault, among them what nfdump writes on its standard error.

    Raises:
        EvidenceError: nfdump is not installed, or fails. Rows until then are kept.
        LimitError: nfdump takes longer than ``SECONDS_MIN`` and ``SECONDS_PER_MIB``, or complains without end.
    """
    program = shutil.which("nfdump")
    if program is None:
        raise EvidenceError("nfdump file: install nfdump to read it")
    with tempfile.TemporaryDirectory(prefix="tocsin-nfdump-") as folder:
        path = Path(folder, _NAME)
        with path.open("wb") as out:
            shutil.copyfileobj(stream, out, BLOCK_BYTES)
        yield from _File(program, path, evidence_id, report).batches()


@dataclass
class _Run:
    """A running nfdump: what it prints is read by who asked, what it complains of is kept, a part of it."""

    process: subprocess.Popen[bytes]
    said: bytes = b""
    endless: bool = False
    late: threading.Event = field(default_factory=threading.Event)

    @property
    def out(self) -> IO[bytes]:
        assert self.process.stdout is not None  # it is a pipe
        return self.process.stdout

    def listen(self) -> None:
        """Take its standard error until it ends."""
        assert self.process.stderr is not None  # it is a pipe
        heard = 0
        with self.process.stderr as errors:
            while text := os.read(errors.fileno(), 1 << 16):
                heard += len(text)
                self.said += text[: COMPLAINT_BYTES_KEPT - len(self.said)]
                if heard > COMPLAINT_BYTES_MAX:
                    self.endless = True
                    self.process.kill()
                    return

    def give_up(self) -> None:
        """It took too long."""
        self.late.set()
        self.process.kill()


@dataclass
class _File:
    """One file and the program that reads it."""

    program: str
    path: Path
    evidence_id: str
    report: Report
    bidirectional: set[int] = field(default_factory=set)
    rates: dict[int, int | None] = field(default_factory=dict)

    def batches(self) -> Iterator[Batch]:
        nsel = "NSEL" in self._text("-V")
        self.rates = _sampling_rates(self._text("-E", _NAME))
        for both in self._listed(("exp", "cnt"), "out packets > 0 or out bytes > 0"):
            self.bidirectional.update(pc.unique(_integers(both["exp"])).to_pylist())
        blocks = _Blocks(self.path)
        for listed in self._listed(_TAGS + (_NSEL_TAGS if nsel else ()), report=self.report):
            for batch in self._converted(listed, blocks):
                yield Batch(NETWORK_ACTIVITY.name, batch)

    @property
    def _surroundings(self) -> dict[str, Any]:
        environment = {"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", "LC_ALL": "C"}
        return {"cwd": self.path.parent, "env": environment, "stdin": subprocess.DEVNULL}

    @property
    def _seconds(self) -> float:
        return SECONDS_MIN + SECONDS_PER_MIB * self.path.stat().st_size / (1 << 20)

    def _text(self, *arguments: str) -> str:
        """What nfdump prints for a question about itself or the file."""
        with self._running(*arguments) as run:
            return run.out.read(TEXT_BYTES).decode("utf-8", "replace")

    def _listed(self, tags: tuple[str, ...], condition: str = "any", report: Report = lambda fault: None) -> Iterator[Listed]:
        """Run nfdump and yield what it prints, as text, by tag. Faults and failure are the caller's to hear."""
        form = "fmt:" + ",".join(f"%{tag}" for tag in tags)
        with self._running("-r", _NAME, "-q", "-6", "-N", "-o", form, condition) as run:
            yield from self._lines(run.out, tags, report)
            status = run.process.wait()
        self._judge(status, run.said, report)

    @contextlib.contextmanager
    def _running(self, *arguments: str) -> Iterator["_Run"]:
        """Run nfdump while the block lasts. A damaged file can make it write without end: neither time nor complaints are endless.

        Raises:
            LimitError: It was ended for that.
        """
        process = subprocess.Popen(  # noqa: S603 - no shell, no word from the evidence
            [self.program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **self._surroundings
        )
        run = _Run(process)
        listener = threading.Thread(target=run.listen)
        timer = threading.Timer(self._seconds, run.give_up)
        listener.start()
        timer.start()
        try:
            yield run
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            listener.join()
            run.out.close()
        if run.late.is_set():
            raise LimitError(
                f"nfdump took more than {self._seconds:.0f} s. Read the file with nfdump by hand, in parts (nfdump -t)."
            )
        if run.endless:
            raise LimitError(
                f"nfdump complains without end: {run.said[:200].decode('utf-8', 'replace')!r}. The file is damaged."
            )

    def _judge(self, status: int, complaints: bytes, report: Report) -> None:
        said = complaints.decode("utf-8", "replace").replace(_NAME, "the file")
        messages = [line.strip() for line in said.splitlines() if line.strip()][:MESSAGES_MAX]
        if status:
            how = f"was ended by signal {-status}" if status < 0 else f"failed with status {status}"
            raise EvidenceError(f"nfdump {how}: {'; '.join(messages[:3]) or 'it did not say why'}")
        for message in messages:
            report(Fault(self.evidence_id, 0, f"nfdump: {message}"))

    def _lines(self, out: IO[bytes], tags: tuple[str, ...], report: Report) -> Iterator[Listed]:
        def misshapen(line: pyarrow.csv.InvalidRow) -> Literal["skip", "error"]:
            if not line.text.startswith("No matching flows"):
                reason = f"nfdump: expected {len(tags)} columns, found {line.text[:80]!r}"
                report(Fault(self.evidence_id, 0, reason))
            return "skip"

        try:
            lines = pyarrow.csv.open_csv(
                out,
                read_options=pyarrow.csv.ReadOptions(column_names=list(tags), block_size=BLOCK_BYTES),
                parse_options=pyarrow.csv.ParseOptions(quote_char=False, invalid_row_handler=misshapen),
                convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(tags, pa.string()), check_utf8=True),
            )
        except pa.ArrowInvalid:  # what it calls an empty file
            return
        for batch in lines:
            yield {tag: pc.ascii_trim_whitespace(batch.column(tag)) for tag in tags}

    def _converted(self, listed: Listed, blocks: "_Blocks") -> Iterator[pa.RecordBatch]:
        """The rows of a listing. One that cannot be converted is found by halving, and reported."""
        try:
            yield self._rows(listed, blocks)
        except pa.ArrowInvalid as error:
            count = len(listed["cnt"])
            if count == 1:
                reason = f"nfdump: expected a flow, found {[values[0].as_py() for values in listed.values()]}: {error}"
                self.report(Fault(self.evidence_id, 0, reason))
                return
            for part in (slice(0, count // 2), slice(count // 2, count)):
                yield from self._converted({tag: values[part] for tag, values in listed.items()}, blocks)

    def _rows(self, listed: Listed, blocks: "_Blocks") -> pa.RecordBatch:
        protocol = _integers(listed["pr"])
        with_ports = pc.is_in(protocol, pa.array(_PORTS, pa.int64()))
        exporter = _integers(listed["exp"])
        back = pc.is_in(exporter, pa.array(sorted(self.bidirectional), pa.int64()))
        number = _integers(listed["cnt"])
        words = listed.get("evt", pa.nulls(len(number), pa.string()))
        states = _mapped(words, lambda word: FIREWALL_EVENTS.get(_EVENTS.get(word, 0)), pa.string())
        is_flow = pc.is_null(
            states
        )  # else a firewall's event, for which nfdump prints 0 packets and no flags: nobody counted them
        start, end = _times(listed, states)
        columns = {
            "time": start,
            "end_time": end,
            "src_endpoint_ip": _addresses(listed["sa"]),
            "src_endpoint_port": _integers(_where(with_ports, listed["sp"])),
            "dst_endpoint_ip": _addresses(listed["da"]),
            "dst_endpoint_port": _integers(_where(with_ports, listed["dp"])),
            "connection_info_protocol_num": protocol,
            "connection_info_tcp_flags": _where(
                pc.and_(is_flow, pc.equal(protocol, pa.scalar(6, pa.int64()))), _mapped(listed["flg"], _flags, pa.int32())
            ),
            "icmp_type": _where(pc.is_in(protocol, pa.array(_ICMP, pa.int64())), _integers(listed["it"])),
            "traffic_packets_out": _counted(is_flow, _integers(listed["ipkt"])),
            "traffic_bytes_out": _integers(listed["ibyt"]),
            "traffic_packets_in": _where(back, _counted(is_flow, _integers(listed["opkt"]))),
            "traffic_bytes_in": _where(back, _integers(listed["obyt"])),
            "sampling_rate": _mapped(listed["exp"], lambda word: self.rates.get(int(word), 1), pa.int32()),
            "connection_state": states,
            "disposition_id": _mapped(states, firewall_disposition, pa.int32()),
            "device_ip": _mapped(_addresses(listed["ra"]), lambda word: None if word in _UNKNOWN else word, pa.string()),
            "evidence_id": pa.repeat(self.evidence_id, len(number)),
            "record_offset": pa.array([blocks.offset(n) for n in number.to_pylist()], pa.int64()),
        }
        schema = NETWORK_ACTIVITY.arrow
        arrays = [
            pa.nulls(len(number), kind.type) if columns.get(kind.name) is None else columns[kind.name].cast(kind.type)
            for kind in schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


class _Blocks:
    """Where the blocks of a file start, and how many records they hold."""

    def __init__(self, path: Path) -> None:
        self._starts, self._records = [0], [0]
        size = path.stat().st_size
        with path.open("rb") as file:
            layout = int.from_bytes(file.read(4)[2:], "little")
            at = _BLOCKS_AT.get(layout, size)
            while at + 12 <= size and len(self._starts) <= BLOCKS_MAX:
                file.seek(at)
                records, length = struct.unpack("<II", file.read(8))
                self._starts.append(at)
                self._records.append(self._records[-1] + records)
                at += 12 + length

    def offset(self, number: int) -> int:
        """Start of the block with the flow of this number, counted from 1; of the last block, if there are more flows."""
        return self._starts[min(bisect_left(self._records, number), len(self._starts) - 1)]


def _sampling_rates(text: str) -> dict[int, int | None]:
    """From nfdump -E: exporter number to sampling rate, None where it has several."""
    found: dict[int, set[int]] = {}
    exporter = -1
    for line in text.splitlines():
        if heading := _SYSID.match(line):
            exporter = int(heading[1])
        elif (sampler := _SAMPLER.search(line)) and int(sampler[1]):
            found.setdefault(exporter, set()).add((int(sampler[1]) + int(sampler[2])) // int(sampler[1]))
    return {exporter: rates.pop() if len(rates) == 1 else None for exporter, rates in found.items()}


def _times(listed: Listed, states: Column) -> tuple[Column, Column]:
    """First and last time. A firewall's event has no last packet: then it is the time of the event; else it is never before the first."""
    start, end = (listed[tag].cast(pa.timestamp("ms")) for tag in ("ts", "te"))
    if "msec" in listed:
        event = _integers(listed["msec"]).cast(pa.timestamp("ms"))
        end = pc.if_else(pc.and_(pc.is_valid(states), pc.less(end, start)), event, end)
    return tuple(pc.assume_timezone(times, "UTC") for times in (start, pc.max_element_wise(start, end)))


def _integers(values: Column) -> Column:
    return values.cast(pa.int64())


def _where(condition: Column, values: Column) -> Column:
    return pc.if_else(condition, values, pa.scalar(None, values.type))


def _counted(is_flow: Column, values: Column) -> Column:
    return _where(pc.or_(is_flow, pc.not_equal(values, pa.scalar(0, pa.int64()))), values)


def _addresses(values: Column) -> Column:
    return pc.replace_substring_regex(values, _IPV4_IN_IPV6, r"\1")


def _mapped(values: Column, translate: Callable[[str], Any], kind: pa.DataType) -> Column:
    """Translate each distinct value once."""
    encoded = values.dictionary_encode()
    words = pa.array([None if word is None else translate(word) for word in encoded.dictionary.to_pylist()], kind)
    return words.take(encoded.indices)


def _flags(text: str) -> int | None:
    """TCP flags as nfdump prints them: ``...A..S.``, or of old a number, ``0x7f``."""
    if text.startswith("0x"):
        return int(text, 16) & 0xFF if re.fullmatch("0x[0-9a-f]{1,4}", text) else None
    return sum(_FLAGS.get(letter, 0) for letter in set(text))
