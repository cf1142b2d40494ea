from datetime import date

import pytest

from tocsin.muster.words import days_in_words, language_name, number_word, people, state_name


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2022, 3, 8), date(2022, 3, 8), "8 Mar 2022"),
        (date(2022, 3, 5), date(2022, 3, 8), "5 to 8 Mar 2022"),
        (date(2022, 2, 22), date(2022, 3, 8), "22 Feb to 8 Mar 2022"),
        (date(2022, 12, 30), date(2023, 1, 2), "30 Dec 2022 to 2 Jan 2023"),
        (date(2022, 3, 5), date(2023, 3, 5), "5 Mar 2022 to 5 Mar 2023"),
    ],
)
def test_what_both_days_share_is_said_once(first, last, words):
    assert days_in_words(first, last) == words


def test_a_name_we_do_not_have_stays_a_code():
    assert (state_name("EE"), state_name("XX")) == ("Estonia", "XX")
    assert (language_name("uk"), language_name("xx")) == ("Ukrainian", "xx")


def test_numbers():
    assert (number_word(0), number_word(12), number_word(13)) == ("no", "twelve", "13")
    assert (people(1), people(2)) == ("1 person", "2 people")
