"""What lock files of Python in TOML share: packages of an index, and those that are not."""

from collections.abc import Mapping
from typing import Any, BinaryIO

from tocsin.readers import Report, _toml_lock
from tocsin.readers._findings import Activity, Told
from tocsin.readers._inventory import nothing_read, packaged
from tocsin.readers._json_report import at, text

# Where a package comes from if not from an index: its name may be somebody else's there.
_ELSEWHERE = frozenset({"git", "url", "directory", "editable", "virtual", "path", "file", "vcs"})


def told(stream: BinaryIO, evidence_id: str, report: Report, product: str) -> Told:
    """The packages of a lock file as components, then the program that wrote it."""
    found = 0
    packages = list(_toml_lock.tables(stream, evidence_id, report))
    asset = next((text(one.values, "name") for one in packages if _own(one.values)), None)
    for table in packages:
        name, version = _toml_lock.named(table)
        if name:
            found += 1
            scope = _scope(table.values)
            yield (
                "software_inventory",
                packaged(table.offset, name, version, None if _elsewhere(table.values) else "PyPI", asset=asset, scope=scope),
            )
    nothing_read(found, len(packages) > 1, "packages with names")
    yield Activity(product, targets=asset)


def _own(values: Mapping[str, Any]) -> bool:
    """Whether it is the project itself: uv's ``{ editable = "." }``."""
    return "." in (text(values, "source", "editable"), text(values, "source", "virtual"))


def _elsewhere(values: Mapping[str, Any]) -> bool:
    source = at(values, "source")
    if type(source) is dict:  # poetry writes a type, uv a key
        kind = text(source, "type")
        return kind in _ELSEWHERE if kind else bool(_ELSEWHERE & source.keys())
    return bool((_ELSEWHERE | {"archive"}) & values.keys() - {"file"})


def _scope(values: Mapping[str, Any]) -> str | None:
    """``optional``, ``dev`` or nothing: by poetry's category, poetry's and pdm's groups."""
    if values.get("optional") is True:
        return "optional"
    if text(values, "category") == "dev":
        return "dev"
    groups = at(values, "groups")
    return (
        None
        if type(groups) is not list or not groups or {"main", "default"} & set(filter(_is_text, groups))
        else text(groups, 0)
    )


def _is_text(one: object) -> bool:
    return type(one) is str
