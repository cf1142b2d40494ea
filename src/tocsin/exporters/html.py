"""The report as one HTML file that asks for nothing: no network, no other file, no right to run anything but its own few lines."""

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from tocsin.exporters.view import report_view
from tocsin.model import Assessment

if TYPE_CHECKING:
    import jinja2


def render_html(assessment: Assessment) -> str:
    """The report of an assessment: situation, what to do, findings with their proofs, what was and was not looked at.

    The page holds a Content Security Policy that allows its own style and script, by hash, and nothing else. The same assessment
    gives the same text.
    """
    css, script = _part("report.css"), _part("report.js")
    return _template().render(
        r=report_view(assessment), css=css, css_hash=_source_hash(css), js=script, js_hash=_source_hash(script)
    )


@cache
def _part(name: str) -> str:
    return resources.files(__package__).joinpath(f"templates/{name}").read_text(encoding="utf-8")


@cache
def _template() -> "jinja2.Template":
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_part("report.html"))


def _source_hash(text: str) -> str:
    """As CSP level 3 names an inline source."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
