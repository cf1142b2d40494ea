"""What people fill in to take a mission on."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.ops.activation.models import Mission


class MoveForm(forms.Form):
    """A step to another stage."""

    stage = forms.ChoiceField(choices=Mission.Stage.choices, widget=forms.HiddenInput)
    why = forms.CharField(label=_("Why"), max_length=400, help_text=_("One sentence for the record."))


class LeaderForm(forms.Form):
    """Who leads the mission."""

    leader = forms.ChoiceField(label=_("Team leader"), required=False)

    def __init__(self, *args: object, people: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["leader"].choices = [("", _("nobody yet")), *people]  # type: ignore[attr-defined]
