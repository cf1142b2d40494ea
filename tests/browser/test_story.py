"""From a partner's half-finished request to a team that is ready, in real browsers: on SQLite, on PostgreSQL, and without scripts.

With TOCSIN_SCREENSHOTS=FOLDER every page of the story is kept as a picture, light, dark and as wide as a phone.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from kit import postgresql
from kit.browser import Person, Server, person, serving
from kit.requests import CONTENT
from kit.room import PASSPHRASE
from kit.story import SECRET

TESTS = Path(__file__).parents[1]
PICTURES = os.environ.get("TOCSIN_SCREENSHOTS")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.slow),
        pytest.param("without scripts", marks=pytest.mark.slow),
    ]
)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A room with its people in it, and nothing done yet."""
    with ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            if postgresql.binaries() is None:
                pytest.skip("PostgreSQL is not installed")
            url = stack.enter_context(postgresql.server())
        home = tmp_path / "room"
        environment = {**os.environ, "TOCSIN_HOME": str(home), "PYTHONPATH": str(TESTS)}
        environment.pop("DATABASE_URL", None)
        if url:
            environment["DATABASE_URL"] = url
        subprocess.run([sys.executable, "-m", "kit.story"], env=environment, check=True)
        yield stack.enter_context(serving(home, database_url=url))


def sign_in(one: Person) -> Person:
    """With password and one-time code."""
    one.secret = SECRET
    one.page.goto(one.url + "/accounts/login/")
    one.page.fill("#id_login", f"{one.name}@example.org")
    one.page.fill("#id_password", f"{one.name}-password-1")
    one.page.locator("main form button.primary").first.click()
    if time.time() % 30 > 24:  # a code is good for its half minute: not one that ends while it travels
        time.sleep(6)
    one.page.fill("input[name=code]", one.code())
    one.page.locator("main form button.primary").first.click()
    expect(one.page.locator("nav [data-go=s]")).to_be_visible()
    return one


def comes(one: Person, item: str, text: str | re.Pattern[str] = "", *, seconds: float = 15) -> Locator:
    """What arrives by itself while somebody looks at a page; who has scripts off reloads it."""
    found, end = one.page.locator(item), time.monotonic() + seconds
    while not one.scripts and time.monotonic() < end and not found.filter(has_text=text).count():
        time.sleep(1)
        one.page.reload()
    expect(found).to_contain_text(text, timeout=1000 * seconds)
    return found


def write(page: Page, values: dict[str, object]) -> None:
    """Fill fields by their names, whatever their kind."""
    for name, value in values.items():
        fields = page.locator(f'main [name="{name}"]')
        kind = fields.first.get_attribute("type") or fields.first.evaluate("e => e.tagName.toLowerCase()")
        if value is True:
            fields.first.check()
        elif kind in ("checkbox", "radio"):
            for one in value if isinstance(value, list) else [value]:
                page.locator(f'main [name="{name}"][value="{one}"]').check()
        elif kind == "select":
            fields.first.select_option(value)  # type: ignore[arg-type]
        else:
            fields.first.fill(str(value))


def picture(one: Person, name: str) -> None:
    """Keep the top of the page as it is now: light, dark, and 390 px wide."""
    if not PICTURES:
        return
    Path(PICTURES).mkdir(parents=True, exist_ok=True)
    for suffix, scheme, width, height in (
        ("", "light", 1280, 860),
        ("-dark", "dark", 1280, 860),
        ("-phone", "light", 390, 844),
    ):
        one.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        one.page.set_viewport_size({"width": width, "height": height})
        wide, high = one.page.evaluate("[document.documentElement.scrollWidth, document.body.scrollHeight]")
        assert wide <= width, f"{name}: {wide} px wide on a screen of {width}"
        path = Path(PICTURES) / f"{name}{suffix}.png"
        one.page.screenshot(path=path, clip={"x": 0, "y": 0, "width": width, "height": min(high, height)})
        assert path.stat().st_size < 200_000, f"{path.name}: a picture of the documents has less than 200 KB"
    one.page.emulate_media(color_scheme="light")
    one.page.set_viewport_size({"width": 1280, "height": 800})


