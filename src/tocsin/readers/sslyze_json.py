"""SSLyze's report in JSON (version 3 and newer)."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Place, Seen, Told, gather, instant
from tocsin.readers._json_report import Record, at, document, record, records, shape, text, whole
from tocsin.readers._tls import recommended
from tocsin.terms import Severity

# A command's result, and whether it is out of date as such.
_VERSIONS = {
    "ssl_2_0_cipher_suites": ("SSL 2.0", True),
    "ssl_3_0_cipher_suites": ("SSL 3.0", True),
    "tls_1_0_cipher_suites": ("TLS 1.0", True),
    "tls_1_1_cipher_suites": ("TLS 1.1", True),
    "tls_1_2_cipher_suites": ("TLS 1.2", False),
    "tls_1_3_cipher_suites": ("TLS 1.3", False),
}
_FLAWS = (
    ("heartbleed", "is_vulnerable_to_heartbleed", "Heartbleed", "CVE-2014-0160"),
    ("openssl_ccs_injection", "is_vulnerable_to_ccs_injection", "OpenSSL CCS injection", "CVE-2014-0224"),
)


def claims(head: bytes, name: str) -> bool:
    """By its list of servers."""
    return shape(head).has("server_scan_results")


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    data = document(stream, evidence_id=evidence_id, report=report)
    start, end = (instant(text(data, f"date_scans_{word}")) for word in ("started", "completed"))
    yield Activity("SSLyze", text(data, "sslyze_version"), start, end, offset=data.offset)
    for server in records(data, "server_scan_results"):
        where = record(server, "server_location") or record(server, "server_info", "server_location")
        place = Place(None, text(where, "ip_address"), text(where, "hostname"), whole(where, "port"), "tcp")
        results = record(server, "scan_commands_results") or record(server, "scan_result")
        for told in _server(results):
            name, title, level, ids, description = told
            key = (place.hostname or place.ip, place.port, name)
            yield Seen(
                server.offset, key, title, level, ids, places=[place], rule=name, description=description
            )  # fmt: skip


def _result(results: Record, command: str) -> Record:
    """Since version 5 a command has a state and its result below."""
    found = record(results, command)
    return record(found, "result") or found


def _server(results: Record) -> Iterator[tuple[str, str, Severity, list[str], str | None]]:
    for command, key, title, cve in _FLAWS:
        if at(_result(results, command), key) is True:
            yield command, title, Severity.HIGH, [cve], None
    renegotiation = _result(results, "session_renegotiation")
    wrong = [
        *(["A client may ask for it."] if _yes(renegotiation, "accepts_client_renegotiation", "is_vulnerable_to_client_renegotiation_dos") else []),
        *(["It is not the secure one."] if at(renegotiation, "supports_secure_renegotiation") is False else []),
    ]  # fmt: skip
    if wrong:
        yield "session_renegotiation", "Session renegotiation", Severity.MEDIUM, [], " ".join(wrong)
    for command, (version, old) in _VERSIONS.items():
        accepted = records(_result(results, command), "accepted_cipher_suites")
        names = [name for one in accepted if (name := text(one, "cipher_suite", "name"))]
        if old and accepted:
            yield command, f"{version} is accepted", Severity.MEDIUM, [], ", ".join(names)
        elif poor := [name for name in names if not recommended(name)]:
            yield command, f"{version}: cipher suites that are not recommended", Severity.MEDIUM, [], ", ".join(poor)
    for deployment in records(_result(results, "certificate_info"), "certificate_deployments"):
        if problems := _certificate(deployment):
            yield "certificate_info", "Certificate not valid", Severity.MEDIUM, [], "\n".join(problems)
            break


def _yes(found: Record, *keys: str) -> bool:
    return any(at(found, key) is True for key in keys)


def _certificate(deployment: Record) -> list[str]:
    problems = []
    if at(deployment, "leaf_certificate_subject_matches_hostname") is False:
        problems.append("Its subject is not the name of the host.")
    for validation in records(deployment, "path_validation_results"):
        said = text(validation, "openssl_error_string") or text(validation, "validation_error")
        if said:
            store = f"{text(validation, 'trust_store', 'name')} {text(validation, 'trust_store', 'version')}"
            problems.append(f"{said} ({store})")
    return problems


@reader(title="SSLyze (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Per server: one finding for each flaw, each old version it accepts, each version with poor suites, and for its certificates.

    Old is up to TLS 1.1; poor is what BSI TR-02102-2 does not recommend. Source: https://nabla-c0d3.github.io/sslyze/documentation/
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
