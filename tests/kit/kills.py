"""A room that is killed while people work in it: what they do, and what they were told was done."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from kit.requests import CONTENT
from kit.room import FOUNDERS, PASSPHRASE

PEOPLE = 3  # in a team
DUE_S = 5  # until the deadline of a session that nobody votes in


class Stopped(Exception):
    """The story ends here."""


class Story(threading.Thread):
    """Cases from request to closed mission, one after the other, by people who call the API with their tokens.

    Who gets no answer does what a person does: looks whether it was done, and does it again where it was not. ``confirmed``: what
    the room said yes to, with a question that finds it for as long as the room stands.
    """

    def __init__(self, port: int, tokens: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.port, self.tokens = port, tokens
        self.confirmed: list[tuple[str, Callable[[], bool]]] = []
        self.entries: list[tuple[str, str]] = []  # action and id that the log has to know, of what was confirmed
        self.cases = 0
        self.unanswered = 0
        self.last = threading.Event()  # set: the present case is the last
        self.stopped = threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        """Play until told that this case is the last."""
        try:
            while not self.last.is_set():
                self.case()
                self.cases += 1
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again by ``end``
            self.error = error

    def advance(self, steps: int, seconds: float) -> None:
        """Wait until so many more things are confirmed."""
        goal, until = len(self.confirmed) + steps, time.monotonic() + seconds
        while len(self.confirmed) < goal and self.is_alive():
            assert time.monotonic() < until, f"stuck after {self.confirmed[-1:]}"
            time.sleep(0.01)

    def end(self, seconds: float) -> None:
        """Let the present case come to its end; everything it waits for has to happen."""
        self.last.set()
        self.join(seconds)
        hangs = self.is_alive()
        self.stopped.set()
        if self.error:
            raise self.error
        assert not hangs, f"stuck after {self.confirmed[-1][0]}"

    def call(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, bytes] | None:
        """Status and body; None where no whole answer came."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, f"/api{path}", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.unanswered += 1
            return None
        finally:
            connection.close()

    def file(self, who: str, path: str, method: str = "GET") -> bytes:
        """A file, asked for until it comes."""
        while (answer := self.call(who, method, path)) is None:
            if self.stopped.wait(0.1):
                raise Stopped
        assert answer[0] < 300, f"{who} {method} {path}: {answer}"
        return answer[1]

    def look(self, who: str, path: str) -> Any:
        """What stands there now."""
        return json.loads(self.file(who, path))

    def do(self, who: str, method: str, path: str, body: Any, done: Callable[[], bool], entry: tuple[str, str]) -> None:
        """Do something until it is done. ``body``: the thing, or makes it anew for each try."""
        while not done():
            answer = self.call(who, method, path, body() if callable(body) else body)
            if answer is None:
                if self.stopped.wait(0.1):
                    raise Stopped
                continue
            assert answer[0] < 300, f"{who} {method} {path}: {answer}"
            self.confirmed.append((f"{who} {method} {path}", done))
            self.entries.append(entry)
            return

    def until(self, come: Callable[[], Any]) -> None:
        """Wait for what the worker does by itself."""
        while not come():
            if self.stopped.wait(0.2):
                raise Stopped

    def case(self) -> None:
        """A request that nobody votes on, which is closed at its deadline; and one that becomes a mission, and is closed."""
        alone = self.session(self.request(), lambda: datetime.now(UTC) + timedelta(seconds=DUE_S))
        request = self.request()
        session = self.session(request, lambda: datetime.now(UTC) + timedelta(days=1))
        seen = lambda: self.look("chair", f"/sessions/{session}")  # noqa: E731
        for code in FOUNDERS:
            who = f"rep_{code.lower()}"
            vote = {"state": code, "choice": "yes", "passphrase": PASSPHRASE}
            self.do(
                who,
                "POST",
                f"/sessions/{session}/votes",
                vote,
                lambda code=code: any(s["history"] for s in seen()["standing"]["states"] if s["state"] == code),
                ("cast_vote", session),
            )
        word = f"Said in case {self.cases}."
        self.do(
            "rep_hr",
            "POST",
            f"/sessions/{session}/remarks",
            {"text": word},
            lambda: word in [one["text"] for one in seen()["standing"]["remarks"]],
            ("remark", session),
        )
        consent = {"given": True}
        path = f"/sessions/{session}/consent"
        self.do("staff", "POST", path, consent, lambda: seen()["consent"] is not None, ("record_consent", session))
        path, why = f"/sessions/{session}/close", {"reason": "All have spoken."}
        self.do("chair", "POST", path, why, lambda: seen()["outcome"] == "activated", ("close_session", session))
        self.mission(seen()["mission"])
        self.until(lambda: self.look("chair", f"/sessions/{alone}")["closed_at"])
        assert self.look("chair", f"/sessions/{alone}")["outcome"] == "lapsed"

    def request(self) -> str:
        """A request that is handed in."""
        partner = self.look("staff", "/me")["memberships"][0]["partner"]
        while (answer := self.call("staff", "POST", "/requests", {"partner": partner})) is None:
            if self.stopped.wait(0.1):  # a draft that was begun unseen is begun again
                raise Stopped
        assert answer[0] == 201, answer
        request = json.loads(answer[1])["id"]
        self.confirmed.append((f"start {request}", lambda: self.look("staff", f"/requests/{request}")["id"] == request))
        self.entries.append(("start_request", request))
        path, content = f"/requests/{request}", {**CONTENT, "task": f"Case {self.cases}"}
        written = lambda: self.look("staff", f"{path}/draft")["content"].get("task") == content["task"]  # noqa: E731
        self.do("staff", "PUT", f"{path}/draft", {"content": content}, written, ("save_draft", request))
        handed_in = lambda: self.look("staff", path)["submitted_at"] is not None  # noqa: E731
        self.do("staff", "POST", f"{path}/hand-in", {}, handed_in, ("submit_request", request))
        return str(request)

    def session(self, request: str, deadline: Callable[[], datetime]) -> str:
        """A session on it."""
        found = lambda: self.look("chair", f"/requests/{request}")["session"]  # noqa: E731
        body = lambda: {"deadline": deadline().isoformat()}  # noqa: E731
        self.do("chair", "POST", f"/requests/{request}/session", body, lambda: bool(found()), ("open_session", ""))
        return str(found())

    def mission(self, mission: str) -> None:
        """A team that is found, asked, confirmed, and sent home again, so that the next case finds them free."""
        path, today = f"/missions/{mission}", date.today()  # noqa: DTZ011
        need = {
            "start": (today + timedelta(days=3)).isoformat(),
            "end": (today + timedelta(days=20)).isoformat(),
            "seats": [{"profile": "cyber_incident_responder", "number": PEOPLE}],
            "size_min": 0,
        }
        self.do("chair", "PUT", f"{path}/need", need, lambda: self.look("chair", f"{path}/need"), ("state_need", mission))
        proposal = lambda: self.look("chair", f"{path}/proposal")  # noqa: E731
        self.do("chair", "POST", f"{path}/proposals", {}, lambda: proposal() is not None, ("ask_proposal", ""))
        self.until(lambda: proposal()["status"] != "waiting")
        asked = proposal()["id"]
        adopted = lambda: proposal()["adopted_at"] is not None  # noqa: E731
        self.do("chair", "POST", f"/proposals/{asked}/adopt", None, adopted, ("adopt_proposal", asked))
        team = [person for bench in self.look("chair", path)["team"] for person in bench["people"]]
        assert len(team) == PEOPLE
        for person in team:
            which, where = person["nomination"], f"/nominations/{person['nomination']}"
            for who, verb, states in (
                (f"expert{person['expert']['name'].split()[1]}", "answer", ("accepted", "confirmed", "released")),
                (f"rep_{person['state'].lower()}", "confirm", ("confirmed", "released")),
            ):
                stands = self.stands(mission, which, states)
                self.do(who, "POST", f"{where}/{verb}", {"yes": True}, stands, (f"{verb}_nomination", which))
        for stage in ("ready", "deployed", "standing_down", "closed"):
            done = lambda stage=stage: stage in [one["after"] for one in self.look("chair", path)["history"]]  # noqa: E731
            self.do("chair", "POST", f"{path}/move", {"stage": stage, "why": "As planned."}, done, ("move_mission", mission))

    def stands(self, mission: str, nomination: str, states: tuple[str, ...]) -> Callable[[], bool]:
        """Whether somebody of a team is asked no more, but has got as far as one of these."""
        team = lambda: [p for bench in self.look("chair", f"/missions/{mission}")["team"] for p in bench["people"]]  # noqa: E731
        return lambda: any(p["nomination"] == nomination and p["status"] in states for p in team())


def children(of: int) -> Iterator[tuple[int, str]]:
    """Processes that a process started: their ids and command lines. Source: proc(5)."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int(entry.joinpath("stat").read_text().rpartition(")")[2].split()[1])
                command = entry.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                continue
            if parent == of and command:
                yield int(entry.name), command


def web_and_worker(server: int) -> tuple[list[int], list[int]]:
    """Ids of the web processes and of the worker that a server runs at the moment."""
    found = [one for one in children(server) if "resource_tracker" not in one[1]]
    return [pid for pid, said in found if "config.worker" not in said], [pid for pid, said in found if "config.worker" in said]
