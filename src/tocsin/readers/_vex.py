"""What readers of CSAF and OpenVEX share: one statement and one finding for a product and a vulnerability."""

from dataclasses import dataclass
from datetime import datetime

from tocsin.readers._findings import REMEDIATION, Place, Row, Seen, bounded, purl, score
from tocsin.terms import Severity

STATEMENT_TABLES = ("vulnerability_statement", "vulnerability_finding", "vulnerability_occurrence", "scan_activity")
STATUSES = frozenset({"affected", "fixed", "not_affected", "under_investigation"})


@dataclass(frozen=True, slots=True)
class Statement:
    """What a document states of one product and one vulnerability; the columns of ``vulnerability_statement``."""

    offset: int
    ids: tuple[str, ...]
    product: str
    status: str
    product_name: str | None = None
    product_version: str | None = None
    product_purl: str | None = None
    product_cpe: str | None = None
    version_range: str | None = None
    justification: str | None = None
    remediation: str | None = None
    publisher: str | None = None
    document_uid: str | None = None
    time: datetime | None = None
    severity: Severity = Severity.UNKNOWN
    cvss_score: float | None = None
    cvss_vector: str | None = None
    title: str | None = None
    description: str | None = None
    cwe: tuple[str, ...] = ()

    @property
    def uid(self) -> str | None:
        """The CVE, if there is one, else the first id."""
        return next((one for one in self.ids if one.startswith("CVE-")), next(iter(self.ids), None))

    def row(self) -> Row:
        """As a row of ``vulnerability_statement``."""
        return (
            "vulnerability_statement",
            {
                "record_offset": self.offset,
                "vulnerability_uid": bounded(self.uid),
                "vulnerability_uids": bounded(",".join(sorted(set(self.ids)))),
                "product_name": bounded(self.product_name or self.product),
                "product_version": bounded(self.product_version),
                "product_purl": purl(self.product_purl),
                "product_cpe": bounded(self.product_cpe),
                "version_range": bounded(self.version_range),
                "status": self.status if self.status in STATUSES else "under_investigation",
                "justification": bounded(self.justification),
                "remediation": bounded(self.remediation, REMEDIATION),
                "publisher": bounded(self.publisher),
                "document_uid": bounded(self.document_uid),
                "time": self.time,
                "severity_id": int(self.severity),
                "cvss_score": self.cvss_score if self.cvss_score is not None else score(self.cvss_vector),
                "cvss_vector": bounded(self.cvss_vector),
            },
        )

    def seen(self) -> Seen:
        """As a finding: the product stands where a scanner names an asset."""
        return Seen(
            self.offset,
            (self.product, self.uid or self.title),
            title=self.title or f"{self.uid} in {self.product_name or self.product}",
            severity=self.severity,
            ids=self.ids,
            cwe=self.cwe,
            places=[Place(self.product_name or self.product)],
            rule=self.document_uid,
            description=self.description,
            cvss_score=self.cvss_score,
            cvss_vector=self.cvss_vector,
            package_name=self.product_name or self.product,
            package_version=self.product_version,
            package_purl=purl(self.product_purl),
            status=self.status,
            first_seen_time=self.time,
            remediation=self.remediation,
        )
