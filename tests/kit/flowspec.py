"""A router's side of FlowSpec: reads an NLRI (RFC 8955, RFC 8956) or GoBGP's words, and decides on a packet."""

import ipaddress
import os
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.wire import WITH_PORTS, Packet, random_match, random_packet
from tocsin.model import Mitigation

PREFIX_TYPES = {1: "dst", 2: "src"}
BITMASK_TYPES = {9, 12}
NAMES = {
    "protocol": 3, "port": 4, "destination-port": 5, "source-port": 6, "icmp-type": 7, "icmp-code": 8,
    "tcp-flags": 9, "packet-length": 10, "fragment": 12,
}  # fmt: skip
GOBGP_FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}


@dataclass(frozen=True)
class Route:
    """Components of one NLRI: prefixes, and per type its (and, operator bits, value) triples."""

    prefixes: dict[str, ipaddress.IPv4Network | ipaddress.IPv6Network]
    operations: dict[int, list[tuple[bool, int, int]]]

    def matches(self, packet: Packet) -> bool:
        for side, prefix in self.prefixes.items():
            if ipaddress.ip_address(getattr(packet, side)) not in prefix:
                return False
        return all(_holds(kind, terms, packet) for kind, terms in self.operations.items())


def _holds(kind: int, terms: list[tuple[bool, int, int]], packet: Packet) -> bool:
    value = _field(kind, packet)
    if value is None:
        return False
    # OR of groups, each an AND of its terms.
    groups: list[bool] = []
    for conjunct, operator, operand in terms:
        one = _bits(operator, value, operand) if kind in BITMASK_TYPES else _compare(operator, value, operand)
        if conjunct:
            groups[-1] = groups[-1] and one
        else:
            groups.append(one)
    return any(groups)


def _field(kind: int, packet: Packet) -> int | None:
    first = packet.fragment_offset == 0
    return {
        3: packet.protocol,
        5: packet.dport if first and packet.protocol in WITH_PORTS else None,
        6: packet.sport if first and packet.protocol in WITH_PORTS else None,
        7: packet.icmp_type if first and packet.protocol in (1, 58) else None,
        9: packet.flags if first and packet.protocol == 6 else None,
        10: packet.length,
        12: (0 if first else 2) | (4 if first and packet.more_fragments else 0),
    }[kind]


def _compare(operator: int, value: int, operand: int) -> bool:
    return bool((operator & 4 and value < operand) or (operator & 2 and value > operand) or (operator & 1 and value == operand))


def _bits(operator: int, value: int, operand: int) -> bool:
    result = value & operand == operand if operator & 1 else bool(value & operand)
    return not result if operator & 2 else result


def decode(nlri: bytes, version: int) -> Route:
    """The NLRI as it goes over the wire, its length in front."""
    length, rest = (nlri[0], nlri[1:]) if nlri[0] < 0xF0 else (int.from_bytes(nlri[:2], "big") & 0xFFF, nlri[2:])
    assert len(rest) == length
    prefixes: dict[str, ipaddress.IPv4Network | ipaddress.IPv6Network] = {}
    operations: dict[int, list[tuple[bool, int, int]]] = {}
    last = 0
    while rest:
        kind, rest = rest[0], rest[1:]
        assert kind > last, "components are ordered and appear once"
        last = kind
        if kind in PREFIX_TYPES:
            prefixes[PREFIX_TYPES[kind]], rest = _prefix(rest, version)
        else:
            operations[kind], rest = _operations(rest)
    return Route(prefixes, operations)


def _prefix(rest: bytes, version: int) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, bytes]:
    bits, rest = rest[0], rest[1:]
    if version == 6:
        assert rest[0] == 0, "no offset"
        rest = rest[1:]
    used = (bits + 7) // 8
    whole = 4 if version == 4 else 16
    return ipaddress.ip_network((rest[:used].ljust(whole, b"\0"), bits)), rest[used:]


def _operations(rest: bytes) -> tuple[list[tuple[bool, int, int]], bytes]:
    terms = []
    while True:
        operator, size = rest[0], 1 << (rest[0] >> 4 & 3)
        terms.append((bool(operator & 0x40), operator & 7, int.from_bytes(rest[1 : 1 + size], "big")))
        rest = rest[1 + size :]
        if operator & 0x80:
            return terms, rest


