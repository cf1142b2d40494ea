"""What a request says: one description, from which form, pages, schema and exported text are made.

A content is a JSON object: keys of ``FIELDS``, values text or, for kind ``several``, lists of choices. What is not said has
no key. Half-done content may hold anything of the right shape; ``problems`` says what is missing before it is handed in.

Art. 15 of Regulation (EU) 2025/38 (Cyber Solidarity Act) says what a request for support has to tell: ``Field.serves``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from tocsin.ops.alliance.people import LANGUAGES
from tocsin.packs.rsit import incident_types
from tocsin.terms import Tlp

Text = str | Promise
Content = dict[str, Any]
Choices = tuple[tuple[str, Text], ...]

REGULATION = "Regulation (EU) 2025/38, Art. 15"
ENTITY = f"{REGULATION}: affected entity"
IMPACT = f"{REGULATION}: potential impact, risk of spill-over"
MEASURES = f"{REGULATION}: measures taken to mitigate, and for recovery"
SUPPORT = f"{REGULATION}: requested service, its planned use, estimated needs"
OTHER_SUPPORT = f"{REGULATION}: other forms of support, contracts included"

NIS2_SECTORS: Choices = (
    ("energy", later("Energy")),
    ("transport", later("Transport")),
    ("banking", later("Banking")),
    ("financial_market", later("Financial market infrastructures")),
    ("health", later("Health")),
    ("drinking_water", later("Drinking water")),
    ("waste_water", later("Waste water")),
    ("digital_infrastructure", later("Digital infrastructure")),
    ("ict_services", later("ICT service management (business-to-business)")),
    ("public_administration", later("Public administration")),
    ("space", later("Space")),
    ("post", later("Postal and courier services")),
    ("waste", later("Waste management")),
    ("chemicals", later("Manufacture, production and distribution of chemicals")),
    ("food", later("Production, processing and distribution of food")),
    ("manufacturing", later("Manufacturing")),
    ("digital_providers", later("Digital providers")),
    ("research", later("Research")),
    ("outside", later("Outside the annexes (defence, elections, media and others)")),
)
ENTITY_KINDS: Choices = (
    ("critical", later("critical entity (Directive (EU) 2022/2557)")),
    ("essential", later("essential entity (NIS2)")),
    ("important", later("important entity (NIS2)")),
    ("none", later("none of these")),
    ("unknown", later("not known")),
)
ANSWERS: Choices = (("yes", later("yes")), ("no", later("no")), ("unknown", later("not known")))
SPILLOVER: Choices = (
    ("none", later("none expected")),
    ("possible", later("possible")),
    ("seen", later("seen already")),
    ("unknown", later("not known")),
)
HELP: Choices = (
    ("incident_response", later("incident response")),
    ("vulnerability_assessment", later("vulnerability assessment")),
    ("election_monitoring", later("election monitoring")),
    ("prevention", later("prevention")),
    ("training", later("training")),
)
MODES: Choices = (("on_site", later("on site")), ("remote", later("remote")), ("both", later("both")))
# How days, moments (UTC) and numbers are spelt once they are handed in.
PATTERNS = {
    "day": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "moment": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?",
    "number": "[0-9]{1,3}",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One question.

    Attributes:
        key: Its name in the content.
        kind: ``line``, ``text``, ``lines`` (one item per line), ``choice``, ``several``, ``day``, ``moment`` (UTC), ``number``.
        choices: Gives value and label of each choice, grouped under a heading where the first is a heading's items.
        needed: Whether a request can be handed in without it; or the key and values on which that depends.
        length: Most characters of a text.
        serves: Which part of Art. 15 it answers, or whose list its choices are.
    """

    key: str
    label: Text
    help: Text = ""
    kind: str = "line"
    choices: Callable[[], list[tuple[Any, Any]]] | None = None
    needed: bool | tuple[str, tuple[str, ...]] = False
    length: int = 200
    serves: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together."""

    key: str
    title: Text
    fields: tuple[Field, ...]


def _plain(choices: Choices) -> Callable[[], list[tuple[Any, Any]]]:
    return lambda: list(choices)


def _types() -> list[tuple[Any, Any]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for item in incident_types().values():
        if item.group != "Test":  # RSIT's own, for testing tools; nobody asks for help with it
            groups.setdefault(_(item.group), []).append((item.id, _(item.name)))
    return list(groups.items())


def _languages() -> list[tuple[Any, Any]]:
    # The pool's own list: what is asked for can be looked for. Names come from CLDR.
    names = Locale.parse(get_language() or "en", sep="-").languages
    # The two that most requests are worked in come first; the others by their names.
    first = ["en", "uk"]
    return [(code, names[code]) for code in (*first, *sorted(set(LANGUAGES) - set(first), key=lambda code: str(names[code])))]


def _tlp() -> list[tuple[Any, Any]]:
    return [(item.value, item.value) for item in Tlp]


SECTIONS = (
    Section(
        "who",
        later("Who is affected"),
        (
            Field(
                "on_behalf_of",
                later("On whose behalf"),
                later("Only if you ask for somebody else, such as a country that your mission advises."),
            ),
            Field(
                "organisations",
                later("Organisations"),
                later("One per line, the worst hit first."),
                "lines",
                needed=True,
                length=2000,
                serves=ENTITY,
            ),
            Field(
                "sectors",
                later("Sectors"),
                later("As in NIS2, annexes I and II. All that apply."),
                "several",
                _plain(NIS2_SECTORS),
                needed=True,
                serves=f"{ENTITY}; Directive (EU) 2022/2555, annexes I and II",
            ),
            Field("entity", later("In law they are"), "", "choice", _plain(ENTITY_KINDS), needed=True, serves=ENTITY),
        ),
    ),
    Section(
        "what",
        later("What is happening"),
        (
            Field(
                "type",
                later("Type of incident"),
                later("The nearest will do; it can be amended. The list is the Reference Security Incident Taxonomy."),
                "choice",
                _types,
                needed=True,
                serves="RSIT v1003",
            ),
            Field(
                "description",
                later("In own words"),
                later("What you see, where, since when; what you believe and how sure you are. Keep the two apart."),
                "text",
                needed=True,
                length=8000,
                serves=ENTITY,
            ),
            Field(
                "first_noticed", later("First noticed"), later("UTC, as near as you know."), "moment", needed=True, length=25
            ),
            Field("ongoing", later("Still going on"), "", "choice", _plain(ANSWERS), needed=True),
        ),
    ),
    Section(
        "impact",
        later("Impact"),
        (
            Field(
                "services",
                later("Services hit"),
                later("One per line: which service, how badly, how many people depend on it."),
                "lines",
                needed=True,
                length=4000,
                serves=IMPACT,
            ),
            Field(
                "spillover",
                later("Effect beyond the border"),
                "",
                "choice",
                _plain(SPILLOVER),
                needed=True,
                serves=IMPACT,
            ),
            Field(
                "spillover_detail",
                later("Where, and on whom"),
                later("States, sectors, suppliers and customers in them."),
                "text",
                needed=("spillover", ("seen",)),
                length=2000,
                serves=IMPACT,
            ),
        ),
    ),
    Section(
        "done",
        later("What is done already"),
        (
            Field(
                "measures",
                later("Measures taken"),
                later("To contain, to mitigate, to recover; what worked and what did not."),
                "text",
                needed=True,
                length=8000,
                serves=MEASURES,
            ),
            Field(
                "support",
                later("Support from elsewhere"),
                later(
                    "Who helps or has been asked: states, companies, NATO, the EU reserve; under which contract or insurance."
                ),
                "text",
                length=4000,
                serves=OTHER_SUPPORT,
            ),
        ),
    ),
    Section(
        "help",
        later("What is asked for"),
        (
            Field(
                "asked", later("Kind of help"), later("All that apply."), "several", _plain(HELP), needed=True, serves=SUPPORT
            ),
            Field(
                "task",
                later("What the team should do first"),
                later("How you would use it, and roughly how many people with which skills you lack."),
                "text",
                needed=True,
                length=4000,
                serves=SUPPORT,
            ),
            Field("mode", later("How"), "", "choice", _plain(MODES), needed=True, serves=SUPPORT),
            Field(
                "place",
                later("Where"),
                later("City and site, if people shall come."),
                needed=("mode", ("on_site", "both")),
                serves=SUPPORT,
            ),
            Field("start", later("From"), "", "day", needed=True, length=10, serves=SUPPORT),
            Field("days", later("For how many days"), "", "number", needed=True, length=3, serves=SUPPORT),
            Field(
                "languages",
                later("Working languages"),
                later("In which your people can work with the team."),
                "several",
                _languages,
                needed=True,
                serves=SUPPORT,
            ),
        ),
    ),
    Section(
        "contact",
        later("Contact for the call back"),
        (
            Field(
                "contact_name",
                later("Who answers"),
                later("Name and function of somebody who can decide, day and night."),
                needed=True,
            ),
            Field(
                "contact_phone",
                later("Telephone"),
                later("We call back outside the networks that are under attack."),
                needed=True,
                length=60,
            ),
            Field(
                "contact_check",
                later("How the call is verified"),
                later("So that we know that it is you: a second number, or a word agreed earlier by another way."),
                needed=True,
                length=400,
            ),
            Field(
                "tlp",
                later("Who may read this"),
                later("TLP 2.0. AMBER+STRICT: the states' council and the team. RED: only people whom you name."),
                "choice",
                _tlp,
                needed=True,
                serves="https://www.first.org/tlp/",
            ),
            Field("title", later("Short title"), later("If you leave it empty, it is made from your answers.")),
        ),
    ),
)
FIELDS: dict[str, Field] = {field.key: field for section in SECTIONS for field in section.fields}


def tidy(raw: Mapping[str, Any]) -> Content:
    """The content as it is kept: no empty answers, no blanks around texts, line ends as ``\\n``.

    Raises:
        ValueError: A key that is not described, a value of the wrong shape, a text that is too long, a choice that is none.
            The message names the key.
    """
    content: Content = {}
    for key, value in raw.items():
        if key not in FIELDS:
            raise ValueError(f"{key}: not part of a request")
        field = FIELDS[key]
        held = _tidy_several(field, value) if field.kind == "several" else _tidy_text(field, value)
        if held:
            content[key] = held
    return content


def _tidy_text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{field.key}: expected text")
    held = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "\0" in held or any("\ud800" <= letter <= "\udfff" for letter in held):  # neither PostgreSQL nor UTF-8 can keep them
        raise ValueError(f"{field.key}: holds what is no character")
    if len(held) > field.length:
        raise ValueError(f"{field.key}: {len(held)} characters, at most {field.length}")
    if field.kind == "choice" and held and held not in labels(field):
        raise ValueError(f"{field.key}: no such choice")
    return held


def _tidy_several(field: Field, value: Any) -> list[str]:
    known = labels(field)
    if not isinstance(value, list) or any(item not in known for item in value if isinstance(item, str)):
        raise ValueError(f"{field.key}: expected a list of its choices")
    if any(not isinstance(item, str) for item in value):
        raise ValueError(f"{field.key}: expected a list of its choices")
    return [item for item in known if item in value]


def labels(field: Field) -> dict[str, Text]:
    """Every choice of a field, in order, without headings: value to label."""
    found: dict[str, Text] = {}
    for value, label in field.choices() if field.choices else ():
        found.update(label if isinstance(label, list) else [(value, label)])
    return found


def is_needed(field: Field, content: Mapping[str, Any]) -> bool:
    """Whether the field has to be answered, given the others' answers."""
    if isinstance(field.needed, bool):
        return field.needed
    other, values = field.needed
    return content.get(other) in values


