"""Lines of the process log. What a stranger sent cannot look like another line, or like the terminal's commands."""

import logging
import re
import time

# C0 and C1 controls, line and paragraph separators, and the marks that turn text around.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """The text on one line, with everything that acts instead of being read spelt out: ``\\x0a``."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}" if ord(found[0]) > 0xFF else f"\\x{ord(found[0]):02x}", text)


class Line(logging.Formatter):
    """Time in UTC, level, logger, message; the lines of a traceback are marked as such."""

    converter = staticmethod(time.gmtime)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """One line, whatever is in the message."""
        record.message = plain(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 (logging's name)
        """A traceback; its last line may hold what a stranger sent."""
        return "\n".join(f"  | {plain(line)}" for line in super().formatException(ei).split("\n"))  # type: ignore[arg-type]
