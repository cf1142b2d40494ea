"""From a finding's mitigations to files a person can approve and deploy.

Each kind of file is a module here: a pure function of (finding, mitigation) to text. What an effect is written as stands in
`KINDS`. ``docs/actions.md`` is for those who deploy.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tocsin.exporters.actions._kind import Kind, ordinal, short_id
from tocsin.exporters.actions._rules import problem
from tocsin.exporters.actions.dots import DOTS, DOTS_ACL
from tocsin.exporters.actions.flowspec_exabgp import FLOWSPEC_EXABGP
from tocsin.exporters.actions.flowspec_gobgp import FLOWSPEC_GOBGP
from tocsin.exporters.actions.nftables import NFTABLES
from tocsin.exporters.actions.rtbh import RTBH
from tocsin.exporters.actions.web_limits import APACHE, HAPROXY, NGINX
from tocsin.model import Action, Finding, Mitigation
from tocsin.terms import Tlp

_FILTERS = (NFTABLES, FLOWSPEC_EXABGP, FLOWSPEC_GOBGP, DOTS, DOTS_ACL)
_WEB = (NGINX, HAPROXY, APACHE)
KINDS: Mapping[str, tuple[Kind, ...]] = {
    "drop": _FILTERS,
    "rate_limit": _FILTERS,
    "syn_proxy": (NFTABLES,),
    "limit_requests": _WEB,
    "limit_connections": _WEB,
    "blackhole": (RTBH,),
}
_NAME_CHARACTERS = 60

__all__ = ["KINDS", "write_actions"]


def write_actions(finding: Finding, *, tlp: Tlp = Tlp.AMBER) -> Iterator[tuple[Action, bytes]]:
    """Write each mitigation down in every kind of file that suits its effect.

    Args:
        finding: Its mitigations are used, its actions are not looked at.
        tlp: The assessment's marking, for the first line of each file.

    Yields:
        An action and its file's bytes, in the order of the mitigations. ``path`` is relative to the case folder,
        ``actions/<n>-<victim>-<vector>-<short id>/<kind>.<extension>``; it holds only letters, digits, ``.``, ``-`` and ``_``
        between the slashes, and no two findings share one. An action with ``refused`` has no path and no bytes: the analyzer
        refused the mitigation (the kind is then its effect), or this kind of file cannot say what it wants.
    """
    requested: set[bytes] = set()
    for mitigation in finding.mitigations:
        for kind, action, data in _written(finding, mitigation, tlp):
            # Two filters for one victim are one request for its protection.
            if kind is None or kind.measured or data not in requested:
                yield action, data
            if kind is not None and not kind.measured:
                requested.add(data)


def _written(finding: Finding, mitigation: Mitigation, tlp: Tlp) -> Iterator[tuple[Kind | None, Action, bytes]]:
    kinds = KINDS.get(mitigation.effect, ())
    refused = mitigation.refused or problem(mitigation.match, may_be_empty=kinds is _WEB)
    if not refused and not kinds:
        refused = f"No kind of file is known for the effect {mitigation.effect!r}; expected {', '.join(KINDS)}."
    if refused:
        yield None, _refused(mitigation.effect, mitigation, refused), b""
        return
    for kind in kinds:
        reason = kind.why_not(finding, mitigation)
        if not reason:
            text = kind.render(finding, mitigation, tlp=tlp)
            yield kind, _action(finding, mitigation, kind), text.encode()
        elif not kind.optional:
            yield None, _refused(kind.id, mitigation, reason), b""


def _action(finding: Finding, mitigation: Mitigation, kind: Kind) -> Action:
    return Action(
        kind=kind.id,
        path=f"actions/{_folder(finding, mitigation)}/{kind.id}.{kind.extension}",
        summary=mitigation.summary,
        hit_ratio=mitigation.hit_ratio if kind.measured else None,
        collateral_ratio=mitigation.collateral_ratio if kind.measured else None,
        note=" ".join(part for part in (mitigation.note, kind.remark) if part),
        undo=kind.undo(finding, mitigation),
    )


def _refused(kind: str, mitigation: Mitigation, reason: str) -> Action:
    return replace(Action(kind=kind, path="", summary=mitigation.summary, note=mitigation.note), refused=reason)


def _folder(finding: Finding, mitigation: Mitigation) -> str:
    victim = next(iter(finding.named("victim")), "")
    vector = str(finding.attributes.get("vector", finding.analyzer))
    parts = (str(ordinal(finding, mitigation)), _safe(victim), _safe(vector), short_id(finding))
    return "-".join(part for part in parts if part)


def _safe(text: str) -> str:
    """Letters, digits, ``.``, ``-``, ``_`` only, not at the edges a dot or a dash; for a path on any file system."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text[:_NAME_CHARACTERS]).strip(".-")
