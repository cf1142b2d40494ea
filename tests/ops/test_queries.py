"""How often the database is asked for the board and for every list: a bound that is written down, for everybody.

That the number does not grow with the rows is shown where each list is tested, beside the list.
"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kit.case import KINDS, Case
from tocsin.ops.common.shared import forget

pytestmark = pytest.mark.django_db

# Page -> at most so many queries where its parts have to be made; where somebody with the same view just had it.
BOUNDS = {
    "board": (30, 8),
    "requests": (14, 8),
    "sessions": (17, 8),
    "missions": (18, 8),
    "people": (17, 8),
    "log": (15, 11),
    "nominations": (14, 14),
    "training-needs": (14, 14),
    "members": (16, 16),
    "alliance": (24, 24),
}


def asked(client: Client, page: str) -> int:
    """Number of queries of a page."""
    with CaptureQueriesContext(connection) as found:
        client.get(reverse(page))
    return len(found)


@pytest.mark.usefixtures("as_served")
@pytest.mark.parametrize("page", BOUNDS)
def test_the_database_is_asked_a_bounded_number_of_times(case: Case, settings: Any, page: str):
    settings.SECOND_FACTOR = False
    anew, kept = {}, {}
    for kind, who in KINDS.items():
        client = case.room.client(who)
        client.get(reverse(page))
        forget()
        anew[kind], kept[kind] = asked(client, page), asked(client, page)
    assert max(anew.values()) <= BOUNDS[page][0], anew
    assert max(kept.values()) <= BOUNDS[page][1], kept
