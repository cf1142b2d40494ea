import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.text_logs import read
from tocsin.readers import _lines, zeek_tsv
from tocsin.readers._zeek_columns import conn_columns

FIELDS = [
    "ts",
    "id.orig_h",
    "id.orig_p",
    "id.resp_h",
    "id.resp_p",
    "proto",
    "service",
    "duration",
    "conn_state",
    "history",
    "orig_pkts",
    "resp_ip_bytes",
]
HEADER = "#separator \\x09\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\t" + "\t".join(FIELDS) + "\n"
PLAIN = ["1644930131.250001", "198.51.100.7", "1025", "192.0.2.10", "443", "tcp", "ssl", "0.5", "SF", "ShADadfF", "9", "3500"]

NOTHING = st.sampled_from(["-", "", "(empty)"])
ADDRESSES = st.sampled_from(["198.51.100.7", "2001:DB8::7", "::ffff:192.0.2.1", "host", "192.0.2.256"])
PORTS = st.sampled_from(["0", "8", "443", "65535", "65536", "-1", "0x10", " 5", "1.0"])
COUNTS = st.sampled_from(["0", "7", "007", "9223372036854775807", "9223372036854775808", "-1", "0x10", "x"])
SPANS = st.sampled_from(["0", "0.0000005", "1.5", "1e3", "nan", "inf", "-1", "253402300799", "x"])
TIMES = st.sampled_from(
    ["0", "22.335172", "1644930131.250001", "1644930131.9999999", "253402300799.5", "253402300800", "nan", "-1", "now"]
)
PROTOS = st.sampled_from(["tcp", "udp", "icmp", "ICMP", "unknown_transport", "6"])
WORDS = st.sampled_from(["S0", "SF", "REJ", "é", '"', "a,b", "\x1b", "x" * 70])
HISTORIES = st.sampled_from(["S", "ShADadfF", "Sr", "^hR", "S" * 100])
BY_FIELD = [TIMES, ADDRESSES, PORTS, ADDRESSES, PORTS, PROTOS, WORDS, SPANS, WORDS, HISTORIES, COUNTS, COUNTS]


def one_odd_field(place):
    return (BY_FIELD[place] | NOTHING).map(lambda value: [*PLAIN[:place], value, *PLAIN[place + 1 :]])


RECORDS = (
    st.integers(0, len(FIELDS) - 1).flatmap(one_odd_field) | st.tuples(*(kind | NOTHING for kind in BY_FIELD)) | st.just(PLAIN)
)
LINES = RECORDS.map("\t".join) | st.sampled_from(["#close\tx", "", "short\tline", "\r", "\t".join(PLAIN) + "\r"])


def both_ways(data):
    """Rows and fault offsets, read by columns and read one by one; the header is in a block of its own."""
    whole, chunk = zeek_tsv.conn_columns, _lines.CHUNK_BYTES
    used = []

    def refuse(*_):
        raise ValueError("one by one")

    def counting(*arguments):
        columns = whole(*arguments)
        used.append(len(columns["time"]))
        return columns

    try:
        results = []
        for zeek_tsv.conn_columns in (counting, refuse):
            _lines.CHUNK_BYTES = len(HEADER)
            result = read("zeek_tsv", data)
            results.append((result.rows, result.fault_offsets))
    finally:
        zeek_tsv.conn_columns, _lines.CHUNK_BYTES = whole, chunk
    return results, sum(used)


@settings(max_examples=200, deadline=None)
@given(lines=st.lists(LINES, min_size=1, max_size=3))
def test_records_read_by_column_give_what_records_read_one_by_one_give(lines):
    (by_column, one_by_one), _ = both_ways(HEADER + "\n".join([*lines, ""]))
    assert by_column == one_by_one


def test_plain_records_are_read_by_column():
    (by_column, one_by_one), used = both_ways(HEADER + ("\t".join(PLAIN) + "\n") * 50)
    assert by_column == one_by_one
    assert len(by_column[0]) == 50
    assert used > 40


def test_icmp_and_fields_that_are_not_there():
    columns = conn_columns(b"1.0\t2001:db8::1\t128\t2001:db8::2\t129\ticmp\n", FIELDS[:6], ("-",))
    assert [columns[name].to_pylist() for name in ("connection_info_protocol_num", "icmp_type", "src_endpoint_port")] == [
        [58],
        [128],
        [None],
    ]
    assert columns["traffic_packets_out"].to_pylist() == [None]


@pytest.mark.parametrize(("said", "number"), [("47", 47), ("0", 6), ("-", 6)])
def test_the_number_a_record_says_goes_before_the_name(said, number):
    record = f"1.0\t192.0.2.1\t1\t192.0.2.2\t2\ttcp\t{said}\n".encode()
    assert conn_columns(record, [*FIELDS[:6], "ip_proto"], ("-",))["connection_info_protocol_num"].to_pylist() == [number]


@pytest.mark.parametrize(
    ("fields", "record"), [(["ts", "ts"], b"1\t2\n"), (FIELDS[:6], b"1.0\t192.0.2.1\t1\t192.0.2.2\t2\ttcp\tmore\n")]
)
def test_what_is_odd_is_left_to_the_slow_path(fields, record):
    with pytest.raises(ValueError, match=r"\w"):
        conn_columns(record, fields, ("-",))
