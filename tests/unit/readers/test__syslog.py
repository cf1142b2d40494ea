import io

import pytest

from tocsin.readers._lines import iso_us
from tocsin.readers._syslog import UNKNOWN_YEAR, Clock, first_year, header

MESSAGE = "the message: of 7 words [a]"


@pytest.mark.parametrize(
    ("head", "host"),
    [
        ("Feb 15 13:02:11 fw1 kernel: ", "fw1"),
        ("Feb  5 13:02:11 fw1 app[12]: ", "fw1"),
        ("<4>Feb 15 13:02:11 fw1 kernel: ", "fw1"),
        ("Feb 15 2022 13:02:11 fw1 kernel: ", "fw1"),
        ("Feb 15 13:02:11.123 fw1 kernel: ", "fw1"),
        ("Tue Feb 15 13:02:11 2022 router kernel: ", "router"),
        ("<4>Feb 15 13:02:11 nginx: ", ""),
        ("2022-02-15T13:02:11+0200 192.0.2.1 kernel: ", "192.0.2.1"),
        ("2022-02-15T13:02:11.123456+02:00 fw1 kernel: ", "fw1"),
        ("<4>1 2022-02-15T13:02:11.5Z fw1 app 12 ID47 - ", "fw1"),
        ('<4>1 2022-02-15T13:02:11Z fw1 app - - [a@1 b="c\\]d"][e] ', "fw1"),
        ("<4>1 2022-02-15T13:02:11Z fw1 app - - - \ufeff", "fw1"),
        ("1644930131.123456 fw1 kernel: ", "fw1"),
        ("[Tue Feb 15 13:02:11 2022] ", ""),
    ],
)
def test_heads_in_their_spellings(head, host):
    found = header(head + MESSAGE)
    assert found is not None
    assert (found.host, (head + MESSAGE)[found.message :]) == (host, MESSAGE)


@pytest.mark.parametrize(
    "line", ["", "a text", "198.51.100.7 - - [15/Feb/2022:13:02:11 +0200]", "<4>1 2022-02-15T13:02:11Z fw1", "Feb 15 13:02:11"]
)
def test_what_has_no_syslog_head(line):
    assert header(line) is None


def times(year, *stamps):
    clock = Clock(year)
    return [clock.time_us(header(f"{stamp} fw1 x: y").stamp) for stamp in stamps], clock.guessed


def test_a_known_year_is_counted_over_new_year_and_back_for_late_lines():
    found, guessed = times(2021, "Dec 31 23:59:59", "Jan  1 00:00:01", "Dec 31 23:59:58", "Jan  1 00:00:02")
    assert found == [
        iso_us(t) for t in ("2021-12-31T23:59:59", "2022-01-01T00:00:01", "2021-12-31T23:59:58", "2022-01-01T00:00:02")
    ]
    assert not guessed


def test_months_that_only_go_back_a_little_are_disorder_not_a_year():
    assert times(2021, "Jul 1 00:00:00".replace("Jul 1", "Jul  1"), "Jan  1 00:00:00")[0][1] == iso_us("2021-01-01T00:00:00")
    assert times(2021, "Aug  1 00:00:00", "Jan  1 00:00:00")[0][1] == iso_us("2022-01-01T00:00:00")


def test_without_a_year_the_year_is_one_that_is_no_year_of_ours():
    assert times(None, "Feb 29 00:00:00") == ([iso_us(f"{UNKNOWN_YEAR}-02-29T00:00:00")], True)


def test_a_stamp_with_a_year_settles_it_for_those_that_follow():
    found, guessed = times(None, "2021-12-31T23:00:00Z", "Dec 31 23:59:59", "Jan  1 00:00:01")
    assert found[1:] == [iso_us("2021-12-31T23:59:59"), iso_us("2022-01-01T00:00:01")]
    assert not guessed


@pytest.mark.parametrize("stamp", ["Feb 30 00:00:00", "Xyz 01 00:00:00", "Feb 01 25:00:00", "2022-13-01T00:00:00Z"])
def test_impossible_stamps_are_refused(stamp):
    with pytest.raises(ValueError, match=r"\w"):
        times(2021, stamp)


AUDIT = "Jan  1 00:00:04 fw1 kernel: audit: type=1400 audit(1640995204.123:45): x"


@pytest.mark.parametrize(
    ("lines", "year"),
    [
        pytest.param(["Feb 15 13:02:11 fw1 x: y"], None, id="nothing says a year"),
        pytest.param(["Feb 15 13:02:11 fw1 x: y", "2022-02-15T13:02:12Z fw1 x: y"], 2022, id="an ISO stamp does"),
        pytest.param(["Dec 31 23:02:11 fw1 x: y", "2022-01-01T13:02:12Z fw1 x: y"], 2021, id="over New Year"),
        pytest.param(["2022-02-15T13:02:12Z fw1 x: y", "Dec 31 13:02:11 fw1 x: y"], None, id="not needed: the first stamp has one"),
        pytest.param(["Dec 31 23:02:11 fw1 x: y", AUDIT], 2021, id="the kernel's audit stamp"),
        pytest.param(["Dec 31 23:02:11 fw1 x: y", AUDIT.replace("Jan  1", "Mar  1")], None, id="an audit stamp of another month"),
        pytest.param(["Feb 15 13:02:11 fw1 x: y", "the year 2022-02-15T13:02:12Z is inside"], None, id="only line starts count"),
    ],
)  # fmt: skip
def test_the_year_comes_from_the_first_line_that_says_one(lines, year):
    stream = io.BytesIO("\n".join(lines).encode())
    assert first_year(stream) == year
    assert stream.tell() == 0
