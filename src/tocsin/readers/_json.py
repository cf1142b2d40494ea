"""JSON logs, one object per line: parsing, and whose log it is, so that the readers' claims exclude each other."""

import json
import re
from typing import Any, Literal

from tocsin.readers._lines import head_lines

Kind = Literal["suricata", "zeek", "access"]

_DECODER = json.JSONDecoder()
# Apache and nginx (without `escape=json`) write bytes as \xNN even into a JSON template, where that is no escape.
_HEX_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\x")


def json_object(line: str) -> dict[str, Any]:
    """The object a line holds. Raises ValueError."""
    line = line.strip()
    try:
        value, end = _DECODER.raw_decode(line)
        if end < len(line):
            raise ValueError("text behind the object")
    except ValueError as error:
        if "\\x" not in line:
            raise ValueError("expected a JSON object") from error
        value = _mended(line)
    except RecursionError as error:
        raise ValueError("expected JSON of a depth that a log has") from error
    if type(value) is not dict:
        raise ValueError("expected a JSON object")
    return value


def _mended(line: str) -> Any:
    try:
        return json.loads(_HEX_ESCAPE.sub(r"\1\\\\x", line))
    except (ValueError, RecursionError) as error:
        raise ValueError("expected a JSON object") from error


def head_objects(head: bytes) -> list[dict[str, Any]]:
    """The JSON objects among the first lines of a head; none if the content does not look like JSON lines."""
    objects = []
    for line in head_lines(head, most=50):
        if not line.lstrip().startswith("{"):
            return []
        try:
            objects.append(json_object(line))
        except ValueError:
            continue
    return objects


def is_suricata(record: dict[str, Any]) -> bool:
    """Whether it is an event of Suricata's EVE log."""
    return (
        type(record.get("event_type")) is str
        and "timestamp" in record
        and any(key in record for key in ("flow_id", "src_ip", "in_iface", "stats", "engine"))
    )


def is_zeek(record: dict[str, Any]) -> bool:
    """Whether it is a record of a Zeek log: a time stamp with a log name, a connection's uid or its endpoints."""
    if "ts" not in record:
        return False
    named = type(record.get("_path")) is str or type(record.get("@stream")) is str
    return (
        named or ("uid" in record and endpoint_key(record, "orig_h") is not None) or endpoint_key(record, "resp_h") is not None
    )


def endpoint_key(record: dict[str, Any], part: str) -> str | None:
    """How this record spells ``id.orig_h`` and its kin: ``id.orig_h``, ``id_orig_h``, or ``id`` for an object of its own."""
    for key in (f"id.{part}", f"id_{part}"):
        if key in record:
            return key
    nested = record.get("id")
    return "id" if type(nested) is dict and part in nested else None
