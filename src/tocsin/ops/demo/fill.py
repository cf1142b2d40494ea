"""Fills an empty room with the invented case, through the same services that people use, with the clock set by hand."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from tocsin.muster import Clearance, Need, Sector
from tocsin.ops.activation.models import Mission, Nomination, Request, Session
from tocsin.ops.activation.records import answer_from_json
from tocsin.ops.activation.services import council, missions, muster, requests
from tocsin.ops.alliance import keys, people, rules, states
from tocsin.ops.alliance.access import Actor, actor_for
from tocsin.ops.alliance.models import Membership, Partner, Role, State
from tocsin.ops.common import audit, clock
from tocsin.ops.common.models import User
from tocsin.ops.demo import case
from tocsin.ops.demo.case import Person, Team

Stage = Mission.Stage
# The passphrases stand on the page of the demonstration: no attacker has to guess them, and a costly lock would only be slow.
SEAL_COST = 10
# The solver has five seconds of the wall's clock for a try, and on a machine that is busy elsewhere one may not do.
TRIES, SOLVING = 6, timedelta(seconds=10)


def fill(say: Callable[[str], None]) -> None:
    """Fill the room; nothing where it is filled already. All of it or none: a fill that is killed leaves an empty room."""
    if User.objects.exists():
        return
    say("Filling the room with an invented case…")
    with transaction.atomic():
        _Story(timezone.now()).tell()


class _Story:
    """Who is in the case, and what happens to them, in the order in which it happens."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.actors: dict[str, Actor] = {}
        self.partners: dict[str, Partner] = {}
        self._last = now + case.FOUNDED

    def tell(self) -> None:
        with self.at(case.FOUNDED):
            self.found_the_alliance()
            self.fill_the_pool()
        self.mail_read_by_others()
        self.held_ready_over_new_year()
        self.before_the_election()
        self.wiper_and_banks()

    @contextmanager
    def at(self, since_now: timedelta | None = None, **offset: float) -> Iterator[None]:
        """The clock at an offset from now; it never goes back, as the log's would not."""
        moment = self.now + (timedelta(**offset) if since_now is None else since_now)
        assert moment >= self._last, f"{moment} comes before {self._last}"
        self._last = moment
        with clock.set_to(moment):
            yield

    # The alliance.

    def found_the_alliance(self) -> None:
        start = clock.now().date()
        admin = self.actors["admin"] = self.enrol(case.PEOPLE["admin"])
        for code, (name, role) in case.STATES.items():
            states.give_role(admin, code=code, name=name, role=role, start=start)
        for key, (name, country, kind) in case.PARTNERS.items():
            self.partners[key] = states.add_partner(admin, name=name, country=country, kind=kind)
        rules.add_rule(admin, start=start, note="As the founding states agreed.", **case.RULE)
        for key, person in case.PEOPLE.items():
            if key != "admin":
                self.actors[key] = self.enrol(person)
        for code, passphrase in case.PASSPHRASES.items():
            keys.make_key(self.actors[code], code, passphrase=passphrase, cost=SEAL_COST)

    def enrol(self, person: Person) -> Actor:
        """An account without a password, which nobody can enter but by the page of the demonstration."""
        name = person.name.lower().translate(_PLAIN).replace(" ", ".")
        user = User.objects.create_user(f"{name}@example.org", None, name=person.name, made_at=clock.now())
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        membership = Membership.objects.create(
            user=user,
            role=person.role,
            state=self.by_code[person.of] if person.of and person.role != Role.PARTNER else None,
            partner=self.partners[person.of] if person.role == Role.PARTNER else None,
            start=clock.now().date(),
        )
        audit.record("server", "enrol", f"membership {membership.pk}", {"user": str(user.pk), "role": person.role})
        return actor_for(user)

    @cached_property
    def by_code(self) -> dict[str, State]:
        return {state.code: state for state in State.objects.all()}

    def fill_the_pool(self) -> None:
        today = self.now.date()
        for line in case.EXPERTS.strip().splitlines():
            state, first, last, profiles, languages, clearance, sector, mode, free = line.split()
            name = f"{first} {last}"
            user = self.enrol(Person(name, Role.EXPERT, state)).user
            assert user is not None, "who is enrolled has an account"
            sheet = people.Sheet(
                name=name,
                sector=Sector(sector),
                clearance=Clearance(int(clearance)),
                on_site=mode != "remote",
                profiles={case.PROFILES[code].value: level for code, level in _levels(profiles)},
                languages=dict(_levels(languages)),
            )
            expert = people.add_expert(self.actors[state], self.by_code[state], sheet, account=user.email)
            people.offer(self.actors[state], expert, clock.now().date(), today + timedelta(days=120))
            if free == "later":
                people.take_back(self.actors[state], expert, today - timedelta(days=40), today + timedelta(days=18))

    # What happened.

    def mail_read_by_others(self) -> None:
        """A mission that is over: sent, done, closed."""
        request = self.ask("MD", case.MAIL, days=-300, leaves_after=4)
        mission = self.decide(request, days=-299)
        with self.at(days=-298):
            self.gather(mission, case.MAIL_TEAM, leader="leader2")
        with self.at(days=-297.5):
            self.settle(mission)
        self.move(mission, (-297, Stage.READY, "All six are confirmed."), (-296, Stage.DEPLOYED, "Work from afar begins."))
        self.move(
            mission,
            (-282, Stage.STANDING_DOWN, "The rules that forwarded mail are gone, and how they came in is known."),
            (-275, Stage.CLOSED, "Deliverables are signed off."),
        )

    def held_ready_over_new_year(self) -> None:
        """Activated, not deployed: the states said yes, and it was not needed."""
        request = self.ask("UA", case.PIPELINE, days=-150, leaves_after=3)
        mission = self.decide(request, days=-149.5)
        self.move(
            mission,
            (-140, Stage.NOT_DEPLOYED, "The threat passed; the partner thanks, and needs nobody."),
            (-138, Stage.CLOSED, "Nothing is left to do."),
        )

    def before_the_election(self) -> None:
        """A team that is there now."""
        request = self.ask("MD", case.ELECTION, days=-30, leaves_after=24)
        mission = self.decide(request, days=-28)
        with self.at(days=-26):
            self.gather(mission, case.ASSESSMENT_TEAM, leader="leader2")
        with self.at(days=-25):
            self.settle(mission)
        self.move(mission, (-12, Stage.READY, "Everybody is confirmed."), (-6, Stage.DEPLOYED, "The team arrived in Chişinău."))

    def wiper_and_banks(self) -> None:
        """Three days of now: a team being gathered, a request before the council, one that waits for a session, a draft."""
        power = self.ask("UA", case.POWER, days=-50 / 24, leaves_after=4)
        mission = self.decide(power, days=-40 / 24)
        banks = self.ask("UA", case.BANKS, days=-30.9 / 24, leaves_after=2)
        with self.at(hours=-28):
            self.gather(mission, case.FORENSIC_TEAM, leader="leader")
        with self.at(hours=-21.2):
            session = council.open_session(self.actors["chair"], banks, deadline=self.now + timedelta(hours=2.8))
        with self.at(hours=-20):
            council.record_consent(self.actors["UA"], session, given=True, note="Come as soon as you can.")
        said = [(hours, self.speak, (session, who, text)) for who, hours, text in case.DISCUSSION]
        voted = [(hours, self.vote, (session, state, choice, caveats)) for state, hours, choice, caveats in case.VOTES]
        steps: list[tuple[float, Callable[..., Any], tuple[Any, ...]]] = [
            *said,
            *voted,
            (-7.5, self.settle, (mission, 5, 3)),
            (-5.0, self.ask_now, ("MD", case.HOSPITAL, 2)),
            (-2.0, self.draft, ("UA2", case.DRAFT)),
            (-0.6, self.settle, (mission, 2, 0)),
        ]
        for hours, step, arguments in sorted(steps, key=lambda step: step[0]):
            with self.at(hours=hours):
                step(*arguments)

    # What people do.

    def ask(self, partner: str, said: dict[str, Any], *, days: float, leaves_after: int) -> Request:
        with self.at(days=days):
            return self.ask_now(partner, said, leaves_after)

    def ask_now(self, partner: str, said: dict[str, Any], leaves_after: int) -> Request:
        noticed = clock.now() - timedelta(hours=9)
        start = clock.now().date() + timedelta(days=leaves_after)
        said = {**said, "first_noticed": noticed.strftime("%Y-%m-%dT%H:%M"), "start": start.isoformat()}
        request = self.draft(partner, said)
        requests.submit_request(self.actors[partner], request)
        return request

    def draft(self, who: str, said: dict[str, Any]) -> Request:
        request = requests.start_request(self.actors[who], self.partners[case.PEOPLE[who].of])
        return requests.save_draft(self.actors[who], request, said)

    def decide(self, request: Request, *, days: float) -> Mission:
        """All six say yes within three hours, and the chair closes the session."""
        hours = days * 24
        with self.at(hours=hours):
            session = council.open_session(self.actors["chair"], request, deadline=clock.now() + timedelta(hours=24))
        with self.at(hours=hours + 0.5):
            staff = next(key for key, partner in self.partners.items() if partner.pk == request.partner_id)
            council.record_consent(self.actors[staff], session, given=True)
        for place, state in enumerate(case.PASSPHRASES):
            with self.at(hours=hours + 1 + place / 3):
                self.vote(session, state, "yes", ("remote only",) if state == "NL" else ())
        with self.at(hours=hours + 3):
            council.close_session(self.actors["chair"], session, reason="All have voted.")
        return Mission.objects.get(session=session)

    def vote(self, session: Session, state: str, choice: str, caveats: tuple[str, ...]) -> None:
        council.cast_vote(
            self.actors[state], session, state=state, choice=choice, caveats=caveats, passphrase=case.PASSPHRASES[state]
        )

    def speak(self, session: Session, who: str, text: str) -> None:
        council.remark(self.actors[who], session, text)

    def gather(self, mission: Mission, team: Team, *, leader: str) -> None:
        """State the need, solve it as the worker would, adopt the team."""
        missions.name_leader(self.actors["chair"], mission, self.actors[leader].user)
        need = Need(
            start=mission.start,
            end=mission.end,
            seats=team.seats,
            languages=team.languages,
            size_min=team.size_min,
            size_max=team.size_max,
            state_max_default=3,
        )
        muster.state_need(self.actors["chair"], mission, need)
        for attempt in range(TRIES):
            with clock.set_to(clock.now() + SOLVING * attempt):  # the latest proposal is the one asked for last
                proposal = muster.ask_proposal(self.actors[leader], mission)
                muster.solve_waiting()
                proposal.refresh_from_db()
                if answer_from_json(proposal.result).team_found:
                    muster.adopt_proposal(self.actors[leader], proposal)
                    return
        raise RuntimeError(f"no team in {TRIES} tries: {proposal.result}")

    def settle(self, mission: Mission, answers: int | None = None, confirmed: int | None = None) -> None:
        """So many of those who are asked accept, and so many of them are confirmed; all where none is given."""
        asked = mission.nominations.filter(status=Nomination.Status.NOMINATED).select_related("expert__state", "expert__user")
        accepted = [
            muster.answer_nomination(actor_for(nomination.expert.user), nomination, accept=True)
            for nomination in list(asked)[:answers]
        ]
        for nomination in accepted[:confirmed]:
            state = nomination.expert.state.code
            muster.confirm_nomination(self.actors[state], nomination, confirm=True)

    def move(self, mission: Mission, *steps: tuple[float, str, str]) -> None:
        for days, stage, why in steps:
            with self.at(days=days):
                missions.move_mission(self.actors["chair"], mission, stage, why)


_PLAIN = str.maketrans("žėūčšćł", "zeuccsl")


def _levels(text: str) -> Iterable[tuple[str, int]]:
    """``ir4,fo3`` as pairs."""
    return [(item[:-1], int(item[-1])) for item in text.split(",")]
