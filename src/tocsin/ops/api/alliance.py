"""The alliance: states, keys, the rule, delegations, partners; and the alliance as a file."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field, WithJsonSchema

from tocsin import council
from tocsin.ledger import fingerprint
from tocsin.ops.activation.queries.council import get_session
from tocsin.ops.alliance import delegations, keys, rules, states, transfer
from tocsin.ops.alliance.access import actor_of
from tocsin.ops.alliance.models import Delegation, Participation, Partner, Role, State, StateKey
from tocsin.ops.api.auth import allow
from tocsin.ops.api.shapes import (
    Day,
    Input,
    Moment,
    Note,
    PartnerKind,
    Passphrase,
    Plain,
    StateCode,
    StateRole,
    Whole,
    Yes,
    answers,
    by_state,
    file_of,
    named,
)
from tocsin.ops.common import clock

router = Router(tags=["alliance"])
READ, WRITE = allow("alliance:read"), allow("alliance:write")
JSON = "application/json"


class RoleOut(Schema):
    """What a state is, from when to when (both days included)."""

    id: UUID
    role: StateRole
    start: date
    end: date | None


class KeyOut(Schema):
    """A state's public key, Ed25519 in base64url. ``signs``: its private half is in this room, under a passphrase."""

    id: UUID
    public: str
    fingerprint: str
    made_at: datetime
    retired_at: datetime | None
    signs: bool


class StateOut(Schema):
    """A state."""

    code: str
    name: str
    roles: list[RoleOut]
    keys: list[KeyOut]


class RuleOut(Schema):
    """A version of the rule. ``state``: ``in force``, ``to come``, ``earlier``."""

    id: UUID
    number: int
    start: date
    sentence: str
    note: str
    state: str


class DelegationOut(Schema):
    """A state's vote, cast by another for a while; in one session, where one is named."""

    id: UUID
    state: str
    to: str
    start: datetime
    end: datetime
    session: UUID | None


class PartnerOut(Schema):
    """Who may ask for help."""

    id: UUID
    name: str
    country: str
    kind: PartnerKind


class Alliance(Schema):
    """Who decides, by which rule, with which keys. ``partners``: for administrators; empty for others."""

    states: list[StateOut]
    rules: list[RuleOut]
    delegations: list[DelegationOut]
    partners: list[PartnerOut]


class ShareIn(Input):
    """A fraction from 0 to 1; ``more`` asks for more than it."""

    numerator: Whole = Field(ge=0, le=1000)
    denominator: Whole = Field(ge=1, le=1000)
    more: Yes = False

    def share(self) -> council.Share:
        """As the council knows it."""
        return council.Share(self.numerator, self.denominator, self.more)


NOBODY, ALL = ShareIn(numerator=0, denominator=1), ShareIn(numerator=1, denominator=1)


Weight = Annotated[Whole, Field(ge=0, le=999_999)]
Weights = Annotated[dict[StateCode, Weight], WithJsonSchema(by_state(999_999))]


class RuleIn(Input):
    """The next version of the rule. ``needed``: for ``weighted`` the threshold, for ``at_least`` the number of yes votes."""

    kind: council.Kind
    base: council.Base = council.Base.PARTICIPANTS
    share: ShareIn = ALL
    weights: Weights = Field({}, max_length=50)
    needed: Whole = Field(0, ge=0, le=999_999)
    abstention: council.Abstention = council.Abstention.NEUTRAL
    quorum: ShareIn = NOBODY
    yes_floor: ShareIn = NOBODY
    silence: council.Silence = council.Silence.NOTHING
    delegation: Yes = True
    host_consent: Yes = True
    start: Day
    note: Note = ""


class RoleIn(Input):
    """A state's role from a day on. ``name``: of a state that is new here."""

    code: StateCode
    name: Plain = Field("", max_length=80)
    role: StateRole
    start: Day
    end: Day | None = None


