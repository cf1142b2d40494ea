"""Reports of pip-audit: an object with dependencies, or before 2.5 the bare list of them."""

from collections.abc import Iterator
from typing import BinaryIO

from tocsin.model import Batch
from tocsin.readers import Report, reader
from tocsin.readers._findings import FINDING_TABLES, Activity, Seen, Told, gather, package_url
from tocsin.readers._json_report import objects, records, shape, text, texts


def claims(head: bytes, name: str) -> bool:
    """By dependencies with the list of their vulnerabilities."""
    found = shape(head)
    return found.has("dependencies[].vulns") or found.has("[].vulns", "[].name") or found.paths >= {"dependencies", "fixes"}


def _told(stream: BinaryIO, evidence_id: str, report: Report) -> Told:
    yield Activity("pip-audit")
    for item in objects(stream, evidence_id=evidence_id, report=report):
        for package in records(item, "dependencies") if "dependencies" in item else [item]:
            name, version = text(package, "name"), text(package, "version")
            for found in records(package, "vulns"):
                uid = text(found, "id")
                yield Seen(
                    found.offset,
                    (uid, name, version),
                    title=f"{uid} in {name} {version or ''}",
                    ids=[one for one in (uid, *texts(found, "aliases")) if one],
                    rule=uid,
                    description=text(found, "description"),
                    package_name=name,
                    package_version=version,
                    package_purl=package_url("pypi", name, version),
                    package_fixed_version=",".join(texts(found, "fix_versions")) or None,
                    own=True,
                )


@reader(title="pip-audit report (JSON)", tables=FINDING_TABLES, claims=claims)
def read(stream: BinaryIO, *, evidence_id: str, report: Report) -> Iterator[Batch]:
    """Each vulnerability listed for a package is one finding. Severities are not said: unknown.

    Source: https://github.com/pypa/pip-audit, format ``json``
    """
    return gather(_told(stream, evidence_id, report), evidence_id=evidence_id)
