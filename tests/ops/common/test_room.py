"""What templates say of times, markings and fields."""

from datetime import timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone

from tocsin.ops.common.templatetags.room import left, since


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "00:00 min"),
        (59, "00:59 min"),
        (3599, "59:59 min"),
        (3600, "01:00 h"),
        (41 * 3600 + 6 * 60, "41:06 h"),
        (-22, "−00:22 min"),
        (-3600, "−01:00 h"),
    ],
)
def test_a_clock_tells_hours_or_minutes_and_whether_it_has_passed(seconds, said):
    assert left(seconds) == said


@pytest.mark.parametrize(
    ("ago", "said"), [(30, "now"), (60 * 38, "38 min"), (3600 * 3, "3 h"), (86_400 * 2, "2 days"), (86_400 * 9, "9 days")]
)
def test_how_long_something_waits(ago, said):
    assert since(timezone.now() - timedelta(seconds=ago)) == said


def rendered(source: str, **context: object) -> str:
    return Template("{% load room %}" + source).render(Context(context))


def test_a_marking_bears_its_word_and_its_colour():
    assert rendered("{% tlp t %}", t="TLP:AMBER+STRICT") == '<span class="tlp amber">TLP:AMBER+STRICT</span>'


def test_a_marking_that_is_none_is_an_error_and_not_a_weaker_one():
    with pytest.raises(ValueError, match="TLP:WHITE"):
        rendered("{% tlp t %}", t="TLP:WHITE")


class Form(forms.Form):
    name = forms.CharField(label="Name <b>", help_text="as colleagues know you")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="Sure")


def test_a_field_has_its_label_its_help_and_what_is_wrong():
    said = rendered("{% field form.name %}", form=Form({}))
    assert '<label for="id_name">Name &lt;b&gt;</label>' in said
    assert 'id="id_name_helptext"' in said
    assert 'aria-describedby="id_name_helptext' in said
    assert 'aria-invalid="true"' in said
    assert "This field is required." in said


def test_choices_stand_in_a_group_and_a_check_in_its_label():
    assert "<legend>Kind</legend>" in rendered("{% field form.kind %}", form=Form())
    assert rendered("{% field form.sure %}", form=Form()).startswith('<div class="field"><label><input type="checkbox"')
