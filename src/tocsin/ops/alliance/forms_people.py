"""What people fill in about experts: the sheet, the calendar, and what they look for in the pool."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.muster import Cefr, Clearance, EcsfProfile, Sector
from tocsin.muster.ecsf import LEVELS
from tocsin.muster.words import language_name
from tocsin.ops.alliance.models import State
from tocsin.ops.alliance.people import LANGUAGES, Sheet, Wanted

PROFILES = [(profile.value, profile.label) for profile in EcsfProfile]
SPOKEN = sorted(((code, language_name(code)) for code in LANGUAGES), key=lambda choice: choice[1])
CEFR = [(level.value, level.name) for level in Cefr]
CLEARED = [(level.value, level.label) for level in Clearance]
SECTORS = [(Sector.CIVIL.value, _("civil")), (Sector.MILITARY.value, _("military"))]


def _day(label: Any, required: bool = True) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class WantedForm(forms.Form):
    """What is looked for in the pool; everything may be left open."""

    text = forms.CharField(
        label=_("Name or note"), required=False, max_length=80, widget=forms.TextInput(attrs={"type": "search"})
    )
    state = forms.ModelChoiceField(
        State.objects.all(), label=_("State"), required=False, to_field_name="code", empty_label=_("all")
    )
    profile = forms.ChoiceField(label=_("Profile"), required=False, choices=[("", _("any")), *PROFILES])
    level = forms.TypedChoiceField(label=_("Level at least"), required=False, choices=[(n, str(n)) for n in LEVELS], coerce=int)
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[("", _("any")), *SPOKEN])
    cefr = forms.TypedChoiceField(label=_("Level at least"), required=False, choices=CEFR, coerce=int)
    clearance = forms.TypedChoiceField(
        label=_("Clearance at least"), required=False, choices=[(0, _("any")), *CLEARED[1:]], coerce=int
    )
    mode = forms.ChoiceField(
        label=_("Where"), required=False, choices=[("", _("either")), ("on_site", _("on site")), ("remote", _("remote"))]
    )
    start = _day(_("Free from"), required=False)
    end = _day(_("to"), required=False)

    def wanted(self) -> Wanted:
        """What is looked for; a field that cannot be read is left open, and says so beside it."""
        self.is_valid()
        said = dict(self.cleaned_data)
        state = said.pop("state", None)
        return Wanted(**{key: value for key, value in said.items() if value}, state=state.code if state else "")


class SheetForm(forms.Form):
    """An expert's sheet but for the languages; one field for each profile of the framework: ``profile_…``."""

    name = forms.CharField(label=_("Name"), max_length=120)
    state = forms.ModelChoiceField(State.objects.none(), label=_("State"), to_field_name="code", empty_label=None)
    account = forms.EmailField(
        label=_("Account"),
        required=False,
        help_text=_("The address they sign in with; without it they cannot answer nominations."),
    )
    sector = forms.ChoiceField(label=_("Sector"), choices=SECTORS, widget=forms.RadioSelect, initial=Sector.CIVIL.value)
    clearance = forms.TypedChoiceField(
        label=_("Clearance"), choices=CLEARED, coerce=int, initial=0, help_text=_("The state vouches for it.")
    )
    on_site = forms.BooleanField(label=_("Works on site"), required=False, initial=True)
    remote = forms.BooleanField(label=_("Works remotely"), required=False, initial=True)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=400, help_text=_("What else a chair should know, such as control systems.")
    )
    active = forms.BooleanField(label=_("In the pool"), required=False, initial=True)

    def __init__(self, *args: Any, states: list[State], vouching: bool, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known or len(states) < 2:
            del self.fields["state"]
        else:
            self.fields["state"].queryset = State.objects.filter(pk__in=[s.pk for s in states])  # type: ignore[attr-defined]
        if not vouching:  # not in the form, so that nothing sent in their place is read
            for name in ("account", "clearance", "active"):
                del self.fields[name]
        for value, label in PROFILES:
            self.fields[f"profile_{value}"] = forms.TypedChoiceField(
                label=label, required=False, coerce=int, choices=[("", "—"), *((n, str(n)) for n in LEVELS)], empty_value=None
            )

    @property
    def profiles(self) -> list[forms.BoundField]:
        """The fields of the profiles, in the framework's order."""
        return [self[f"profile_{value}"] for value, _label in PROFILES]

    def sheet(self, before: Sheet | None, languages: list[dict[str, Any]]) -> Sheet:
        """What was filled in; what the form does not ask stays as it was before."""
        said = self.cleaned_data
        kept: dict[str, Any] = {name: getattr(before, name) for name in ("clearance", "active")} if before else {}
        plain = {
            name: said[name] for name in ("name", "sector", "clearance", "on_site", "remote", "note", "active") if name in said
        }
        profiles = {value: said[f"profile_{value}"] for value, _label in PROFILES if said.get(f"profile_{value}")}
        spoken = {row["language"]: row["level"] for row in languages if row.get("language") and row.get("level")}
        return Sheet(**(kept | plain), profiles=profiles, languages=spoken)


class SpokenForm(forms.Form):
    """A row: a language and how well."""

    language = forms.ChoiceField(label=_("Language"), choices=[("", "—"), *SPOKEN], required=False)
    level = forms.TypedChoiceField(label=_("Level"), choices=[("", "—"), *CEFR], coerce=int, required=False)

    def clean(self) -> dict[str, Any]:
        """A language has a level."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("language") and not said.get("level"):
            self.add_error("level", _("How well?"))
        return said


SpokenRows = forms.formset_factory(SpokenForm, extra=3, max_num=20, absolute_max=20, validate_max=True)


def initial_of(sheet: Sheet) -> dict[str, Any]:
    """A sheet as ``SheetForm`` shows it."""
    plain = {name: getattr(sheet, name) for name in ("name", "sector", "clearance", "on_site", "remote", "note", "active")}
    return plain | {f"profile_{value}": level for value, level in sheet.profiles.items()}


class DaysForm(forms.Form):
    """Days to offer or to take back."""

    start = _day(_("First day"))
    end = _day(_("Last day"))
    what = forms.ChoiceField(
        label=_("These days"),
        choices=[("free", _("can be called")), ("away", _("not available"))],
        widget=forms.RadioSelect,
        initial="free",
    )

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("start") and said.get("end") and said["end"] < said["start"]:
            self.add_error("end", _("The last day is before the first."))
        return said
