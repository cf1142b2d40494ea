"""The tree of errors is what its docstring says."""

import inspect
import re

from tocsin import errors

CLASSES = {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind)}


def test_every_error_stands_in_the_tree_below_its_base():
    stack: list[tuple[int, str]] = []
    drawn = {}
    for indent, name in re.findall(r"^( *)(\w+Error)\b", errors.__doc__, re.MULTILINE):
        while stack and stack[-1][0] >= len(indent):
            stack.pop()
        drawn[name] = stack[-1][1] if stack else "Exception"
        stack.append((len(indent), name))
    assert drawn == {name: kind.__base__.__name__ for name, kind in CLASSES.items()}


def test_one_handler_catches_them_all():
    assert all(issubclass(kind, errors.TocsinError) for kind in CLASSES.values())
