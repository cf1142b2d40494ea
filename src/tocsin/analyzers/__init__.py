"""Analyzers: one question per file, from tables to findings.

An analyzer is a generator. It yields Ibis expressions over the tables it reads, is sent each one's result as a small
``pyarrow.Table``, and returns its findings. It never runs an expression itself, so the same analyzer works on DuckDB and on
Spark; what it computes in numpy it computes on what the expressions have made small. ``docs/adr/0002`` says why.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from functools import cache, wraps
from typing import Any

from tocsin.errors import PluginError
from tocsin.model import Finding, Profile

Expression = Any  # ibis.expr.types.Table; ibis ships no types


@dataclass(frozen=True, slots=True)
class Keep:
    """Yielded in place of an expression: compute it once, keep it in the engine, and send back an expression over the result."""

    expression: Expression


Steps = Generator[Expression | Keep, Any, list[Finding]]


@dataclass(frozen=True)
class Context:
    """What an analyzer is told beside the tables: the partner's profile and what is known of each evidence.

    Attributes:
        profile: Empty where none was given.
        evidence: Evidence id to ``(name, sha256)``, for the rows that show a finding.
    """

    profile: Profile
    evidence: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Analyzer:
    """A registered analyzer. ``parameters``: its thresholds and their defaults, which go into the report."""

    id: str
    title: str
    version: str
    reads: tuple[str, ...]
    techniques: tuple[str, ...]
    analyze: Callable[..., Steps]
    parameters: Mapping[str, Any]


_REGISTRY: dict[str, Analyzer] = {}


def analyzer(
    *, title: str, reads: tuple[str, ...], techniques: tuple[str, ...], version: str
) -> Callable[[Callable[..., Steps]], Callable[..., Steps]]:
    """Register the decorated generator ``analyze(tables, context, *, thresholds…)``; its module's name is its id.

    The thresholds it was called with are put into its findings.

    Args:
        title: The question it answers.
        reads: Tables it can use. It runs when at least one of them has rows; ``tables`` maps every name to an expression,
            empty tables included.
        techniques: Technique ids it may claim, with framework.
        version: Raised when findings change.
    """

    def register(analyze: Callable[..., Steps]) -> Callable[..., Steps]:
        name = analyze.__module__.rpartition(".")[2]
        if name in _REGISTRY:
            raise PluginError(f"analyzers/{name}.py: expected one @analyzer per file, found two")
        keywords = {
            parameter.name: parameter.default
            for parameter in inspect.signature(analyze).parameters.values()
            if parameter.kind is parameter.KEYWORD_ONLY
        }

        @wraps(analyze)
        def said(tables: Mapping[str, Any], context: Context, **given: Any) -> Steps:
            findings = yield from analyze(tables, context, **given)
            return [replace(finding, parameters=keywords | given) for finding in findings]

        _REGISTRY[name] = Analyzer(name, title, version, reads, techniques, said, keywords)
        return said

    return register


@cache
def analyzers() -> dict[str, Analyzer]:
    """All analyzers by id, in alphabetical order."""
    for module in pkgutil.iter_modules(__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_REGISTRY.items()))
