"""Versions of Linux distributions' packages: dpkg, rpm and apk.

Sources: deb-version(7), https://www.debian.org/doc/debian-policy/ch-controlfields.html#version; rpm-version(7),
https://rpm-software-management.github.io/rpm/manual/dependencies.html; apk-package(5), https://wiki.alpinelinux.org/wiki/APKBUILD_Reference
"""

import re

from tocsin.versions._parts import number, text

_PAIR = re.compile(r"([^0-9]*)([0-9]*)")
_DPKG = re.compile(r"(?:([0-9]+):(?=.))?((?(1)[0-9A-Za-z.+~:-]|[0-9A-Za-z.+~-])+?)(?:-([0-9A-Za-z.+~]+))?", re.ASCII)
# dpkg sorts a tilde before the end of a part, and letters before all other characters.
_DPKG_ORDER = {ord("~"): 1, **{byte: byte for byte in range(ord("A"), ord("z") + 1) if chr(byte).isalpha()}}
_DPKG_BYTES = bytes(_DPKG_ORDER.get(byte, byte | 0x80) for byte in range(128)) + bytes(range(128, 256))
_DPKG_END = b"\x02"


def dpkg(version: str) -> bytes | None:
    """A key for ``[epoch:]upstream[-revision]``."""
    found = _DPKG.fullmatch(version.strip())
    if not found or (found[3] is None and "-" in found[2]):  # what follows the last hyphen is the revision, or nothing is
        return None
    return number(found[1] or "") + _dpkg_part(found[2]) + _dpkg_part(found[3] or "")


def _dpkg_part(part: str) -> bytes:
    pairs = _PAIR.findall(part)[:-1] or [("", "")]  # the last match is always empty
    encoded = [word.encode("ascii").translate(_DPKG_BYTES) + _DPKG_END + number(digits) for word, digits in pairs]
    return b"".join(encoded) + _DPKG_END


_RPM = re.compile(r"(?:([0-9]*):)?([^:\s-]+)(?:-([^:\s-]+))?")
_RPM_TOKEN = re.compile(r"~|\^|[0-9]+|[A-Za-z]+", re.ASCII)
_RPM_END = b"\x02"


def rpm(version: str) -> bytes | None:
    """A key for ``[epoch:]version[-release]``; without a release it sorts before all releases of the same version."""
    found = _RPM.fullmatch(version.strip())
    if not found:
        return None
    release = b"\x01" + _rpm_part(found[3]) if found[3] else b"\x00"
    return number(found[1] or "") + _rpm_part(found[2]) + release


def _rpm_part(part: str) -> bytes:
    return b"".join(map(_rpm_token, _RPM_TOKEN.findall(part))) + _RPM_END


def _rpm_token(token: str) -> bytes:
    if token == "~":  # noqa: S105 - no password
        return b"\x01"
    if token == "^":  # noqa: S105 - no password
        return b"\x03"
    return b"\x05" + number(token) if token[0] in "0123456789" else b"\x04" + text(token)


_APK = re.compile(
    r"([0-9]+)((?:\.[0-9]+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)(?:~([0-9a-f]+))?(?:-r([0-9]+))?",
    re.ASCII,
)
_APK_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)", re.ASCII)
_APK_BEFORE = {"alpha": b"\x01\x01", "beta": b"\x01\x02", "pre": b"\x01\x03", "rc": b"\x01\x04"}
_APK_AFTER = {"cvs": b"\x06\x01", "svn": b"\x06\x02", "git": b"\x06\x03", "hg": b"\x06\x04", "p": b"\x06\x05"}
_APK_SUFFIXES = _APK_BEFORE | _APK_AFTER


def apk(version: str) -> bytes | None:
    """A key for ``number{.number}[letter]{_suffix[number]}[~hash][-rN]``."""
    found = _APK.fullmatch(version.strip())
    if not found:
        return None
    key = number(found[1]) + b"".join(map(_apk_number, found[2].split(".")[1:]))
    key += b"\x07" + found[3].encode() if found[3] else b""
    for name, digits in _APK_SUFFIX.findall(found[4]):
        key += _APK_SUFFIXES[name] + (b"\x05" + number(digits) if digits else b"")
    key += b"\x04" + text(found[5]) if found[5] else b""
    key += b"\x03" + number(found[6]) if found[6] else b""
    return key + b"\x02"


def _apk_number(digits: str) -> bytes:
    # A part with a leading zero is a decimal fraction: 1.05 is below 1.1.
    return b"\x08" + (b"\x00" + text(digits) if digits[0] == "0" else b"\x01" + number(digits))
