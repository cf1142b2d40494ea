"""Many at once: a state's votes stay one chain, a session closes once, nobody waits for anybody for ever."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from kit.races import AT_ONCE


@pytest.fixture(scope="module")
def came_of_it(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of the race, on a database made for it: on the server of DATABASE_URL, or a file."""
    environment = {
        **os.environ,
        "TOCSIN_HOME": str(tmp_path_factory.mktemp("room")),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    if url := os.environ.get("DATABASE_URL"):
        import psycopg

        name = f"race_{os.getpid()}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        environment["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    ran = subprocess.run([sys.executable, "-m", "kit.races"], env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def test_votes_of_one_state_at_once_are_one_chain(came_of_it: dict[str, Any]) -> None:
    done = Counter(came_of_it["same"])["done"]
    assert done == AT_ONCE, came_of_it["same"]
    assert came_of_it["numbers"] == list(range(1, AT_ONCE + 1))
    assert came_of_it["ignored"] == 0


def test_votes_amendment_and_withdrawal_at_once_end_in_done_or_a_refusal(came_of_it: dict[str, Any]) -> None:
    for said in came_of_it["mixed"]:
        assert all(one == "done" or one.startswith("refused: ") for one in said), said
        assert said[3] == "done", "who asked is never refused"
    assert came_of_it["withdrawn"] == 1


def test_many_workers_close_each_session_once(came_of_it: dict[str, Any]) -> None:
    said = Counter(came_of_it["workers"])
    assert set(said) <= {"done", "nothing to do"}, said
    assert said["done"] == came_of_it["due"]
    assert came_of_it["closings"] == came_of_it["due"] + came_of_it["withdrawn"]


def test_the_record_holds(came_of_it: dict[str, Any]) -> None:
    assert came_of_it["holds"]
    assert came_of_it["unbroken"]
