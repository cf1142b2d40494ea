"""Where a scenario plays: a site, a span of time, and what all generators share."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from tocsin.scenario.addresses import addresses, pick
from tocsin.scenario.packets import PACKET, Packets, Payloads, stacked, taken

Array = npt.NDArray[Any]
SECOND = 1_000_000_000
MILLISECOND = 1_000_000
DEFAULT_START = datetime(2022, 2, 15, 13, tzinfo=UTC)

# One web request, as the server that answered it would log it. Strings are numbers in the stage's ``Strings``; ``label`` as
# in ``PACKET``. ``status`` 408: the server gave up waiting.
REQUEST = np.dtype(
    [
        ("time_ns", "<i8"), ("client_hi", "<u8"), ("client_lo", "<u8"), ("size", "<i8"), ("duration_ns", "<i8"),
        ("target", "<u4"), ("agent", "<u4"), ("referrer", "<u4"), ("method", "<u4"), ("status", "<u2"), ("port", "<u2"),
        ("label", "<i2"),
    ]
)  # fmt: skip


class Traffic(NamedTuple):
    """What a generator makes: rows of ``PACKET`` and of ``REQUEST``, in any order."""

    rows: Array
    requests: Array = np.zeros(0, REQUEST)


def joined(parts: Iterable[Traffic]) -> Traffic:
    """All of them, in the order of time; equal times keep their order."""
    held = list(parts)
    rows = stacked([np.zeros(0, PACKET), *(part.rows for part in held)])
    requests = stacked([np.zeros(0, REQUEST), *(part.requests for part in held)])
    return Traffic(*(taken(array, np.argsort(array["time_ns"], kind="stable")) for array in (rows, requests)))


def between(traffic: Traffic, start_ns: int, end_ns: int) -> Traffic:
    """What lies in a span of time, the end left out."""
    return Traffic(*(taken(array, (array["time_ns"] >= start_ns) & (array["time_ns"] < end_ns)) for array in traffic))


class Strings:
    """Texts by number; number 0 is the empty text."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def add(self, text: str) -> int:
        """The number of a text, new or known."""
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        """All texts in the order of their numbers."""
        return list(self._numbers)


@dataclass(frozen=True)
class Site:
    """One organisation's network, its servers at fixed places in it.

    Attributes:
        name: Short, for file names.
        title: The organisation's name.
        network: IPv4 prefix, a /24.
        network_v6: IPv6 prefix, a /48.
        domain: Its domain; the web server is ``www.`` of it.
        sector: As in NIS2 annex I.
        vlan: Tag of its frames; 0 for none.
    """

    name: str = "ministry"
    title: str = "Ministry of Defence of Exemplia"
    network: str = "192.0.2.0/24"
    network_v6: str = "2001:db8:100::/48"
    domain: str = "mod.example"
    sector: str = "Public administration"
    vlan: int = 0

    def host(self, number: int) -> str:
        """The IPv4 address with this last part."""
        return str(ipaddress.ip_network(self.network)[number])

    def host_v6(self, number: int) -> str:
        """The IPv6 address with this last part."""
        return str(ipaddress.ip_network(self.network_v6)[number])

    @property
    def web(self) -> str:
        """Web server."""
        return self.host(10)

    @property
    def web_v6(self) -> str:
        """Web server, IPv6."""
        return self.host_v6(0x10)

    @property
    def mail(self) -> str:
        """Mail server."""
        return self.host(25)

    @property
    def name_server(self) -> str:
        """Authoritative name server and resolver."""
        return self.host(53)

    @property
    def gateway(self) -> str:
        """Router, inside."""
        return self.host(1)

    @property
    def inside(self) -> tuple[str, str]:
        """Both prefixes."""
        return self.network, self.network_v6

    def clients(self, rng: np.random.Generator, count: int) -> Array:
        """People's machines: the upper half of the prefix."""
        result = np.repeat(addresses([self.host(128)]), count)
        result["lo"] += rng.integers(0, 120, count, dtype=np.uint64)
        return result


def _rng(seed: int, site: Site, names: tuple[str, ...]) -> np.random.Generator:
    return np.random.default_rng([seed, *"/".join((site.name, *names)).encode()])


@dataclass(frozen=True)
class Stage:
    """What the generators of one site share; times are drawn between ``start_ns`` and ``duration_s`` later."""

    site: Site
    seed: int
    names: tuple[str, ...]
    rng: np.random.Generator
    start_ns: int
    duration_s: float
    payloads: Payloads
    strings: Strings = field(default_factory=Strings)

    @classmethod
    def set(cls, site: Site, *, seed: int, start: datetime = DEFAULT_START, duration_s: float = 60.0) -> Self:
        """A fresh stage. The same seed and site give the same traffic."""
        if start.tzinfo is None:
            raise ValueError(f"start: expected a time with a zone, found {start.isoformat()}")
        start_ns = int(start.timestamp()) * SECOND + start.microsecond * 1000
        return cls(site, seed, (), _rng(seed, site, ()), start_ns, duration_s, Payloads(np.random.default_rng(seed)))

    @property
    def end_ns(self) -> int:
        """The end of the span."""
        return self.start_ns + int(self.duration_s * SECOND)

    def part(self, name: str) -> Self:
        """The same stage with randomness of its own, so that what is added beside a part does not change it."""
        names = (*self.names, name)
        return replace(self, names=names, rng=_rng(self.seed, self.site, names))

    def arrivals(self, count: int, *, start_s: float = 0.0, duration_s: float | None = None) -> Array:
        """Times of a Poisson process, sorted, in Unix nanoseconds. ``start_s`` counts from the start of the stage."""
        span = self.duration_s - start_s if duration_s is None else duration_s
        drawn = self.rng.random(count) * span + start_s
        drawn.sort()
        return self.start_ns + (drawn * SECOND).astype(np.int64)

    def finish(self, traffic: Traffic) -> tuple[Packets, Array]:
        """What a tap sees of the traffic between the stage's start and end, in order; and the requests of that span."""
        rows, requests = joined([between(traffic, self.start_ns, self.end_ns)])
        rows["vlan"] = self.site.vlan
        return Packets(rows, self.payloads.array()), requests


def outside_clients(rng: np.random.Generator, count: int, *, v6: bool = False) -> Array:
    """Distinct hosts somewhere else, as the visitors and the bots of our scenarios."""
    if v6:
        return pick(rng, "2001:db8:8000::/33", count)
    many = np.concatenate([pick(rng, "10.0.0.0/8", count), pick(rng, "100.64.0.0/10", count)])
    return many[rng.permutation(len(many))[:count]]


def outside_servers(rng: np.random.Generator, count: int) -> Array:
    """Distinct servers somewhere else, as the reflectors and the web sites of our scenarios."""
    return pick(rng, "198.18.0.0/15", count)


def remote_ttl(rng: np.random.Generator, count: int) -> Array:
    """TTLs of packets that come from afar: a stack's initial value less some hops."""
    return rng.choice(np.array([64, 64, 128, 255]), count) - rng.integers(6, 22, count)
