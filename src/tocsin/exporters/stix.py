"""The assessment as a STIX 2.1 bundle: what was seen, how it was done, who sent it where that is known, what to do.

Each object carries the assessment's TLP 2.0 marking. Ids are UUIDv5 of an object's content, times are those of the findings,
so the same assessment gives the same bytes, and an object whose content changes gets another id instead of breaking the rule
that a new version needs a later `modified`.

Source: https://docs.oasis-open.org/cti/stix/v2.1/; the marking objects are those of
https://github.com/oasis-open/cti-stix-common-objects/tree/main/extension-definition-specifications/tlp-2.0
"""

import ipaddress
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from stix2 import v21

from tocsin.exporters._attack import attack_id, technique_name, url
from tocsin.model import Assessment, Coverage, Entity, Finding, Incident, Mitigation
from tocsin.model.text import percent, printable
from tocsin.terms import FindingClass, ReadStatus, Tlp, Vector

NAMESPACE = uuid.UUID("6c8f0f5e-2d7a-5e0b-9f4d-8f0a4c1b7d21")  # ours alone; STIX forbids its own for domain objects
INDICATOR_DAYS = 7  # flooding hosts change hands and addresses quickly
SENDERS_MAX = 100  # of a finding; findings.json has all
NUMBER_OBSERVED_MAX = 999_999_999

