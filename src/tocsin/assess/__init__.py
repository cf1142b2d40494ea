"""Findings joined into incidents, ranked, and put into three sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

from tocsin.model import Assessment, Coverage, Finding, Incident, Profile, finding_id
from tocsin.model.text import listing, plural, span
from tocsin.terms import FindingClass, ReadStatus, Tlp

JOIN_WITHIN = timedelta(minutes=15)
_ORDER = (
    FindingClass.ATTACK,
    FindingClass.SUSPICIOUS,
    FindingClass.EXPOSURE,
    FindingClass.INSUFFICIENT_EVIDENCE,
    FindingClass.CONTEXT,
)


def assess(
    findings: Sequence[Finding],
    coverage: Coverage,
    *,
    profile: Profile,
    versions: Mapping[str, str],
    tlp: Tlp,
) -> Assessment:
    """Join, rank and judge. Pure: the same findings and coverage give the same assessment."""
    ranked = sorted(merge(findings), key=_rank)
    incidents = join(ranked, profile)
    of = {finding: incident.id for incident in incidents for finding in incident.findings}
    ranked = [replace(_named(finding, profile), incident=of.get(finding.id)) for finding in ranked]
    return Assessment(
        situation=situation(ranked, incidents, coverage, profile),
        incidents=tuple(incidents),
        findings=tuple(ranked),
        coverage=coverage,
        versions=versions,
        tlp=tlp,
        partner=profile.name,
    )


def _rank(finding: Finding) -> tuple[int, int, int, float, str]:
    started = finding.first_seen.timestamp() if finding.first_seen else 0.0
    return (_ORDER.index(finding.cls), -finding.severity, -finding.confidence, started, finding.id)


def merge(findings: Sequence[Finding]) -> list[Finding]:
    """One finding per claim: where two analyzers say the same of the same victim and time, the surer one stands."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (-f.confidence, f.analyzer, f.id)):
        same = (
            other
            for other in kept
            if other.attributes.get("vector") == finding.attributes.get("vector") is not None
            and other.cls is finding.cls
            and set(_subjects(other)) & set(_subjects(finding))
            and _close(other, finding, timedelta(0))
        )
        if next(same, None) is None:
            kept.append(finding)
    return kept


def _subjects(finding: Finding) -> tuple[str, ...]:
    return finding.named("victim") or finding.named("target")


def _close(a: Finding, b: Finding, within: timedelta) -> bool:
    if not (a.first_seen and a.last_seen and b.first_seen and b.last_seen):
        return False
    return a.first_seen <= b.last_seen + within and b.first_seen <= a.last_seen + within


