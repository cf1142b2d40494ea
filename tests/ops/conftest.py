"""A room for every test that asks for one."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from django.db import connection, transaction

from kit.case import Case, make_case
from kit.room import Room, make_room
from tocsin.ops.common import shared


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


@pytest.fixture
def as_served() -> None:
    """For tests in which parts of pages are kept as on a server: see ``nothing_kept``."""


@pytest.fixture(autouse=True)
def nothing_kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """Parts of pages are kept until the log grows; tests put rows in without an entry, so here any write lets go of them."""

    def watched(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            shared.forget()
        return execute(sql, params, many, context)

    shared.forget()
    with nullcontext() if "as_served" in request.fixturenames else connection.execute_wrapper(watched):
        yield
    shared.forget()
