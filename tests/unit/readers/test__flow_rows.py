"""Times of flow records, and what applies to which protocol."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.readers._flow_rows import COLUMNS, Clock, address, firewall_disposition, moment_us, name, row, span_us
from tocsin.readers._flow_templates import Field, compile_template
from tocsin.schema import NETWORK_ACTIVITY

EXPORT_MS = 1_644_930_000_000
UNITS = compile_template([Field(0, 2, 4)], b"", version=10)


def template(start="", end="", duration=""):
    return replace(UNITS, start_unit=start, end_unit=end, duration_unit=duration)


@pytest.mark.parametrize(
    ("unit", "raw", "found_us"),
    [
        ("ms", 1_644_930_131_250, 1_644_930_131_250_000),
        ("s", 1_644_930_131, 1_644_930_131_000_000),
        ("ntp", (1_644_930_131 + 2_208_988_800) << 32 | 0x4000_0000, 1_644_930_131_250_000),
        ("ntp", 2_208_988_800 << 32, 0),
        ("before_us", 1_500_000, EXPORT_MS * 1000 - 1_500_000),
    ],
)
def test_absolute_times(unit, raw, found_us):
    assert moment_us(unit, raw, EXPORT_MS, 0) == found_us


@pytest.mark.parametrize(
    ("uptime_ms", "then_ms", "before_ms"),
    [
        pytest.param(10_000, 1_000, 9_000, id="before"),
        pytest.param(10_000, 10_000, 0, id="now"),
        pytest.param(10_000, 10_500, -500, id="a little later: counted after the header was written"),
        pytest.param(5_000, 2**32 - 1_000, 6_000, id="before the counter started anew"),
        pytest.param(2**32 - 1_000, 5_000, -6_000, id="after the counter started anew"),
        pytest.param(2**31 - 1, 0, 2**31 - 1, id="24 days before"),
        pytest.param(3 * 2**32 + 5_000, 2**32 - 1_000, 6_000, id="an uptime of more than 32 bits"),
    ],
)
def test_uptimes_are_the_nearest_to_the_export(uptime_ms, then_ms, before_ms):
    assert moment_us("uptime_ms", then_ms, EXPORT_MS, uptime_ms) == (EXPORT_MS - before_ms) * 1000


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31), 2**31 - 1))
def test_an_uptime_within_24_days_of_the_export_is_found(uptime_ms, before_ms):
    then_ms = (uptime_ms - before_ms) % 2**32
    found = moment_us("uptime_ms", then_ms, EXPORT_MS, uptime_ms)
    assert found == (EXPORT_MS - before_ms) * 1000 or before_ms == -(2**31)


@pytest.mark.parametrize(
    ("units", "values", "span_ms"),
    [
        pytest.param(template("ms", "ms"), (EXPORT_MS - 9, EXPORT_MS - 5, None), (-9, -5), id="both"),
        pytest.param(template("ms", "s"), (EXPORT_MS - 9, EXPORT_MS // 1000, None), (-9, 0), id="of different units"),
        pytest.param(template("ms", "ms"), (EXPORT_MS - 5, EXPORT_MS - 9, None), (-5, -5), id="the end before the start"),
        pytest.param(template("ms", "", "ms"), (EXPORT_MS - 9, None, 4), (-9, -5), id="start and duration"),
        pytest.param(template("", "ms", "us"), (None, EXPORT_MS - 5, 4000), (-9, -5), id="end and duration"),
        pytest.param(template("", "", "ms"), (None, None, 4), (-4, 0), id="duration alone"),
        pytest.param(template("ms", ""), (EXPORT_MS - 9, None, None), (-9, -9), id="start alone"),
        pytest.param(template("", "ms"), (None, EXPORT_MS - 9, None), (-9, -9), id="end alone"),
        pytest.param(template(), (None, None, None), (0, 0), id="nothing"),
        pytest.param(template("uptime_ms", "uptime_ms"), (1_000, 3_500, None), (-2_500, 0), id="uptimes, and no start known"),
        pytest.param(template("uptime_ms", ""), (1_000, None, None), (0, 0), id="one uptime, and no start known"),
    ],
)
def test_what_a_record_does_not_say_is_the_time_of_export(units, values, span_ms):
    found = span_us(units, *values, None, Clock(EXPORT_MS, None))
    assert tuple(us // 1000 - EXPORT_MS for us in found) == span_ms


def test_uptimes_count_from_the_start_of_the_exporter_where_it_is_known():
    both = template("uptime_ms", "uptime_ms")
    assert span_us(both, 1_000, 3_500, None, EXPORT_MS - 60_000, Clock(EXPORT_MS, None))[0] == (EXPORT_MS - 59_000) * 1000
    assert span_us(both, 1_000, 3_500, None, EXPORT_MS - 60_000, Clock(EXPORT_MS, 10_000))[0] == (EXPORT_MS - 9_000) * 1000


def made(**changes):
    arguments = {
        "offset": 0, "start_us": 1, "end_us": 2, "src": "192.0.2.1", "dst": "192.0.2.2", "src_port": 1, "dst_port": 0x0801,
        "protocol": 6, "flags": 2, "flags_in": 18, "icmp_type": None, "packets": 1, "octets": 60, "packets_in": None,
        "octets_in": None, "rate": 1, "event": None, "app": None, "device": None,
    }  # fmt: skip
    return dict(zip(COLUMNS, row(**arguments | changes), strict=True))


@pytest.mark.parametrize(
    ("protocol", "ports", "flags", "icmp_type"),
    [
        (6, (1, 0x0801), 2, None),
        (17, (1, 0x0801), None, None),
        (132, (1, 0x0801), None, None),
        (1, (None, None), None, 8),
        (58, (None, None), None, 8),
        (47, (None, None), None, None),
        (None, (1, 0x0801), None, None),
    ],
)
def test_ports_flags_and_types_stand_where_the_protocol_has_them(protocol, ports, flags, icmp_type):
    found = made(protocol=protocol)
    assert (found["src_endpoint_port"], found["dst_endpoint_port"]) == ports
    assert found["connection_info_tcp_flags"] == flags
    assert found["icmp_type"] == icmp_type


def test_an_icmp_type_of_its_own_comes_before_the_port_even_if_zero():
    assert made(protocol=1, icmp_type=0)["icmp_type"] == 0


@pytest.mark.parametrize(
    ("event", "state", "disposition"),
    [
        (None, None, None),
        (0, None, None),
        (1, "created", 1),
        (2, "deleted", 1),
        (3, "denied", 2),
        (4, "alert", None),
        (5, "update", 1),
        (9, None, None),
    ],
)
def test_events_of_firewalls(event, state, disposition):
    found = made(event=event)
    assert (found["connection_state"], found["disposition_id"]) == (state, disposition)
    assert firewall_disposition(state) == disposition


def test_the_columns_are_those_of_the_table():
    assert set(COLUMNS) <= set(NETWORK_ACTIVITY.arrow.names)


def test_addresses_and_names_as_text():
    assert address(bytes([192, 0, 2, 1])) == "192.0.2.1"
    assert address(bytes.fromhex("20010db8000000000000000000000053")) == "2001:db8::53"
    assert address(None) is None
    assert name(b"dns\0\0\0") == "dns"
    assert name(b"\0 \0") is None
    assert name(b"\xff" + b"a" * 100) == "�" + "a" * 63
