"""Decodes what flow exporters send: NetFlow v5 and v9, IPFIX, sFlow v5; one UDP payload at a time.

Sources: Cisco NetFlow v5 export format (NetFlow Services Solutions Guide, appendix B); RFC 3954 (v9); RFC 7011 and RFC 5103
(IPFIX); https://sflow.org/sflow_version_5.txt.
"""

import struct
from collections import deque
from collections.abc import Hashable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin.model import Fault
from tocsin.readers import Report, _sflow
from tocsin.readers._flow_domains import RATE_MAX, Domain, Message, Waiting
from tocsin.readers._flow_framing import (
    DATA_SETS_FROM,
    IPFIX_HEADER_BYTES,
    OPTIONS_SETS,
    TEMPLATE_SETS,
    V9_HEADER_BYTES,
    looks_like_export,
)
from tocsin.readers._flow_rows import COLUMNS, END_OF_TIME_US, Clock, Row, address, moment_us, name, row, span_us
from tocsin.readers._flow_templates import (
    VARIABLE,
    Field,
    OptionsTemplate,
    Template,
    compile_options,
    compile_template,
    sampling_rate,
)

__all__ = ["Exporters", "looks_like_export"]

FIELDS_MAX = 1_024  # of a template
DEFINED_MAX = 1_000_000  # fields of all templates of one evidence, and DEFINED_COST for each of these
DEFINED_COST = 16
WAITING_BYTES_MAX = 16 << 20
WAITING_COST = 256
LEARNED_MAX = 131_072  # samplers, interfaces and applications

_COUNT_MAX = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_V5_HEADER = struct.Struct(">HHIIIIBBH")
_V5_RECORD = struct.Struct(">4s4s8xIIIIHHxBB9x")
_V9_HEADER = struct.Struct(">HHIIII")
_IPFIX_HEADER = struct.Struct(">HHIII")
_WORDS = struct.Struct(">HH")


