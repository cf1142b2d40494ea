"""What every page keeps to: headers, no inline script or style, nothing from another host."""

import re
from html.parser import HTMLParser
from typing import Any

from kit.matrix import content


class Inline(HTMLParser):
    """Collects whatever a strict policy forbids, and what would reach another host."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "style" or (tag == "script" and not held.get("src") and held.get("type") != "application/json"):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")) or name == "srcdoc":
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and re.match(r"\s*(\w+:|//)", value or ""):
                self.found.append(f"{tag} {name}={value}")


def checked(response: Any) -> None:
    """Headers of every answer, and no inline script or style in a page."""
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in response.headers["Cache-Control"]
    if response.headers.get("Content-Type", "").startswith("text/html"):
        assert Inline(content(response)).found == []
