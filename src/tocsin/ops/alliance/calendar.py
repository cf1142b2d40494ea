"""When an expert can be called: days offered, days on a mission, and a drawing of both by months.

The spans of one expert neither overlap nor touch, because ``people.offer`` joins them: whoever is free over a period has one span
that covers it, and the database can be asked for it.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils.dates import MONTHS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from tocsin.ops.alliance.models import Availability, Expert

Days = tuple[date, date]
"""First and last day, both included."""

DAY = timedelta(days=1)
LONGEST = timedelta(days=3 * 366)

# A nomination holds an expert from the day it is sent until it is answered with no, released, or its mission is over. By
# name: nominations belong to the activation, which knows the alliance, not the other way round.
_HOLDING = {"nominations__status__in": ("nominated", "accepted", "confirmed")}
_OVER = ("not_deployed", "closed")


@dataclass(frozen=True)
class Day:
    """A day of the drawing. ``state``: ``free``, ``mission``, ``away``; ``word``: the same for the reader."""

    day: date
    state: str
    word: str


@dataclass(frozen=True)
class Month:
    """A month in weeks from Monday; None where a week reaches into another month."""

    label: str
    weeks: tuple[tuple[Day | None, ...], ...]


def engaged(start: date, end: date) -> QuerySet[Expert]:
    """Experts whom a nomination holds on any day of a period (both days included)."""
    return Expert.objects.filter(
        Q(**_HOLDING) & ~Q(nominations__mission__stage__in=_OVER), nominations__start__lte=end, nominations__end__gte=start
    )


def free(experts: QuerySet[Expert], start: date, end: date) -> QuerySet[Expert]:
    """Those who offer every day of a period (both days included) and are not on a mission on any."""
    offering = Availability.objects.filter(start__lte=start, end__gte=end).values("expert")
    return experts.filter(pk__in=offering).exclude(pk__in=engaged(start, end).values("pk"))


def on_missions(expert: Expert) -> list[Days]:
    """The days on which nominations hold the expert."""
    held = expert.nominations.filter(status__in=_HOLDING["nominations__status__in"]).exclude(mission__stage__in=_OVER)
    return list(held.order_by("start").values_list("start", "end"))


def months(offered: Iterable[Days], missions: Iterable[Days], first: date, count: int = 3) -> tuple[Month, ...]:
    """The drawing of ``count`` months, from the one that ``first`` is in."""
    words = {"free": _("free"), "mission": _("on a mission"), "away": _("not available")}
    offered, missions = tuple(offered), tuple(missions)

    def drawn(day: date) -> Day:
        held = any(start <= day <= end for start, end in missions)
        state = "mission" if held else "free" if any(start <= day <= end for start, end in offered) else "away"
        return Day(day, state, words[state])

    pages = []
    for number in range(count):
        shown = month_after(first, number)
        weeks = calendar.Calendar().monthdatescalendar(shown.year, shown.month)
        pages.append(
            Month(
                f"{MONTHS[shown.month]} {shown.year}",
                tuple(tuple(drawn(day) if day.month == shown.month else None for day in week) for week in weeks),
            )
        )
    return tuple(pages)


def month_after(first: date, count: int) -> date:
    """The first day of the month so many months on; kept within the years that a calendar knows."""
    year, month = divmod(first.year * 12 + first.month - 1 + count, 12)
    return date(min(max(year, 1900), 9998), month + 1, 1)


def weekdays() -> list[str]:
    """Names of the days, from Monday."""
    return [str(WEEKDAYS_ABBR[number]) for number in range(7)]
