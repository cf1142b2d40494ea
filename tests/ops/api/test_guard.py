"""What no caller gets past: scopes, CSRF, unknown keys, texts and numbers that no database keeps."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from schemathesis.specs.openapi import definitions

from kit.api import Filled
from kit.room import Room
from tocsin.ops.api import account, api
from tocsin.ops.api.auth import Token
from tocsin.ops.common import tokens

DOCUMENT = api.get_openapi_schema(path_prefix="/api/")
ID = "0190a0c0-0000-7000-8000-000000000001"


def operations() -> Iterator[tuple[str, str, Any]]:
    """Verb, path and operation."""
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                yield operation.methods[0].lower(), "/api" + path, operation


def address(path: str) -> str:
    """A path with something well-formed in it."""
    return "/".join("EE" if part == "{state}" else ID if part.startswith("{") else part for part in path.split("/"))


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


BODIES = [(verb, path) for verb, path, one in operations() if any(m.__ninja_param_source__ == "body" for m in one.models)]
SCOPED = [(verb, path, one) for verb, path, one in operations() if isinstance(one.auth_callbacks[0], Token)]


def test_every_operation_asks_who_calls_and_has_a_name():
    names = [one.operation_id for _verb, _path, one in operations()]
    assert all(names)
    assert len(names) == len(set(names)) > 60
    assert all(one.auth_callbacks for _verb, _path, one in operations())


@pytest.mark.parametrize(("verb", "path", "operation"), SCOPED, ids=[one.operation_id for _v, _p, one in SCOPED])
def test_a_token_without_the_scope_opens_nothing(room: Room, verb: str, path: str, operation: Any):
    for missing in operation.auth_callbacks[0].scopes:
        others = [scope for scope in tokens.SCOPES if scope != missing]
        secret = tokens.make_token("chair", room.users["chair"], name="test", scopes=others)[1]
        answer = getattr(Client(), verb)(address(path), headers=bearer(secret))
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_no_token_makes_a_token(filled: Filled):
    secret = filled.secret("chair")
    for verb, path in (("get", "tokens"), ("post", "tokens"), ("post", f"tokens/{filled.ids['token_id'][0]}/revoke")):
        assert getattr(Client(), verb)(f"/api/{path}", headers=bearer(secret)).status_code == 401


def test_a_token_is_made_seen_and_ended_by_its_owner(room: Room, call):
    made = call("rep_ee", "post", "/api/tokens", {"name": "reports", "scopes": ["council:read"], "valid_days": 1}).json()
    assert Client().get("/api/me", headers=bearer(made["secret"])).json()["name"] == "rep_ee"
    [listed] = call("rep_ee", "get", "/api/tokens").json()
    assert listed["id"] == made["id"]
    assert "secret" not in listed
    assert call("rep_hr", "get", "/api/tokens").json() == []
    assert call("rep_ee", "post", f"/api/tokens/{made['id']}/revoke").status_code == 204
    assert Client().get("/api/me", headers=bearer(made["secret"])).status_code == 401


def test_scopes_are_spelt_as_tokens_know_them():
    assert set(account.Scope.__args__) == set(tokens.SCOPES)


def test_a_token_acts_for_its_owner_whatever_session_comes_along(filled: Filled):
    client = filled.room.client("staff")
    assert client.get("/api/me", headers=bearer(filled.secret("chair"))).json()["name"] == "chair"


def test_a_token_does_not_stand_in_for_a_second_factor(filled: Filled, settings: Any):
    """Made while its owner was an expert, say, who needs none; now they vote."""
    votes, lends = filled.secret("rep_ee", "council:read"), filled.secret("staff", "council:read")
    path = f"/api/sessions/{filled.ids['session_id'][0]}"
    assert [Client().get(path, headers=bearer(secret)).status_code for secret in (votes, lends)] == [200, 200]
    settings.SECOND_FACTOR = True
    assert [Client().get(path, headers=bearer(secret)).status_code for secret in (votes, lends)] == [401, 200]
    TOTP.activate(filled.room.users["rep_ee"], "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert Client().get(path, headers=bearer(votes)).status_code == 200


def test_writes_of_a_session_carry_the_csrf_token(filled: Filled):
    client = Client(enforce_csrf_checks=True)
    client.force_login(filled.room.users["chair"])
    path, body = f"/api/sessions/{filled.ids['session_id'][0]}/remarks", json.dumps({"text": "Well."})
    assert client.post(path, body, content_type="application/json").status_code == 403
    page = client.get("/api/docs").content.decode()
    token = page.partition('data-csrf-token="')[2].partition('"')[0]
    assert client.post(path, body, content_type="application/json", headers={"X-CSRFToken": token}).status_code == 201
    secret = filled.secret("chair", "council:write")
    assert (
        Client(enforce_csrf_checks=True).post(path, body, content_type="application/json", headers=bearer(secret)).status_code
        == 201
    )
    assert Client(enforce_csrf_checks=True).post(path, body, content_type="application/json").status_code == 401


@pytest.mark.parametrize(("verb", "path"), BODIES)
def test_unknown_keys_are_refused(room: Room, call, verb: str, path: str):
    """CVE-2026-22783: a file name that came with a form was taken over, and any file could be deleted."""
    answer = call("admin", verb, address(path), {"id": ID, "file": "/etc/passwd"})
    assert answer.status_code == 422
    refused = {one["loc"][-1] for one in answer.json()["detail"] if one["type"] == "extra_forbidden"}
    assert refused == {"id", "file"}


def nasty() -> dict[str, bytes]:
    """Bodies for a remark that are no remark, and what each is."""
    return {
        "NUL": b'{"text": "a\\u0000b"}',
        "half a surrogate pair": b'{"text": "\\ud800"}',
        "half a pair as a key": b'{"text": "a", "\\udfff": 1}',
        "too long": json.dumps({"text": "a" * 4001}).encode(),
        "a number": b'{"text": 1}',
        "a list": b"[]",
        "null": b"null",
        "nothing": b"",
        "no JSON": b"{",
        "no UTF-8": b'{"text": "\xff"}',
        "deep": b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "a number of 5,000 digits": b'{"text": ' + b"9" * 5000 + b"}",
        "too large": b'{"text": "' + b"a" * (2 << 20) + b'"}',
    }


@pytest.mark.parametrize("what", nasty())
def test_what_is_no_text_is_refused(filled: Filled, what: str):
    path = f"/api/sessions/{filled.ids['session_id'][0]}/remarks"
    answer = filled.room.client("chair").post(path, nasty()[what], content_type="application/json")
    assert answer.status_code in (400, 413, 422), answer.content
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("requests?q=%00", 422),
        ("requests?page=0", 422),
        (f"requests?page={10**30}", 422),
        ("requests?page=100000", 200),
        ("requests?status=lost", 422),
        (f"log?before={2**63}", 422),
        (f"log?before={2**63 - 1}", 200),
        ("log?start=0001-01-01", 409),
        ("log?end=9999-12-31", 409),
        ("log?start=yesterday", 422),
        ("log?start=1645315200", 422),
        ("experts?start=2022-02-30", 422),
        ("experts?state=E%00", 422),
        ("experts?text=%25%5F%27", 200),
        ("requests/not-an-id", 422),
        (f"requests/{ID}", 404),
        ("members?q=%FF", 403),
    ],
)
def test_what_cannot_be_looked_for_is_said(room: Room, call, path: str, status: int):
    assert call("chair", "get", f"/api/{path}").status_code == status


@pytest.mark.parametrize(
    ("deadline", "status"),
    [
        ("2199-12-31T23:59:59-14:00", 201),
        ("9999-12-31T23:59:59-14:00", 409),
        ("0001-01-01T00:00:00+14:00", 409),
        ("2199-01-01", 422),
        ("2199-01-01T00:00:00", 422),
        (4102444800, 422),
        (True, 422),
    ],
)
def test_moments_are_rfc_3339_and_of_our_times(filled: Filled, call, deadline: Any, status: int):
    path = f"/api/requests/{filled.ids['request_id'][0]}/session"
    assert call("chair", "post", path, {"deadline": deadline}).status_code == status


@pytest.mark.parametrize(("number", "status"), [(5.0, 200), (5.5, 422), ("5", 422), (True, 422), (10**30, 422), (-1, 422)])
def test_numbers_are_whole_and_in_bounds(filled: Filled, call, number: Any, status: int):
    body = {"start": "2032-02-22", "end": "2032-03-08", "size_min": number}
    assert call("chair", "put", f"/api/missions/{filled.ids['mission_id'][0]}/need", body).status_code == status


def test_no_two_things_of_the_document_have_one_name(monkeypatch: pytest.MonkeyPatch):
    """Pydantic names what it describes by its class alone; the later of two would stand in the document for both."""
    from ninja.openapi import schema

    seen: dict[str, str] = {}

    def add(self: Any, definitions: dict[str, Any]) -> None:
        for name, said in definitions.items():
            assert seen.setdefault(name, json.dumps(said, sort_keys=True)) == json.dumps(said, sort_keys=True), name
        self.schemas.update(definitions)

    monkeypatch.setattr(schema.OpenAPISchema, "add_schema_definitions", add)
    schema.OpenAPISchema(api, "/api/")
    assert len(seen) > 50


def test_the_document_is_open_api_3_1():
    definitions.OPENAPI_31_VALIDATOR.validate(json.loads(json.dumps(DOCUMENT, default=str)))


def test_every_reference_in_the_document_leads_somewhere():
    said = json.dumps(DOCUMENT, default=str)
    for part in said.split('"$ref": "#/components/schemas/')[1:]:
        assert part.partition('"')[0] in DOCUMENT["components"]["schemas"]


def test_the_documentation_is_of_our_own_files(room: Room):
    answer = room.client("chair").get("/api/docs")
    page = answer.content.decode()
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "//" not in page.replace("http://www.w3.org", ""), "nothing from another host"
    assert page.count("<script") == page.count("<script src") + page.count('<script type="application/json"')
