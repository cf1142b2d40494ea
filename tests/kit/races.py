"""Many at once in one room, on a database of its own: ``python -m kit.races`` prints as JSON what came of it.

A process of its own, because the log refuses to be emptied, which a test that commits would need.
"""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import django

AT_ONCE = 6


def at_once(*calls: Callable[[], object]) -> list[str]:
    """Run all calls at the same moment; what each came to: ``done``, the refusal, or the name of an error that should not be."""
    from django.core.exceptions import PermissionDenied
    from django.db import connection

    from tocsin.ops.common.errors import Refused

    gate, said = threading.Barrier(len(calls)), [""] * len(calls)

    def run(at: int, call: Callable[[], object]) -> None:
        try:
            gate.wait()
            said[at] = "done" if call() is not False else "nothing to do"
        except (Refused, PermissionDenied) as error:
            said[at] = f"refused: {error}"
        except Exception as error:  # noqa: BLE001  # the test looks at it
            said[at] = f"{type(error).__name__}: {error}"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at, call)) for at, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return said


def main() -> None:
    """Race, and say what came of it."""
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    print(json.dumps(race()))


def race() -> dict[str, Any]:
    """Votes of one state at once; votes, an amendment and a withdrawal at once; workers at one deadline."""
    from kit.requests import CONTENT, handed_in
    from kit.room import PASSPHRASE, make_room
    from tocsin import council
    from tocsin.ops.activation.models import Request, Session, Vote
    from tocsin.ops.activation.queries import council as queries
    from tocsin.ops.activation.services import council as services
    from tocsin.ops.activation.services import requests
    from tocsin.ops.alliance.models import Membership, Role
    from tocsin.ops.common import clock
    from tocsin.ops.common.models import Entry, User

    room = make_room()
    room.users["rep2_ee"] = User.objects.create_user("rep2_ee@example.org", name="rep2_ee")
    Membership.objects.create(user=room.users["rep2_ee"], role=Role.REPRESENTATIVE, state=room.states["EE"])
    hour = timedelta(hours=1)
    chair, staff = room.actor("chair"), room.actor("staff")

    def opened() -> Session:
        return services.open_session(chair, handed_in(room), deadline=clock.now() + hour)

    def votes(session: Session, who: str, state: str, choice: str) -> Callable[[], object]:
        actor, own = room.actor(who), Session.objects.get(pk=session.pk)
        return lambda: services.cast_vote(actor, own, state=state, choice=choice, passphrase=PASSPHRASE)

    one = opened()
    same = at_once(*(votes(one, ("rep_ee", "rep2_ee")[n % 2], "EE", ("yes", "no")[n % 2]) for n in range(AT_ONCE)))
    numbers = list(Vote.objects.filter(session=one).order_by("number").values_list("number", flat=True))
    ignored = len(queries.tally_of(one).ignored)

    mixed: list[list[str]] = []
    for withdrawn in (False, True):
        session = opened()
        request = Request.objects.get(pk=session.request_id)
        changed = (
            partial(requests.withdraw_request, staff, request, "over")
            if withdrawn
            else partial(requests.amend_request, staff, request, {**CONTENT, "days": "30"})
        )
        speaks = partial(services.remark, chair, Session.objects.get(pk=session.pk), "quick")
        calls = [votes(session, f"rep_{code}", code.upper(), "yes") for code in ("hr", "ee", "lt")]
        mixed.append(at_once(*calls, changed, speaks))

    late = [one, *Session.objects.filter(closed_at=None).exclude(pk=one.pk)]

    def closes() -> object:
        with clock.set_to(one.deadline + 2 * hour):  # a context of this thread alone
            return services.close_due_session()

    workers = at_once(*([closes] * AT_ONCE))
    closings = Entry.objects.filter(action="close_session").count()
    one.refresh_from_db()
    chain = list(Entry.objects.order_by("number").values_list("number", "previous", "digest"))
    return {
        "same": same,
        "numbers": numbers,
        "ignored": ignored,
        "mixed": mixed,
        "workers": workers,
        "due": len(late),
        "closings": closings,
        "withdrawn": Session.objects.filter(outcome="withdrawn").count(),
        "holds": council.verify(services.export(chair, one)).holds,
        "unbroken": all(after[1] == before[2] for before, after in pairwise(chain)),
    }


if __name__ == "__main__":
    main()
