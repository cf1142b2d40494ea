"""One value, one spelling: the bytes that digests and signatures are made over. RFC 8785 (JCS), for the values we use."""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tocsin.errors import TocsinError

INT_MAX = 2**53 - 1  # RFC 8785 writes numbers as JavaScript does: beyond this, two integers share a spelling
DEPTH_MAX = 32
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
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
        return _encode(_ordered(value, "", 0)).encode("utf-8")
    except UnicodeEncodeError as error:
        raise LedgerError("expected text that is valid Unicode, found a lone surrogate") from error


def _ordered(value: Any, where: str, depth: int) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if abs(value) > INT_MAX:
            raise LedgerError(f"{where or 'value'}: expected an integer within 53 bits, found {value.bit_length()} bits")
        return value
    if depth == DEPTH_MAX:
        raise LedgerError(f"{where or 'value'}: expected at most {DEPTH_MAX} levels, found more")
    if isinstance(value, list | tuple):
        return [_ordered(item, f"{where}[{at}]", depth + 1) for at, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _ordered(value[key], f"{where}.{key}" if where else key, depth + 1) for key in _sorted(value, where)}
    raise LedgerError(
        f"{where or 'value'}: expected text, an integer, true, false, null, a list or an object, found {type(value).__name__}"
    )


def _sorted(keys: Iterable[Any], where: str) -> list[str]:
    names = list(keys)
    for name in names:
        if not isinstance(name, str):
            raise LedgerError(f"{where or 'value'}: expected keys that are text, found {type(name).__name__}")
    # RFC 8785 sorts by UTF-16 code units. Python sorts by code points, which differs above U+FFFF: U+FB01 before U+1F600.
    return (
        sorted(names) if "".join(names).isascii() else sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    )


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