def join(findings: Sequence[Finding], profile: Profile) -> list[Incident]:
    """Incidents: attacks that share a victim or hit the same partner, close in time; what is suspicious joins by entity.

    Simultaneous attacks on several victims of one partner are one incident with parts. Without a profile, victims in the same
    evidence at the same time are taken to be one partner's, since one partner handed it over.
    """
    parent = list(range(len(findings)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for i, a in enumerate(findings):
        for j in range(i):
            if _belong(a, findings[j], profile):
                parent[root(i)] = root(j)
    groups: dict[int, list[Finding]] = {}
    for number, finding in enumerate(findings):
        if finding.cls in (FindingClass.ATTACK, FindingClass.SUSPICIOUS, FindingClass.EXPOSURE):
            groups.setdefault(root(number), []).append(finding)
    incidents = [_incident(group, profile) for group in groups.values()]
    place = {finding.id: number for number, finding in enumerate(findings)}
    return sorted(incidents, key=lambda incident: min(place[finding] for finding in incident.findings))


def _belong(a: Finding, b: Finding, profile: Profile) -> bool:
    if not _close(a, b, JOIN_WITHIN):
        return False
    if a.cls is FindingClass.ATTACK and b.cls is FindingClass.ATTACK:
        victims = _subjects(a) + _subjects(b)
        known = [profile.owns(victim) or not _is_address(victim) for victim in victims]
        return all(known) or not any(known)
    mine = {entity.value for entity in a.entities}
    return bool(mine & {entity.value for entity in b.entities})


def _is_address(victim: str) -> bool:
    """Names come from the partner's own logs: what they name is the partner's."""
    try:
        ip_network(victim, strict=False)
    except ValueError:
        return False
    return True


def _incident(findings: Sequence[Finding], profile: Profile) -> Incident:
    worst = min(findings, key=_rank)
    started = [f.first_seen for f in findings if f.first_seen]
    ended = [f.last_seen for f in findings if f.last_seen]
    victims = tuple(dict.fromkeys(name for f in findings for name in victim_names(f, profile)))
    attacks = [f for f in findings if f.cls is FindingClass.ATTACK]
    if len(attacks) > 1:
        title = f"{plural(len(attacks), 'attack')} on {listing(victims, 3)}" if victims else plural(len(attacks), "attack")
    else:
        title = worst.title
    first = min(started, default=None)
    return Incident(
        id=finding_id(first, incident=sorted(f.id for f in findings)),
        title=title,
        cls=worst.cls,
        severity=max(f.severity for f in findings),
        first_seen=first,
        last_seen=max(ended, default=None),
        victims=victims,
        findings=tuple(f.id for f in sorted(findings, key=_rank)),
    )


def _named(finding: Finding, profile: Profile) -> Finding:
    """Add ``attributes.victim_name``: what the partner calls the victim, where the profile knows it."""
    for address in _subjects(finding):
        organisation, asset = profile.organisation(address), profile.asset(address)
        parts = [part.name for part in (organisation, asset) if part]
        if parts:
            return replace(finding, attributes=dict(finding.attributes) | {"victim_name": ": ".join(parts)})
    return finding


def victim_names(finding: Finding, profile: Profile) -> list[str]:
    """Victims as people call them: the organisation, where the profile knows it, else the address."""
    names = []
    for address in _subjects(finding):
        organisation = profile.organisation(address)
        names.append(organisation.name if organisation else address)
    return names


def situation(findings: Sequence[Finding], incidents: Sequence[Incident], coverage: Coverage, profile: Profile) -> str:
    """Three sentences: what is happening, the worst of it, and what this does not say."""
    attacks = [finding for finding in findings if finding.cls is FindingClass.ATTACK]
    if not findings and not any(analyzer.status == "ran" for analyzer in coverage.analyzers):
        return f"It cannot be told what happened: no analyzer could run on this evidence. The list of what was looked at says why. {_unseen(coverage)}"
    return " ".join((_what(attacks, findings, profile), _worst(attacks, findings, incidents), _unseen(coverage)))


def _what(attacks: Sequence[Finding], findings: Sequence[Finding], profile: Profile) -> str:
    if not attacks:
        others = len(findings)
        if others:
            return f"No attack was found in this evidence; {plural(others, 'other observation')} {'is' if others == 1 else 'are'} worth reading."
        return "No attack was found in what could be read of this evidence."
    victims = list(dict.fromkeys(name for finding in attacks for name in victim_names(finding, profile)))
    first = min((f.first_seen for f in attacks if f.first_seen), default=None)
    last = max((f.last_seen for f in attacks if f.last_seen), default=None)
    return f"{listing(victims, 3)} {'was' if len(victims) == 1 else 'were'} attacked, {span(first, last)}."


def _worst(attacks: Sequence[Finding], findings: Sequence[Finding], incidents: Sequence[Incident]) -> str:
    if not findings:
        return "Nothing suspicious was found either."
    worst = findings[0]
    kind = "attacks" if attacks else "observations"
    number = len(attacks) or len(findings)
    joined = ""
    parts = [incident for incident in incidents if incident.cls is FindingClass.ATTACK]
    if attacks and len(attacks) > 1:
        joined = " They belong together." if len(parts) == 1 else ""
    if number == 1:
        return f"It is a {worst.title[0].lower() + worst.title[1:] if worst.title[:2].istitle() else worst.title} ({worst.severity.word.lower()}, {worst.confidence} % sure)."
    text = f"The worst of {number} {kind}: {worst.title} ({worst.severity.word.lower()}, {worst.confidence} % sure)"
    return f"{text};{joined.lower().rstrip('.')}." if joined else f"{text}."


def _unseen(coverage: Coverage) -> str:
    failed = [a.analyzer for a in coverage.analyzers if a.status == "failed"]
    if failed:
        return f"{listing(failed, 3)} failed, so more may have happened."
    wrong = [e for e in coverage.evidence if e.status is not ReadStatus.READ]
    total = len(coverage.evidence)
    if not total:
        return "There was nothing to read."
    if not wrong:
        return f"All {plural(total, 'file')} could be read whole." if total > 1 else "The one file could be read whole."
    return f"Of {plural(total, 'file')}, {len(wrong)} could not be read or only in part, so more may have happened."


__all__ = ["assess", "join", "merge", "situation", "victim_names"]
