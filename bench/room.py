"""How long the room's pages take under load: 50 people who click once a second, beside the load generator. Asserts nothing.

python bench/room.py                                       SQLite, two web processes
python tests/kit/postgresql.py python bench/room.py        PostgreSQL
python bench/room.py --seconds 60 --users 50 --change-every 1

1,000 requests, 500 experts, 200 accounts and 100,000 entries of the log are put there first, the entries chained as in a real log.
While people click, something is done in the room every few seconds: what pages share is made anew after each change.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

REQUESTS, EXPERTS, USERS, ENTRIES = 1_000, 500, 200, 100_000
PAGES = ("board", "requests", "sessions", "missions", "people", "log")


def fill() -> list[str]:
    """Fill the room; cookies of fifty people who are signed in."""
    from allauth.mfa.models import Authenticator
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from kit.room import make_room
    from tocsin import ledger
    from tocsin.muster import Cefr, EcsfProfile
    from tocsin.ops.activation.models import Mission, Request, RequestVersion
    from tocsin.ops.alliance.events import ACTIVE, ENTERED
    from tocsin.ops.alliance.models import Availability, Expert, ExpertLanguage, ExpertProfile, Membership, Role
    from tocsin.ops.common.models import Entry, Ledger, User

    draw = random.Random(1)
    room = make_room()
    states = [state for code, state in room.states.items() if code != "SI"]
    now, today = datetime.now(UTC), date.today()  # noqa: DTZ011
    users = [User(email=f"user{n}@example.org", name=f"User {n}", password="!") for n in range(USERS - len(room.users))]
    User.objects.bulk_create(users)
    Membership.objects.bulk_create(
        Membership(user=user, role=Role.REPRESENTATIVE, state=draw.choice(states), start=today) for user in users
    )
    experts = Expert.objects.bulk_create(
        Expert(state=draw.choice(states), name=f"Expert {n}", clearance=draw.randrange(4)) for n in range(EXPERTS)
    )
    profiles = list(EcsfProfile)
    ExpertProfile.objects.bulk_create(
        ExpertProfile(expert=expert, profile=profile, level=draw.randint(1, 5))
        for expert in experts
        for profile in draw.sample(profiles, 3)
    )
    ExpertLanguage.objects.bulk_create(
        ExpertLanguage(expert=expert, language=language, level=draw.choice(list(Cefr)))
        for expert in experts
        for language in draw.sample(["en", "uk", "ro", "pl", "et", "lt", "nl", "hr"], 2)
    )
    Availability.objects.bulk_create(
        Availability(expert=expert, start=today - timedelta(days=30), end=today + timedelta(days=draw.randrange(60)))
        for expert in experts
    )
    partners = list(room.partners.values())
    statuses = [status for status in Request.Status if status != Request.Status.DRAFT]
    requests = Request.objects.bulk_create(
        Request(
            reference=f"2025-{n:04d}",
            partner=draw.choice(partners),
            status=draw.choice(statuses) if n >= 20 else Request.Status.SUBMITTED,
            title=f"Denial of service on ministry {n}",
            made_by=room.users["staff"],
            made_at=now - timedelta(hours=n),
            submitted_at=now - timedelta(hours=n),
            ready_by=now + timedelta(hours=72 - n),
        )
        for n in range(REQUESTS)
    )
    RequestVersion.objects.bulk_create(
        RequestVersion(request=request, number=1, content={}, digest="0" * 64, made_by=request.made_by, made_at=request.made_at)
        for request in requests
    )
    Mission.objects.bulk_create(
        Mission(
            request=request,
            name=request.title,
            start=today,
            end=today + timedelta(days=20),
            stage=draw.choice(list(Mission.Stage)),
        )
        for request in requests
        if request.status == Request.Status.ACTIVATED
    )
    end, rows = Ledger.objects.get(), []
    last: Any = end if end.number else None
    for n in range(ENTRIES):
        last = ledger.append(
            last,
            time=now,
            actor=f"representative EE ({users[0].pk})",
            action="save_draft",
            subject=f"request {requests[n % REQUESTS].pk}",
            details={"n": n},
        )
        rows.append(
            Entry(
                **{
                    name: getattr(last, name)
                    for name in ("number", "time", "actor", "action", "subject", "details", "previous", "digest")
                }
            )
        )
    Entry.objects.bulk_create(rows, batch_size=2_000)
    Ledger.objects.update(number=last.number, digest=last.digest)

    cookies = []
    for user in [room.users["chair"], *users[:49]]:
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session[ENTERED] = session[ACTIVE] = int(time.time())
        session.create()
        assert session.session_key
        cookies.append(session.session_key)
    return cookies


def change_until(clicking: subprocess.Popen[bytes], every_s: float) -> int:
    """Change the state of the room again and again until the clicking ends; how often it was changed."""
    from django.db import transaction

    from tocsin.ops.activation.models import Request
    from tocsin.ops.common import audit

    changed = 0
    while True:
        try:
            clicking.wait(every_s)
        except subprocess.TimeoutExpired:
            changed += 1
            with transaction.atomic():
                request = Request.objects.filter(status=Request.Status.SUBMITTED)[changed % 20]
                Request.objects.filter(pk=request.pk).update(title=f"Denial of service on ministry, {changed}")
                audit.record("server", "amend_request", f"request {request.pk}", {"n": changed})
        else:
            return changed


LOCUST = """
import itertools, json, os
from locust import HttpUser, constant_throughput, task

