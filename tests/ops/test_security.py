"""The room as an attacker sees it: what is sent, what comes back, who stays in, and what is written down of it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

import tocsin.ops
from kit.case import KINDS, THINGS, Case
from kit.matrix import ROWS, Row, addresses, body_of, content, operations, send
from kit.pages import Inline, checked
from tocsin.ops.activation.services.muster import solve_waiting
from tocsin.ops.alliance.models import Partner, State
from tocsin.ops.common.models import Entry, User

pytestmark = pytest.mark.django_db
OPS = Path(tocsin.ops.__file__).parent
GETS = [row for row in ROWS if row.method == "GET"]
# One row of each address is enough where it is not permissions that are looked at.
ONCE = list({row.name: row for row in reversed(GETS)}.values())
POSTS = [row for row in ROWS if row.method == "POST" and not row.name.startswith("api:")]
WRITES = list({row.name: row for row in reversed(POSTS)}.values())
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)> {{7000001*7}}'


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    """Second factors are for tests/ops/test_accounts.py."""
    settings.SECOND_FACTOR = False


def may(row: Row) -> str:
    """A kind of person who may do what a row says."""
    return next((kind for kind, cell in row.cells.items() if cell == "yes"), "chair")


# -- Pages: no script or style but our own files ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(OPS.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_has_inline_script_or_style(path: Path) -> None:
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "x", path.read_text(encoding="utf-8"))
    assert Inline(source).found == []


def test_our_script_makes_no_page_of_what_it_is_given() -> None:
    source = (OPS / "common/static/tocsin/tocsin.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", source)


@pytest.mark.parametrize("row", GETS, ids=str)
def test_every_page_has_the_headers_and_nothing_inline(case: Case, row: Row) -> None:
    kind = may(row)
    checked(send(case, row, kind, THINGS[row.of](case, kind), {}))


# -- Hostile text ---------------------------------------------------------------------------------------------------------


def poison() -> None:
    """Put markup into every text that people write, wherever the database keeps one."""
    ours = {"code", "country", "reference", "email", "public", "hash", "sealed", "digest", "state", "role", "language", "mode"}
    areas = ("activation", "alliance")
    for model in (User, *(model for area in areas for model in apps.get_app_config(area).get_models())):
        texts = {
            field.name: HOSTILE[: field.max_length or None]
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
            and not field.choices
            and field.name not in ours | {"password", "kind", "profile", "status", "outcome", "skill"}
            and not isinstance(field, models.EmailField)
            and not field.is_relation
        }
        for number, row in enumerate(model._default_manager.all()):
            unique = {"name": f"{number}{HOSTILE}"[:80]} if model is Partner else {}
            if texts:
                model._default_manager.filter(pk=row.pk).update(**texts | unique)


@pytest.mark.parametrize("kind", ["partner", "nominated", "state", "chair", "trainer", "administrator"])
def test_markup_in_any_text_is_shown_and_not_obeyed(case: Case, kind: str) -> None:
    things = [(row, THINGS[row.of](case, kind)) for row in GETS if row.cells[kind] in ("yes", "part")]
    poison()
    shown = 0
    for row, thing in things:
        response = send(case, row, kind, thing, {})
        page = content(response)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            assert Inline(page).found == [], row
            assert "<script>alert(1)" not in page, row
            assert "49000007" not in page, row
            shown += "&lt;script&gt;" in page
    assert shown > 2


TEXTS = {
    "markup": HOSTILE,
    "turned around": "invoice\u202egpj.exe \u2066x\u2069 \u200b",
    "controls": "a\x1b[31mb\x07\x08\x7f\x85\u2028c",
    "NUL": "a\x00b",
    "a line": "first\r\nSet-Cookie: x=y\r\n\r\nsecond",
    "long": "ä" * 100_000,
    "larger than allowed": "a" * (3 << 20),
    "not a number": "NaN",
    "far": "99999999999999999999999999",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "last moment": "9999-12-31T23:59",
}


KEPT = ("TOTAL_FORMS", "INITIAL_FORMS", "passphrase", "again", "base")


@pytest.mark.parametrize("what", TEXTS)
@pytest.mark.parametrize("row", WRITES, ids=str)
def test_whatever_is_sent_nothing_breaks(case: Case, row: Row, what: str) -> None:
    kind = may(row)
    thing = THINGS[row.of](case, kind)
    body = body_of(case, row, thing, kind)
    sent = {key: value if key.endswith(KEPT) or hasattr(value, "read") else TEXTS[what] for key, value in body.items()}
    response = send(case, row, kind, thing, sent)
    assert response.status_code < 500
    if what in ("NUL", "larger than allowed") and sent != body:
        assert response.status_code == 400


@pytest.mark.slow  # each field by itself: some 3,000 requests
@pytest.mark.parametrize("row", WRITES, ids=str)
def test_whatever_is_sent_in_one_field_nothing_breaks(case: Case, row: Row) -> None:
    kind = may(row)
    thing = THINGS[row.of](case, kind)
    body = body_of(case, row, thing, kind)
    for key in [key for key in body if not key.endswith(KEPT) and not hasattr(body[key], "read")]:
        for what, text in TEXTS.items():
            assert send(case, row, kind, thing, body | {key: text}).status_code < 500, (key, what)


ASKED = ("q", "page", "status", "over", "from", "text", "state", "start", "end", "who", "subject", "before", "after", "level")


LISTS = ("requests", "sessions", "missions", "people", "expert-calendar", "members", "log", "training-needs")


ASKABLE = {what: text for what, text in TEXTS.items() if what not in ("long", "larger than allowed")}


def url_of(case: Case, row: Row, kind: str) -> str:
    """The address of the page that a row is about."""
    taken = set(re.findall(r"<\w+:(\w+)>", addresses()[row.name][0]))
    namespace = "api:" if row.name in ("openapi-json", "openapi-view", "api-root") else ""
    names = THINGS[row.of](case, kind).names
    return reverse(namespace + row.name, kwargs={key: value for key, value in names.items() if key in taken})


@pytest.mark.parametrize("what", ASKABLE)
@pytest.mark.parametrize("row", [row for row in ONCE if not row.name.startswith("api:")], ids=str)
def test_whatever_is_asked_for_nothing_breaks(case: Case, row: Row, what: str) -> None:
    client = case.room.client(KINDS[may(row)])
    assert client.get(url_of(case, row, may(row)), dict.fromkeys(ASKED, TEXTS[what])).status_code < 500


@pytest.mark.slow  # each by itself: some 1,100 requests
@pytest.mark.parametrize("row", [row for row in ONCE if row.name in LISTS], ids=str)
def test_whatever_a_list_is_asked_for_by_one_word_nothing_breaks(case: Case, row: Row) -> None:
    client, url = case.room.client(KINDS[may(row)]), url_of(case, row, may(row))
    for name in ASKED:
        for what, text in ASKABLE.items():
            assert client.get(url, {name: text}).status_code < 500, (name, what)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_need_of_another_age_does_not_stop_the_worker_for_all(case: Case, day: str) -> None:
    """The worker takes what waits longest: one that can never be solved would hold up all others."""
    row = next(row for row in WRITES if row.name == "mission-need")
    thing = THINGS[row.of](case, "chair")
    body = body_of(case, row, thing, "chair") | {"start": day, "end": day}
    assert send(case, row, "chair", thing, body).status_code == 422
    assert not solve_waiting()


# -- Nothing is assigned that was not asked for: the pattern of CVE-2026-22783 ------------------------------------------------

SERVER_OWNED = [
    "id",
    "pk",
    "uuid",
    "status",
    "made_by",
    "made_by_id",
    "made_at",
    "reference",
    "digest",
    "number",
    "hash",
    "sealed",
    "public",
    "record",
    "closing",
    "outcome",
    "adopted_at",
    "solved_at",
    "stage_since",
    "submitted_at",
    "ready_by",
    "closed_at",
    "user",
    "user_id",
    "partner_id",
    "state_id",
    "request_id",
    "session_id",
    "mission_id",
    "leader_id",
    "expert_id",
    "actor",
    "is_superuser",
    "is_staff",
    "is_active",
    "is_admin",
    "expires_at",
    "revoked_at",
    "accepted_at",
    "cast_by",
    "cast_at",
    "version",
    "version_id",
    "file_name",
    "filename",
    "file_local_name",
    "path",
    "file_path",
    "upload_to",
    "readers__id",
    "memberships",
    "roles",
    "deadline_at",
    "result",
    "caveats_json",
    "opened_by",
    "named",
    "_state",
]


# Ids, times, keys and signatures, hashes: what differs between two runs.
MASK = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\" ]*|[A-Za-z0-9_-]{43,}={0,2}"
    r"|scrypt.*|md5.*|[0-9a-f]{64}"
)


def kept(known: set[str]) -> list[Any]:
    """Everything that the room's own tables hold, but for what differs between two runs; ids that are known are told apart."""
    found = []
    for model in apps.get_models():
        if model._meta.app_label in ("common", "alliance", "activation"):
            for row in model._default_manager.values():
                if "sealed" in row:
                    row["sealed"] = row["sealed"].startswith("{")
                said = {key: json.dumps(value, sort_keys=True, default=str) for key, value in row.items()}
                found.append(
                    (
                        model.__name__,
                        sorted(
                            (key, MASK.sub(lambda held: held[0] if held[0] in known else "…", value))
                            for key, value in said.items()
                        ),
                    )
                )
    return sorted(found)


