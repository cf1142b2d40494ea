"""A room for every test that asks for one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from kit.case import Case, make_case
from kit.room import Room, make_room


@pytest.fixture
def room(db: None, settings: object) -> Room:
    """Six states and everybody in them; second factors are asked for by the tests of that alone."""
    settings.SECOND_FACTOR = False  # type: ignore[attr-defined]
    return make_room()


@pytest.fixture(scope="module")
def case(django_db_setup: None, django_db_blocker: Any) -> Iterator[Case]:
    """One case at every station, made once for a module; every test undoes what it changed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_case()
        transaction.set_rollback(True)
