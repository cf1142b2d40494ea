"""The files other programs take: OCSF, STIX, a spreadsheet, ATT&CK Navigator layers. ``docs/exchange.md`` tells their use."""

import json
from collections.abc import Iterator

from tocsin.exporters.findings_csv import to_csv
from tocsin.exporters.navigator import layers
from tocsin.exporters.ocsf import to_ocsf
from tocsin.exporters.stix import to_stix
from tocsin.model import Assessment


def write_exchange(assessment: Assessment) -> Iterator[tuple[str, bytes]]:
    """Write every exchange format.

    Yields:
        Path relative to the case folder, ``exchange/…``, and the file's bytes; the same assessment gives the same ones. Each
        file carries the assessment's TLP marking.
    """
    yield "exchange/findings.ocsf.jsonl", to_ocsf(assessment)
    yield "exchange/findings.stix.json", to_stix(assessment)
    yield "exchange/findings.csv", to_csv(assessment)
    for domain, layer in layers(assessment).items():
        yield f"exchange/navigator.{domain}.json", (json.dumps(layer, indent=2) + "\n").encode()
