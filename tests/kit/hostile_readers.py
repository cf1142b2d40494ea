"""Readers that break their contract, one way each: what the fuzzer must find."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

from tocsin.errors import EvidenceError
from tocsin.model import Batch, Fault
from tocsin.readers import Reader, Report
from tocsin.readers._rows import batches


def _made(name: str, spoil: Callable[[bytes], None]) -> Reader:
    def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
        data = stream.read()
        spoil(data)
        if data.startswith(b"#"):
            raise EvidenceError("expected rows, found a comment")
        report(Fault(evidence_id, 0, "a fault"))
        yield from batches([("dns_activity", {"record_offset": 0})], evidence_id=evidence_id)

    return Reader(name, name, "1", ("dns_activity",), lambda head, name: True, read)


def _crash(data: bytes) -> None:
    if b"\0" in data:
        raise ValueError(f"planted, in {len(data)} bytes")


def _hang(data: bytes) -> None:
    while b"\0" in data:
        pass


def _memory(data: bytes) -> None:
    if b"\0" in data:
        b"\1" * (600 << 20)


def _greed(data: bytes) -> None:
    if b"\0" in data:
        bytes(1 << 40)


def _death(data: bytes) -> None:
    if b"\0" in data:
        os.kill(os.getpid(), signal.SIGSEGV)


sound = _made("sound", lambda data: None)
crash = _made("crash", _crash)
hang = _made("hang", _hang)
memory = _made("memory", _memory)
greed = _made("greed", _greed)
death = _made("death", _death)
undeclared = replace(sound, id="undeclared", tables=("http_activity",))
