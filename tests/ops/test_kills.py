"""Killed at any moment, the room loses nothing that it said yes to, and starts again with the same command."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from kit.browser import Server, free_port, serving
from kit.kills import Story, web_and_worker

TESTS = Path(__file__).parents[1]
KINDS = ("everything", "web", "worker")


@pytest.mark.parametrize(
    ("kills", "seed", "steps_max"),
    [pytest.param(3, 1, 10, id="3 kills"), pytest.param(30, 20, 6, id="30 kills", marks=pytest.mark.slow)],
)
def test_what_was_confirmed_outlives_kills_at_random_moments(tmp_path: Path, kills: int, seed: int, steps_max: int):
    draw, home, port = random.Random(seed), tmp_path / "room", free_port()
    tokens = fill(home)
    plan = [KINDS[number % len(KINDS)] for number in range(kills)]
    draw.shuffle(plan)
    story = Story(port, tokens)
    with ExitStack() as running:
        server = running.enter_context(serving(home, "--processes", "2", port=port))
        story.start()
        checked = 0
        for kind in plan:
            story.advance(draw.randint(0, steps_max), seconds=120)
            time.sleep(draw.uniform(0, 0.2))  # at any moment of the step that comes
            if kind == "everything":
                kill(server)
                server = running.enter_context(serving(home, "--processes", "2", port=port))
            else:
                os.kill(draw.choice(some(server, kind)), signal.SIGKILL)
            # All that was confirmed until now; the story goes on meanwhile.
            for what, there in story.confirmed[checked : (checked := len(story.confirmed))]:
                assert there(), f"lost by a kill of {kind}: {what}"
        story.end(seconds=120)  # whatever it waits for comes: no proposal and no session is stuck
        assert story.cases >= 1
        assert not lost(story)
        assert_verified(story, tmp_path)
        assert server.process.poll() is None
    print(f"{kills} kills, {len(story.confirmed)} confirmed, {story.unanswered} calls unanswered, {story.cases} cases")


def kill(server: Server) -> None:
    """The server with all that it started, at once."""
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()


def some(server: Server, kind: str) -> list[int]:
    """Web processes, or workers: there is one, or soon will be again."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if found := web_and_worker(server.process.pid)[kind == "worker"]:
            return found
        time.sleep(0.1)
    raise AssertionError(f"no {kind} was started again")


def fill(home: Path) -> dict[str, str]:
    """Put people into an empty room; their tokens."""
    environment = {**os.environ, "TOCSIN_HOME": str(home), "PYTHONPATH": str(TESTS)}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run([sys.executable, "-m", "kit.tokens"], env=environment, check=True, stdout=subprocess.PIPE)
    people: dict[str, str] = json.loads(done.stdout)
    return people


def lost(story: Story) -> list[str]:
    """What the room said yes to, and knows no more."""
    story.stopped.clear()
    return [what for what, there in story.confirmed if not there()]


def assert_verified(story: Story, folder: Path) -> None:
    """The log holds, replayed by a process that knows no room, and has an entry for everything confirmed."""
    log, keys = folder / "log.jsonl", folder / "keys.json"
    log.write_bytes(story.file("chair", "/log/file"))
    keys.write_bytes(story.file("chair", "/log/keys"))
    tocsin = Path(sys.executable).with_name("tocsin")
    done = subprocess.run([tocsin, "verify", log, "--keys", keys], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    records = [json.loads(line) for line in log.read_text().splitlines()]
    known = [(r["action"], r["subject"]) for r in records if r.get("record") == "entry"]
    for action, id in set(story.entries):
        found = sum(1 for a, subject in known if a == action and subject.endswith(id))
        assert found >= story.entries.count((action, id)), f"{action} {id}: confirmed and not in the log"


@pytest.mark.slow
def test_a_loss_is_seen(tmp_path: Path):
    """What was confirmed after a copy of the database was taken is missed once the copy is put back in its place."""
    home, port = tmp_path / "room", free_port()
    story = Story(port, fill(home))
    with serving(home, port=port) as server:
        story.request()
        kill(server)
    shutil.copytree(home, tmp_path / "copy")
    with serving(home, port=port) as server:
        story.request()
        assert lost(story) == []
        kill(server)
    shutil.rmtree(home)
    shutil.move(tmp_path / "copy", home)
    with serving(home, port=port):
        assert len(story.confirmed) == 6
        with pytest.raises(AssertionError, match="404"):
            lost(story)
