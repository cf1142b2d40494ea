"""One value, one spelling; and nothing else is read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.ledger.canonical import DEPTH_MAX, INT_MAX, LedgerError, canonical, digest, parse, parse_rfc3339, rfc3339

values = st.recursive(
    st.none() | st.booleans() | st.integers(-INT_MAX, INT_MAX) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_keys_are_sorted_by_utf_16_as_in_the_rfcs_own_example():
    # RFC 8785, 3.2.3. By code points, the emoji would come last.
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    assert list(parse(canonical(dict.fromkeys(keys, 0)))) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_text_is_escaped_as_in_the_rfcs_own_example():
    # RFC 8785, 3.2.2
    assert canonical('\u20ac$\u000f\nA\'B"\\\\"/') == b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'
    assert canonical("\b\t\f\r\x1f\x7f\u2028") == b'"\\b\\t\\f\\r\\u001f\x7f\xe2\x80\xa8"'


def test_there_is_no_space_and_a_tuple_is_a_list():
    assert canonical({"b": (1, None, True), "a": {}}) == b'{"a":{},"b":[1,null,true]}'


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param({"a": [0, 1.0]}, r"a\[1\]: expected text, an integer.*found float", id="a fraction, with its place"),
        pytest.param(float("nan"), "found float", id="not a number"),
        pytest.param(datetime.now(UTC), "found datetime", id="a date"),
        pytest.param(INT_MAX + 1, "expected an integer within 53 bits, found 54", id="one too many"),
        pytest.param(-INT_MAX - 1, "expected an integer within 53 bits", id="one too few"),
        pytest.param({"a": {1: 2}}, "a: expected keys that are text, found int", id="a key that is no text"),
        pytest.param("\ud800", "lone surrogate", id="half a character"),
        pytest.param({"\udc00": 1}, "lone surrogate", id="half a character in a key"),
        pytest.param(nested(DEPTH_MAX + 1), "expected at most 32 levels", id="one level too deep"),
        pytest.param(b"bytes", "found bytes", id="bytes"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value, said):
    with pytest.raises(LedgerError, match=said):
        canonical(value)


def test_the_last_allowed_number_and_depth_are_taken():
    assert canonical(INT_MAX) == b"9007199254740991"
    assert parse(canonical(nested(DEPTH_MAX))) == nested(DEPTH_MAX)


@given(values)
def test_what_is_written_is_read_as_the_same_value(value):
    assert parse(canonical(value)) == value


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 9), min_size=2), st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(value, random):
    items = list(value.items())
    random.shuffle(items)
    assert canonical(dict(items)) == canonical(value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b'{"a":1, "b":2}', "another spelling from column 8", id="a space"),
        pytest.param(b'{"b":1,"a":2}', "another spelling from column 3", id="keys out of order"),
        pytest.param(b'{"a":1,"a":2}', "each key once", id="a key twice"),
        pytest.param(b'"\\u0041"', "another spelling from column 2", id="an escape that is not needed"),
        pytest.param(b"-0", "another spelling", id="minus zero"),
        pytest.param(b"1.0", "integers only, found 1.0", id="a fraction"),
        pytest.param(b"1e3", "integers only, found 1e3", id="an exponent"),
        pytest.param(b"NaN", "integers only, found NaN", id="not a number"),
        pytest.param(b"9007199254740992", "within 53 bits", id="a number too large"),
        pytest.param(b"9" * 5000, "more digits", id="a number of 5,000 digits"),
        pytest.param(b"[" * 100_000, "at most 32 levels", id="a hundred thousand brackets"),
        pytest.param(b"[" * 33 + b"]" * 33, "at most 32 levels", id="33 levels"),
        pytest.param(b"\xef\xbb\xbf{}", "expected JSON", id="a byte order mark"),
        pytest.param(b'"\xff"', "expected UTF-8, found byte 0xff at column 2", id="not UTF-8"),
        pytest.param(b'"\\ud800"', "lone surrogate", id="half a character"),
        pytest.param(b"{}\n", "another spelling", id="a line feed"),
        pytest.param(b"", "expected JSON", id="nothing"),
    ],
)
def test_what_is_not_canonical_is_not_read(data, said):
    with pytest.raises(LedgerError, match=said):
        parse(data)


@given(st.binary(max_size=40) | st.text(alphabet='{}[]",:0123-eE.\\u tfn', max_size=40).map(str.encode))
def test_no_bytes_are_read_but_the_spelling_of_a_value(data):
    try:
        value = parse(data)
    except LedgerError:
        return
    assert canonical(value) == data


def test_people_may_lay_out_their_own_files():
    assert parse(b' {"b": 1,\n "a": 2} ', canonical_only=False) == {"a": 2, "b": 1}
    with pytest.raises(LedgerError, match="each key once"):
        parse(b'{"a": 1, "a": 2}', canonical_only=False)


def test_a_digest_under_another_name_is_another():
    assert digest("vote", {}) != digest("head", {})


def test_an_instant_has_one_spelling():
    time = datetime(2022, 2, 20, 16, 21, tzinfo=timezone(timedelta(hours=2)))
    assert rfc3339(time) == "2022-02-20T14:21:00.000000Z"
    assert parse_rfc3339(rfc3339(time)) == time
    with pytest.raises(LedgerError, match="a time with its zone"):
        rfc3339(datetime(2022, 2, 20))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "2022-02-20T14:21:00Z",
        "2022-02-20T14:21:00.000000+00:00",
        "2022-02-20 14:21:00.000000Z",
        "2022-02-30T14:21:00.000000Z",
        "2022-02-20T14:21:00.000000z",
        "２022-02-20T14:21:00.000000Z",
        "",
    ],
)
def test_any_other_spelling_of_an_instant_is_refused(text):
    with pytest.raises(LedgerError, match="expected a time such as"):
        parse_rfc3339(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_instant_comes_back(time):
    assert parse_rfc3339(rfc3339(time)) == time
