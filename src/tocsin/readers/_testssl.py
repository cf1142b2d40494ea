"""What testssl.sh's reports share: which of their lines are findings, and what is one."""

from collections.abc import Iterable, Iterator

from tocsin.readers._findings import Place, Seen, host_of, severity
from tocsin.terms import Severity

# The grade testssl.sh computes at the end is no finding of its own.
_RATING = frozenset({
    "rating_spec", "rating_doc", "protocol_support_score", "protocol_support_score_weighted", "key_exchange_score",
    "key_exchange_score_weighted", "cipher_strength_score", "cipher_strength_score_weighted", "final_score", "overall_grade",
})  # fmt: skip


def seen(offset: int, line: dict[str, str | None], place: Place) -> Iterator[Seen]:
    """The findings of one line: one for each CVE that it names, one if it names none, none if all is well."""
    rule, level, said = line.get("id") or "", (line.get("severity") or "").upper(), line.get("finding")
    if level == "OK" or rule in _RATING or "grade_cap_reason_" in rule:
        return
    cves: Iterable[str | None] = (line.get("cve") or "").split() or [None]
    for cve in cves:
        yield Seen(
            offset,
            (rule, said, cve),
            title=f"{rule}: {said}" if said else rule,
            severity=Severity.INFORMATIONAL if level in ("WARN", "FATAL", "INFO", "DEBUG") else severity(level),
            ids=[cve] if cve else [],
            cwe=[line.get("cwe")],
            places=[place],
            rule=rule,
            description=said,
        )


def place(host: str | None, port: str | None) -> Place:
    """``name/address`` as testssl.sh writes it, and a port."""
    name, _, address = (host or "").partition("/")
    found = host_of(name)
    number = int(port) if port and port.isdecimal() and len(port) <= 5 else None
    return Place(None, found.ip or host_of(address).ip, found.hostname, number)
