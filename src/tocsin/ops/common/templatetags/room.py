"""What every template needs: clocks, marks, fields."""

from datetime import datetime
from typing import Any

from django import forms, template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.terms import Tlp

register = template.Library()

_TLP_CLASS = {Tlp.RED: "red", Tlp.AMBER_STRICT: "amber", Tlp.AMBER: "amber", Tlp.GREEN: "green", Tlp.CLEAR: "clear"}


def left(seconds: float) -> str:
    """``41:06 h``, ``02:48 min``, with a minus where it has passed. ``tocsin.js`` writes the same."""
    size = abs(round(seconds))
    text = f"{size // 60:02d}:{size % 60:02d} min" if size < 3600 else f"{size // 3600:02d}:{size % 3600 // 60:02d} h"
    return ("−" if seconds < 0 else "") + text


@register.simple_tag
def until(due: datetime) -> SafeString:
    """A clock that runs down to an instant; it ticks where scripts run."""
    seconds = (due - timezone.now()).total_seconds()
    late = "late" if seconds < 0 else ""
    return format_html('<time data-until datetime="{}" class="{}">{}</time>', due.isoformat(), late, left(seconds))


@register.filter
def since(moment: datetime) -> str:
    """How long ago, in one unit: ``38 min``, ``3 h``, ``2 days``."""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 120:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)d h") % {"n": minutes // 60}
    return ngettext("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}


@register.simple_tag
def tlp(value: str) -> SafeString:
    """A TLP 2.0 label in FIRST's colours."""
    return format_html('<span class="tlp {}">{}</span>', _TLP_CLASS.get(Tlp(value), "red"), value)


@register.inclusion_tag("field.html")
def field(bound: forms.BoundField) -> dict[str, Any]:
    """A form's field: label, help, the widget, what is wrong with it."""
    grouped = isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    single = isinstance(bound.field.widget, forms.CheckboxInput)
    return {"field": bound, "grouped": grouped, "single": single}
