"""What is filled in about the alliance: keys, delegations, rules, states, partners, its file."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from tocsin import council
from tocsin.ops.alliance.models import Participation, Partner, State
from tocsin.ops.alliance.rules import weights_from
from tocsin.ops.common.errors import Refused

DAY = {"type": "date"}
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
# Shares that rules are made of; ``>`` asks for more than the share.
SHARES = (
    ("0/1", later("nobody in particular")),
    ("1/3", later("at least a third")),
    ("1/2", later("at least half")),
    (">1/2", later("more than half")),
    ("3/5", later("at least three fifths")),
    ("2/3", later("at least two thirds")),
    (">2/3", later("more than two thirds")),
    ("3/4", later("at least three quarters")),
    ("1/1", later("all")),
)


class Form(forms.Form):
    """One of several on a page: its fields' ids begin with its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}-%s")
        super().__init__(*args, **kwargs)


class Passphrase(forms.CharField):
    """Taken as it was typed, and never sent back to the page."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "off"})
        super().__init__(strip=False, max_length=400, widget=widget, **kwargs)


def share_from(text: str) -> council.Share:
    """``>1/2`` as a share."""
    part, _sep, whole = text.lstrip(">").partition("/")
    return council.Share(int(part), int(whole), more=text.startswith(">"))


def share_to(share: council.Share) -> str:
    """A share as one of ``SHARES``."""
    return f"{'>' if share.more else ''}{share.numerator}/{share.denominator}"


class KeyForm(Form):
    """A new key for a state."""

    passphrase = Passphrase(
        label=later("Passphrase"),
        help_text=later("Twelve characters or more: a few words that only your state knows. The room does not keep it."),
    )
    again = Passphrase(label=later("The same once more"))

    def clean(self) -> dict[str, Any]:
        """Nobody can mend a passphrase that was mistyped."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("passphrase") != data.get("again"):
            self.add_error("again", _("The two differ."))
        return data


class DelegationForm(Form):
    """A state's vote given to another for a while."""

    to = forms.ModelChoiceField(State.objects.none(), label=later("To"), to_field_name="code", empty_label=None)
    start = forms.DateTimeField(label=later("From (UTC)"), widget=MOMENT)
    end = forms.DateTimeField(label=later("Until (UTC)"), widget=MOMENT)
    passphrase = Passphrase(label=later("Passphrase of your state's key"), help_text=later("It signs the delegation."))

    def __init__(self, *args: Any, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = others


class RuleForm(Form):
    """The next version of the rule. ``rule()`` has its fields."""

    kind = forms.ChoiceField(
        label=later("Yes is carried by"),
        choices=[
            ("unanimity", later("unanimity")),
            ("majority", later("a share of the states")),
            ("weighted", later("the weights of those who say yes")),
            ("at_least", later("so many yes votes")),
        ],
    )
    base = forms.ChoiceField(
        label=later("Of whom (unanimity, share)"),
        choices=[("participants", later("all participants")), ("cast", later("those who voted"))],
    )
    share = forms.ChoiceField(label=later("Which share"), choices=SHARES, help_text=later("For a share of the states."))
    needed = forms.IntegerField(
        label=later("How many"),
        min_value=0,
        max_value=999_999,
        help_text=later("For weights: the threshold. For yes votes: their number."),
    )
    weights = forms.CharField(
        label=later("Weights"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=later("One state a line, such as: EE 4."),
    )
    abstention = forms.ChoiceField(
        label=later("An abstention"),
        choices=[("neutral", later("is left out of the count")), ("against", later("weighs like a no"))],
    )
    quorum = forms.ChoiceField(label=later("Must have voted"), choices=SHARES)
    yes_floor = forms.ChoiceField(label=later("Must have said yes, whatever else"), choices=SHARES)
    silence = forms.ChoiceField(
        label=later("A vote missing at the deadline"),
        choices=[("nothing", later("is missing")), ("yes", later("counts as yes")), ("abstain", later("counts as abstention"))],
    )
    delegation = forms.BooleanField(label=later("a state may give its vote to another for an absence"), required=False)
    host_consent = forms.BooleanField(label=later("the host must consent"), required=False)
    start = forms.DateField(label=later("In force from"), widget=forms.DateInput(attrs=DAY))
    note = forms.CharField(label=later("Why"), max_length=400, required=False)

    @staticmethod
    def of(rule: council.Rule) -> dict[str, Any]:
        """What the form opens with, such as the rule in force."""
        return {
            "kind": rule.kind.value,
            "base": rule.base.value,
            "share": share_to(rule.share),
            "needed": rule.needed,
            "weights": "\n".join(f"{code} {weight}" for code, weight in sorted(rule.weights.items())),
            "abstention": rule.abstention.value,
            "quorum": share_to(rule.quorum),
            "yes_floor": share_to(rule.yes_floor),
            "silence": rule.silence.value,
            "delegation": rule.delegation,
            "host_consent": rule.host_consent,
        }

    def clean_weights(self) -> Any:
        """As numbers by code."""
        try:
            return weights_from(self.cleaned_data["weights"])
        except Refused as error:
            raise forms.ValidationError(str(error)) from error

    def rule(self) -> dict[str, Any]:
        """Fields of ``tocsin.council.Rule``, and ``start`` and ``note``; only after ``is_valid``. What a kind does not need is left out."""
        data = dict(self.cleaned_data)
        weighted, counted = data["kind"] == "weighted", data["kind"] in ("weighted", "at_least")
        return data | {
            "kind": council.Kind(data["kind"]),
            "base": council.Base(data["base"]),
            "share": share_from(data["share"]),
            "needed": data["needed"] if counted else 0,
            "weights": data["weights"] if weighted else {},
            "abstention": council.Abstention(data["abstention"]),
            "quorum": share_from(data["quorum"]),
            "yes_floor": share_from(data["yes_floor"]),
            "silence": council.Silence(data["silence"]),
        }


class RoleForm(Form):
    """A state's role from a day on."""

    code = forms.CharField(label=later("Code"), max_length=2, help_text=later("Two letters (ISO 3166-1), such as EE."))
    name = forms.CharField(label=later("Name"), max_length=80, required=False, help_text=later("Of a state that is new here."))
    role = forms.ChoiceField(label=later("As"), choices=Participation.Role.choices)
    start = forms.DateField(label=later("From"), widget=forms.DateInput(attrs=DAY))
    end = forms.DateField(label=later("Until, if known"), required=False, widget=forms.DateInput(attrs=DAY))


class EndForm(forms.Form):
    """A role's last day."""

    last = forms.DateField(label=later("Last day"), widget=forms.DateInput(attrs=DAY))


class PartnerForm(Form):
    """Somebody who may ask for help."""

    name = forms.CharField(label=later("Name"), max_length=160)
    country = forms.CharField(label=later("Country"), max_length=2, help_text=later("Two letters (ISO 3166-1), such as UA."))
    kind = forms.ChoiceField(label=later("Kind"), choices=Partner.Kind.choices)


class FileForm(Form):
    """An alliance's file."""

    file = forms.FileField(label=later("File of an alliance"))
