"""Schemathesis against the API of a filled room: whatever is sent, no 5xx and nothing that the OpenAPI document does not say.

Every call is undone, so that each finds the room as it was filled.
"""

import itertools
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import hypothesis
import pytest
import schemathesis
from django.db import connections, transaction
from schemathesis.generation import GenerationMode

from kit.api import Filled, fill
from kit.room import PASSPHRASE, make_room
from tocsin.ops.alliance import keys
from tocsin.ops.common import middleware
from tocsin.ops.config.wsgi import application

pytestmark = pytest.mark.django_db
CALLERS = ("chair", "rep_ee", "staff", "admin")
SETTINGS = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(hypothesis.HealthCheck)}
turn = itertools.count()


def document(*, coverage: bool) -> Any:
    """The OpenAPI document; ``coverage``: with a case for each bound of each value, beside those drawn."""
    found = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    found.config.phases.coverage.enabled = coverage
    return found


quick, deep = document(coverage=False), document(coverage=True)


@pytest.fixture(scope="module")
def served(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Filled, dict[str, str]]]:
    """The filled room with a token for each caller; gone after this module."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(middleware, "WRITES_PER_MINUTE", 10**9)
        patch.setitem(keys.make_key.__kwdefaults__, "cost", 10)
        patch.setattr(connections["default"], "close", lambda: None)  # Django's test case closes it after each test
        with transaction.atomic():
            filled = fill(make_room())
            yield filled, {who: filled.secret(who) for who in CALLERS}
            transaction.set_rollback(True)


def real(filled: Filled, case: Any, turn: int) -> None:
    """Put ids of things that are there in place of well-formed ones, which nobody guesses."""
    for name, value in dict(case.path_parameters or {}).items():
        known = filled.ids.get(name)
        if known and well_formed(name, value):
            case.path_parameters[name] = known[turn % len(known)]
    if isinstance(case.body, dict) and case.meta.generation.mode is GenerationMode.POSITIVE:  # what is wrong stays wrong
        words = {"passphrase": PASSPHRASE, "state": "EE", "to": "HR", "leader": str(filled.room.users["leader"].pk)}
        words["partner"] = str(filled.room.partners["mod"].pk)
        for name, word in words.items():
            if turn % 3 and isinstance(case.body.get(name), str) and case.body[name]:
                case.body[name] = word


def well_formed(name: str, value: Any) -> bool:
    """Whether a path parameter is what the document says."""
    if name == "state":
        return isinstance(value, str) and len(value) == 2 and value.isascii() and value.isupper()
    try:
        return str(UUID(str(value))) == str(value).lower()
    except ValueError:
        return False


def check(case: Any, served: tuple[Filled, dict[str, str]], who: str, turn: int) -> None:
    """Call, compare with the document, undo."""
    filled, secrets = served
    real(filled, case, turn)
    with transaction.atomic():
        case.call_and_validate(headers={"Authorization": f"Bearer {secrets[who]}"})
        transaction.set_rollback(True)


@quick.parametrize()
@hypothesis.settings(max_examples=6, **SETTINGS)
def test_the_document_holds(case: Any, served: tuple[Filled, dict[str, str]]):
    now = next(turn)
    check(case, served, CALLERS[now % len(CALLERS)], now)


@pytest.mark.slow
@deep.parametrize()
@hypothesis.settings(max_examples=40, **SETTINGS)
def test_the_document_holds_for_everybody(case: Any, served: tuple[Filled, dict[str, str]]):
    now = next(turn)
    for who in CALLERS:
        check(case, served, who, now)
