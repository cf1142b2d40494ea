"""The need as a form: rows of seats, languages and clearances, limits by state; and what people answer."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.muster import Cefr, Clearance, Cleared, EcsfProfile, Need, Seat, Spoken
from tocsin.muster.ecsf import LEVELS
from tocsin.muster.words import language_name
from tocsin.ops.alliance.models import State
from tocsin.ops.alliance.people import LANGUAGES
from tocsin.ops.common import clock
from tocsin.ops.common.errors import Refused

PROFILES = [(profile.value, profile.label) for profile in EcsfProfile]
SPOKEN = sorted(((code, language_name(code)) for code in LANGUAGES), key=lambda choice: choice[1])
CEFR = [(level.value, level.name) for level in Cefr]
CLEARED = [(level.value, level.label) for level in Clearance]
MODES = [("", _("either")), ("on_site", _("on site")), ("remote", _("remote"))]
_PROFILE = {profile.value: profile for profile in EcsfProfile}
_MODE = {"": None, "on_site": True, "remote": False}
ROWS_MAX = 24


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _count(label: Any, help_text: Any = "", high: int = 99) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=0, max_value=high, required=False)


class SeatForm(forms.Form):
    """A row: how many people in which profile. Empty, or with no number, it asks for nobody."""

    profile = forms.ChoiceField(label=_("Profile"), choices=[("", "—"), *PROFILES], required=False)
    number = forms.IntegerField(label=_("People"), min_value=0, max_value=30, initial=1, required=False)
    level = forms.TypedChoiceField(
        label=_("Level at least"), choices=[(n, str(n)) for n in LEVELS], coerce=int, initial=3, required=False
    )
    mode = forms.ChoiceField(label=_("Where"), choices=MODES, required=False)


class SpokenForm(forms.Form):
    """A row: how many of the team speak a language."""

    language = forms.ChoiceField(label=_("Language"), choices=[("", "—"), *SPOKEN], required=False)
    level = forms.TypedChoiceField(label=_("Level at least"), choices=CEFR, coerce=int, initial=Cefr.B2.value, required=False)
    people = forms.IntegerField(label=_("People"), min_value=0, max_value=30, initial=1, required=False)


class ClearedForm(forms.Form):
    """A row: how many of the team hold a clearance."""

    level = forms.TypedChoiceField(label=_("Clearance"), choices=[("", "—"), *CLEARED[1:]], coerce=int, required=False)
    people = forms.IntegerField(label=_("People"), min_value=0, max_value=30, initial=1, required=False)


SeatRows = forms.formset_factory(SeatForm, extra=3, max_num=ROWS_MAX, absolute_max=ROWS_MAX, validate_max=True)
SpokenRows = forms.formset_factory(SpokenForm, extra=2, max_num=ROWS_MAX, absolute_max=ROWS_MAX, validate_max=True)
ClearedRows = forms.formset_factory(ClearedForm, extra=1, max_num=5, absolute_max=5, validate_max=True)


class NeedForm(forms.Form):
    """All of a need but its rows; two fields more for each state: ``state_min_EE``, ``state_max_EE``."""

    start = _day(_("First day"))
    end = _day(_("Last day"))
    size_min = _count(_("Team of at least"), _("people, additional members included"))
    size_max = _count(_("Team of at most"), _("people, additional members included"))
    clearance_min = forms.TypedChoiceField(label=_("Clearance of everybody"), choices=CLEARED, coerce=int, initial=0)
    civil_min = _count(_("Civil, at least"))
    military_min = _count(_("Military, at least"))
    shared_profiles_min = _count(
        _("Continuity: profiles held on both sides"),
        _("So many of the seats' profiles are held by a civil and a military member, so that either can take over."),
    )
    state_min_default = _count(_("From each state, at least"))
    state_max_default = _count(_("From each state, at most"), _("Empty: no limit."))

    def __init__(self, *args: Any, states: Iterable[State], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.states = list(states)
        for state in self.states:
            name = {"state": state.name}
            self.fields[f"state_min_{state.code}"] = _count(_("%(state)s, at least") % name)
            self.fields[f"state_max_{state.code}"] = _count(_("%(state)s, at most") % name)

    @property
    def by_state(self) -> list[tuple[State, forms.BoundField, forms.BoundField]]:
        """The limits of each state: a state, its least, its most."""
        return [(state, self[f"state_min_{state.code}"], self[f"state_max_{state.code}"]) for state in self.states]

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first; the most are not fewer than the least."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("start") and said.get("end"):
            if said["end"] < said["start"]:
                self.add_error("end", _("The last day is before the first."))
            elif (said["end"] - said["start"]).days > 366:
                self.add_error("end", _("A mission of more than a year is mustered in parts."))
            try:
                clock.need_years(said["start"])
            except Refused as error:
                self.add_error("start", str(error))
        return said


class AnswerForm(forms.Form):
    """Yes or no to a nomination, with a word."""

    yes = forms.ChoiceField(choices=[("yes", _("yes")), ("no", _("no"))])
    text = forms.CharField(label=_("A word to it"), max_length=400, required=False)


def initial_of(need: Need) -> dict[str, Any]:
    """A need as ``NeedForm`` shows it."""
    names = ("start", "end", "size_min", "size_max", "civil_min", "military_min", "shared_profiles_min")
    said: dict[str, Any] = {name: getattr(need, name) for name in (*names, "state_min_default", "state_max_default")}
    said["clearance_min"] = need.clearance_min.value
    for kind, limits in (("state_min", need.state_min), ("state_max", need.state_max)):
        said |= {f"{kind}_{state}": number for state, number in limits.items()}
    return said


def rows_of(need: Need | None) -> dict[str, list[dict[str, Any]]]:
    """A need's rows as the formsets show them."""
    if need is None:
        return {"seats": [], "languages": [], "cleared": []}
    modes = {value: key for key, value in _MODE.items()}
    return {
        "seats": [
            {"profile": s.profile.value, "number": s.number, "level": s.level_min, "mode": modes[s.on_site]} for s in need.seats
        ],
        "languages": [{"language": s.language, "level": s.level_min.value, "people": s.people} for s in need.languages],
        "cleared": [{"level": c.level_min.value, "people": c.people} for c in need.cleared],
    }


