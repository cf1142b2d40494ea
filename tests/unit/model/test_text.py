"""Numbers, times and foreign text as people read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model import text


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (3.14159, "3.1"), (14_000, "14,000"), (999_499, "999,499"), (999_500, "1 million"), (1_204_312, "1.2 million"),
     (123e6, "123 million"), (1.5e9, "1.5 billion"), (0.04, "0.04"), (-7, "-7"), (float("nan"), "unknown"), (float("inf"), "unknown")],
)  # fmt: skip
def test_numbers_are_grouped_and_large_ones_are_words(value, said):
    assert text.number(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0 bit/s"), (999.4, "999 bit/s"), (999.6, "1 kbit/s"), (614e6, "614 Mbit/s"), (5.1e9, "5.1 Gbit/s")]
)
def test_bits_get_a_prefix(value, said):
    assert text.bit_rate(value) == said
    assert text.rate(value, "bits/s") == said


def test_rates_keep_their_unit():
    assert text.rate(1_200_000, "packets/s") == "1.2 million packets/s"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (0, "0 %"),
        (0.0004, "< 0.1 %"),
        (0.0005, "0.1 %"),
        (0.998, "99.8 %"),
        (0.9994, "99.9 %"),
        (0.99951, "> 99.9 %"),
        (1, "100 %"),
    ],
)
def test_not_quite_all_or_nothing_never_reads_as_such(ratio, said):
    assert text.percent(ratio) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "one instant"), (0.0002, "under 1 ms"), (0.023, "23 ms"), (0.9996, "1 s"), (4.5, "4.5 s"), (59.4, "59 s"), (59.6, "1 min"),
     (150, "2 min 30 s"), (599, "9 min 59 s"), (600, "10 min"), (869, "14 min"), (3569, "59 min"), (3570, "1 h"),
     (12_000, "3 h 20 min"), (86_369, "23 h 59 min"), (86_400, "1 d"), (187_200, "2 d 4 h"), (-1, "unknown"), (float("nan"), "unknown")],
)  # fmt: skip
def test_durations_have_two_units_at_most(seconds, said):
    assert text.duration(seconds) == said


def test_times_are_utc_whatever_the_zone():
    kyiv = datetime(2022, 2, 15, 15, 2, 11, tzinfo=timezone(timedelta(hours=2)))
    assert text.instant(kyiv) == "15 Feb 2022, 13:02:11 UTC"
    assert text.instant(None) == "unknown"


@pytest.mark.parametrize(
    ("later_s", "said"),
    [(0.023, "15 Feb 2022, 13:02:11 UTC"), (869, "15 Feb 2022, 13:02:11 to 13:16:40 UTC"),
     (86_400, "15 Feb 2022, 13:02:11 to 16 Feb 2022, 13:02:11 UTC")],
)  # fmt: skip
def test_a_span_repeats_the_day_only_where_it_changes(later_s, said):
    first = datetime(2022, 2, 15, 13, 2, 11, tzinfo=UTC)
    assert text.span(first, first + timedelta(seconds=later_s)) == said


def test_listing_says_how_many_it_leaves_out():
    assert text.listing("abcde") == "a, b, c, d and e"
    assert text.listing("abcdef") == "a, b, c, d and 2 more"
    assert text.listing([]) == ""
    assert text.listing(["a"]) == "a"


def test_plurals():
    assert [text.plural(n, "file") for n in (0, 1, 2000)] == ["no files", "1 file", "2,000 files"]
    assert text.plural(2, "victim of it", "victims of it") == "2 victims of it"


@pytest.mark.parametrize(
    ("given_", "shown"),
    [("\x1b[31m", "\\x1b[31m"), ("a\nb\tc\0", "a\\nb c\\x00"), ("\u202egnp.exe", "\\u202egnp.exe"), ("\u2066x\u2069", "\\u2066x\\u2069"),
     ("zero\u200bwidth", "zero\\u200bwidth"), ("\ud800", "\\ud800"), ("\U000e0041", "\\U000e0041"), ("\u2028", "\\u2028"),
     ("\x9b31m", "\\x9b31m"), ("\ufdd0", "\\ufdd0"), ("\u3164", "\\u3164"), ("\xa0", " "), (7, "7"), (None, "None")],
)  # fmt: skip
def test_what_moves_hides_or_reorders_becomes_visible(given_, shown):
    assert text.printable(given_) == shown


@pytest.mark.parametrize("words", ["Міністерство оборони", "בנק", "بنك", "銀行", "Chişinău", "საქართველო", "naïve café"])
def test_letters_of_every_script_stay(words):
    assert text.printable(words) == words


def test_marks_stack_three_deep_and_no_deeper():
    assert text.printable("e" + "\u0301" * 3) == "e" + "\u0301" * 3
    assert text.printable("e" + "\u0301" * 40) == "e" + "\u0301" * 3


def test_what_is_cut_off_is_counted():
    assert text.printable("x" * 30, 30) == "x" * 30
    assert text.printable("x" * 31, 30).endswith("x… (31 characters)")


@given(st.text(alphabet=st.characters()), st.integers(20, 200))
def test_printable_text_is_one_safe_bounded_line(given_, limit):
    shown = text.printable(given_, limit)
    assert len(shown) <= limit
    assert shown.isprintable()
    assert "\n" not in shown
    assert shown.encode().decode() == shown