class LastIn(Input):
    """A role's last day."""

    last: Day


class PartnerIn(Input):
    """Somebody who may ask for help."""

    name: Plain = Field(min_length=1, max_length=160)
    country: StateCode
    kind: PartnerKind


class KeyIn(Input):
    """The passphrase of a new key, twelve characters or more. It is not kept."""

    passphrase: Passphrase = Field(min_length=12)


class DelegationIn(Input):
    """A state's vote for another to cast, from ``start`` until just before ``end``; in one session, where one is named."""

    state: StateCode
    to: StateCode
    start: Moment
    end: Moment
    session: UUID | None = None
    passphrase: Passphrase = Field(description="Of the key of the state that gives its vote")


class Taken(Schema):
    """How many were added or changed."""

    states: int
    roles: int
    keys: int
    rules: int


@router.get("/alliance", response=answers(Alliance), auth=READ, operation_id="read_alliance")
def read_alliance(request: HttpRequest) -> Alliance:
    """States with their dated roles and public keys, the rule in its versions, delegations in force or to come."""
    actor = actor_of(request)
    actor.need(*transfer.READ_THE_ALLIANCE)
    return Alliance(
        states=[_state(one) for one in State.objects.prefetch_related("participations", "keys")],
        rules=[_rule(one) for one in rules.described()],
        delegations=[_delegation(one) for one in delegations.live(clock.now())],
        partners=[_partner(one) for one in Partner.objects.all()] if actor.has(Role.ADMINISTRATOR) else [],
    )


def _state(one: State) -> StateOut:
    return StateOut(
        code=one.code,
        name=one.name,
        roles=[_role(held) for held in one.participations.all()],
        keys=[_key(held) for held in sorted(one.keys.all(), key=lambda key: key.made_at)],
    )


def _role(held: Participation) -> RoleOut:
    return RoleOut(id=held.pk, role=Participation.Role(held.role), start=held.start, end=held.end)


def _key(held: StateKey) -> KeyOut:
    return KeyOut(
        id=held.pk,
        public=held.public,
        fingerprint=fingerprint(held.public),
        made_at=held.made_at,
        retired_at=held.retired_at,
        signs=bool(held.sealed),
    )


def _rule(one: rules.Described) -> RuleOut:
    version = one.version
    return RuleOut(
        id=version.pk,
        number=version.number,
        start=version.start,
        sentence=one.sentence,
        note=version.note,
        state=one.state,
    )


def _delegation(one: Delegation) -> DelegationOut:
    return DelegationOut(
        id=one.pk, state=one.state.code, to=one.to.code, start=one.start, end=one.end, session=one.record["session"]
    )


def _partner(one: Partner) -> PartnerOut:
    return PartnerOut(id=one.pk, name=one.name, country=one.country, kind=Partner.Kind(one.kind))


@router.get("/alliance/file", response=answers(None), auth=READ, operation_id="export_alliance", openapi_extra=file_of(JSON))
def export_alliance(request: HttpRequest) -> Any:
    """The alliance as a file: states, dated roles, rules, public keys."""
    data = HttpResponse(transfer.export_alliance(actor_of(request)), content_type=JSON)
    return named(data, f"alliance-{clock.now():%Y%m%d}.json")


@router.post(
    "/alliance/file",
    response=answers(Taken),
    auth=WRITE,
    operation_id="import_alliance",
    openapi_extra={"requestBody": {"required": True, "content": {JSON: {"schema": {"type": "object"}}}}},
)
def import_alliance(request: HttpRequest) -> Taken:
    """Take in such a file, sent as the body. What is new in it is added; nothing is removed."""
    change = transfer.import_alliance(actor_of(request), request.body)
    return Taken(states=change.states, roles=change.roles, keys=change.keys, rules=change.rules)