def need_of(said: Mapping[str, Any], seats: Iterable[Any], languages: Iterable[Any], cleared: Iterable[Any]) -> Need:
    """The need that a form and its rows state. Two rows alike are one with their numbers added up."""
    places: dict[Seat, int] = {}
    for row in seats:
        if row.get("profile") and row.get("number"):
            seat = Seat(_PROFILE[row["profile"]], 1, row.get("level") or 1, _MODE[row.get("mode") or ""])
            places[seat] = places.get(seat, 0) + row["number"]
    spoken: dict[tuple[str, int], int] = {}
    for row in languages:
        if row.get("language") and row.get("people"):
            key = (row["language"], row.get("level") or 1)
            spoken[key] = spoken.get(key, 0) + row["people"]
    held: dict[int, int] = {}
    for row in cleared:
        if row.get("level") and row.get("people"):
            held[row["level"]] = held.get(row["level"], 0) + row["people"]
    limits = {
        kind: {key.removeprefix(f"{kind}_"): n for key, n in said.items() if key.startswith(f"{kind}_") and n is not None}
        for kind in ("state_min", "state_max")
    }
    for of_states in limits.values():
        of_states.pop("default", None)
    return Need(
        start=said["start"],
        end=said["end"],
        seats=tuple(Seat(s.profile, n, s.level_min, s.on_site) for s, n in places.items()),
        languages=tuple(Spoken(code, Cefr(level), people) for (code, level), people in spoken.items()),
        cleared=tuple(Cleared(Clearance(level), people) for level, people in held.items()),
        clearance_min=Clearance(said["clearance_min"]),
        size_min=said["size_min"] or 0,
        size_max=said["size_max"] if said["size_max"] is not None else ROWS_MAX,
        state_min=limits["state_min"],
        state_max=limits["state_max"],
        state_min_default=said["state_min_default"] or 0,
        state_max_default=said["state_max_default"],
        civil_min=said["civil_min"] or 0,
        military_min=said["military_min"] or 0,
        shared_profiles_min=said["shared_profiles_min"] or 0,
    )
