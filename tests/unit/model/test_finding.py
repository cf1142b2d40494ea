"""A finding's id is made of what it is; nothing of chance or clock is in it."""

import uuid
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tocsin.model
from kit.assessments import nothing_found
from kit.findings import finding
from tocsin.model import finding_id

WHEN = datetime(2022, 2, 15, 13, 2, 11, 204_000, tzinfo=UTC)


def test_the_same_finding_has_the_same_id_for_ever():
    assert finding_id(WHEN, victim="192.0.2.10", vector="syn_flood") == "017efd79-e504-703b-9089-dd5bd0913cb9"


def test_the_order_in_which_it_is_named_does_not_matter():
    assert finding_id(WHEN, a=1, b=2) == finding_id(WHEN, b=2, a=1)


@pytest.mark.parametrize("other", [{"a": 2}, {"a": 1, "b": None}, {"b": 1}, {"a": "1"}, {}])
def test_another_finding_has_another_id(other):
    assert finding_id(WHEN, **other) != finding_id(WHEN, a=1)


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)) | st.none(), st.text())  # noqa: DTZ001
def test_an_id_is_a_uuid_of_version_7_that_begins_with_the_time(time, victim):
    made = uuid.UUID(finding_id(time, victim=victim))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == (int(time.timestamp() * 1000) if time else 0)


def test_a_time_before_1970_is_no_negative_number():
    assert finding_id(datetime(1950, 1, 1, tzinfo=UTC), a=1).startswith("00000000-0000-7")


def test_ids_sort_by_time():
    ids = [finding_id(WHEN.replace(second=second), a=1) for second in range(60)]
    assert ids == sorted(ids)


def test_the_victim_is_called_by_its_name_where_that_is_known():
    plain = finding("syn_flood", ("192.0.2.10", "192.0.2.11"), "SYN flood")
    assert plain.whom == "192.0.2.10"
    assert replace(plain, attributes={"victim_name": "Ministry"}).whom == "192.0.2.10 (Ministry)"
    assert replace(plain, entities=(), attributes={"victim_name": "Ministry"}).whom == ""


def test_entities_are_found_by_role_in_order():
    known = finding("syn_flood", ("192.0.2.10",), "t", sources=[("source", "b"), ("reflector", "c"), ("source", "a")])
    assert known.named("source") == ("b", "a")
    assert known.named("nobody") == ()


def test_a_finding_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        finding("syn_flood", (), "t").title = "other"  # type: ignore[misc]


def test_an_assessment_gives_a_finding_by_id_or_says_that_there_is_none():
    known = finding("syn_flood", (), "t")
    result = replace(nothing_found(), findings=(known,))
    assert result.finding(known.id) is known
    with pytest.raises(KeyError, match="nosuch"):
        result.finding("nosuch")


def test_all_that_the_model_offers_is_there():
    assert all(hasattr(tocsin.model, name) for name in tocsin.model.__all__)