@router.post("/alliance/rules", response=answers(RuleOut, 201), auth=WRITE, operation_id="add_rule")
def add_rule(request: HttpRequest, body: RuleIn) -> Status[RuleOut]:
    """Make the next version of the rule. Sessions that run keep theirs."""
    fields: dict[str, Any] = {name: getattr(body, name) for name in RuleIn.model_fields}
    shares = {name: value.share() for name, value in fields.items() if isinstance(value, ShareIn)}
    made = rules.add_rule(actor_of(request), **fields | shares)
    return Status(201, next(_rule(one) for one in rules.described() if one.version.pk == made.pk))


@router.post("/alliance/roles", response=answers(RoleOut, 201), auth=WRITE, operation_id="give_role")
def give_role(request: HttpRequest, body: RoleIn) -> Status[RoleOut]:
    """Give a state a role from a day on; the one it has on that day ends the day before."""
    made = states.give_role(
        actor_of(request), code=body.code, name=body.name, role=body.role.value, start=body.start, end=body.end
    )
    return Status(201, _role(made))


@router.post("/alliance/roles/{role_id}/end", response=answers(RoleOut), auth=WRITE, operation_id="end_role")
def end_role(request: HttpRequest, role_id: UUID, body: LastIn) -> RoleOut:
    """Let a state's role end after a day."""
    actor = actor_of(request)
    actor.need(Role.ADMINISTRATOR)
    held = get_object_or_404(Participation.objects.select_related("state"), pk=role_id)
    states.end_role(actor, held, last=body.last)
    return _role(held)


@router.post("/alliance/partners", response=answers(PartnerOut, 201), auth=WRITE, operation_id="add_partner")
def add_partner(request: HttpRequest, body: PartnerIn) -> Status[PartnerOut]:
    """Add somebody who may ask for help."""
    made = states.add_partner(actor_of(request), name=body.name, country=body.country, kind=body.kind.value)
    return Status(201, _partner(made))


@router.post("/alliance/states/{state}/key", response=answers(KeyOut, 201), auth=WRITE, operation_id="make_key")
def make_key(request: HttpRequest, state: StateCode, body: KeyIn) -> Status[KeyOut]:
    """Make a state's key; the one before is retired. For its representatives alone."""
    return Status(201, _key(keys.make_key(actor_of(request), state, passphrase=body.passphrase)))


@router.post("/alliance/keys/{key_id}/retire", response=answers(KeyOut), auth=WRITE, operation_id="retire_key")
def retire_key(request: HttpRequest, key_id: UUID) -> KeyOut:
    """Take a key out of use."""
    actor = actor_of(request)
    actor.need(Role.ADMINISTRATOR, Role.REPRESENTATIVE)
    return _key(keys.retire_key(actor, get_object_or_404(StateKey.objects.select_related("state"), pk=key_id)))


@router.post("/delegations", response=answers(DelegationOut, 201), auth=allow("council:write"), operation_id="delegate_vote")
def delegate_vote(request: HttpRequest, body: DelegationIn) -> Status[DelegationOut]:
    """Let another state vote for one's own, signed with its key."""
    actor = actor_of(request)
    actor.need(Role.REPRESENTATIVE, state=body.state)
    given = delegations.delegate_vote(
        actor,
        state=body.state,
        to=body.to,
        start=body.start,
        end=body.end,
        passphrase=body.passphrase,
        session=get_session(actor, body.session) if body.session else None,
    )
    return Status(201, _delegation(given))


@router.post(
    "/delegations/{delegation_id}/revoke",
    response=answers(DelegationOut),
    auth=allow("council:write"),
    operation_id="revoke_delegation",
)
def revoke_delegation(request: HttpRequest, delegation_id: UUID) -> DelegationOut:
    """Take a delegation back. Votes cast by it until now stand until the state votes itself."""
    actor = actor_of(request)
    actor.need(Role.REPRESENTATIVE)
    held = get_object_or_404(Delegation.objects.select_related("state", "to"), pk=delegation_id)
    return _delegation(delegations.revoke_delegation(actor, held))
