"""The process log: what a stranger sent stays on its line, and acts on no terminal."""

import logging
import sys

from tocsin.ops.common.logs import Line, plain


def test_a_line_of_the_log_is_one_line() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 1, "user %s", ("a\n2022-02-22 INFO x: signed in\x1b[2J\u202e",), None)
    said = Line("%(asctime)sZ %(levelname)s %(name)s: %(message)s").format(record)
    assert "\n" not in said
    assert said.endswith("user a\\x0a2022-02-22 INFO x: signed in\\x1b[2J\\u202e")
    assert plain("Київ, Ministry of Defence") == "Київ, Ministry of Defence"


def test_the_lines_of_a_traceback_are_marked() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), sys.exc_info())
    lines = Line("%(message)s").format(record).split("\n")
    assert lines[0] == "failed"
    assert all(line.startswith("  | ") for line in lines[1:])