def problems(content: Mapping[str, Any]) -> dict[str, str]:
    """What keeps a content from being handed in, by key, in the order of the form; empty where nothing does."""
    found: dict[str, str] = {}
    for field in FIELDS.values():
        if value := content.get(field.key):
            found[field.key] = _wrong(field, value)
        elif is_needed(field, content):
            found[field.key] = _("Needed before you can hand it in.")
    return {key: said for key, said in found.items() if said}


def _wrong(field: Field, value: Any) -> str:
    if field.kind not in PATTERNS or (re.fullmatch(PATTERNS[field.kind], value) and _exists(field, value)):
        return ""
    return {
        "moment": _("Write the time in UTC, such as 2022-02-15T13:02."),
        "day": _("Write the day such as 2022-02-22."),
        "number": _("A number of days from 1 to 365."),
    }[field.kind]


def _exists(field: Field, value: str) -> bool:
    """Whether a text of the right form names a day, a moment or a number that there is."""
    if field.kind == "number":
        return 1 <= int(value) <= 365
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def title_of(content: Mapping[str, Any]) -> str:
    """The title given, or one made from type and first organisation, in English as all records are."""
    if content.get("title"):
        return str(content["title"])
    with override("en"):
        what = labels(FIELDS["type"]).get(content.get("type", ""))
    who = content.get("organisations", "").split("\n")[0]
    if what and who:
        return f"{what}: {who}"[:200]
    return str(what or who)[:200]


