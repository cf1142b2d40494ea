"""One value, one spelling: the bytes that digests and signatures are made over. RFC 8785 (JCS), for the values we use."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from tocsin.errors import TocsinError

INT_MAX = 2**53 - 1  # RFC 8785 writes numbers as JavaScript does: beyond this, two integers share a spelling
DEPTH_MAX = 32
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, sort_keys=True).encode
_encode_as_is = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


class LedgerError(TocsinError):
    """A value, key, record or file that the ledger cannot take. Its text is fit for the screen."""


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value: keys in order, no space, UTF-8.

    Args:
        value: Strings, integers within ±(2^53 - 1), booleans, None, lists or tuples of them, mappings with string keys.

    Raises:
        LedgerError: The value has no canonical form here (a float, a date, a lone surrogate, more than 32 levels); the message
            names the place in it. Write instants with `rfc3339` and quantities as integers of a small unit.

    Source:
        RFC 8785, section 3.2. What its number rules are for, fractions and exponents, is refused instead.
    """
    try:
        # RFC 8785 sorts keys by UTF-16 code units, Python by code points. They differ above U+FFFF alone, so not in ASCII.
        return (_encode if _checked(value, 0) else _encode_ordered)(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise LedgerError("expected text that is valid Unicode, found a lone surrogate") from error
    except _Unfit as error:
        raise LedgerError(f"{error.place.lstrip('.') or 'value'}: expected {error.what}") from error


class _Unfit(Exception):
    """What was expected and found, and, growing on the way out, the place."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what, self.place = what, ""


def _checked(value: Any, depth: int) -> bool:
    """Refuse what has no canonical form. Whether all keys are ASCII."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if isinstance(value, int):
        if abs(value) > INT_MAX:
            raise _Unfit(f"an integer within 53 bits, found {value.bit_length()} bits")
        return True
    if isinstance(value, str):
        return True
    if not isinstance(value, dict | list | tuple):
        raise _Unfit(f"text, an integer, true, false, null, a list or an object, found {kind.__name__}")
    if depth == DEPTH_MAX:
        raise _Unfit(f"at most {DEPTH_MAX} levels, found more")
    ascii_keys, key = True, None
    try:
        if isinstance(value, dict):
            for key, item in value.items():  # named where it fails
                if not isinstance(key, str):
                    break
                ascii_keys = _checked(item, depth + 1) and ascii_keys and key.isascii()
            else:
                return ascii_keys
        else:
            for key, item in enumerate(value):  # noqa: B007
                ascii_keys = _checked(item, depth + 1) and ascii_keys
            return ascii_keys
    except _Unfit as error:
        error.place = (f".{key[:40]}" if isinstance(key, str) else f"[{key}]") + error.place
        raise
    raise _Unfit(f"keys that are text, found {type(key).__name__}")


def _encode_ordered(value: Any) -> str:
    return _encode_as_is(_ordered(value))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return {name: _ordered(value[name]) for name in names}
    return [_ordered(item) for item in value] if isinstance(value, list | tuple) else value


def parse(data: bytes, *, canonical_only: bool = True) -> Any:
    """Read JSON that may be hostile.

    Args:
        data: UTF-8 without byte order mark. The caller bounds its size.
        canonical_only: Refuse every spelling but the canonical one, so that no byte can change unnoticed.

    Raises:
        LedgerError: Not JSON, a key twice in one object, a fraction, too deep, or not canonical.
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_fraction, parse_constant=_no_fraction)
    except UnicodeDecodeError as error:
        raise LedgerError(f"expected UTF-8, found byte {data[error.start]:#04x} at column {error.start + 1}") from error
    except json.JSONDecodeError as error:
        raise LedgerError(f"expected JSON, found a fault at column {error.colno} ({error.msg})") from error
    except RecursionError as error:
        raise LedgerError(f"expected at most {DEPTH_MAX} levels, found more") from error
    except ValueError as error:  # an integer of more digits than Python reads
        raise LedgerError("expected an integer within 53 bits, found more digits") from error
    if canonical_only and (spelt := canonical(value)) != data:
        at = next((at for at, (one, other) in enumerate(zip(spelt, data, strict=False)) if one != other), len(spelt))
        raise LedgerError(f"expected canonical JSON, found another spelling from column {at + 1} on")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise LedgerError("expected each key once, found one twice")
    return found


def _no_fraction(text: str) -> Any:
    raise LedgerError(f"expected integers only, found {text[:20]}")


def digest(kind: str, value: Any) -> str:
    """SHA-256, in hexadecimal, of the value's canonical form under a name, so that no record can pass for one of another kind."""
    return hashlib.sha256(message(kind, value)).hexdigest()


def message(kind: str, value: Any) -> bytes:
    """What is hashed or signed: ``tocsin/<kind>/v1``, a line feed, the canonical form."""
    return f"tocsin/{kind}/v1\n".encode() + canonical(value)


def rfc3339(time: datetime) -> str:
    """``2022-02-20T14:21:00.000000Z``: UTC, always six decimals, so that an instant has one spelling.

    Raises:
        LedgerError: The time has no zone.
    """
    if time.tzinfo is None:
        raise LedgerError(f"expected a time with its zone, found {time.isoformat()}")
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_rfc3339(text: str) -> datetime:
    """The instant that `rfc3339` wrote.

    Raises:
        LedgerError: Any other spelling.
    """
    try:
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise LedgerError(f"expected a time such as 2022-02-20T14:21:00.000000Z, found {text[:40]!r}")