def vote(one: Person, session: str, choice: str, **more: object) -> None:
    """Sign and vote."""
    page = one.go(session)
    write(page, {"choice": choice, **more, "passphrase": PASSPHRASE})
    page.get_by_role("button", name="Sign and vote").click()
    expect(page.locator("#votes")).to_be_visible()


def test_from_a_half_finished_request_to_a_team_that_is_ready(
    browser: Browser, opened: Server, tmp_path: Path, request: pytest.FixtureRequest
):
    scripts = request.node.callspec.params["opened"] != "without scripts"
    with ExitStack() as stack:

        def at_a_browser(name: str) -> Person:
            return sign_in(stack.enter_context(person(browser, opened, name, java_script_enabled=scripts)))

        # The partner writes half of it, and comes back later for the other half.
        staff = at_a_browser("staff")
        page = staff.go("/requests/")
        picture(staff, "requests-empty")
        page.locator("form[action$='/requests/new'] button, main form button.primary").first.click()
        write(page, {name: CONTENT[name] for name in ("organisations", "type", "description")})
        page.get_by_role("button", name="Save").click()
        expect(page.locator("[role=status]")).to_contain_text("Saved")
        page = staff.go("/requests/")
        page.locator("main tbody a").first.click()
        page.get_by_role("link", name="Go on writing").click()
        expect(page.locator("[name=description]")).to_have_value(CONTENT["description"])
        page.get_by_role("button", name="Hand in").click()
        expect(page.get_by_role("alert")).to_contain_text("missing")
        picture(staff, "request-form")
        start = timezone.localdate() + timedelta(days=3)
        write(page, {**CONTENT, "start": start.isoformat()})
        page.get_by_role("button", name="Hand in").click()
        asked = re.sub(r"^https?://[^/]+", "", page.url)
        expect(page.locator("aside .figure")).to_contain_text(re.compile("7[12]:"))
        picture(staff, "request")

        # The chair puts it to the states.
        chair = at_a_browser("chair")
        page = chair.go(asked)
        page.get_by_role("link", name="Open a council session").click()
        page.locator("main button.primary").click()
        expect(page.locator("h1")).to_contain_text("Shall the team assist")
        session = re.sub(r"^https?://[^/]+", "", page.url)

        # The Netherlands will be away and lets Estonia vote for it; the host consents.
        away = at_a_browser("rep_nl")
        page = away.go("/alliance/")
        now = timezone.now()
        page.get_by_text("Give away the vote of Netherlands").click()
        write(
            page,
            {
                "to": page.locator("[name=to] option", has_text="Estonia").get_attribute("value"),
                "start": now.strftime("%Y-%m-%dT%H:%M"),
                "end": (now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
            },
        )
        form = page.locator("form", has=page.locator("[name=to]"))
        form.locator("[name=passphrase]").fill(PASSPHRASE)
        form.get_by_role("button", name="Sign").click()
        expect(page.locator("table", has_text="Its vote is cast by")).to_contain_text("Estonia")
        picture(away, "alliance")
        page = staff.go(session + "consent")
        write(page, {"given": "yes", "note": "letter of the minister"})
        page.locator("main button.primary").click()

        # Six states vote, one with a caveat, one by delegation, one changing its mind; the chair sees it come in live.
        chair.go(session)
        estonia = at_a_browser("rep_ee")
        page = estonia.go(session)
        write(page, {"choice": "yes", "remote_only": True, "state": "EE", "passphrase": "not the passphrase"})
        page.get_by_role("button", name="Sign and vote").click()
        expect(page.locator("#your-vote")).to_contain_text("does not open")
        vote(estonia, session, "yes", state="EE", others="no forensics on personal data")
        vote(estonia, session, "yes", state="NL")
        for name in ("hr", "lt"):
            vote(at_a_browser(f"rep_{name}"), session, "yes")
        poland = at_a_browser("rep_pl")
        vote(poland, session, "no")
        comes(chair, "[data-key=vote-PL]", re.compile(r"\bno\b(?! yet)"))
        picture(chair, "decision")
        chair.go("/")
        picture(chair, "board")
        chair.go(session)
        vote(poland, session, "yes", at_most="3")
        expect(poland.page.locator("[data-key=vote-PL]")).to_contain_text("before")
        vote(at_a_browser("rep_ro"), session, "yes")
        comes(chair, "[data-key=verdict]", "activated")
        chair.go(session)
        chair.page.get_by_text("Close the session now").click()
        chair.page.fill("form[action$=close] [name=reason]", "every state has voted")
        chair.page.locator("form[action$=close]").get_by_role("button").click()
        expect(chair.page.locator("h1")).to_contain_text("activated", ignore_case=True)
        picture(chair, "decision-closed")

        # What was decided holds without the room.
        with chair.page.expect_download() as download:
            chair.page.get_by_role("button", name="Download the decision").click()
        decision = tmp_path / "decision.jsonl"
        download.value.save_as(decision)
        verify(decision, 0)
        changed = tmp_path / "changed.jsonl"
        changed.write_bytes(decision.read_bytes().replace(b'"choice":"yes"', b'"choice":"no"', 1))
        verify(changed, 1)

        # The need, the team, and who goes.
        chair.page.get_by_role("link", name="To the mission").click()
        mission = re.sub(r"^https?://[^/]+", "", chair.page.url).rstrip("/")
        page = chair.go(mission + "/need")
        write(
            page,
            {
                "seats-0-profile": "cyber_incident_responder",
                "seats-0-number": "4",
                "seats-1-profile": "digital_forensics_investigator",
                "seats-1-number": "3",
                "size_min": "7",
                "size_max": "8",
            },
        )
        picture(chair, "need")
        page.get_by_role("button", name="Save and propose a team").click()
        adopt = comes(chair, "form[action$=adopt] button", "Adopt", seconds=60)
        picture(chair, "muster")
        adopt.click()
        team = people_of(chair, mission)
        assert len(team) >= 7

        # One declines; it is solved again around the others.
        first, *others = team
        declines = at_a_browser(account_of(first))
        page = declines.go("/nominations/")
        picture(declines, "nominations")
        page.locator("[name=text]").first.fill("I am needed at home")
        page.get_by_role("button", name="Decline").first.click()
        page = chair.go(mission + "/muster")
        expect(page.locator("[data-key=lost]")).to_contain_text("needed at home")
        comes(chair, "form[action$=adopt] button", "Adopt", seconds=60).click()
        again = people_of(chair, mission)
        assert first not in again
        assert len(again) == len(team)
        assert len(set(others) & set(again)) >= len(others) - 1
        for name in again:
            page = at_a_browser(account_of(name)).go("/nominations/")
            page.get_by_role("button", name="Accept").first.click()
        for code in sorted({name.rsplit(" ", 1)[1] for name in again}):
            representative = at_a_browser(f"rep_{code.lower()}")
            page = representative.go("/nominations/")
            while (confirm := page.get_by_role("button", name=re.compile("^Confirm"))).count():
                confirm.first.click()
                page = representative.go("/nominations/")
        page = chair.go(mission)
        ready = page.locator("form", has=page.locator("input[name=stage][value=ready]"))
        ready.locator("[name=why]").fill("everybody is confirmed")
        ready.get_by_role("button").click()
        expect(page.locator("[aria-current=step]")).to_contain_text("ready")
        picture(chair, "mission")

        # The partner sees its team; everybody their own situation.
        staff.go(mission)
        expect(staff.page.locator("#team")).to_contain_text(again[0])
        staff.go("/")
        picture(staff, "board-partner")
        for path, name in (("/people/", "people"), ("/log/", "log"), ("/missions/", "missions"), ("/sessions/", "sessions")):
            chair.go(path)
            picture(chair, name)


def people_of(chair: Person, mission: str) -> list[str]:
    """Names in the team."""
    page = chair.go(mission)
    expect(page.locator("#team tbody th").first).to_be_visible()
    return [name.strip() for name in page.locator("#team tbody th").all_inner_texts()]


def account_of(name: str) -> str:
    """``Expert 3 of NL`` signs in as expert3."""
    return "expert" + name.split()[1]


def verify(path: Path, status: int) -> None:
    """Replay a decision with the command line, in a process that knows no room."""
    tocsin = Path(sys.executable).with_name("tocsin")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN", "DJANGO", "DATABASE"))}
    done = subprocess.run([tocsin, "verify", path, "--json"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    assert json.loads(done.stdout)["holds"] is (status == 0)
