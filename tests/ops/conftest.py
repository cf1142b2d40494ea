"""A room for every test that asks for one."""

import pytest

from kit.room import Room, make_room


@pytest.fixture
def room(db: None, settings: object) -> Room:
    """Six states and everybody in them; second factors are asked for by the tests of that alone."""
    settings.SECOND_FACTOR = False  # type: ignore[attr-defined]
    return make_room()