def from_gobgp(words: list[str]) -> tuple[str, Route, list[str]]:
    """Words after ``gobgp``: the verb, the route and what follows ``then``; raises where GoBGP's grammar is not kept."""
    assert words[:2] == ["global", "rib"]
    verb, option, family, keyword, *rest = words[2:]
    assert verb in ("add", "del")
    assert (option, keyword) == ("-a", "match")
    assert family in ("ipv4-flowspec", "ipv6-flowspec")
    split = rest.index("then")
    prefixes: dict[str, ipaddress.IPv4Network | ipaddress.IPv6Network] = {}
    operations: dict[int, list[tuple[bool, int, int]]] = {}
    name = ""
    for word in rest[:split]:
        if word in NAMES or word in ("source", "destination"):
            name = word
        elif name in ("source", "destination"):
            prefixes[{"source": "src", "destination": "dst"}[name]] = ipaddress.ip_network(word)
        else:
            operations.setdefault(NAMES[name], []).extend(_gobgp_terms(name, word))
    return verb, Route(prefixes, operations), rest[split + 1 :]


def _gobgp_terms(name: str, word: str) -> Iterator[tuple[bool, int, int]]:
    for number, part in enumerate(word.split("&")):
        if name == "tcp-flags":
            found = re.fullmatch(r"(=|!)([FSRPAUCE]+)", part)
            assert found, part
            yield number > 0, {"=": 1, "!": 2}[found[1]], sum(GOBGP_FLAGS[flag] for flag in found[2])
        elif name == "fragment":
            yield False, 1, {"=is-fragment": 2, "=first-fragment": 4}[part]
        else:
            found = re.fullmatch(r"(==|>=|<=)(\d+)", part)
            assert found, part
            yield number > 0, {"==": 1, ">=": 3, "<=": 5}[found[1]], int(found[2])


def from_gobgp_json(path: dict[str, Any]) -> tuple[Route, float | None]:
    """A path of ``gobgp global rib -j``: the route as GoBGP understood it, and its rate in bytes per second (0: discard)."""
    prefixes: dict[str, ipaddress.IPv4Network | ipaddress.IPv6Network] = {}
    operations: dict[int, list[tuple[bool, int, int]]] = {}
    for component in path["nlri"]["value"]:
        kind, value = component["type"], component["value"]
        if kind in PREFIX_TYPES:
            assert component.get("offset", 0) == 0
            prefixes[PREFIX_TYPES[kind]] = ipaddress.ip_network(value["prefix"])
        else:
            operations[kind] = [(bool(term["op"] & 0x40), term["op"] & 7, term["value"]) for term in value]
    rates = [one["rate"] for attribute in path["attrs"] if attribute["type"] == 16 for one in attribute["value"]]
    return Route(prefixes, operations), rates[0] if rates else None


STUB = '#!/bin/sh\nprintf "%s\\0" "$@" END >> "$CALLS"\nexit ${FAIL:-0}\n'


def run_gobgp_script(
    text: str, folder: Path, verb: str = "add", fail: int = 0
) -> tuple[subprocess.CompletedProcess[str], list[list[str]]]:
    """What a script tells gobgp, run by a real shell against a gobgp that only writes down its words."""
    stub, calls, script = folder / "gobgp", folder / "calls", folder / "script.sh"
    stub.write_text(STUB)
    stub.chmod(0o755)
    calls.write_bytes(b"")
    script.write_text(text)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "CALLS": str(calls), "FAIL": str(fail)}
    done = subprocess.run(["sh", str(script), verb], env=environment, capture_output=True, text=True, check=False, cwd=folder)
    told = calls.read_bytes().decode().split("END\0")[:-1]
    return done, [call.split("\0")[:-1] for call in told]


def random_cases(seed: int, count: int, fits: Callable[[Mitigation], bool]) -> list[tuple[Mitigation, list[Packet]]]:
    """Mitigations of both families that ``fits`` accepts, each with packets near its match."""
    rng = random.Random(seed)
    made: list[tuple[Mitigation, list[Packet]]] = []
    while len(made) < count:
        match = random_match(rng, 4 if len(made) % 2 else 6)
        one = Mitigation("drop", "", match)
        packets = [random_packet(rng, match) for _ in range(25)]
        if fits(one):
            made.append((one, packets))
    return made
