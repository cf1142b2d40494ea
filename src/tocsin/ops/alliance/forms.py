"""What people fill in about themselves and the alliance."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.ops.alliance.models import Partner, Role, State
from tocsin.ops.common.tokens import SCOPES, VALID_DAYS_MAX


class AcceptForm(forms.Form):
    """A new account. ``email`` is asked only where the invitation has none."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("You sign in with it."))
    name = forms.CharField(label=_("Your name"), max_length=120, help_text=_("As colleagues know you."))
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Twelve characters or more. Who has an account already gives the password of that account."),
    )


class InviteForm(forms.Form):
    """Somebody new, or somebody in a new role."""

    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    state = forms.ModelChoiceField(State.objects.all(), label=_("State"), required=False, help_text=_("For a role of a state."))
    partner = forms.ModelChoiceField(
        Partner.objects.all(), label=_("Partner"), required=False, help_text=_("For a partner's staff.")
    )


class TokenForm(forms.Form):
    """A token for a program."""

    name = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=[(s, s) for s in SCOPES], widget=forms.CheckboxSelectMultiple
    )
    valid_days = forms.IntegerField(label=_("Valid for (days)"), min_value=1, max_value=VALID_DAYS_MAX, initial=90)
