"""The worker does what waits, over and over; a step that fails keeps no other from being done."""

import threading

import pytest

from tocsin.ops.activation import services
from tocsin.ops.config import worker

pytestmark = pytest.mark.django_db


def test_every_step_is_tried_although_one_fails(monkeypatch, caplog):
    stop, done = threading.Event(), []

    def broken() -> bool:
        raise RuntimeError("no such table")

    def good() -> bool:
        done.append(1)
        if len(done) == 3:
            stop.set()
        return True

    monkeypatch.setattr(services, "STEPS", (broken, good))
    worker.run(stop)
    assert len(done) == 3
    assert "broken failed; it is tried again" in caplog.text


def test_it_rests_only_when_there_was_nothing_to_do(monkeypatch):
    stop, answers, pauses = threading.Event(), iter([True, True, False]), []
    monkeypatch.setattr(services, "STEPS", (lambda: next(answers),))
    monkeypatch.setattr(stop, "wait", lambda seconds: (pauses.append(seconds), stop.set()))
    worker.run(stop)
    assert pauses == [worker.PAUSE_S]
    assert next(answers, None) is None
