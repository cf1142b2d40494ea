"""What somebody looks for in the log."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.ops.alliance.log import Wanted
from tocsin.ops.alliance.models import Role
from tocsin.ops.common.words import ACTIONS


class LogForm(forms.Form):
    """Filters of the log; all may be left empty."""

    who = forms.ChoiceField(
        label=_("Who"), required=False, choices=[("", _("anybody")), ("server", _("the server")), *Role.choices]
    )
    action = forms.ChoiceField(
        label=_("Did what"), required=False, choices=[("", _("anything")), *((name, said) for name, said in ACTIONS.items())]
    )
    subject = forms.CharField(
        label=_("To what"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("a kind or an id")}),
    )
    start = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def wanted(self) -> Wanted:
        """The filters that make sense; what does not is said at its field, and left out."""
        self.full_clean()
        return Wanted(**{key: value for key, value in self.cleaned_data.items() if value})
