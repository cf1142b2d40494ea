"""Texts for translation in templates and modules: what the catalogues must hold."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.template import Engine, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

Text = tuple[str, str]  # singular, plural; "" where it has none
MARKS = {"_", "later", "gettext", "gettext_lazy", "pgettext"}


def texts_of(path: Path) -> set[Text]:
    """Every text of a file that is marked for translation."""
    source = path.read_text(encoding="utf-8")
    return set(_in_template(source) if path.suffix == ".html" else _in_module(source))


def _in_template(source: str) -> Iterator[Text]:
    for node in Template(source, engine=Engine.get_default()).nodelist.get_nodes_by_type((TranslateNode, BlockTranslateNode)):
        if isinstance(node, TranslateNode):
            yield str(node.filter_expression.var.literal if hasattr(node.filter_expression.var, "literal") else ""), ""
        else:
            singular, _names = node.render_token_list(node.singular)
            plural = node.render_token_list(node.plural)[0] if node.plural else ""
            yield singular, plural


def _in_module(source: str) -> Iterator[Text]:
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        said = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if call.func.id in MARKS and said:
            yield said[0], ""
        elif call.func.id == "ngettext":
            yield said[0], said[1]
