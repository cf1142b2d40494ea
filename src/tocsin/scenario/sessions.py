"""TCP sessions: from who talks with whom, when and how much, to every packet from SYN to FIN."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.scenario.capture import prefix_masks
from tocsin.scenario.packets import TcpOptions, blank, stacked, taken
from tocsin.scenario.stage import MILLISECOND, Stage, remote_ttl
from tocsin.terms import IpProtocol, TcpFlag

Array = npt.NDArray[Any]
_SYN_ACK, _PSH_ACK, _FIN_ACK, _RST_ACK = (
    TcpFlag.SYN | TcpFlag.ACK, TcpFlag.PSH | TcpFlag.ACK, TcpFlag.FIN | TcpFlag.ACK, TcpFlag.RST | TcpFlag.ACK,
)  # fmt: skip
_DELAYED_ACK_NS = 40 * MILLISECOND
_SERVER_WINDOW = 1432
_SPAN_SEGMENTS = 128  # A repeated run is a multiple of this many segments: with it, of 512 bytes, whole TLS records.


class Ending:
    """How a session ends."""

    CLIENT_FIN, SERVER_FIN, CLIENT_RST, OPEN = 0, 1, 2, 3


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """Sessions as arrays, one entry each; their rounds (a request and its response) one after the other.

    Attributes:
        start_ns: When the SYN passes.
        client, server: ``ADDRESS``.
        client_port, server_port: Ports.
        client_rtt_ns, server_rtt_ns: From the tap to either side and back.
        gap_ns: Between segments of one answer.
        rounds: Number of rounds of each session.
        request, response: Per round ``(offset, length)`` in the payloads; either length may be 0.
        response_span: Per round, bytes of the pool (200,000 or more) that a longer response repeats.
        think_ns: Per round, time the server takes.
        pause_ns: Per round, time the client waits before it.
        linger_ns: Time between the last answer and the end.
        ending: As in ``Ending``.
        label: Of the client's packets; the server's get its negative.
        client_window: What the client offers to receive.
    """

    start_ns: Array
    client: Array
    server: Array
    client_port: Array
    server_port: Array
    client_rtt_ns: Array
    server_rtt_ns: Array
    gap_ns: Array
    rounds: Array
    request: Array
    response: Array
    response_span: Array
    think_ns: Array
    pause_ns: Array
    linger_ns: Array
    ending: Array
    label: int = 0
    client_window: int = 502


class Played(NamedTuple):
    """The packets of sessions, and per round when the request and the end of its response passed."""

    rows: Array
    request_ns: Array
    done_ns: Array


def expanded(counts: Array) -> tuple[Array, Array]:
    """For ``counts`` items of each kind: the kind of each item, and its number within the kind."""
    kind = np.repeat(np.arange(len(counts)), counts)
    return kind, np.arange(len(kind)) - np.repeat(np.cumsum(counts) - counts, counts)


def _before(values: Array, rounds: Array) -> Array:
    """Running sum over a session's earlier rounds."""
    sums = np.concatenate([[0], np.cumsum(values)])
    first = np.cumsum(rounds) - rounds
    return np.asarray(sums[:-1] - np.repeat(sums[first], rounds))


def play(stage: Stage, sessions: Sessions) -> Played:
    """Make every packet of the sessions, in no order."""
    return _Play(stage, sessions).played()


