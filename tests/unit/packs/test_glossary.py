"""The glossary explains every vector, and only what a reader meets."""

from tocsin.packs.glossary import glossary, occurring, word
from tocsin.terms import Vector


def test_every_vector_is_explained():
    assert {str(vector) for vector in Vector} <= set(glossary())


def test_no_spelling_belongs_to_two_terms():
    forms = [form.lower() for term in glossary().values() for form in (term.term, *term.forms)]
    assert len(forms) == len(set(forms))


def test_every_meaning_is_a_sentence():
    assert all(term.meaning.endswith(".") and term.meaning[0].isupper() for term in glossary().values())


def test_only_terms_that_occur_are_returned_in_order():
    assert [term.term for term in occurring(["an NTP reflector and a syn FLOOD", "nothing"])] == [
        "NTP",
        "reflector",
        "SYN flood",
    ]


def test_parts_of_words_do_not_count():
    assert occurring(["support, opportunity, bytes, untold"]) == ()


def test_words_with_signs_are_found():
    assert [term.key for term in occurring(["(1.2 million packets/s, 5.1 Gbit/s)"])] == ["bit", "packet"]


def test_unknown_keys_become_words():
    assert word("syn_flood") == "SYN flood"
    assert word("password_spray") == "password spray"