@pytest.mark.parametrize("row", WRITES, ids=str)
def test_keys_that_no_form_has_change_nothing(case: Case, row: Row) -> None:
    kind, results = may(row), []
    known = {str(one.pk) for model in (User, Partner, State) for one in model._default_manager.all()}
    other = str(case.room.users["admin"].pk)
    for more in (False, True):
        with transaction.atomic():
            thing = THINGS[row.of](case, kind)
            body = body_of(case, row, thing, kind)
            extra = {name: other for name in SERVER_OWNED if name not in body} if more else {}
            extra |= {name: "../../etc/passwd" for name in ("file_name", "path", "file_local_name", "filename") if more}
            response = send(case, row, kind, thing, extra | body)
            results.append((response.status_code, kept(known)))
            transaction.set_rollback(True)
    assert results[0] == results[1]


@pytest.mark.parametrize("row", [row for row in ROWS if row.name.startswith("api:") and row.method != "GET"], ids=str)
def test_the_api_refuses_keys_that_it_does_not_have(case: Case, row: Row) -> None:
    kind = may(row)
    thing = THINGS[row.of](case, kind)
    body = body_of(case, row, thing, kind)
    before = Entry.objects.count()
    response = send(case, row, kind, thing, body | dict.fromkeys(SERVER_OWNED, "../../etc/passwd"))
    if body:
        assert response.status_code in (409, 422)
        assert not Entry.objects.filter(number__gt=before).exclude(action="make_token").exists()


