"""Packages of a distribution's own database, and how the release is told by some of them."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tocsin.readers._findings import Row
from tocsin.readers._inventory import distro_of_release, installed, source_package


class Package(NamedTuple):
    """An installed package. ``source``: as written, with its version in brackets or behind ``@`` where that differs."""

    offset: int
    name: str
    version: str | None
    arch: str | None = None
    source: str | None = None
    vendor: str | None = None
    license: str | None = None


def rows(packages: Iterable[Package], distro: str | None, family: str) -> Iterator[Row]:
    """These packages of this release as components."""
    for one in packages:
        yield (
            "software_inventory",
            installed(
                one.offset, one.name, one.version, distro, family, arch=one.arch, source=source_package(one.source), vendor=one.vendor,
                license=one.license,
            ),
        )  # fmt: skip


# Which release a base-files of Ubuntu is of. Source: https://packages.ubuntu.com/search?keywords=base-files, long-term releases.
_UBUNTU = {
    "7.2ubuntu5": "14.04",
    "9.4ubuntu4": "16.04",
    "10.1ubuntu2": "18.04",
    "11ubuntu5": "20.04",
    "12ubuntu4": "22.04",
    "13ubuntu10": "24.04",
}


def of_debian(packages: list[Package]) -> Iterator[Row]:
    """Packages of Debian or Ubuntu: ``base-files`` has the release's number on Debian, and one of its own on Ubuntu."""
    version = next((one.version for one in packages if one.name == "base-files"), None) or ""
    yield from rows(packages, _debian_release(version, packages), "deb")


def _debian_release(version: str, packages: list[Package]) -> str | None:
    if "ubuntu" in version:
        number = next((release for said, release in _UBUNTU.items() if re.match(rf"{re.escape(said)}(?!\d)", version)), None)
        return f"ubuntu {number}" if number else "ubuntu"
    if found := re.match(r"(\d+)(?:\.\d+)*(?:\+deb\d+u\d+)?$", version):
        return f"debian {found[1]}"
    marked = next((found for one in packages if (found := re.search(r"[+~]deb(\d+)u\d", one.version or ""))), None)
    return f"debian {marked[1]}" if marked else None


# The package that names the release, and the id in os-release. Sources: the distributions' own repositories.
_RELEASES = {
    "centos-release": "centos", "centos-linux-release": "centos", "centos-stream-release": "centos", "redhat-release": "rhel",
    "redhat-release-server": "rhel", "redhat-release-workstation": "rhel", "rocky-release": "rocky", "almalinux-release": "almalinux",
    "oraclelinux-release": "ol", "fedora-release": "fedora", "fedora-release-common": "fedora", "system-release": "amzn", "openSUSE-release": "opensuse-leap",
    "Leap-release": "opensuse-leap", "sles-release": "sles", "sled-release": "sled", "mageia-release-common": "mageia", "openEuler-release": "openeuler",
    "photon-release": "photon", "azurelinux-release": "azurelinux", "mariner-release": "mariner",
}  # fmt: skip


def of_rpm(packages: list[Package]) -> Iterator[Row]:
    """Packages of an RPM database: the release by the package that brings it, else by the tags of most packages."""
    for one in packages:
        if one.name in _RELEASES and one.version:
            number = one.version.rpartition(":")[2].partition("-")[0]
            yield from rows(packages, f"{_RELEASES[one.name]} {'.'.join(re.findall(r'[0-9]+', number)[:2])}", "rpm")
            return
    tags = [tag for one in packages if (tag := distro_of_release(one.version or ""))]
    distro = max(dict.fromkeys(tags), key=tags.count) if tags else None
    yield from rows(packages, distro, "rpm")


_APK = {"wolfi-baselayout": "wolfi", "chainguard-baselayout": "chainguard"}


def of_alpine(packages: list[Package]) -> Iterator[Row]:
    """Packages of Alpine, by ``alpine-release`` or ``alpine-base``; those of Wolfi and Chainguard have no release."""
    distro = next((_APK[one.name] for one in packages if one.name in _APK), None)
    version = next((one.version for one in packages if one.name in ("alpine-release", "alpine-base") and one.version), None)
    if not distro and version:
        distro = f"alpine {version.partition('-')[0].partition('_')[0]}"
    yield from rows(packages, distro or "alpine", "apk")
