"""The request's form, made from its description. It is lenient: what is missing is said when it is handed in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from tocsin.ops.activation import content as described
from tocsin.ops.activation.queries import requests as queries

ROWS = {"lines": 3, "text": 5}
RADIOS_MAX = 5  # more choices than these stand in a list that unfolds


class Answer(forms.CharField):
    """Text as it was typed. Browsers send line ends as two characters, which would count against the length."""

    def to_python(self, value: Any) -> str:
        """Line ends as one character."""
        return str(super().to_python(value)).replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class Question:
    """A field on the page. ``theirs``: what somebody else wrote into it meanwhile, where that differs."""

    key: str
    bound: forms.BoundField
    theirs: str


class RequestForm(forms.Form):
    """All questions of ``content.SECTIONS``; ``content()`` is what was answered."""

    def __init__(self, *args: Any, theirs: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theirs = theirs
        for field in described.FIELDS.values():
            self.fields[field.key] = _form_field(field)

    def content(self) -> dict[str, Any]:
        """What was answered, by key; only after ``is_valid``."""
        return {key: value for key, value in self.cleaned_data.items() if value}

    def say(self, problems: Mapping[str, str]) -> None:
        """Show at each field what is wrong with it."""
        for key, problem in problems.items():
            self.add_error(key, problem)

    def wrong(self) -> list[tuple[str, str]]:
        """Keys and labels of the fields with something wrong, in the order of the form."""
        return [(key, str(field.label)) for key, field in described.FIELDS.items() if key in self.errors]

    def sections(self) -> Iterator[tuple[described.Section, list[Question]]]:
        """The form as it is laid out."""
        for section in described.SECTIONS:
            yield section, [Question(field.key, self[field.key], self._theirs(field)) for field in section.fields]

    def _theirs(self, field: described.Field) -> str:
        if self.theirs is None:
            return ""
        other, own = self.theirs.get(field.key), self.content().get(field.key)
        if other == own:
            return ""
        return described.shown(field, other) if other else _("(empty)")


def _form_field(field: described.Field) -> forms.Field:
    label = f"{field.label} *" if field.needed is True else str(field.label)
    common: dict[str, Any] = {"label": label, "help_text": field.help, "required": False}
    if field.kind == "several":
        return forms.MultipleChoiceField(choices=field.choices or (), widget=forms.CheckboxSelectMultiple, **common)
    if field.kind == "choice":
        choices = field.choices() if field.choices else []
        if len(choices) <= RADIOS_MAX:
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
        return forms.ChoiceField(choices=[("", ""), *choices], **common)
    return Answer(widget=_widget(field), max_length=field.length, **common)


def _widget(field: described.Field) -> forms.Widget:
    match field.kind:
        case "lines" | "text":
            return forms.Textarea(attrs={"rows": ROWS[field.kind]})
        case "moment":
            return forms.TextInput(attrs={"type": "datetime-local"})
        case "day":
            return forms.TextInput(attrs={"type": "date"})
        case "number":
            return forms.TextInput(attrs={"type": "number", "min": "1", "max": "365"})
    return forms.TextInput()


class WithdrawForm(forms.Form):
    """Why the request is taken back."""

    why = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].label = _("Why")
        self.fields["why"].help_text = _("It is kept with the request.")


class ReadersForm(forms.Form):
    """Who may read a request under TLP:RED."""

    readers = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, request: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["readers"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.label, field.choices = _("Named readers"), queries.reader_choices(request)
        field.help_text = _("They and you can read what it says. Nobody else can, not even the chair.")
        self.initial.setdefault("readers", [str(pk) for pk in request.readers.values_list("pk", flat=True)])


class StartForm(forms.Form):
    """For whom a request is started."""

    partner = forms.ChoiceField()

    def __init__(self, *args: Any, partners: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["partner"]
        assert isinstance(field, forms.ChoiceField)
        field.label, field.choices = _("For"), partners
