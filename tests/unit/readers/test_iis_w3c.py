import pytest

from kit.text_logs import claimants, read

FIELDS = "#Fields: date time c-ip cs-method cs-uri-stem sc-status"


def row_of(fields, line):
    return read("iis_w3c", f"#Fields: {fields}\n{line}\n").one()


@pytest.mark.parametrize(
    ("taken", "seconds"), [("15", 0.015), ("0", 0.0), ("0.015", 0.015), ("-", None)], ids=["ms", "none", "seconds", "absent"]
)
def test_whole_numbers_are_milliseconds_and_decimals_seconds(taken, seconds):
    assert row_of("date time c-ip time-taken", f"2022-02-15 13:02:11 198.51.100.7 {taken}").get("duration_s") == seconds


def test_plus_signs_stand_for_spaces_in_agent_and_referrer_only():
    row = row_of("date time c-ip cs(User-Agent) cs(Referer) cs-uri-query", "2022-02-15 13:02:11 198.51.100.7 a+b c+d e+f")
    assert [row[f"http_request_{key}"] for key in ("user_agent", "referrer", "url_query_string")] == ["a b", "c d", "e+f"]


def test_the_day_is_that_of_the_last_date_line_where_there_is_no_column():
    head = "#Date: 2022-02-15 23:59:58\n#Fields: time c-ip\n23:59:59 198.51.100.7\n"
    result = read("iis_w3c", head + "#Date: 2022-02-16 00:00:00\n00:00:01 198.51.100.7\n")
    assert [row["time"] for row in result.rows] == ["2022-02-15T23:59:59+00:00", "2022-02-16T00:00:01+00:00"]


def test_fields_can_change_inside_the_file():
    data = "#Fields: date time c-ip sc-status\n2022-02-15 13:02:11 198.51.100.7 200\n#Fields: sc-status c-ip time date\n404 198.51.100.8 13:02:12 2022-02-15\n"
    assert [(row["src_endpoint_ip"], row["http_response_code"]) for row in read("iis_w3c", data).rows] == [
        ("198.51.100.7", 200),
        ("198.51.100.8", 404),
    ]


def test_tabs_separate_too():
    row = row_of(
        "date\ttime\tx-edge-location\tc-ip\tcs(Host)\ttime-taken",
        "2022-02-15\t13:02:11\tFRA2\t198.51.100.7\tx.example.org\t0.250",
    )
    assert (row["src_endpoint_ip"], row["http_request_url_hostname"], row["duration_s"]) == (
        "198.51.100.7",
        "x.example.org",
        0.25,
    )


@pytest.mark.parametrize(
    "line",
    ["2022-02-15 13:02:11 198.51.100.7 GET /", "2022-02-15 13:02:11 198.51.100.7 GET / 200 x", "2022-02-30 13:02:11 198.51.100.7 GET / 200",
     "2022-02-15 - 198.51.100.7 GET / 200", "2022-02-15 13:02:11 198.51.100.7 GET / OK", "#Fields: date sc-status"],
)  # fmt: skip
def test_a_line_that_does_not_fit_the_fields_is_a_fault(line):
    result = read("iis_w3c", f"{FIELDS}\n{line}\n")
    assert [fault.offset for fault in result.faults] == [len(FIELDS) + 1]
    assert result.rows == []


def test_a_record_before_any_fields_line_is_a_fault():
    assert read("iis_w3c", "2022-02-15 13:02:11 198.51.100.7 GET / 200\n").fault_offsets == [0]


def test_the_empty_space_of_a_log_in_use_is_a_fault_not_a_loss():
    result = read("iis_w3c", f"{FIELDS}\n2022-02-15 13:02:11 198.51.100.7 GET / 200\n".encode() + b"\0" * 1000)
    assert (len(result.rows), len(result.faults)) == (1, 1)
    assert "NUL" in result.faults[0].reason


@pytest.mark.parametrize(
    ("head", "claimed"),
    [
        (f"#Software: x\n{FIELDS}\n", True),
        ("#Fields: date time s-ip s-port\n", False),
        ("#Fields: date time action protocol src-ip dst-ip\n", False),
        (f"first words\n{FIELDS}\n", False),
        ("#fields\tts\tuid\n", False),
        ("# a heading\n", False),
    ],
)
def test_claimed_are_directives_with_the_columns_of_a_web_server(head, claimed):
    assert claimants(head.encode()) == (["iis_w3c"] if claimed else [])
