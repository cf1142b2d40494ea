"""What several people see alike is made once, and kept by the process until something changes.

Every change of state is one entry of the log, in the same transaction, so the digest of its last entry says whether what was
made still holds: no page has to know what could have changed it. Who may see what is asked at every request, as it was; the key
of a thing kept here holds all that its maker asked about the actor (``access.view``).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tocsin.ops.common import audit, clock

T = TypeVar("T")

KEPT_S = 30  # time passes without an entry: "3 min ago" and the like are at most so old
KEPT_MAX = 256  # things, of some 50 kB at most


@dataclass(frozen=True, slots=True)
class _Kept:
    after: str
    made_at: datetime
    value: Any


_kept: OrderedDict[Hashable, _Kept] = OrderedDict()
_lock = threading.Lock()


def shared(key: Hashable, make: Callable[[], T]) -> T:
    """What ``make`` made for this key and language, if nothing was done in the room since; made now otherwise.

    Args:
        key: All that the result depends on, besides the room's state, the language and the time.
        make: Makes it, out of what is in the database alone. What it raises is raised, and nothing is kept.
    """
    # Asked before anything is made: what is made then is as new as the digest, or newer, and never passes for newer than it is.
    after, now = audit.last_digest(), clock.now()
    whole = (key, get_language())
    with _lock:
        held = _kept.get(whole)
        if held and held.after == after and 0 <= (now - held.made_at).total_seconds() < KEPT_S:
            _kept.move_to_end(whole)
            return cast(T, held.value)
    value = make()
    with _lock:
        _kept[whole] = _Kept(after, now, value)
        _kept.move_to_end(whole)
        while len(_kept) > KEPT_MAX:
            _kept.popitem(last=False)
    return value


def part(request: HttpRequest, view: Hashable, template: str, context: Callable[[], dict[str, Any]]) -> SafeString:
    """The part of a page that all with the same view see alike.

    It is rendered without the request: neither its reader's name nor a CSRF token can get into what others are shown.

    Args:
        request: Whose address (with what is looked for in it) tells parts apart; the template finds it as ``path``.
        view: What decides what the actor may see.
        template: Name of the template.
        context: Asks for what it shows; called only where it has to be made.
    """
    path = request.get_full_path()
    return shared((template, path, view), lambda: render_to_string(template, {**context(), "path": path}))


def forget() -> None:
    """Let go of everything: for tests, which change rows without an entry."""
    with _lock:
        _kept.clear()
