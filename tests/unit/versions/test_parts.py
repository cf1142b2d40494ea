from hypothesis import given
from hypothesis import strategies as st

from tocsin.versions._parts import number, number_item, padded, sign_of, text, word_item


@given(a=st.integers(0, 10**600), b=st.integers(0, 10**600))
def test_numbers_sort_by_value(a, b):
    assert (number(str(a)) < number(str(b))) == (a < b)
    assert number("000" + str(a)) == number(str(a))


def test_numbers_at_the_edges_of_their_lengths():
    edges = [0, 239, 240, 255, 256, 2**64, 2**120 - 1, 2**120, 2**128]
    assert [number(str(n)) for n in edges] == sorted(number(str(n)) for n in edges)


@given(a=st.text(st.characters(min_codepoint=1, codec="utf-8")), b=st.text(st.characters(min_codepoint=1, codec="utf-8")))
def test_words_sort_by_code_point(a, b):
    assert (text(a) < text(b)) == (a < b)


def test_the_end_sorts_between_what_is_below_and_above_nothing():
    below, above = word_item(-1, b"a"), number_item("3")
    zero = number_item("0")
    assert sign_of([zero, zero]) == 0
    assert sign_of([zero, [below]]) == -1
    ordered = [[below], [zero, below], [], [zero, above], [above, below], [above], [above, above]]
    assert [padded(items) for items in ordered] == sorted(padded(items) for items in ordered)
    assert padded([zero, zero]) == padded([])
