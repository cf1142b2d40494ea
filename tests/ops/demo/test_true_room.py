"""In a true room nobody is anybody: the demonstration's addresses are not there, and refuse where they are."""

import pytest
from django.test import Client
from django.urls import include, path

from kit.room import Room
from tocsin.ops.activation.models import Request
from tocsin.ops.config.urls import urlpatterns as room_addresses
from tocsin.ops.demo.fill import fill

pytestmark = pytest.mark.django_db
urlpatterns = [*room_addresses, path("", include("tocsin.ops.demo.urls"))]  # as the room's addresses are in a demonstration


def test_a_room_with_people_in_it_is_left_alone(room: Room):
    fill(lambda _text: pytest.fail("nothing to fill"))
    assert not Request.objects.exists()


def test_a_true_room_has_no_such_address(room: Room):
    client = Client()
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/enter", {"user": str(room.users["admin"].pk)}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_a_true_room_refuses_even_where_the_address_is_there(room: Room, settings):
    """The second lock: the views themselves look whether this is a demonstration."""
    settings.ROOT_URLCONF = __name__
    assert not settings.DEMO
    assert "demo" in {pattern.name for pattern in include("tocsin.ops.demo.urls")[0].urlpatterns}
    client = Client()
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/enter", {"user": str(room.users["admin"].pk)}).status_code == 404
    assert "_auth_user_id" not in client.session
