"""The description of a request, and what is made from it."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kit.requests import CONTENT
from tocsin.ops.activation import content

LONG = "x" * 200


def test_a_complete_content_has_no_problems():
    assert content.tidy(CONTENT) == CONTENT
    assert content.problems(CONTENT) == {}


@pytest.mark.parametrize("key", [field.key for field in content.FIELDS.values() if field.needed is True])
def test_what_is_needed_is_missed_when_it_is_gone(key):
    assert list(content.problems({k: v for k, v in CONTENT.items() if k != key})) == [key]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        pytest.param({"mode": "remote", "place": ""}, [], id="nobody comes: no place"),
        pytest.param({"mode": "on_site", "place": ""}, ["place"], id="somebody comes: a place"),
        pytest.param({"spillover": "seen"}, ["spillover_detail"], id="seen beyond the border: where"),
        pytest.param({"spillover": "possible"}, [], id="possible: nothing to say yet"),
    ],
)
def test_what_is_needed_depends_on_other_answers(changes, missing):
    assert list(content.problems({**CONTENT, **changes})) == missing


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("start", "2022-02-28", True),
        ("start", "2022-02-29", False),
        ("start", "20220228", False),
        ("first_noticed", "2022-02-15T13:02:10Z", True),
        ("first_noticed", "2022-02-15T24:61", False),
        ("first_noticed", "2022-02-15T13:02+02:00", False),
        ("first_noticed", "yesterday", False),
        ("days", "1", True),
        ("days", "0", False),
        ("days", "365", True),
        ("days", "366", False),
        ("days", "٣", False),
    ],
)
def test_days_moments_and_numbers(key, value, right):
    assert (key not in content.problems({**CONTENT, key: value})) is right


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"status": "activated"}, id="a key that is not described"),
        pytest.param({"made_by": "x"}, id="a column of the model"),
        pytest.param({"type": "availability/none"}, id="no such choice"),
        pytest.param({"sectors": ["energy", "none"]}, id="one of them is no choice"),
        pytest.param({"sectors": "energy"}, id="text for a list"),
        pytest.param({"sectors": [["energy"]]}, id="a list in a list"),
        pytest.param({"days": 21}, id="a number for a text"),
        pytest.param({"title": None}, id="null for a text"),
        pytest.param({"title": "x" * 201}, id="one too long"),
        pytest.param({"title": "a\0b"}, id="a zero character"),
        pytest.param({"title": "a\ud800"}, id="half of a surrogate pair"),
    ],
)
def test_what_is_no_content_is_refused(raw):
    with pytest.raises(ValueError, match=f"{next(iter(raw))}:"):
        content.tidy(raw)


def test_half_done_content_is_kept_as_it_is():
    assert content.tidy({"first_noticed": "tuesday", "title": "x" * 200, "measures": "  ", "sectors": []}) == {
        "first_noticed": "tuesday",
        "title": LONG,
    }


def test_several_choices_have_one_order_and_no_doubles():
    assert content.tidy({"sectors": ["space", "energy", "space"]}) == {"sectors": ["energy", "space"]}


@given(st.text(max_size=300))
def test_tidying_twice_changes_nothing(text):
    try:
        once = content.tidy({"description": text})
    except ValueError:
        return
    assert content.tidy(once) == once


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ({"title": "Help", "type": "availability/ddos"}, "Help"),
        (CONTENT, "Distributed Denial of Service: Ministry of Defence"),
        ({"organisations": "Ministry"}, "Ministry"),
        ({"type": "availability/ddos", "organisations": LONG}, f"Distributed Denial of Service: {LONG}"[:200]),
        ({}, ""),
    ],
)
def test_a_title_is_made_where_none_is_given(said, title):
    with override("uk"):  # records are in one language, whoever writes them
        assert content.title_of(said) == title


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({}, []),
        ({"days": "10"}, [("For how many days", "“21” became “10”")]),
        (
            {"asked": ["incident_response", "training"]},
            [("Kind of help", "added: “training”; taken out: “vulnerability assessment”")],
        ),
        (
            {"organisations": "Ministry of Defence\nSecond Bank"},
            [("Organisations", "added: “Second Bank”; taken out: “First Bank”")],
        ),
        ({"organisations": "First Bank\nMinistry of Defence"}, [("Organisations", "put in another order")]),
        ({"support": "NATO"}, [("Support from elsewhere", "added: “NATO”")]),
        ({"place": ""}, [("Where", "taken out: “Kyiv, main site”")]),
        ({"description": LONG}, [("In own words", "rewritten")]),
    ],
)
def test_differences_are_said_in_words(changes, sentences):
    assert [(c.label, c.sentence) for c in content.changes(CONTENT, content.tidy({**CONTENT, **changes}))] == sentences


def test_a_rewritten_text_is_shown_before_and_after():
    [change] = content.changes(CONTENT, {**CONTENT, "description": LONG})
    assert (change.before, change.after) == (CONTENT["description"], LONG)


def test_every_answer_stands_in_the_exported_text():
    text = content.as_text(CONTENT, "2022-07")
    assert text.startswith("TLP:AMBER+STRICT\n") and text.endswith("TLP:AMBER+STRICT\n")
    for key, value in CONTENT.items():
        assert content.shown(content.FIELDS[key], value).replace("\n", "\n  ") in text


@pytest.mark.parametrize(
    ("said", "whole", "valid"),
    [
        (CONTENT, True, True),
        ({}, False, True),
        ({}, True, False),
        ({**CONTENT, "place": "x", "mode": "on_site"}, True, True),
        ({k: v for k, v in CONTENT.items() if k != "place"}, True, False),
        ({**CONTENT, "start": "soon"}, True, False),
        ({**CONTENT, "start": "soon"}, False, True),
        ({**CONTENT, "status": "x"}, False, False),
        ({**CONTENT, "sectors": ["none"]}, False, False),
    ],
)
def test_the_schema_says_the_same_as_the_checks(said, whole, valid):
    schema = content.schema(whole=whole)
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(said) is valid


@pytest.mark.parametrize("part", [content.ENTITY, content.IMPACT, content.MEASURES, content.SUPPORT, content.OTHER_SUPPORT])
def test_each_part_of_article_15_has_a_field(part):
    assert any(field.serves.startswith(part) for field in content.FIELDS.values())


def test_the_types_are_those_of_rsit_in_classes():
    groups = dict(content.FIELDS["type"].choices())
    assert ("availability/ddos", "Distributed Denial of Service") in groups["Availability"]
    assert "Test" not in groups