def shown(field: Field, value: Any) -> str:
    """An answer as a person reads it."""
    if field.kind == "several":
        known = labels(field)
        return ", ".join(str(known.get(item, item)) for item in value)
    if field.key == "type":
        return _type_shown(value)
    if field.kind == "choice":
        return str(labels(field).get(value, value))
    if field.kind == "moment":
        return f"{value.replace('T', ' ')} UTC"
    return str(value)


def _type_shown(value: str) -> str:
    item = incident_types().get(value)
    return f"{_(item.group)}: {_(item.name)}" if item else value


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its answer, ready to be shown."""

    key: str
    label: str
    text: str


def answers(content: Mapping[str, Any]) -> Iterator[tuple[str, list[Answer]]]:
    """Each section's title with what was answered in it; sections without an answer are left out."""
    for section in SECTIONS:
        held = [
            Answer(field.key, str(field.label), shown(field, content[field.key]))
            for field in section.fields
            if content.get(field.key)
        ]
        if held:
            yield str(section.title), held


@dataclass(frozen=True, slots=True)
class Change:
    """What one version says otherwise than the one before, in a sentence. Texts too long for one stand in before and after."""

    label: str
    sentence: str
    before: str = ""
    after: str = ""


SENTENCE = 120  # characters: what is longer is shown as two texts instead


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Differences in words, in the order of the form."""
    return [
        _change(field, before.get(field.key), after.get(field.key))
        for field in FIELDS.values()
        if before.get(field.key) != after.get(field.key)
    ]


def _change(field: Field, old: Any, new: Any) -> Change:
    label = str(field.label)
    was, now = shown(field, old) if old else "", shown(field, new) if new else ""
    if field.kind in ("several", "lines") and old and new:
        return Change(label, _added_and_removed(field, old, new))
    if len(was) + len(now) > SENTENCE:
        said = _("rewritten") if was and now else _("added") if now else _("taken out")
        return Change(label, said, was, now)
    if not was:
        return Change(label, _("added: “%(new)s”") % {"new": now})
    if not now:
        return Change(label, _("taken out: “%(old)s”") % {"old": was})
    return Change(label, _("“%(old)s” became “%(new)s”") % {"old": was, "new": now})


def _added_and_removed(field: Field, old: Any, new: Any) -> str:
    if field.kind == "several":
        known = labels(field)
        was, now = [str(known.get(item, item)) for item in old], [str(known.get(item, item)) for item in new]
    else:
        was, now = old.split("\n"), new.split("\n")
    added, removed = [item for item in now if item not in was], [item for item in was if item not in now]
    said = []
    if added:
        said.append(_("added: “%(new)s”") % {"new": "”, “".join(added)})
    if removed:
        said.append(_("taken out: “%(old)s”") % {"old": "”, “".join(removed)})
    return "; ".join(said) or _("put in another order")


def as_text(content: Mapping[str, Any], heading: str) -> str:
    """The content as a plain text, TLP first and last."""
    tlp = str(content.get("tlp", Tlp.RED))
    parts = [tlp, "", heading, "=" * len(heading)]
    for title, held in answers(content):
        parts += ["", title, "-" * len(title)]
        parts += [f"{answer.label}:\n  " + answer.text.replace("\n", "\n  ") for answer in held]
    return "\n".join([*parts, "", tlp, ""])


def schema(*, whole: bool) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a content: ``whole`` as it can be handed in, otherwise as it can be saved half-done."""
    properties = {field.key: _schema_of(field, whole=whole) for field in FIELDS.values()}
    found: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    if whole:
        found["required"] = [field.key for field in FIELDS.values() if field.needed is True]
        found["allOf"] = [
            {
                "if": {"properties": {field.needed[0]: {"enum": list(field.needed[1])}}, "required": [field.needed[0]]},
                "then": {"required": [field.key]},
            }
            for field in FIELDS.values()
            if isinstance(field.needed, tuple)
        ]
    return found


def _schema_of(field: Field, *, whole: bool) -> dict[str, Any]:
    with override("en"):
        said = {"title": str(field.label), "description": " ".join(filter(None, (str(field.help), field.serves)))}
        values = list(labels(field))
    if field.kind == "several":
        return said | {"type": "array", "items": {"enum": values}, "uniqueItems": True}
    if field.kind == "choice":
        return said | {"enum": values if whole else ["", *values]}
    pattern = {"pattern": f"^{PATTERNS[field.kind]}$"} if whole and field.kind in PATTERNS else {}
    return said | {"type": "string", "maxLength": field.length} | pattern
