"""The filled room, and people who call."""

from collections.abc import Callable
from typing import Any

import pytest

from kit.api import Filled, fill
from kit.room import Room

Call = Callable[..., Any]


@pytest.fixture
def filled(room: Room) -> Filled:
    """The filled room."""
    return fill(room)


@pytest.fixture
def call(room: Room) -> Call:
    """``call("staff", "post", "/api/…", {…})``: with the person's session; nobody's, for None."""

    def ask(who: str | None, verb: str, path: str, body: Any = None) -> Any:
        client = room.client(who)
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(client, verb)(path, **sent)

    return ask
