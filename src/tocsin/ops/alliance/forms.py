"""What people fill in about themselves and the alliance."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AcceptForm(forms.Form):
    """A new account. ``email`` is asked only where the invitation has none."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("You sign in with it."))
    name = forms.CharField(label=_("Your name"), max_length=120, help_text=_("As colleagues know you."))
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Twelve characters or more. Who has an account already gives the password of that account."),
    )
