"""Which scans there were, OCSF Scan Activity (6007)."""

import pyarrow as pa

from tocsin.schema.columns import TIME, Table

SCAN_ACTIVITY = Table(
    "scan_activity",
    "One scan report, with how many findings it has: a report that found nothing is a row, too.",
    {
        "product_name": (pa.string(), "The scanner."),
        "product_version": (pa.string(), "Its version; null if not said."),
        "start_time": (TIME, "When the scan began, or the report was made; null if not said."),
        "end_time": (TIME, "When the scan ended; null if not said."),
        "targets": (pa.string(), "What was scanned, as the report says it; null if not said."),
        "findings": (pa.int64(), "Distinct findings: rows this report has in `vulnerability_finding`."),
    },
)