# -- Requests from elsewhere ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", WRITES, ids=str)
def test_every_write_asks_where_the_form_came_from(case: Case, row: Row) -> None:
    kind = may(row)
    thing = THINGS[row.of](case, kind)
    before = Entry.objects.count()
    taken = set(re.findall(r"<\w+:(\w+)>", addresses()[row.name][0]))
    url = reverse(row.name, kwargs={key: value for key, value in thing.names.items() if key in taken})
    client = Client(enforce_csrf_checks=True)
    if name := KINDS[kind]:
        client.force_login(case.room.users[name])
    assert client.post(url, body_of(case, row, thing, kind)).status_code == 403
    assert Entry.objects.count() == before


@pytest.mark.parametrize("name", [name for name, (method, _p, _t) in operations().items() if method != "GET"])
def test_every_write_of_the_api_by_a_session_does_too(case: Case, name: str) -> None:
    method, path, _by_token = operations()[name]
    url = re.sub(r"\{\w+\}", str(case.open.pk), path)
    client = Client(enforce_csrf_checks=True)
    client.force_login(case.room.users["chair"])
    assert getattr(client, method.lower())(url, "{}", content_type="application/json").status_code == 403


# -- With TLS -------------------------------------------------------------------------------------------------------------

WITH_TLS = """
import json
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
import django
django.setup()
from django.test import Client
plain = Client(SERVER_NAME="localhost").get("/nowhere")
safe = Client(SERVER_NAME="localhost").get("/nowhere", secure=True)
forged = Client(SERVER_NAME="localhost").get("/nowhere", headers={"X-Forwarded-Proto": "https"})
names = [name for name in dir(settings) if name.startswith(("SESSION_COOKIE", "CSRF_COOKIE", "LANGUAGE_COOKIE"))]
print(json.dumps({
    "plain": [plain.status_code, plain.headers.get("Location")],
    "forged": forged.status_code,
    "safe": [safe.status_code, safe.headers.get("Strict-Transport-Security")],
    "cookies": [morsel.OutputString() for morsel in safe.cookies.values()],
    "settings": {name: getattr(settings, name) for name in names},
}))
"""


def test_with_tls_cookies_are_locked_to_the_host_and_plain_http_is_left(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    environment = {**os.environ, "TOCSIN_HOME": str(tmp_path), "TOCSIN_PLAIN_HTTP": "0", "TOCSIN_PROXY": "0"}
    environment.pop("DATABASE_URL", None)
    run = subprocess.run([sys.executable, "-c", WITH_TLS], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout.splitlines()[-1])
    assert said["plain"] == [301, "https://localhost/nowhere"]
    assert said["forged"] == 301, "anybody could claim to have come by TLS"
    assert said["safe"] == [404, "max-age=31536000"]
    [csrf] = [cookie for cookie in said["cookies"] if cookie.startswith("__Host-tocsin-csrf=")]
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(csrf.split("; "))
    assert "Domain" not in csrf
    settings = said["settings"]
    assert settings["SESSION_COOKIE_NAME"] == "__Host-tocsin"
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        assert settings[f"{name}_COOKIE_SECURE"]
        assert settings[f"{name}_COOKIE_HTTPONLY"]
        assert settings[f"{name}_COOKIE_DOMAIN"] is None
        assert settings[f"{name}_COOKIE_PATH"] == "/"


# -- What comes out -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [r for r in ROWS if re.search("text|file|keys|witness|export|decision", r.name)], ids=str)
def test_names_of_downloads_are_the_servers(case: Case, row: Row) -> None:
    kind = may(row)
    thing = THINGS[row.of](case, kind)
    poison()
    response = send(case, row, kind, thing, body_of(case, row, thing, kind) if row.method != "GET" else {})
    name = response.headers.get("Content-Disposition")
    assert name is None or re.fullmatch(r'attachment; filename="[A-Za-z0-9._-]{1,80}"', name)
    if name:
        assert not response.headers["Content-Type"].startswith("text/html")
