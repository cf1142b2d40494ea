"""From the values of a flow record to a row of ``network_activity``: times, addresses, what applies to which protocol."""

import socket
from functools import lru_cache
from typing import Any, NamedTuple

from tocsin.readers._flow_elements import FIREWALL_EVENTS
from tocsin.readers._flow_templates import Template
from tocsin.terms import Disposition, IpProtocol

COLUMNS = (
    "record_offset", "time", "end_time", "src_endpoint_ip", "src_endpoint_port", "dst_endpoint_ip", "dst_endpoint_port",
    "connection_info_protocol_num", "connection_info_tcp_flags", "connection_info_tcp_flags_in", "icmp_type", "traffic_packets_out",
    "traffic_bytes_out", "traffic_packets_in", "traffic_bytes_in", "sampling_rate", "connection_state", "app_name", "disposition_id", "device_ip",
)  # fmt: skip
END_OF_TIME_US = 253_402_300_800_000_000  # the year 10000: more than a time stamp can say

_NTP_TO_UNIX_S = 2_208_988_800
# sysUpTime has 32 bits and starts anew every 49.7 days: of all times that fit, the one nearest to the export is meant.
_WRAP_MS, _HALF_MS = 1 << 32, 1 << 31
_PORTS = frozenset({IpProtocol.UDP, 33, 132, 136})  # and DCCP, SCTP, UDP-Lite
_ICMP = frozenset({IpProtocol.ICMP, IpProtocol.ICMPV6})
_DISPOSITIONS = {
    "created": Disposition.ALLOWED,
    "deleted": Disposition.ALLOWED,
    "update": Disposition.ALLOWED,
    "denied": Disposition.BLOCKED,
}


Row = tuple[Any, ...]


class Clock(NamedTuple):
    """When a message was exported, and the exporter's uptime then (None if it does not say), in milliseconds."""

    export_ms: int
    uptime_ms: int | None


def span_us(
    template: Template, start_raw: Any, end_raw: Any, duration: int | None, boot_ms: int | None, clock: Clock
) -> tuple[int, int]:
    """First and last time of a record in microseconds since 1970.

    Args:
        template: For the units.
        start_raw, end_raw, duration: As in the record; None where the template has none.
        boot_ms: When the exporter started, milliseconds since 1970, if it says so.
        clock: Of the message. What the record does not say is the time of export.
    """
    start_unit, end_unit = template.start_unit, template.end_unit
    export_ms, uptime = clock
    if uptime is None:
        if boot_ms:
            uptime = export_ms - boot_ms
        else:
            uptime = end_raw if end_unit == "uptime_ms" else start_raw if start_unit == "uptime_ms" else 0
    start = moment_us(start_unit, start_raw, export_ms, uptime) if start_unit else None
    if end_raw == start_raw and end_unit == start_unit:
        end = start
    else:
        end = moment_us(end_unit, end_raw, export_ms, uptime) if end_unit else None
    if start is None or end is None:
        length = 0 if duration is None else duration * 1000 if template.duration_unit == "ms" else duration
        if start is None:
            end = export_ms * 1000 if end is None else end
            start = end - length
        else:
            end = start + length
    # Exporters with two clocks can end a flow before it starts; a duration below 0 helps nobody.
    return start, end if end > start else start


def moment_us(unit: str, raw: int, export_ms: int, uptime_ms: int) -> int:
    """A time of unit ``unit`` (see ``Element``) in microseconds since 1970."""
    if unit == "ms":
        return raw * 1000
    if unit == "uptime_ms":
        return (export_ms - (uptime_ms - raw + _HALF_MS) % _WRAP_MS + _HALF_MS) * 1000
    if unit == "ntp":  # RFC 7011, 6.1.9: seconds since 1900 and a binary fraction; up to 2036
        return ((raw >> 32) - _NTP_TO_UNIX_S) * 1_000_000 + ((raw & 0xFFFFFFFF) * 1_000_000 >> 32)
    if unit == "s":
        return raw * 1_000_000
    return export_ms * 1000 - raw  # before_us


@lru_cache(maxsize=1 << 16)
def address(packed: bytes | None) -> str | None:
    """The text of an address of 4 or 16 bytes."""
    if packed is None:
        return None
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


@lru_cache(maxsize=1 << 12)
def name(raw: bytes) -> str | None:
    """The text of a string field, at most 64 bytes of it; None if it is empty."""
    return raw[:64].decode("utf-8", "replace").strip("\0 ") or None


def firewall_disposition(state: str | None) -> int | None:
    """What a firewall did, by the name of its event as in ``FIREWALL_EVENTS``."""
    return _DISPOSITIONS.get(state) if state else None


def row(
    offset: int,
    start_us: int,
    end_us: int,
    src: str | None,
    dst: str | None,
    src_port: int | None,
    dst_port: int | None,
    protocol: int | None,
    flags: int | None,
    flags_in: int | None,
    icmp_type: int | None,
    packets: int | None,
    octets: int | None,
    packets_in: int | None,
    octets_in: int | None,
    rate: int,
    event: int | None,
    app: str | None,
    device: str | None,
) -> Row:
    """The values of ``COLUMNS``; arguments alike, ``event`` a ``firewallEvent``, all within their columns' range.

    Times stay integers (microseconds since 1970), which Arrow takes as they are and much faster than datetimes.
    """
    is_tcp, is_icmp = protocol == IpProtocol.TCP, protocol in _ICMP
    if not is_tcp and protocol not in _PORTS and protocol is not None:
        if is_icmp and icmp_type is None and dst_port is not None:
            icmp_type = dst_port >> 8  # without an element of their own, type and code stand in the destination port
        src_port = dst_port = None
    state = FIREWALL_EVENTS.get(event) if event else None
    return (
        offset,
        start_us,
        end_us,
        src,
        src_port,
        dst,
        dst_port,
        protocol,
        flags if is_tcp else None,
        flags_in if is_tcp else None,
        icmp_type if is_icmp else None,
        packets,
        octets,
        packets_in,
        octets_in,
        rate,
        state,
        app,
        firewall_disposition(state),
        device,
    )
