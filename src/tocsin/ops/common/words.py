"""The log in sentences. An entry keeps codes and ids; a person reads who did what to which thing."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

# What was done, as it goes on from "A representative of Estonia". An action that is not here is shown as it is spelt.
ACTIONS: dict[str, Promise] = {
    "start_request": later("started a request"),
    "save_draft": later("saved a draft of a request"),
    "submit_request": later("handed in a request"),
    "amend_request": later("amended a request"),
    "withdraw_request": later("withdrew a request"),
    "name_readers": later("named who may read a request"),
    "open_session": later("opened a council session"),
    "cast_vote": later("voted"),
    "delegate_vote": later("delegated a vote"),
    "revoke_delegation": later("took a delegation back"),
    "record_consent": later("recorded the host's consent"),
    "remark": later("spoke in the discussion"),
    "postpone": later("moved a deadline"),
    "put_version": later("put an amended request to the council"),
    "close_session": later("closed a council session"),
    "export": later("exported a decision"),
    "activate_mission": later("activated a mission"),
    "move_mission": later("took a mission to its next stage"),
    "name_leader": later("named a team leader"),
    "state_need": later("stated what a team needs"),
    "ask_proposal": later("asked for a team"),
    "solve_proposal": later("proposed a team"),
    "adopt_proposal": later("adopted a team"),
    "answer_nomination": later("answered a nomination"),
    "confirm_nomination": later("answered for the state's expert"),
    "release_nomination": later("released somebody from a team"),
    "add_expert": later("put an expert into the pool"),
    "save_expert": later("updated an expert's profile"),
    "offer_days": later("offered days"),
    "take_back_days": later("took days back"),
    "invite": later("invited somebody"),
    "revoke_invitation": later("withdrew an invitation"),
    "accept_invitation": later("came in by an invitation"),
    "end_membership": later("ended a role"),
    "make_token": later("made a token for a program"),
    "revoke_token": later("ended a token"),
    "hand_over_head": later("took a signed head as witness"),
    "give_role": later("gave a state a role"),
    "end_role": later("ended a state's role"),
    "add_partner": later("added a partner"),
    "add_rule": later("made a rule of decision"),
    "make_key": later("made the state's key"),
    "retire_key": later("retired a state's key"),
    "wrong_passphrase": later("gave a wrong passphrase"),
    "import_alliance": later("imported an alliance"),
    "change_password": later("changed the own password"),
    "reset_password": later("set a new password by mail"),
    "add_second_factor": later("added a second factor"),
    "renew_second_factor": later("renewed the recovery codes"),
    "remove_second_factor": later("removed a second factor"),
    "connect_sign_on": later("connected single sign-on"),
    "disconnect_sign_on": later("disconnected single sign-on"),
    "close_account": later("closed an account"),
    "enrol": later("enrolled somebody"),
}
# Roles as the log spells them, in a sentence: of a state or partner, and of the alliance.
_ROLES: dict[str, tuple[Promise, Promise]] = {
    "representative": (later("Representative of %(of)s"), later("A representative")),
    "chair": (later("Chair (%(of)s)"), later("The chair")),
    "observer": (later("Observer of %(of)s"), later("An observer")),
    "team_leader": (later("Team leader (%(of)s)"), later("A team leader")),
    "expert": (later("Expert of %(of)s"), later("An expert")),
    "partner": (later("%(of)s"), later("A partner")),
    "trainer": (later("Trainer (%(of)s)"), later("A trainer")),
    "administrator": (later("Administrator (%(of)s)"), later("An administrator")),
}
_ID = re.compile(r" \([^()]*\)$")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Subject(NamedTuple):
    """What an entry speaks of: ``session`` and its id; kind is empty where the entry says none."""

    kind: str
    id: str


@dataclass(frozen=True)
class Said:
    """An entry as a sentence in its two halves: ``Representative of Estonia``, ``voted``."""

    who: str
    did: str


def say(actor: str, action: str, states: dict[str, str]) -> Said:
    """The sentence of an entry.

    Args:
        actor: ``Entry.actor``.
        action: ``Entry.action``.
        states: Names of states by code.
    """
    return Said(who(actor, states), str(ACTIONS.get(action) or action.replace("_", " ").replace(".", " ")))


def who(actor: str, states: dict[str, str]) -> str:
    """Who did it; somebody with several roles is named by the first, which the log puts in the order of the alphabet."""
    plain = _ID.sub("", actor)
    if plain in ("server", "worker", "room"):
        return _("The server")
    role, _sep, of = plain.split(", ")[0].partition(" ")
    if role not in _ROLES:
        return plain or _("Somebody")
    of_something, of_the_alliance = _ROLES[role]
    return str(of_something) % {"of": states.get(of, of)} if of else str(of_the_alliance)


def subject_of(text: str) -> Subject:
    """Kind and id of what an entry speaks of."""
    found = _UUID.search(text)
    return Subject(text[: found.start()].strip(), found[0]) if found else Subject(text, "")