plan = json.loads(os.environ["ROOM_BENCH"])
cookies = itertools.cycle(plan["cookies"])

class Clicker(HttpUser):
    wait_time = constant_throughput(1)

    def on_start(self):
        self.client.cookies.set("tocsin", next(cookies))
        self.turn = itertools.cycle(plan["paths"])

    @task
    def click(self):
        name, path = next(self.turn)
        with self.client.get(path, name=name, allow_redirects=False, catch_response=True) as answer:
            if answer.status_code != 200 or "</html>" not in answer.text:  # a page, not the way to the entrance
                answer.failure(f"{answer.status_code}, {len(answer.content)} bytes")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--change-every", type=float, default=5, metavar="S", help="seconds between two changes of state")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as scratch:
        os.environ |= {"TOCSIN_HOME": scratch, "TOCSIN_PLAIN_HTTP": "1", "DJANGO_SETTINGS_MODULE": "tocsin.ops.config.settings"}
        from tocsin.ops.config.server import prepare

        prepare(print)
        from django.db import connection, transaction
        from django.urls import reverse

        from kit.browser import serving

        with transaction.atomic():
            cookies = fill()
        plan = {"cookies": cookies, "paths": [(name, reverse(name)) for name in PAGES]}
        print(f"filled: {connection.vendor}")
        connection.close()
        url = os.environ.get("DATABASE_URL")
        with serving(Path(scratch), "--processes", str(options.processes), database_url=url) as server:
            script, out = Path(scratch, "clicker.py"), Path(scratch, "out")
            script.write_text(LOCUST)
            command = [
                Path(sys.executable).with_name("locust"),
                "-f",
                script,
                "--headless",
                "--only-summary",
                "--host",
                server.url,
            ]
            command += ["-u", str(options.users), "-r", "25", "-t", f"{options.seconds}s", "--csv", out]
            loads = [os.getloadavg()[0]]
            clicking = subprocess.Popen(command, env={**os.environ, "ROOM_BENCH": json.dumps(plan)}, stdout=subprocess.DEVNULL)
            changes = change_until(clicking, options.change_every)
            loads.append(os.getloadavg()[0])
            print(
                f"{options.users} people, {options.seconds} s, {changes} changes; load before {loads[0]:.1f}, after {loads[1]:.1f}"
            )
        print("| page | requests | failures | median ms | p95 ms | slowest ms |\n| --- | ---: | ---: | ---: | ---: | ---: |")
        with Path(scratch, "out_stats.csv").open() as lines:
            for row in csv.DictReader(lines):
                slowest = round(float(row["Max Response Time"]))
                print(
                    f"| {row['Name']} | {row['Request Count']} | {row['Failure Count']} | {row['50%']} | {row['95%']} | {slowest} |"
                )


if __name__ == "__main__":
    main()
