import pytest

from tocsin.readers._flows import end_us, ip_bytes, ip_protocol


@pytest.mark.parametrize(
    ("name", "v6", "number"),
    [("TCP", False, 6), ("udp", True, 17), ("icmp", False, 1), ("icmp", True, 58), ("IPv6-ICMP", True, 58), ("041", False, 41), ("255", False, 255),
     ("256", False, None), ("unknown_transport", False, None), ("", False, None), (None, False, None), ("9" * 50, False, None)],
)  # fmt: skip
def test_protocols_by_name_and_number(name, v6, number):
    assert ip_protocol(name, v6=v6) == number


@pytest.mark.parametrize(
    ("frame_bytes", "packets", "expected"),
    [
        pytest.param(120, 2, 92, id="an Ethernet header less per packet"),
        pytest.param(68, 2, 40, id="just an IP header each"),
        pytest.param(66, 2, 66, id="too small to hold an Ethernet header"),
        pytest.param(0, 0, 0, id="nothing"),
        pytest.param(100, None, 100, id="packets not known"),
        pytest.param(None, 2, None, id="bytes not known"),
    ],
)
def test_ip_bytes_out_of_frame_bytes(frame_bytes, packets, expected):
    assert ip_bytes(frame_bytes, packets) == expected


def test_a_flow_ends_before_the_calendar_does():
    assert end_us(5, 1.5) == 1_500_005
    assert end_us(5, None) == 5
    with pytest.raises(ValueError, match="year 10000"):
        end_us(253_402_300_799_000_000, 1.0)