_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_TLP_CREATED = datetime(2022, 10, 1, tzinfo=UTC)
_TLP_IDS = {
    Tlp.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Tlp.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
# For what no finding dates: who we are, what a technique is, an assessment without a single time.
_UNDATED = _TLP_CREATED
_HOSTNAME = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_SENT_BY_THEMSELVES = {"attacker", "source"}
_SENDERS = _SENT_BY_THEMSELVES | {"reflector", "backscatter_source"}
_VICTIMS = {"victim", "target"}
_HAPPENED = {FindingClass.ATTACK, FindingClass.SUSPICIOUS}
_TRANSPORTS = {
    Vector.UDP_FLOOD: "udp", Vector.AMPLIFICATION: "udp", Vector.DHCP_FLOOD: "udp",
    Vector.ICMP_FLOOD: "icmp", Vector.ICMPV6_FLOOD: "icmp",
    Vector.SYN_FLOOD: "tcp", Vector.ACK_FLOOD: "tcp", Vector.RST_FLOOD: "tcp", Vector.FIN_FLOOD: "tcp",
    Vector.SYNACK_REFLECTION: "tcp", Vector.MIDDLEBOX_REFLECTION: "tcp", Vector.PORT_SCAN: "tcp",
    Vector.HTTP_FLOOD: "tcp", Vector.SLOW_HTTP: "tcp",
}  # fmt: skip
_WEB = {Vector.HTTP_FLOOD, Vector.SLOW_HTTP}

Object = Any  # an object of stix2, which ships no types


def to_stix(assessment: Assessment) -> bytes:
    """The bundle as indented JSON, objects in the order of the findings."""
    objects = list(_Writer(assessment).objects())
    bundle_id = uuid.uuid5(NAMESPACE, "".join(one.id for one in objects))
    # Object by object: stix2's own pretty-printing of a bundle takes time by the square of its size.
    bundle = {"type": "bundle", "id": f"bundle--{bundle_id}", "objects": [json.loads(one.serialize()) for one in objects]}
    return (json.dumps(bundle, indent=2) + "\n").encode()


class _Writer:
    """Makes the objects of one assessment; what several findings share is made once."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.marking = _TLP_IDS[assessment.tlp]
        dated = [time for finding in assessment.findings for time in (finding.last_seen, finding.first_seen) if time]
        self.stamp = max(dated, default=_UNDATED)
        self.made: dict[str, Object] = {}
        self.author = self._identity("Tocsin", "system", "Turns network evidence into an assessment.")
        self.partner = self._identity(printable(assessment.partner, 200), "organization") if assessment.partner else None

    def objects(self) -> Iterator[Object]:
        """All of them, each once; referenced objects before those that refer to them."""
        yield _marking(self.assessment.tlp)
        told = {finding.id: list(self._finding(finding)) for finding in self.assessment.findings}
        grouped = [group for incident in self.assessment.incidents for group in self._grouping(incident, told)]
        everything = [self.author.id, *(one.id for one in self.made.values() if one.id != self.author.id)]
        report = self._make(
            v21.Report,
            self.stamp,
            name=f"Tocsin assessment: {printable(self.assessment.partner, 200)}".rstrip(": "),
            description=printable(self.assessment.situation),
            report_types=["attack-pattern", "observed-data"],
            published=self.stamp,
            object_refs=sorted(set(everything)),
        )
        self._note(self.stamp, "What was and was not looked at", _coverage(self.assessment.coverage), [report.id])
        assert all(group.id in self.made for group in grouped)
        yield from self.made.values()

    def _keep(self, made: Object) -> Object:
        return self.made.setdefault(made.id, made)

    def _make(self, kind: Any, time: datetime, **members: Any) -> Object:
        """A domain or relationship object, its id made of its content."""
        members = {name: member for name, member in members.items() if member not in (None, "", [])}
        content = json.dumps([kind._type, time.isoformat(), members], sort_keys=True, default=str)
        made_id = f"{kind._type}--{uuid.uuid5(NAMESPACE, content)}"
        author = {} if kind is v21.Identity and not self.made else {"created_by_ref": self.author.id}
        return self._keep(
            kind(id=made_id, created=time, modified=time, object_marking_refs=[self.marking], **author, **members)
        )

    def _identity(self, name: str, identity_class: str, description: str = "") -> Object:
        return self._make(v21.Identity, _UNDATED, name=name, identity_class=identity_class, description=description)

    def _observable(self, kind: Any, **members: Any) -> Object:
        """An observable; stix2 makes its id of its content, as section 2.9 asks."""
        return self._keep(kind(object_marking_refs=[self.marking], **members))

    def _finding(self, finding: Finding) -> Iterator[str]:
        """The ids of what tells this finding."""
        time = finding.last_seen or finding.first_seen or self.stamp
        if finding.cls not in _HAPPENED:
            about = f"{finding.cls.value}: {printable(finding.meaning)}"
            yield self._note(time, printable(finding.title, 500), about, [(self.partner or self.author).id]).id
            return
        patterns = [self._attack_pattern(technique) for technique in dict.fromkeys(finding.techniques)]
        yield from (pattern.id for pattern in patterns)
        observed = self._observed(finding, time)
        if observed:
            yield observed.id
        yield from self._indicated(finding, time, patterns, observed)
        yield from self._sighted(finding, time, patterns, observed)
        yield from self._countered(finding, time, patterns)

    def _attack_pattern(self, technique: str) -> Object:
        attack = attack_id(technique)
        reference: dict[str, str] = {"source_name": "mitre-attack", "external_id": attack, "url": url(attack)}
        if not attack:
            framework, _, number = printable(technique, 100).partition(":")
            reference = {"source_name": framework, "external_id": number or framework}
        name = printable(technique_name(technique), 200)
        return self._make(v21.AttackPattern, _UNDATED, name=name, external_references=[reference])

    def _observed(self, finding: Finding, time: datetime) -> Object | None:
        first, last = finding.first_seen or finding.last_seen, finding.last_seen or finding.first_seen
        seen = list(self._seen(finding))
        if not seen or first is None or last is None:
            return None
        packets = finding.attributes.get("packets")
        return self._make(
            v21.ObservedData,
            time,
            first_observed=min(first, last),
            last_observed=max(first, last),
            number_observed=min(packets, NUMBER_OBSERVED_MAX) if isinstance(packets, int) and packets > 0 else 1,
            object_refs=sorted(one.id for one in seen),
            labels=[_vector(finding)],
        )

    def _seen(self, finding: Finding) -> Iterator[Object]:
        """Victims, senders, the traffic between them, and the files it was seen in."""
        victims = [made for entity in _those(finding, _VICTIMS) if (made := self._endpoint(entity))]
        senders = [made for entity in _those(finding, _SENDERS) if (made := self._endpoint(entity))]
        yield from (one[1] for one in [*victims, *senders])
        for version, victim in victims:
            yield self._traffic(finding, version, dst_ref=victim.id)
            for other, sender in senders:
                if version in (None, other):
                    yield self._traffic(finding, other, src_ref=sender.id, dst_ref=victim.id)
        for sha256, name in sorted({row.sha256: row.name for row in finding.evidence}.items()):
            yield self._observable(v21.File, name=printable(name, 500), hashes={"SHA-256": sha256})

    def _endpoint(self, entity: Entity) -> tuple[int | None, Object] | None:
        """Address family and object; None for what is neither an address nor a host name."""
        try:
            network = ipaddress.ip_network(entity.value, strict=False)
        except ValueError:
            named = _HOSTNAME.fullmatch(entity.value.lower())
            return (None, self._observable(v21.DomainName, value=entity.value.lower())) if named else None
        single = network.prefixlen == network.max_prefixlen
        kind = v21.IPv4Address if network.version == 4 else v21.IPv6Address
        return network.version, self._observable(kind, value=str(network.network_address if single else network))

    def _traffic(self, finding: Finding, version: int | None, **ends: str) -> Object:
        vector = str(finding.attributes.get("vector", ""))
        port = finding.attributes.get("port")
        transport = _TRANSPORTS.get(Vector(vector)) if vector in set(Vector) else None
        protocols = [*([f"ipv{version}"] if version else []), *([transport] if transport else [])]
        protocols += ["http"] if vector in _WEB else []
        ported = transport in ("tcp", "udp") and isinstance(port, int) and 0 <= port <= 65535
        return self._observable(
            v21.NetworkTraffic, protocols=protocols or ["ip"], **ends, **({"dst_port": port} if ported else {})
        )

    def _indicated(self, finding: Finding, time: datetime, patterns: list[Object], observed: Object | None) -> Iterator[str]:
        addresses = _blockable(finding)
        if not addresses or not finding.first_seen:
            return
        listed = addresses[:SENDERS_MAX]
        more = f" The {len(listed)} first of {len(addresses)} addresses." if len(addresses) > len(listed) else ""
        indicator = self._make(
            v21.Indicator,
            time,
            name=f"Sources of: {printable(finding.title, 300)}",
            description=f"They sent it themselves, not with forged addresses.{more} {printable(finding.confidence_basis)}",
            indicator_types=["malicious-activity" if finding.cls is FindingClass.ATTACK else "anomalous-activity"],
            pattern=" OR ".join(f"[ipv{address.version}-addr:value = '{address}']" for address in listed),
            pattern_type="stix",
            pattern_version="2.1",
            valid_from=finding.first_seen,
            valid_until=(finding.last_seen or finding.first_seen) + timedelta(days=INDICATOR_DAYS),
            confidence=finding.confidence,
        )
        yield indicator.id
        for pattern in patterns:
            yield self._relation(time, indicator, "indicates", pattern)
        if observed:
            yield self._relation(time, indicator, "based-on", observed)

    def _sighted(self, finding: Finding, time: datetime, patterns: list[Object], observed: Object | None) -> Iterator[str]:
        said = f"{printable(finding.meaning)} {printable(finding.confidence_basis)}".strip()
        for pattern in patterns:
            yield self._make(
                v21.Sighting,
                time,
                sighting_of_ref=pattern.id,
                observed_data_refs=[observed.id] if observed else None,
                where_sighted_refs=[self.partner.id] if self.partner else None,
                first_seen=finding.first_seen,
                last_seen=finding.last_seen if finding.first_seen else None,
                count=1,
                description=f"{printable(finding.title, 500)}. {said}",
                confidence=finding.confidence,
                external_references=[{"source_name": "tocsin", "external_id": printable(finding.id, 100)}],
            ).id

    def _countered(self, finding: Finding, time: datetime, patterns: list[Object]) -> Iterator[str]:
        for mitigation in finding.mitigations:
            if not mitigation.refused:
                action = self._make(
                    v21.CourseOfAction,
                    time,
                    name=printable(mitigation.summary, 300),
                    description=_measured(finding, mitigation),
                )
                yield action.id
                for pattern in patterns:
                    yield self._relation(time, action, "mitigates", pattern)

    def _relation(self, time: datetime, source: Object, kind: str, target: Object) -> str:
        made = self._make(v21.Relationship, time, relationship_type=kind, source_ref=source.id, target_ref=target.id)
        return str(made.id)

    def _grouping(self, incident: Incident, told: dict[str, list[str]]) -> Iterator[Object]:
        members = sorted({one for finding in incident.findings for one in told.get(finding, ())})
        if members:
            yield self._make(
                v21.Grouping,
                incident.last_seen or incident.first_seen or self.stamp,
                name=printable(incident.title, 500),
                context="suspicious-activity",
                object_refs=members,
                external_references=[{"source_name": "tocsin", "external_id": printable(incident.id, 100)}],
            )

    def _note(self, time: datetime, abstract: str, content: str, about: list[str]) -> Object:
        return self._make(v21.Note, time, abstract=abstract, content=content or abstract, object_refs=about)


def _marking(tlp: Tlp) -> Object:
    level = tlp.value.removeprefix("TLP:").lower()
    return v21.MarkingDefinition(
        id=_TLP_IDS[tlp],
        created=_TLP_CREATED,
        name=tlp.value,
        extensions={_TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": level}},
    )


def _those(finding: Finding, roles: Iterable[str]) -> list[Entity]:
    return [entity for entity in finding.entities if entity.role in roles][:SENDERS_MAX]


def _vector(finding: Finding) -> str:
    return printable(finding.attributes.get("vector") or finding.analyzer, 100)


def _blockable(finding: Finding) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network | Any]:
    """Addresses that sent of themselves: forged ones name bystanders, and reflectors serve others too."""
    # None says that nobody knows; only an analyzer that has no such question (a web server's log) leaves it out.
    if finding.attributes.get("sources_spoofed", False) is not False:
        return []
    found = []
    for entity in finding.entities:
        if entity.role in _SENT_BY_THEMSELVES and entity.kind == "ip":
            try:
                found.append(ipaddress.ip_address(entity.value))
            except ValueError:
                continue
    return list(dict.fromkeys(found))


def _measured(finding: Finding, mitigation: Mitigation) -> str:
    parts = []
    if mitigation.hit_ratio is not None and mitigation.collateral_ratio is not None:
        parts.append(
            f"Matches {percent(mitigation.hit_ratio)} of the attack and {percent(mitigation.collateral_ratio)} "
            "of the other traffic of the same evidence."
        )
    parts.append(printable(mitigation.note))
    files = [action.path for action in finding.actions if action.path and action.summary == mitigation.summary]
    if files:
        parts.append(f"Files: {', '.join(files)}.")
    return " ".join(part for part in parts if part)


def _coverage(coverage: Coverage) -> str:
    counts = {status: sum(1 for file in coverage.evidence if file.status is status) for status in ReadStatus}
    said = [f"Evidence: {', '.join(f'{number} {status.value}' for status, number in counts.items())}."]
    said += [
        f"{printable(file.name, 300)}: {_with_reason(file.status.value, file.reason)}."
        for file in coverage.evidence
        if file.status is not ReadStatus.READ
    ][:SENDERS_MAX]
    said += [f"{printable(one.analyzer, 100)}: {_with_reason(one.status, one.reason)}." for one in coverage.analyzers]
    return "\n".join([*said, *(printable(sentence) for sentence in coverage.missing)])


def _with_reason(status: str, reason: str) -> str:
    return f"{status}, {printable(reason, 300)}" if reason else status
