"""The written matrix of who may do what (docs/permissions.md), read and walked: its rows, and the request of each cell."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kit.case import KINDS, Case, Thing
from kit.missions import END, START
from kit.requests import CONTENT
from kit.room import PASSPHRASE
from tocsin.ops.activation.models import Request
from tocsin.ops.activation.services.requests import token_of
from tocsin.ops.alliance.transfer import export_alliance
from tocsin.ops.api import api
from tocsin.ops.common import clock, tokens

MATRIX = Path(__file__).parents[2] / "docs" / "permissions.md"
MARKS = {"yes", "part", "refused", "no", "sign-in"}
# Not in the matrix, by the rule that it states.
RULED_OUT = {
    "accounts/": "django-allauth: one's own account alone",
    "static/": "files that are the same for everybody",
    "demo/": "there in a demonstration alone",
}


@dataclass(frozen=True)
class Row:
    """A line of the matrix."""

    name: str
    method: str
    of: str
    cells: dict[str, str]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, self.method, self.of)))


def matrix() -> list[Row]:
    """The rows of every table whose header names the kinds of people."""
    rows, kinds = [], list[str]()
    for line in MATRIX.read_text(encoding="utf-8").splitlines():
        parts = [part.strip() for part in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            kinds = []
        elif parts[:3] == ["what", "how", "of"]:
            kinds = parts[3:]
        elif kinds and set(parts[0]) != {"-"}:
            rows.append(Row(parts[0].strip("`"), parts[1], parts[2], dict(zip(kinds, parts[3:], strict=True))))
    return rows


ROWS = matrix()


@cache
def addresses() -> dict[str, list[str]]:
    """Names of all addresses, each with its patterns."""
    found: dict[str, list[str]] = {}

    def walk(patterns: list[Any], before: str) -> None:
        for one in patterns:
            whole = before + str(one.pattern)
            if whole.startswith(tuple(RULED_OUT)):
                continue
            if isinstance(one, URLResolver):
                walk(one.url_patterns, whole)
            else:
                assert isinstance(one, URLPattern)
                found.setdefault(one.name or whole, []).append(whole)

    walk(get_resolver().url_patterns, "")
    return found


@cache
def operations() -> dict[str, tuple[str, str, bool]]:
    """Method and path of every operation by its id, and whether a token opens it."""
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    return {
        held["operationId"]: (method.upper(), path, any("Token" in one for one in held["security"]))
        for path, methods in paths.items()
        for method, held in methods.items()
    }


# -- What is sent ---------------------------------------------------------------------------------------------------------


def _moment(hours: int) -> str:
    return f"{clock.now() + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


def _edited(case: Case, thing: Thing, _kind: str) -> dict[str, Any]:
    held = Request.objects.get(pk=thing.names["pk"])
    return {**CONTENT, "title": held.title, "tlp": held.tlp, "task": "Something else.", "base": token_of(held)}


def _rows(prefix: str, *rows: dict[str, Any]) -> dict[str, Any]:
    sent = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    return sent | {f"{prefix}-{number}-{key}": value for number, row in enumerate(rows) for key, value in row.items()}


NEED = {
    "start": START.isoformat(),
    "end": END.isoformat(),
    "clearance_min": 0,
    **_rows("seats", {"profile": "cyber_incident_responder", "number": 1, "level": 3, "mode": ""}),
    **_rows("languages"),
    **_rows("cleared"),
}
SHEET = {"name": "Somebody", "sector": "civil", "clearance": 0, "on_site": "on", "active": "on", **_rows("languages")}
RULE = {
    "kind": "unanimity",
    "base": "participants",
    "share": "1/1",
    "needed": 0,
    "abstention": "neutral",
    "quorum": "1/2",
    "yes_floor": "0/1",
    "silence": "nothing",
}
WHY = {"why": "a mistake"}
Body = Callable[[Case, Thing, str], dict[str, Any]]
BODIES: dict[str, dict[str, Any] | Body] = {
    "request-start": lambda case, _thing, _kind: {"partner": str(case.room.partners["mod"].pk)},
    "request-edit": _edited,
    "request-withdraw": WHY,
    "request-readers": lambda case, _thing, _kind: {"readers": [str(case.room.users["rep_ee"].pk)]},
    "session-open": lambda *_: {"deadline": _moment(24)},
    "session-vote": {"state": "EE", "choice": "yes", "passphrase": PASSPHRASE},
    "session-delegate": lambda *_: {"to": "LT", "end": _moment(24), "passphrase": PASSPHRASE},
    "session-remark": {"text": "A word."},
    "session-consent": {"given": "yes", "note": "letter"},
    "session-postpone": lambda *_: {"deadline": _moment(48), "reason": "more is known soon"},
    "session-close": {"reason": "all have spoken"},
    "mission-move": {"stage": "not_deployed", **WHY},
    "mission-lead": lambda case, _thing, _kind: {"leader": str(case.room.users["leader"].pk)},
    "mission-need": NEED,
    "nomination-answer": {"yes": "yes"},
    "nomination-confirm": {"yes": "yes"},
    "expert-new": SHEET,
    "expert-edit": SHEET,
    "expert-calendar": {"start": "2041-01-01", "end": "2041-01-05", "what": "free"},
    "alliance-import": lambda case, _thing, _kind: {
        "file": SimpleUploadedFile("alliance.json", export_alliance(case.actor("admin")))
    },
    "rule-add": lambda *_: {**RULE, "start": f"{clock.now():%Y-%m-%d}"},
    "role-give": {"code": "BE", "name": "Belgium", "role": "observer", "start": "2030-01-01"},
    "partner-add": {"name": "Bank", "country": "MD", "kind": "partner"},
    "role-end": {"last": "2031-01-01"},
    "key-make": {"passphrase": PASSPHRASE, "again": PASSPHRASE},
    "delegation-give": lambda *_: {"to": "LT", "start": _moment(0), "end": _moment(24), "passphrase": PASSPHRASE},
    "invitation": {"name": "New", "password": "quite a long word of nobody"},
    "tokens": {"name": "a program", "scopes": ["log:read"], "valid_days": 30},
    "members": lambda case, _thing, kind: {
        "email": "expert2@example.org",
        "role": "expert",
        "state": str(case.room.states["HR" if kind == "other state" else "EE"].pk),
    },
    "set_language": {"language": "uk", "next": "/"},
}

DRAFT = {key: value for key, value in CONTENT.items() if value}


def _draft(case: Case, thing: Thing, _kind: str) -> dict[str, Any]:
    held = Request.objects.get(pk=thing.names["pk"])
    return {"content": {**DRAFT, "title": held.title, "tlp": held.tlp, "task": "Something else."}}


def _in(hours: int) -> str:
    return f"{clock.now() + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


# The operations of the API; where nothing stands here, a body is what the page of the same name takes, or empty.
BODIES |= {
    "api:make_token": {"name": "a program", "scopes": ["log:read"]},
    "api:start_request": BODIES["request-start"],
    "api:save_draft": _draft,
    "api:amend_request": _draft,
    "api:withdraw_request": WHY,
    "api:name_readers": BODIES["request-readers"],
    "api:open_session": lambda *_: {"deadline": _in(24)},
    "api:cast_vote": BODIES["session-vote"],
    "api:remark": BODIES["session-remark"],
    "api:record_consent": {"given": True, "note": "letter"},
    "api:postpone": lambda *_: {"deadline": _in(48), "reason": "more is known soon"},
    "api:close_session": BODIES["session-close"],
    "api:move_mission": BODIES["mission-move"],
    "api:name_leader": BODIES["mission-lead"],
    "api:state_need": {
        "start": START.isoformat(),
        "end": END.isoformat(),
        "seats": [{"profile": "cyber_incident_responder"}],
        "size_min": 1,
    },
    "api:answer_nomination": {"yes": True},
    "api:confirm_nomination": {"yes": True},
    "api:add_expert": {"name": "Somebody", "state": "EE"},
    "api:save_expert": {"name": "Somebody"},
    "api:change_days": BODIES["expert-calendar"],
    "api:import_alliance": lambda case, _thing, _kind: json.loads(export_alliance(case.actor("admin"))),
    "api:add_rule": lambda *_: {"kind": "unanimity", "start": f"{clock.now():%Y-%m-%d}"},
    "api:give_role": BODIES["role-give"],
    "api:add_partner": BODIES["partner-add"],
    "api:end_role": BODIES["role-end"],
    "api:make_key": {"passphrase": PASSPHRASE},
    "api:delegate_vote": lambda *_: {"state": "EE", "to": "LT", "start": _in(0), "end": _in(24), "passphrase": PASSPHRASE},
    "api:invite": {"email": "expert2@example.org", "role": "expert", "state": "EE"},
}


# -- The walk -------------------------------------------------------------------------------------------------------------


def send(case: Case, row: Row, kind: str, thing: Thing, body: dict[str, Any]) -> HttpResponse:
    """The request of one cell."""
    name = KINDS[kind]
    if row.name.startswith("api:"):
        method, path, by_token = operations()[row.name.removeprefix("api:")]
        path = re.sub(r"\{(\w+?)(_id)?\}", lambda part: str(thing.names.get(part[1]) or thing.names["pk"]), path)
        client, headers = (Client() if by_token else case.room.client(name)), {}
        if name and by_token:
            user = case.room.users[name]
            _made, secret = tokens.make_token("test", user, name="matrix", scopes=list(tokens.SCOPES))
            headers["Authorization"] = f"Bearer {secret}"
        sent = {"data": json.dumps(body, default=str), "content_type": "application/json"} if method != "GET" else {}
        return getattr(client, method.lower())(path, headers=headers, **sent)  # type: ignore[no-any-return]
    taken = set(re.findall(r"<\w+:(\w+)>", addresses()[row.name][0]))
    namespace = "api:" if row.name in ("openapi-json", "openapi-view", "api-root") else ""
    url = reverse(namespace + row.name, kwargs={key: value for key, value in thing.names.items() if key in taken})
    client = case.room.client(name)
    return client.post(url, body) if row.method == "POST" else client.get(url)  # type: ignore[return-value]


def content(response: Any) -> str:
    """The whole answer as text."""
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    return str(raw.decode())


def judged(response: Any, secret: str) -> str:
    """The mark that an answer deserves."""
    if response.status_code == 401 or (response.status_code == 302 and "/accounts/login/" in response.headers["Location"]):
        return "sign-in"
    if response.status_code in (403, 404):
        return {403: "refused", 404: "no"}[response.status_code]
    if response.status_code not in (200, 201, 204, 302):
        return f"{response.status_code}: {content(response)[:2000]}"
    return "yes" if not secret or secret in content(response) else "part"


def body_of(case: Case, row: Row, thing: Thing, kind: str) -> dict[str, Any]:
    """What is sent: valid, so that nothing but permission stands in the way."""
    held = BODIES.get(row.name, {})
    return held(case, thing, kind) if callable(held) else dict(held)
