"""The report as PDF, typeset by typst: the same text as the page, the same drawings, TLP and page number on each page."""

import json
from dataclasses import asdict
from functools import cache
from importlib import resources
from typing import Any

from tocsin.exporters.charts import tokens
from tocsin.exporters.view import report_view
from tocsin.model import Assessment

# Both come with typst, so the page looks the same on every machine; a script they lack is taken from the system's fonts.
_FONTS, _MONO = ("Libertinus Serif", "DejaVu Sans Mono"), ("DejaVu Sans Mono",)


def render_pdf(assessment: Assessment) -> bytes:
    """The report of an assessment on A4, tagged for screen readers.

    The same assessment gives the same bytes: nothing in it tells when or where it was made.
    """
    import typst

    report = asdict(report_view(assessment))
    for file in report["coverage"]["files"]:
        file["short"] = file["sha256"][:16]
    data = {"report": _for_paper(report), "colours": tokens(), "fonts": _FONTS, "mono": _MONO}
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    # Not held to PDF/UA: typst would refuse a whole report for one character of evidence that no font has.
    made = typst.compile(_template(), sys_inputs=inputs, format="pdf", timestamp=0)
    assert isinstance(made, bytes), "typst returns the bytes where no output file is named"
    return made


@cache
def _template() -> bytes:
    return resources.files(__package__).joinpath("templates/report.typ").read_bytes()


def _for_paper(value: Any, key: str = "") -> Any:
    """Drawings in the paper's font; the page's own drawings left out."""
    if key == "svg":
        return value.replace('font-family="sans-serif"', f'font-family="{_FONTS[0]}"')
    if isinstance(value, dict):
        return {name: _for_paper(item, name) for name, item in value.items() if name != "page"}
    if isinstance(value, list | tuple):
        return [_for_paper(item) for item in value]
    return value