class _Play:
    """The timetable of sessions, and the rows made from it."""

    def __init__(self, stage: Stage, sessions: Sessions) -> None:
        self.stage, self.s = stage, sessions
        s, rng, count = sessions, stage.rng, len(sessions.start_ns)
        self.stamps = rng.random(count) < 0.6
        self.mss = np.where(self.stamps, 1448, 1460) - np.where(s.client["hi"] != 0, 20, 0)
        self.client_isn, self.server_isn = rng.integers(0, 1 << 32, (2, count), dtype=np.int64)
        self.client_ttl, self.server_ttl = self._ttl(s.client), self._ttl(s.server)
        self.owner = np.repeat(np.arange(count), s.rounds)
        asked, answered = s.request[:, 1], s.response[:, 1]
        self.request_segments = -(-asked // self.mss[self.owner])
        self.response_segments = -(-answered // self.mss[self.owner])
        self.asked_before, self.answered_before = _before(asked, s.rounds), _before(answered, s.rounds)
        self.asked, self.answered = (np.bincount(self.owner, sizes, count).astype(np.int64) for sizes in (asked, answered))
        self._timetable()

    def _ttl(self, side: Array) -> Array:
        masks = prefix_masks(self.stage.site.inside)
        inside = np.zeros(len(side), bool)
        for hi, lo, hi_mask, lo_mask in masks:
            inside |= (side["hi"] & hi_mask == hi) & (side["lo"] & lo_mask == lo)
        return np.where(inside, 64, remote_ttl(self.stage.rng, len(side)))

    def _timetable(self) -> None:
        s, owner = self.s, self.owner
        gap = s.gap_ns[owner]
        sending = np.maximum(self.request_segments - 1, 0) * gap
        answering = np.maximum(self.response_segments - 1, 0) * gap
        waiting = sending + s.server_rtt_ns[owner] + s.think_ns
        round_ns = s.pause_ns + waiting + answering + s.client_rtt_ns[owner]
        self.established_ns = s.start_ns + s.server_rtt_ns + s.client_rtt_ns
        self.request_ns = self.established_ns[owner] + 100_000 + _before(round_ns, s.rounds) + s.pause_ns
        self.response_ns = self.request_ns + waiting
        self.done_ns = self.response_ns + answering
        total = np.bincount(owner, round_ns, len(s.start_ns)).astype(np.int64)
        self.end_ns = self.established_ns + 200_000 + total + s.linger_ns

    def played(self) -> Played:
        rows = stacked([*self._handshake(), *self._rounds(), *self._endings()])
        data = np.flatnonzero((rows["payload_length"] > 0) & (self.stage.rng.random(len(rows)) < 0.002))
        again = taken(rows, data)  # Lost on the way: sent again after the usual 200 ms.
        again["time_ns"] += 200 * MILLISECOND
        rows = stacked([rows, again])
        rows["ip_id"] = self.stage.rng.integers(0, 1 << 16, len(rows))
        return Played(rows, self.request_ns, self.done_ns)

    def _from_client(self, who: Array, **columns: Any) -> Array:
        s = self.s
        columns.setdefault("options", np.where(self.stamps[who], TcpOptions.TIMESTAMPS, TcpOptions.NONE))
        columns.setdefault("window", s.client_window)
        return blank(
            s.client[who], s.server[who], IpProtocol.TCP, src_port=s.client_port[who], dst_port=s.server_port[who],
            ttl=self.client_ttl[who], label=s.label, **columns,
        )  # fmt: skip

    def _from_server(self, who: Array, **columns: Any) -> Array:
        s = self.s
        columns.setdefault("options", np.where(self.stamps[who], TcpOptions.TIMESTAMPS, TcpOptions.NONE))
        columns.setdefault("window", _SERVER_WINDOW)
        return blank(
            s.server[who], s.client[who], IpProtocol.TCP, src_port=s.server_port[who], dst_port=s.client_port[who],
            ttl=self.server_ttl[who], label=-s.label, **columns,
        )  # fmt: skip

    def _handshake(self) -> list[Array]:
        s, every = self.s, np.arange(len(self.s.start_ns))
        options = np.where(self.stamps, TcpOptions.LINUX_SYN, TcpOptions.WINDOWS_SYN)
        client, server = self.client_isn + 1 & 0xFFFFFFFF, self.server_isn + 1 & 0xFFFFFFFF
        return [
            self._from_client(
                every, time_ns=s.start_ns, flags=TcpFlag.SYN, seq=self.client_isn, options=options, window=64240
            ),
            self._from_server(
                every, time_ns=s.start_ns + s.server_rtt_ns, flags=_SYN_ACK, seq=self.server_isn, ack=client,
                options=options, window=65160,
            ),
            self._from_client(every, time_ns=self.established_ns, flags=TcpFlag.ACK, seq=client, ack=server),
        ]  # fmt: skip

    def _rounds(self) -> list[Array]:
        s, owner = self.s, self.owner
        client, server = self.client_isn[owner] + 1 + self.asked_before, self.server_isn[owner] + 1 + self.answered_before
        rows = []

        index, step = expanded(self.request_segments)
        who, start = owner[index], step * self.mss[owner[index]]
        last = step == self.request_segments[index] - 1
        passed = self.request_ns[index] + step * s.gap_ns[who]
        length = np.minimum(self.mss[who], s.request[index, 1] - start)
        rows.append(
            self._from_client(
                who, time_ns=passed, flags=np.where(last, _PSH_ACK, TcpFlag.ACK),
                seq=client[index] + start & 0xFFFFFFFF, ack=server[index] & 0xFFFFFFFF,
                payload=s.request[index, 0] + start, payload_length=length,
            )
        )  # fmt: skip
        silent = s.think_ns[index] > _DELAYED_ACK_NS
        acked = (~last & (step % 2 == 1)) | (last & (silent | (self.response_segments[index] == 0)))
        delay = np.where(last & silent, _DELAYED_ACK_NS, 0)
        rows.append(
            self._from_server(
                who[acked], time_ns=(passed + s.server_rtt_ns[who] + delay)[acked], flags=TcpFlag.ACK,
                seq=server[index][acked] & 0xFFFFFFFF, ack=(client[index] + start + length)[acked] & 0xFFFFFFFF,
            )
        )  # fmt: skip

        index, step = expanded(self.response_segments)
        who, start = owner[index], step * self.mss[owner[index]]
        last = step == self.response_segments[index] - 1
        passed = self.response_ns[index] + step * s.gap_ns[who]
        length = np.minimum(self.mss[who], s.response[index, 1] - start)
        asked = client[index] + s.request[index, 1]
        unit = self.mss[who] * _SPAN_SEGMENTS
        span = np.maximum(s.response_span[index] // unit, 1) * unit
        rows.append(
            self._from_server(
                who, time_ns=passed, flags=np.where(last, _PSH_ACK, TcpFlag.ACK),
                seq=server[index] + start & 0xFFFFFFFF, ack=asked & 0xFFFFFFFF,
                payload=s.response[index, 0] + np.where(s.response[index, 1] > s.response_span[index], start % span, start),
                payload_length=length,
            )
        )  # fmt: skip
        acked = last | (step % 2 == 1)
        rows.append(
            self._from_client(
                who[acked], time_ns=(passed + s.client_rtt_ns[who])[acked], flags=TcpFlag.ACK,
                seq=asked[acked] & 0xFFFFFFFF, ack=(server[index] + start + length)[acked] & 0xFFFFFFFF,
            )
        )  # fmt: skip
        return rows

    def _endings(self) -> list[Array]:
        s = self.s
        client, server = self.client_isn + 1 + self.asked, self.server_isn + 1 + self.answered
        rows = []
        by_client = np.flatnonzero(s.ending == Ending.CLIENT_FIN)
        by_server = np.flatnonzero(s.ending == Ending.SERVER_FIN)
        reset = np.flatnonzero(s.ending == Ending.CLIENT_RST)
        for who, first, second, wait_ns in (
            (by_client, self._from_client, self._from_server, s.server_rtt_ns),
            (by_server, self._from_server, self._from_client, s.client_rtt_ns),
        ):
            near, far = (client, server) if who is by_client else (server, client)
            rows.append(
                first(who, time_ns=self.end_ns[who], flags=_FIN_ACK, seq=near[who] & 0xFFFFFFFF, ack=far[who] & 0xFFFFFFFF)
            )
            reply_ns = self.end_ns[who] + wait_ns[who]
            rows.append(
                second(who, time_ns=reply_ns, flags=_FIN_ACK, seq=far[who] & 0xFFFFFFFF, ack=near[who] + 1 & 0xFFFFFFFF)
            )
            closing_ns = reply_ns + np.where(who is by_client, s.client_rtt_ns[who], s.server_rtt_ns[who])
            rows.append(
                first(who, time_ns=closing_ns, flags=TcpFlag.ACK, seq=near[who] + 1 & 0xFFFFFFFF, ack=far[who] + 1 & 0xFFFFFFFF)
            )
        rows.append(
            self._from_client(
                reset, time_ns=self.end_ns[reset], flags=_RST_ACK, seq=client[reset] & 0xFFFFFFFF,
                ack=server[reset] & 0xFFFFFFFF, window=0,
            )
        )  # fmt: skip
        return rows
