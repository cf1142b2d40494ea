"""Requests: who may do and see what, what is kept, what the pages say."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kit.requests import CONTENT, draft, handed_in
from kit.room import Room
from tocsin.ops.activation import content
from tocsin.ops.activation.models import Mission, Nomination, Request, RequestVersion
from tocsin.ops.activation.queries import requests as queries
from tocsin.ops.activation.services import council
from tocsin.ops.activation.services import requests as services
from tocsin.ops.alliance.models import Expert
from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused
from tocsin.ops.common.models import Entry
from tocsin.terms import Tlp

DEADLINE = datetime(2030, 2, 21, 18, tzinfo=UTC)
WRITES = {
    "save_draft": lambda actor, request: services.save_draft(actor, request, {"title": "other"}),
    "submit_request": lambda actor, request: services.submit_request(actor, request),
    "withdraw_request": lambda actor, request: services.withdraw_request(actor, request, "by mistake"),
}
OTHERS = ["stranger", "rep_ee", "chair", "leader", "expert", "observer", "trainer", "admin"]


def page_of(room: Room, who: str | None, name: str, request: Request, **more: str) -> str:
    response = room.client(who).get(reverse(name, args=[request.pk]), **more)
    assert response.status_code == 200
    return unescape(response.content.decode())


# Services


def test_a_reference_is_given_at_the_start_and_none_twice(room: Room):
    year = clock.now().year
    for number in (9, 10, 99):
        Request.objects.create(
            reference=f"{year}-{number:02d}", partner=room.partners["mod"], made_by=room.users["staff"], status="withdrawn"
        )
    given = [services.start_request(room.actor("staff"), room.partners["mod"]).reference for _ in range(2)]
    assert given == [f"{year}-100", f"{year}-101"]


def test_the_first_reference_of_a_year(room: Room):
    request = services.start_request(room.actor("staff"), room.partners["mod"], on_behalf_of="Ministry of Health")
    assert request.reference == f"{clock.now().year}-01"
    assert request.draft == {"tlp": "TLP:AMBER+STRICT", "on_behalf_of": "Ministry of Health"}


@pytest.mark.parametrize("who", OTHERS)
def test_only_the_partners_staff_start(room: Room, who):
    with pytest.raises(PermissionDenied):
        services.start_request(room.actor(who), room.partners["mod"])
    assert not Request.objects.exists()


@pytest.mark.parametrize("write", WRITES.values(), ids=list(WRITES))
@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_writes_in_a_draft(room: Room, who, write):
    request = draft(room)
    before = Entry.objects.count()
    with pytest.raises(PermissionDenied):
        write(room.actor(who), request)
    request.refresh_from_db()
    assert (request.status, request.draft, Entry.objects.count()) == ("draft", CONTENT, before)


@pytest.mark.parametrize("write", WRITES.values(), ids=list(WRITES))
def test_a_colleague_writes_in_a_draft(room: Room, write):
    write(room.actor("staff2"), draft(room))
    assert Entry.objects.latest("number").actor == room.actor("staff2").label


def test_every_change_is_one_entry_without_texts(room: Room):
    request = handed_in(room)
    services.amend_request(room.actor("staff"), request, {**CONTENT, "days": "10"})
    services.withdraw_request(room.actor("staff"), request, "it is over")
    entries = list(Entry.objects.order_by("number"))
    assert [e.action for e in entries] == ["start_request", "save_draft", "submit_request", "amend_request", "withdraw_request"]
    assert {e.subject for e in entries} == {f"request {request.pk}"}
    assert "Kyiv" not in str([e.details for e in entries]) and "it is over" not in str([e.details for e in entries])


def test_saving_what_stands_already_is_no_change(room: Room):
    request = draft(room)
    before = Entry.objects.count()
    services.save_draft(room.actor("staff"), request, CONTENT)
    assert Entry.objects.count() == before


@pytest.mark.parametrize("raw", [{"status": "activated"}, {"partner_id": "x"}, {"title": "x" * 201}, {"days": 3}])
def test_only_described_content_is_taken(room: Room, raw):
    request = draft(room)
    with pytest.raises(Refused, match=next(iter(raw))):
        services.save_draft(room.actor("staff"), request, {**CONTENT, **raw})
    assert Request.objects.get().draft == CONTENT


def test_handing_in_starts_the_72_hours(room: Room):
    request = draft(room)
    version = services.submit_request(room.actor("staff"), request)
    request = Request.objects.get()
    assert (request.status, request.title) == ("submitted", "Distributed Denial of Service: Ministry of Defence")
    assert request.ready_by - request.submitted_at == timedelta(hours=72)
    assert (version.number, version.content, version.digest) == (1, CONTENT, services.digest_of(CONTENT))
    assert request.draft == {}


def test_what_is_incomplete_is_not_handed_in(room: Room):
    request = draft(room, contact_phone="")
    with pytest.raises(services.Incomplete, match="Telephone") as error:
        services.submit_request(room.actor("staff"), request)
    assert list(error.value.problems) == ["contact_phone"]
    assert Request.objects.get().status == "draft"
    assert not RequestVersion.objects.exists()


def test_nothing_is_handed_in_twice(room: Room):
    with pytest.raises(Refused, match="handed in"):
        services.submit_request(room.actor("staff"), handed_in(room))


def test_an_amendment_is_a_new_version_and_the_old_one_stays(room: Room):
    request = handed_in(room)
    version = services.amend_request(room.actor("staff2"), request, {**CONTENT, "days": "10", "title": "New"})
    assert version.number == 2
    assert [v.content.get("days") for v in request.versions.order_by("number")] == ["21", "10"]
    assert Request.objects.get().title == "New"


def test_an_amendment_that_changes_nothing_is_refused(room: Room):
    with pytest.raises(Refused, match="Nothing differs"):
        services.amend_request(room.actor("staff"), handed_in(room), CONTENT)


def test_an_amendment_can_be_begun_and_left(room: Room):
    request = handed_in(room)
    services.save_draft(room.actor("staff"), request, {**CONTENT, "days": "", "title": "Half"})
    request = Request.objects.get()
    assert request.title != "Half"  # what others see is what was handed in
    assert services.working_copy(request)["title"] == "Half"
    services.save_draft(room.actor("staff"), request, CONTENT)
    assert Request.objects.get().draft == {}


def test_a_withdrawn_request_stays_and_can_no_longer_be_changed(room: Room):
    request = handed_in(room)
    services.withdraw_request(room.actor("staff"), request, " by mistake ")
    request = Request.objects.get()
    assert (request.status, request.withdrawn_why) == ("withdrawn", "by mistake")
    with pytest.raises(Refused, match="withdrawn"):
        services.amend_request(room.actor("staff"), request, {**CONTENT, "days": "10"})
    assert request.versions.count() == 1


@pytest.mark.parametrize("why", ["", "   ", "x" * 401])
def test_withdrawing_needs_a_reason(room: Room, why):
    with pytest.raises(Refused, match="Say why"):
        services.withdraw_request(room.actor("staff"), handed_in(room), why)


def test_two_who_write_on_the_same_text_do_not_overwrite_each_other(room: Room):
    request = draft(room)
    base = services.token_of(request)
    services.save_draft(room.actor("staff2"), request, {**CONTENT, "days": "10"}, base=base)
    with pytest.raises(services.Overtaken) as error:
        services.save_draft(room.actor("staff"), request, {**CONTENT, "days": "14"}, base=base)
    assert error.value.theirs["days"] == "10"
    assert Request.objects.get().draft["days"] == "10"
    services.save_draft(room.actor("staff"), request, {**CONTENT, "days": "14"}, base=services.token_of(request))
    assert Request.objects.get().draft["days"] == "14"


def test_an_amendment_written_on_an_older_version_is_not_taken(room: Room):
    request = handed_in(room)
    base = services.token_of(request)
    services.amend_request(room.actor("staff2"), request, {**CONTENT, "days": "10"}, base=base)
    with pytest.raises(services.Overtaken):
        services.amend_request(room.actor("staff"), request, {**CONTENT, "days": "14"}, base=base)
    assert request.versions.count() == 2


def test_an_amendment_is_put_to_the_council_that_sits_on_it(room: Room):
    request = handed_in(room)
    session = council.open_session(room.actor("chair"), request, deadline=DEADLINE)
    version = services.amend_request(room.actor("staff"), request, {**CONTENT, "days": "10"})
    session.refresh_from_db()
    assert session.version == version
    [addition] = session.additions.all()
    assert addition.record["request_digest"] == version.digest
    assert addition.record["reason"] == "For how many days"


def test_withdrawing_closes_the_session(room: Room):
    request = handed_in(room)
    session = council.open_session(room.actor("chair"), request, deadline=DEADLINE)
    services.withdraw_request(room.actor("staff"), request, "by mistake")
    session.refresh_from_db()
    assert (session.outcome, session.closed_at is not None) == ("withdrawn", True)
    assert Request.objects.get().status == "withdrawn"


# Who sees what

READS = ["staff", "staff2", "rep_ee", "chair", "leader"]
OUTLINES = ["observer", "trainer", "admin"]


def seen(room: Room, who: str, request: Request) -> str:
    """``content``, ``outline`` or ``nothing``, and the same from query, list and page."""
    try:
        held = queries.get_request(room.actor(who), request.pk)
    except Http404:
        assert not queries.request_rows(room.actor(who)).object_list
        assert room.client(who).get(reverse("request", args=[request.pk])).status_code == 404
        assert room.client(who).get(reverse("request-text", args=[request.pk])).status_code == 404
        return "nothing"
    [row] = queries.request_rows(room.actor(who)).object_list
    page = page_of(room, who, "request", request)
    title = content.title_of(CONTENT)
    assert (row.title == title) == (title in page) == ("Kyiv, main site" in page) == queries.may_read(held)
    assert request.reference in page
    return "content" if queries.may_read(held) else "outline"


@pytest.mark.parametrize("who", [*READS, *OUTLINES, "stranger", "expert"])
def test_a_draft_is_seen_by_the_partners_staff_alone(room: Room, who):
    assert seen(room, who, draft(room)) == ("content" if who in ("staff", "staff2") else "nothing")


@pytest.mark.parametrize("who", [*READS, *OUTLINES, "stranger", "expert"])
def test_a_request_that_was_handed_in(room: Room, who):
    expected = "content" if who in READS else "outline" if who in OUTLINES else "nothing"
    assert seen(room, who, handed_in(room)) == expected


@pytest.mark.parametrize("who", [*READS, *OUTLINES, "stranger"])
def test_red_is_read_by_who_made_it_and_by_named_readers(room: Room, who):
    request = handed_in(room, tlp="TLP:RED")
    services.name_readers(room.actor("staff"), request, [room.users["rep_ee"]])
    expected = "content" if who in ("staff", "rep_ee") else "nothing" if who == "stranger" else "outline"
    assert seen(room, who, request) == expected
    if expected == "outline":
        assert "TLP:RED: named readers only." in page_of(room, who, "request", request)


def test_a_colleague_who_is_not_named_does_not_write_in_red(room: Room):
    request = draft(room, tlp="TLP:RED")
    with pytest.raises(PermissionDenied):
        services.save_draft(room.actor("staff2"), request, CONTENT)
    assert room.client("staff2").get(reverse("request-edit", args=[request.pk])).status_code == 403
    services.name_readers(room.actor("staff"), request, [room.users["staff2"]])
    services.save_draft(room.actor("staff2"), request, CONTENT)


def test_an_amendment_to_red_that_is_being_written_is_closed_to_colleagues(room: Room):
    request = handed_in(room)
    services.save_draft(room.actor("staff"), request, {**CONTENT, "tlp": "TLP:RED", "title": "Secret"})
    assert room.client("staff2").get(reverse("request-edit", args=[request.pk])).status_code == 403


def test_an_expert_reads_a_request_while_nominated_for_its_mission(room: Room):
    request = handed_in(room)
    today = clock.now().date()
    mission = Mission.objects.create(request=request, name="m", start=today, end=today)
    nomination = Nomination.objects.create(
        mission=mission, expert=Expert.objects.get(), reason="r", start=today, end=today, status="accepted"
    )
    assert seen(room, "expert", request) == "content"
    nomination.status = "released"
    nomination.save()
    assert seen(room, "expert", request) == "nothing"


@pytest.mark.parametrize("who", ["staff2", "chair", "stranger", "admin"])
def test_readers_are_named_by_who_made_the_request(room: Room, who):
    request = handed_in(room, tlp="TLP:RED")
    with pytest.raises(PermissionDenied):
        services.name_readers(room.actor(who), request, [room.users[who]])
    assert not request.readers.exists()


@pytest.mark.parametrize("who", ["admin", "stranger", "observer", "trainer"])
def test_who_could_not_read_it_otherwise_is_not_named(room: Room, who):
    request = handed_in(room, tlp="TLP:RED")
    with pytest.raises(Refused):
        services.name_readers(room.actor("staff"), request, [room.users[who]])


def test_readers_can_be_taken_off_again(room: Room):
    request = handed_in(room, tlp="TLP:RED")
    services.name_readers(room.actor("staff"), request, [room.users["chair"], room.users["rep_ee"]])
    services.name_readers(room.actor("staff"), request, [room.users["chair"]])
    assert list(request.readers.all()) == [room.users["chair"]]
    assert Entry.objects.latest("number").details == {"added": [], "removed": [str(room.users["rep_ee"].pk)]}


def test_a_title_cannot_be_found_out_by_searching(room: Room):
    request = handed_in(room, tlp="TLP:RED", title="Unspeakable")
    found = {
        who: bool(queries.request_rows(room.actor(who), search="unspeak").object_list) for who in ("staff", "chair", "admin")
    }
    assert found == {"staff": True, "chair": False, "admin": False}
    assert queries.request_rows(room.actor("admin"), search=request.reference).object_list


# What it waits for


def test_the_page_says_what_a_request_waits_for(room: Room):
    request = draft(room)
    assert "Not handed in yet" in page_of(room, "staff", "request", request)
    services.submit_request(room.actor("staff"), request)
    assert "Waits for the chair to open a council session." in page_of(room, "staff", "request", request)
    council.open_session(room.actor("chair"), request, deadline=DEADLINE)
    assert "Waits for the council's vote until 21 Feb 2030, 18:00 UTC." in page_of(room, "staff", "request", request)


@pytest.mark.parametrize(
    ("status", "stage", "runs"),
    [
        ("submitted", None, True),
        ("in_council", None, True),
        ("activated", "activated", True),
        ("activated", "mustering", True),
        ("activated", "ready", False),
        ("activated", "closed", False),
        ("declined", None, False),
        ("lapsed", None, False),
        ("withdrawn", None, False),
    ],
)
def test_the_clock_runs_until_a_team_is_ready_or_nobody_comes(room: Room, status, stage, runs):
    request = handed_in(room)
    Request.objects.update(status=status)
    if stage:
        today = clock.now().date()
        Mission.objects.create(request=request, name="m", start=today, end=today, stage=stage)
    assert bool(queries.readiness_clocks(room.actor("chair"))) is runs
    assert queries.clock_runs(queries.get_request(room.actor("chair"), request.pk)) is runs
    page = room.client("chair").get("/account/").content.decode()
    assert (f"ready {request.reference}" in page) is runs


def test_the_clock_of_a_request_is_not_shown_to_strangers(room: Room):
    handed_in(room)
    assert not queries.readiness_clocks(room.actor("stranger"))
    assert [c.reference for c in queries.readiness_clocks(room.actor("staff2"))]


# Pages


def test_a_partner_asks_for_help_from_start_to_end(room: Room):
    browser = room.client("staff")
    response = browser.post(reverse("request-start"), {"partner": str(room.partners["mod"].pk)}, follow=True)
    request = Request.objects.get()
    edit = reverse("request-edit", args=[request.pk])
    base = services.token_of(request)
    half = {"description": "It started at\r\n noon ", "first_noticed": "tuesd", "base": base, "save": "1"}
    response = browser.post(edit, half, follow=True)
    assert "Saved." in response.content.decode()
    assert Request.objects.get().draft == {"description": "It started at\n noon", "first_noticed": "tuesd"}
    page = browser.get(edit).content.decode()
    assert "It started at\n noon" in page and 'value="tuesd"' in page

    request = Request.objects.get()
    response = browser.post(edit, {**half, "base": services.token_of(request), "hand_in": "1"})
    page = unescape(response.content.decode()).replace("\r", "")
    assert response.status_code == 422
    assert '<a href="#q-contact_phone">Telephone</a>' in page and 'id="q-contact_phone"' in page
    assert "Needed before you can hand it in." in page and "It started at\n noon" in page

    request = Request.objects.get()
    response = browser.post(edit, {**CONTENT, "base": services.token_of(request), "hand_in": "1"})
    assert response.headers["Location"] == reverse("request", args=[request.pk])
    assert Request.objects.get().status == "submitted"


def test_what_is_too_long_is_not_saved_and_not_lost(room: Room):
    request = draft(room)
    typed = {**CONTENT, "title": "x" * 201, "description": "typed just now", "base": services.token_of(request), "save": "1"}
    response = room.client("staff").post(reverse("request-edit", args=[request.pk]), typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert "x" * 201 in page and "typed just now" in page and '<a href="#q-title">' in page
    assert Request.objects.get().draft == CONTENT


def test_who_is_overtaken_sees_both_texts(room: Room):
    request = draft(room)
    base = services.token_of(request)
    edit = reverse("request-edit", args=[request.pk])
    room.client("staff2").post(edit, {**CONTENT, "place": "Lviv", "base": base, "save": "1"})
    response = room.client("staff").post(edit, {**CONTENT, "place": "Odesa", "base": base, "save": "1"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody else saved this request while you wrote." in page
    assert 'value="Odesa"' in page and "Lviv" in page
    assert Request.objects.get().draft["place"] == "Lviv"
    response = room.client("staff").post(
        edit, {**CONTENT, "place": "Odesa", "base": services.token_of(Request.objects.get()), "save": "1"}
    )
    assert (response.status_code, Request.objects.get().draft["place"]) == (302, "Odesa")


def test_columns_of_the_model_cannot_be_set_through_the_form(room: Room):
    request = draft(room)
    sent = {**CONTENT, "status": "activated", "reference": "x", "partner": "y", "base": services.token_of(request), "save": "1"}
    room.client("staff").post(reverse("request-edit", args=[request.pk]), sent)
    held = Request.objects.get()
    assert (held.status, held.reference, held.draft) == ("draft", request.reference, CONTENT)


def test_the_history_says_differences_in_words(room: Room):
    request = handed_in(room)
    services.amend_request(room.actor("staff2"), request, {**CONTENT, "days": "10"})
    page = page_of(room, "rep_ee", "request", request)
    assert "“21” became “10”" in page and "Version 2" in page.replace("\n", " ")


@pytest.mark.parametrize(("who", "buttons"), [
    ("staff", {"Amend", "Withdraw"}), ("staff2", {"Amend", "Withdraw"}), ("rep_ee", set()), ("chair", set()), ("leader", set()),
])  # fmt: skip
def test_buttons_are_for_who_may_use_them(room: Room, who, buttons):
    page = page_of(room, who, "request", handed_in(room))
    assert {word for word in ("Amend", "Withdraw") if f">{word}</" in page} == buttons


@pytest.mark.parametrize(("who", "status"), [("staff", 302), ("staff2", 302), ("rep_ee", 403), ("stranger", 404), (None, 302)])
def test_withdrawing_by_the_page(room: Room, who, status):
    request = handed_in(room)
    response = room.client(who).post(reverse("request-withdraw", args=[request.pk]), {"why": "by mistake"})
    assert response.status_code == status
    assert (Request.objects.get().status == "withdrawn") == (who in ("staff", "staff2"))


@pytest.mark.parametrize(("who", "status"), [("staff", 200), ("staff2", 200), ("rep_ee", 403), ("stranger", 404), (None, 302)])
def test_the_form_is_for_the_partners_staff(room: Room, who, status):
    request = handed_in(room)
    assert room.client(who).get(reverse("request-edit", args=[request.pk])).status_code == status


@pytest.mark.parametrize(("who", "status"), [("staff", 302), ("rep_ee", 403), ("stranger", 403), (None, 302)])
def test_starting_by_the_page(room: Room, who, status):
    response = room.client(who).post(reverse("request-start"), {"partner": str(room.partners["mod"].pk)})
    assert response.status_code == status
    assert Request.objects.exists() == (who == "staff")


def test_readers_are_named_by_the_page(room: Room):
    request = handed_in(room, tlp=Tlp.RED.value)
    page = page_of(room, "staff", "request", request)
    assert "rep_ee: state representative · Estonia" in page and "administrator" not in page
    url = reverse("request-readers", args=[request.pk])
    assert room.client("staff").post(url, {"readers": [str(room.users["rep_ee"].pk)]}).status_code == 302
    assert list(request.readers.all()) == [room.users["rep_ee"]]
    assert room.client("staff").post(url, {"readers": [str(room.users["admin"].pk)]}).status_code == 403
    assert room.client("staff2").post(url, {"readers": []}).status_code == 403
    assert room.client("stranger").post(url, {"readers": []}).status_code == 404
    assert list(request.readers.all()) == [room.users["rep_ee"]]


@pytest.mark.parametrize(("who", "status"), [("staff", 200), ("rep_ee", 200), ("admin", 403), ("stranger", 404), (None, 302)])
def test_the_text_file(room: Room, who, status):
    request = handed_in(room)
    response = room.client(who).get(reverse("request-text", args=[request.pk]))
    assert response.status_code == status
    if status == 200:
        assert response.headers["Content-Disposition"] == f'attachment; filename="request-{request.reference}.txt"'
        assert "Kyiv, main site" in response.content.decode()


def test_the_list_has_pages_of_fifty_and_a_bounded_number_of_queries(room: Room):
    many = [
        Request(
            reference=f"2020-{n:04d}",
            partner=room.partners["mod" if n % 2 else "bank"],
            made_by=room.users["staff"],
            status="submitted",
            title=f"Title {n:03d}",
            submitted_at=clock.now(),
            ready_by=clock.now() + timedelta(hours=n),
        )
        for n in range(120)
    ]
    Request.objects.bulk_create(many)
    browser = room.client("chair")
    browser.get("/requests/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = browser.get("/requests/").content.decode()
    assert page.count("data-key=") == 50
    assert len(asked) <= 9, "\n".join(query["sql"] for query in asked)
    last = browser.get("/requests/?page=3").content.decode()
    assert last.count("data-key=") == 20 and "Page 3 of 3" in last
    found = browser.get("/requests/?q=title+07").content.decode()
    assert found.count("data-key=") == 10
    assert browser.get("/requests/?status=declined").content.decode().count("data-key=") == 0
    assert browser.get("/requests/?page=x&status=none&q=%01").status_code == 200


def test_a_page_of_a_request_has_a_bounded_number_of_queries(room: Room):
    request = handed_in(room)
    for days in range(1, 12):
        services.amend_request(room.actor("staff"), request, {**CONTENT, "days": str(days)})
    browser = room.client("staff")
    url = reverse("request", args=[request.pk])
    browser.get(url)
    with CaptureQueriesContext(connection) as asked:
        browser.get(url)
    assert len(asked) <= 9, "\n".join(query["sql"] for query in asked)


@pytest.mark.parametrize(
    ("who", "places"),
    [
        ("staff", "srcm"),
        ("rep_ee", "srcmpal"),
        ("chair", "srcmpal"),
        ("leader", "srcmp"),
        ("expert", "srcmp"),
        ("trainer", "srcmp"),
        ("observer", "srcm"),
        ("admin", "srcmal"),
    ],
)
def test_the_navigation_leads_where_somebody_may_go_and_nowhere_else(room: Room, who, places):
    browser = room.client(who)
    links = re.findall(r'<a href="([^"]+)" data-go="(.)"', browser.get("/account/").content.decode())
    assert "".join(key for _, key in links) == places
    assert {browser.get(url, follow=True).status_code for url, _ in links} == {200}


def test_nobody_in_particular_has_no_navigation(db):
    assert "data-go" not in Client().get("/accounts/login/").content.decode()