class Exporters:
    """What all exporters of one evidence have said so far, and the flows that come of it.

    Templates are kept by exporter address, version, observation domain and number; the source port is left out, as exporters
    change it on restart. Data that come before their template wait for it, up to ``WAITING_BYTES_MAX``.

    An exporter repeats templates and sampling rates every few minutes only. Who can read the evidence twice should pass all
    payloads to ``learn`` first: then the flows before the first repetition are decoded, and scaled, like the others.
    """

    def __init__(self, evidence_id: str, report: Report) -> None:
        self._evidence_id = evidence_id
        self._report = report
        self._domains: dict[tuple[str | None, int, int], Domain] = {}
        self._defined = 0
        self._waiting_bytes = 0
        self._learned = 0
        self._learning = False
        self._said: set[Hashable] = set()

    def learn(self, payload: bytes | memoryview, *, exporter: str | None) -> None:
        """Take templates and options of a payload, where the exporter has not said anything else before; no rows, no faults."""
        self._learning = True
        try:
            deque(self.flows(payload, exporter=exporter, offset=0, received=None), maxlen=0)
        finally:
            self._learning = False

    def decode(
        self, payload: bytes | memoryview, *, exporter: str | None, offset: int, received: datetime | None
    ) -> Iterator[dict[str, Any]]:
        """Decode one datagram to rows of ``network_activity``, as ``_rows.batches`` takes them; otherwise as ``flows``."""
        for flow in self.flows(payload, exporter=exporter, offset=offset, received=received):
            yield dict(zip(COLUMNS, flow, strict=True))

    def flows(
        self, payload: bytes | memoryview, *, exporter: str | None, offset: int, received: datetime | None
    ) -> Iterator[Row]:
        """Decode one datagram.

        Args:
            payload: What UDP carried.
            exporter: Address it came from, if known.
            offset: Byte in the evidence where the payload starts; ``record_offset`` counts from there.
            received: When it arrived; the time of sFlow samples, which carry none. Without it they are dated 1970, and that is said.

        Yields:
            The values of ``COLUMNS``, times as integers (microseconds since 1970). Damage is reported as faults; nothing is
            raised, whatever the bytes.
        """
        view = memoryview(payload)
        version = _WORDS.unpack_from(view)[0] if len(view) >= 4 else -1
        if version == 5 and len(view) >= _V5_HEADER.size:
            yield from self._v5(view, exporter, offset)
        elif version == 9 and len(view) >= V9_HEADER_BYTES:
            _, _, uptime, seconds, _, source = _V9_HEADER.unpack_from(view)
            message = Message(exporter, 9, source, Clock(seconds * 1000, uptime))
            yield from self._sets(message, view, V9_HEADER_BYTES, offset)
        elif version == 10 and len(view) >= IPFIX_HEADER_BYTES:
            _, length, seconds, _, source = _IPFIX_HEADER.unpack_from(view)
            if not IPFIX_HEADER_BYTES <= length <= len(view):
                self._fault(offset + 2, f"expected an IPFIX message of {length} bytes, found {len(view)}")
                length = len(view)
            message = Message(exporter, 10, source, Clock(seconds * 1000, None))
            yield from self._sets(message, view[:length], IPFIX_HEADER_BYTES, offset)
        elif version == 0 and (datagram := _sflow.datagram(view)):
            yield from self._sflow(view, datagram, exporter, offset, received)
        else:
            found = bytes(view[:4]).hex(" ") or "nothing"
            self._fault(offset, f"expected NetFlow v5, v9, IPFIX or sFlow v5, found {len(view)} bytes, {found}")

    def finish(self) -> Iterator[dict[str, Any]]:
        """Report the data whose template never came. Yields rows as ``decode`` does; none are left by then."""
        for (exporter, _, source), domain in self._domains.items():
            for number, sets in domain.waiting.items():
                count = sum(len(waiting.body) for waiting in sets)
                self._fault(
                    sets[0].offset,
                    f"expected template {number} of exporter {exporter or '(unknown)'}, domain {source}, for {count} bytes of data "
                    f"in {len(sets)} set{'s' if len(sets) > 1 else ''}; it never came. A longer recording would hold it",
                )
            domain.waiting.clear()
        self._waiting_bytes = 0
        yield from ()

    def _fault(self, offset: int, reason: str) -> None:
        if not self._learning:
            self._report(Fault(self._evidence_id, offset, reason))

    def _fault_once(self, key: Hashable, offset: int, reason: str) -> None:
        if not self._learning and key not in self._said:
            self._said.add(key)
            self._fault(offset, reason)

    def _v5(self, view: memoryview, exporter: str | None, offset: int) -> Iterator[Row]:
        if self._learning:
            return
        _, count, uptime, seconds, nanos, _, _, _, sampling = _V5_HEADER.unpack_from(view)
        export_ms = seconds * 1000 + nanos // 1_000_000
        rate = (sampling & 0x3FFF) or 1  # the upper two bits tell the mode; exporters leave them 0 and sample all the same
        held = min(count, (len(view) - _V5_HEADER.size) // _V5_RECORD.size)
        body = view[_V5_HEADER.size : _V5_HEADER.size + held * _V5_RECORD.size]
        at = offset + _V5_HEADER.size
        for src, dst, packets, octets, first, last, src_port, dst_port, flags, protocol in _V5_RECORD.iter_unpack(body):
            start = moment_us("uptime_ms", first, export_ms, uptime)
            end = start if last == first else max(start, moment_us("uptime_ms", last, export_ms, uptime))
            yield row(
                at, start, end, address(src), address(dst), src_port, dst_port, protocol, flags, None, None,
                packets * rate, octets * rate, None, None, rate, None, None, exporter,
            )  # fmt: skip
            at += _V5_RECORD.size
        if held < count:
            self._fault(at, f"expected {count} NetFlow v5 records, found the end after {held}")

    def _sets(self, message: Message, view: memoryview, at: int, offset: int) -> Iterator[Row]:
        """Decode the sets of a NetFlow v9 or IPFIX message from ``at`` on; ``offset`` is that of the message."""
        stop = len(view)
        while at + 4 <= stop:
            number, length = _WORDS.unpack_from(view, at)
            if length < 4:
                if any(view[at:]):
                    self._fault(offset + at, f"expected a set of 4 bytes or more, found length {length}")
                return
            if at + length > stop:
                self._fault(offset + at, f"expected a set of {length} bytes, found the end after {stop - at}")
            body = view[at + 4 : at + length]
            if number == TEMPLATE_SETS[message.version]:
                yield from self._template_set(message, body, offset + at + 4)
            elif number == OPTIONS_SETS[message.version]:
                yield from self._options_set(message, body, offset + at + 4)
            elif number >= DATA_SETS_FROM and body:
                yield from self._data_set(message, number, body, offset + at + 4)
            elif number < DATA_SETS_FROM:
                self._fault(offset + at, f"expected a set of templates or data, found set {number}, which is reserved")
            at += length

    def _template_set(self, message: Message, body: memoryview, offset: int) -> Iterator[Row]:
        at = 0
        while at + 4 <= len(body):
            number, count = _WORDS.unpack_from(body, at)
            if message.version == 10 and not count:
                if self._withdraw(message, number, options=False):
                    return
                at += 4
                continue
            fields, end = _fields(body, at + 4, count, message.version)
            if fields is None or number < DATA_SETS_FROM:
                self._misshapen("template", number, count, bytes(body[at:]), offset + at)
                return
            yield from self._define(message, number, fields, bytes(body[at:end]), offset + at)
            at = end

    def _options_set(self, message: Message, body: memoryview, offset: int) -> Iterator[Row]:
        at = 0
        while at + 4 <= len(body):
            number, count = _WORDS.unpack_from(body, at)
            if message.version == 10 and not count:
                if self._withdraw(message, number, options=True):
                    return
                at += 4
                continue
            scopes = int.from_bytes(body[at + 4 : at + 6], "big")
            if (
                message.version == 9
            ):  # RFC 3954 counts bytes of scope and of option fields, RFC 7011 all fields and scope fields
                scopes, count = count // 4, (count + scopes) // 4
            fields, end = _fields(body, at + 6, count, message.version)
            if fields is None or number < DATA_SETS_FROM:
                self._misshapen("options template", number, count, bytes(body[at:]), offset + at)
                return
            if message.version == 9:
                fields[:scopes] = [Field(-1, scope.id, scope.length) for scope in fields[:scopes]]
            yield from self._define(message, number, fields, bytes(body[at:end]), offset + at, options=True)
            at = end

    def _misshapen(self, what: str, number: int, count: int, rest: bytes, offset: int) -> None:
        if number >= DATA_SETS_FROM:
            self._fault(offset, f"expected {what} {number} with {count} fields, found the end of its set")
        elif any(rest):  # else padding
            self._fault(offset, f"expected a {what} with a number of {DATA_SETS_FROM} or more, found {number}")

    def _define(
        self, message: Message, number: int, fields: list[Field], definition: bytes, offset: int, *, options: bool = False
    ) -> Iterator[Row]:
        """Take a template, unless it is known already, and decode the data that waited for it."""
        domain = self._domains.get(message.key)
        known = domain.template(number) if domain else None
        if known is not None and (self._learning or known.definition == definition):
            return
        if len(fields) > FIELDS_MAX:
            self._fault(offset, f"expected a template of at most {FIELDS_MAX:,} fields, found {len(fields)}; it was left out")
            return
        if self._defined >= DEFINED_MAX:
            self._fault(offset, f"expected at most {DEFINED_MAX:,} template fields in one evidence; this template was left out")
            return
        self._defined += len(fields) + DEFINED_COST
        try:
            template: Template | OptionsTemplate = (
                compile_options(fields, definition)
                if options
                else compile_template(fields, definition, version=message.version)
            )
        except ValueError as error:
            self._fault(offset, f"template {number}: {error}; it was left out")
            return
        domain = self._domain(message)
        domain.define(number, template)
        for waiting in domain.waiting.pop(number, ()):
            self._waiting_bytes -= len(waiting.body) + WAITING_COST
            yield from self._data_set(waiting.message, number, memoryview(waiting.body), waiting.offset)

    def _domain(self, message: Message) -> Domain:
        return self._domains.setdefault(message.key, Domain())

    def _withdraw(self, message: Message, number: int, *, options: bool) -> bool:
        """Forget a template (RFC 7011, section 8.1); whether it was all of its kind, by the number of its set."""
        everything = number == (OPTIONS_SETS if options else TEMPLATE_SETS)[10]
        domain = self._domains.get(message.key)
        if domain is not None and not self._learning:
            known = domain.options if options else domain.templates
            if everything:
                known.clear()
            else:
                known.pop(number, None)
        return everything

    def _data_set(self, message: Message, number: int, body: memoryview, offset: int) -> Iterator[Row]:
        domain = self._domains.get(message.key)
        template = domain.template(number) if domain else None
        if domain is None or template is None:
            self._wait(number, Waiting(message, bytes(body), offset))
            return
        try:
            if isinstance(template, OptionsTemplate):
                for record in template.records(body) if template.is_useful else ():
                    room = LEARNED_MAX - self._learned
                    self._learned += domain.take(record, only_new=self._learning, room=room)
            elif template.is_flow and not self._learning:
                yield from self._flows(message, domain, number, template, body, offset)
        except ValueError as error:
            self._fault(offset, f"data of template {number}: {error}")

    def _wait(self, number: int, waiting: Waiting) -> None:
        cost = len(waiting.body) + WAITING_COST
        if self._learning:
            return
        if self._waiting_bytes + cost > WAITING_BYTES_MAX:
            self._fault(
                waiting.offset,
                f"expected template {number} before its data; {WAITING_BYTES_MAX >> 20} MiB wait for templates already, so these "
                f"{len(waiting.body)} bytes were left out",
            )
            return
        self._waiting_bytes += cost
        self._domain(waiting.message).waiting.setdefault(number, []).append(waiting)

    def _flows(
        self, message: Message, domain: Domain, number: int, template: Template, body: memoryview, offset: int
    ) -> Iterator[Row]:
        clock, exporter = message.clock, message.exporter
        scaled = domain.is_sampled or template.has_rate
        undated = clock.uptime_ms is None and domain.boot_ms is None and "uptime_ms" in (template.start_unit, template.end_unit)
        rate = 1
        for position, values in template.records(body):
            (
                start_raw, end_raw, duration, boot, src, dst, src_port, dst_port, protocol, flags, flags_in, icmp_type, packets,
                octets, packets_in, octets_in, sampler, interface, interval, sampled, unsampled, population, event, app, app_id,
                device,
            ) = values  # fmt: skip
            if undated and not boot:
                self._fault_once(
                    (message.key, number),
                    offset + position,
                    f"template {number} counts time from its exporter's start and never says when that was: each of its flows is "
                    "taken to end when it was exported",
                )
            start, end = span_us(template, start_raw, end_raw, duration, boot or domain.boot_ms, clock)
            if scaled:
                own = sampling_rate(interval, sampled, unsampled, population) if template.has_rate else None
                rate = own if own and own <= RATE_MAX else domain.sampling_rate(sampler, interface)
                if rate != 1:
                    packets, octets, packets_in, octets_in = (
                        count and count * rate for count in (packets, octets, packets_in, octets_in)
                    )
            if end >= END_OF_TIME_US or max(packets or 0, octets or 0, packets_in or 0, octets_in or 0) > _COUNT_MAX:
                self._fault(
                    offset + position,
                    f"expected a flow before the year 10000 and counts below 2^63, found its end {end // 1_000_000} s after 1970, "
                    f"{packets} packets, {octets} bytes",
                )
                continue
            yield row(
                offset + position, start, end, address(src), address(dst), src_port, dst_port, protocol, flags, flags_in,
                icmp_type, packets, octets, packets_in, octets_in, rate, event,
                name(app) if app else domain.applications.get(app_id) if app_id else None,
                address(device) if device and any(device) else exporter,
            )  # fmt: skip

    def _sflow(
        self, view: memoryview, datagram: _sflow.Datagram, exporter: str | None, offset: int, received: datetime | None
    ) -> Iterator[Row]:
        if self._learning:
            return
        if received is not None:
            time = (received - _EPOCH) // timedelta(microseconds=1)
        else:  # rates can still be told; without any time they could not
            time = datagram.uptime_ms * 1000
            self._fault_once(
                "sflow",
                offset,
                "sFlow carries no date and this evidence has none beside it: its rows are dated 1970, counted from the agent's start",
            )
        device = address(datagram.agent) if any(datagram.agent) else exporter
        at = datagram.samples_at
        try:
            for position, kind, body in _sflow.samples(view, at, datagram.samples):
                at = position
                found = self._sample(kind, body, time, device, offset + at)
                if found:
                    yield found
        except ValueError as error:
            self._fault(offset + at, f"sFlow: {error}")

    def _sample(self, kind: int, body: memoryview, time: int, device: str | None, offset: int) -> Row | None:
        try:
            sample = _sflow.flow_sample(kind, body)
        except ValueError as error:
            self._fault(offset, f"sFlow: {error}")
            return None
        if sample is None or sample[1] is None:
            return None
        rate, packet = max(1, sample[0]), sample[1]
        if rate > RATE_MAX:
            self._fault(offset, f"expected a sampling rate below 2^31, found {rate}")
            return None
        return row(
            offset, time, time, address(packet.src), address(packet.dst), packet.src_port, packet.dst_port, packet.protocol,
            packet.flags, None, packet.icmp_type, rate, packet.length * rate, None, None, rate, None, None, device,
        )  # fmt: skip


def _fields(body: memoryview, at: int, count: int, version: int) -> tuple[list[Field] | None, int]:
    """Field specifiers from ``at`` on, and where they end; None if the set ends before they do."""
    fields: list[Field] = []
    for _ in range(count):
        if at + 4 > len(body):
            return None, at
        number, length = _WORDS.unpack_from(body, at)
        at += 4
        pen = 0
        if version == 10 and number & 0x8000:
            if at + 4 > len(body):
                return None, at
            pen, number = int.from_bytes(body[at : at + 4], "big"), number & 0x7FFF
            at += 4
        # NetFlow v9 has no fields of variable length: there 65535 is one more length that cannot be.
        fields.append(Field(pen, number, length if version == 10 else min(length, VARIABLE - 1)))
    return fields, at
