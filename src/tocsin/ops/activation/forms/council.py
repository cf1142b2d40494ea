"""What the chair, the states and the host fill in about a session."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from tocsin.council import Choice, Opening
from tocsin.muster import Caveat, CaveatKind
from tocsin.ops.activation.caveats import to_text
from tocsin.ops.activation.queries.council import Seat
from tocsin.ops.alliance.forms_alliance import Form, Passphrase


class Moment(forms.DateTimeField):
    """A day and a time, UTC."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class OpenForm(Form):
    """A new session."""

    deadline = Moment(label=later("Votes count until (UTC)"), help_text=later("It can be put off later, not brought forward."))

    def __init__(self, *args: Any, suggested: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("deadline", suggested)


class VoteForm(Form):
    """A vote. ``caveats()``: those ticked, in the words that the muster knows, then the others."""

    state = forms.ChoiceField(label=later("For"), widget=forms.RadioSelect)
    choice = forms.ChoiceField(
        label=later("Your vote"),
        widget=forms.RadioSelect,
        choices=[(Choice.YES.value, later("Yes")), (Choice.NO.value, later("No")), (Choice.ABSTAIN.value, later("Abstain"))],
    )
    remote_only = forms.BooleanField(label=later("our experts work remotely only"), required=False)
    no_experts = forms.BooleanField(label=later("we send no experts"), required=False)
    at_most = forms.IntegerField(label=later("We send at most so many experts"), required=False, min_value=1, max_value=99)
    others = forms.CharField(
        label=later("Other caveats, one a line"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=later("Such as: no forensics on personal data."),
    )
    passphrase = Passphrase(label=later("Passphrase of your state's key"))

    def __init__(self, *args: Any, seats: list[Seat], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(seat.state, _named(seat)) for seat in seats]
        if len(seats) == 1:
            field.widget, field.initial = forms.HiddenInput(), seats[0].state
        else:
            self.initial.setdefault("state", seats[0].state if seats else "")

    def clean(self) -> dict[str, Any]:
        """None and at most some contradict each other."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("no_experts") and (data.get("at_most") or data.get("remote_only")):
            self.add_error("no_experts", _("No experts and some experts cannot both be."))
        return data

    def caveats(self) -> tuple[str, ...]:
        """In the words of the record; only after ``is_valid``."""
        data, state = self.cleaned_data, self.cleaned_data["state"]
        ticked = [
            Caveat(state, CaveatKind.REMOTE_ONLY) if data["remote_only"] else None,
            Caveat(state, CaveatKind.NONE_FROM) if data["no_experts"] else None,
            Caveat(state, CaveatKind.AT_MOST, number=data["at_most"]) if data["at_most"] else None,
        ]
        return (*(to_text(one) for one in ticked if one), *filter(None, map(str.strip, data["others"].splitlines())))


def _named(seat: Seat) -> str:
    return _("%(state)s, by delegation to %(own)s") % {"state": seat.name, "own": seat.by} if seat.by else seat.name


class GiveForm(Form):
    """A state's vote in one session given to another. ``state``: who gives it."""

    to = forms.ChoiceField(label=later("To"))
    end = Moment(label=later("Until (UTC)"), help_text=later("If the deadline is put off, this is not."))
    passphrase = Passphrase(label=later("Passphrase of your state's key"), help_text=later("It signs the delegation."))

    def __init__(self, *args: Any, opening: Opening, state: str, deadline: datetime, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"give-{state}-%s", **kwargs)
        self.state, self.name = state, opening.name(state)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(voter.state, voter.name) for voter in opening.voters if voter.state != state]
        self.initial.setdefault("end", deadline)


class RemarkForm(Form):
    """A word in the discussion."""

    text = forms.CharField(
        label=later("Say something to the council"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ConsentForm(Form):
    """The host's answer."""

    given = forms.ChoiceField(
        label=later("Does the host consent?"),
        widget=forms.RadioSelect,
        choices=[
            ("yes", later("Yes, the host consents")),
            ("no", later("No, it does not")),
        ],
    )
    note = forms.CharField(
        label=later("How it was given"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=later(
            "Who said so and in which form, such as: letter of the minister of 20 February. It stands in the record."
        ),
    )


class PostponeForm(Form):
    """A later deadline."""

    deadline = Moment(label=later("New deadline (UTC)"))
    reason = forms.CharField(label=later("Why"), max_length=400, help_text=later("It stands in the record."))


class CloseForm(Form):
    """An end before the deadline."""

    reason = forms.CharField(label=later("Why now"), max_length=400, help_text=later("It stands in the record."))
