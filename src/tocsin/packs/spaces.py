"""Where a package's name and version mean something: an ecosystem, or one release of a Linux distribution.

A space is written ``pypi``, ``maven``, ``debian 12``, ``rhel 8``. Sources and inventories each spell it their way; here it is one.
"""

import re
from functools import lru_cache

# OSV's ecosystem (in lower case) and the purl type, by space; the scheme its versions are compared by.
# Sources: https://ossf.github.io/osv-schema/#defined-ecosystems; https://github.com/package-url/purl-spec
_ECOSYSTEMS = {
    "pypi": ("pypi", "pypi", "pypi"),
    "npm": ("npm", "npm", "npm"),
    "go": ("go", "golang", "golang"),
    "maven": ("maven", "maven", "maven"),
    "crates.io": ("crates.io", "cargo", "cargo"),
    "rubygems": ("rubygems", "gem", "gem"),
    "packagist": ("packagist", "composer", "composer"),
    "nuget": ("nuget", "nuget", "nuget"),
    "hex": ("hex", "hex", "semver"),
    "pub": ("pub", "pub", "semver"),
    "swift": ("swifturl", "swift", "semver"),
    "github actions": ("github actions", "githubactions", "semver"),
    "bitnami": ("bitnami", "bitnami", "semver"),
    "hackage": ("hackage", "hackage", "generic"),
    "cran": ("cran", "cran", "generic"),
    "conan": ("conancenter", "conan", "generic"),
    "julia": ("julia", "julia", "semver"),
    "cpe": ("cpe", "cpe", "generic"),
}
_BY_OSV = {osv: space for space, (osv, _, _) in _ECOSYSTEMS.items()}
_BY_PURL = {purl: space for space, (_, purl, _) in _ECOSYSTEMS.items()}
_FAMILIES = {
    "deb": ("debian", "ubuntu", "echo"),
    "apk": ("alpine", "wolfi", "chainguard", "minimos"),
    "rpm": (
        "rhel", "rocky", "almalinux", "ol", "amzn", "fedora", "sles", "sled", "suse", "opensuse-leap", "opensuse-tumbleweed", "mageia",
        "openeuler", "photon", "azurelinux", "mariner",
    ),
}  # fmt: skip
_SCHEMES = {space: scheme for space, (_, _, scheme) in _ECOSYSTEMS.items()} | {
    family: scheme for scheme, families in _FAMILIES.items() for family in families
}
_SPELLINGS = {
    "red hat": "rhel", "redhat": "rhel", "red hat enterprise linux": "rhel", "centos": "rhel", "rocky linux": "rocky", "rockylinux": "rocky",
    "alma": "almalinux", "alma linux": "almalinux", "oracle": "ol", "oracle linux": "ol", "oraclelinux": "ol", "amazon": "amzn", "amazon linux": "amzn",
    "suse linux enterprise server": "sles", "suse linux enterprise desktop": "sled", "opensuse": "opensuse-leap", "opensuse leap": "opensuse-leap",
    "opensuse.leap": "opensuse-leap", "opensuse tumbleweed": "opensuse-tumbleweed", "opensuse.tumbleweed": "opensuse-tumbleweed",
    "photon os": "photon", "azure linux": "azurelinux", "cbl-mariner": "mariner", "alpaquita": "alpaquita",
}  # fmt: skip
# Source: https://www.debian.org/releases/ and https://releases.ubuntu.com, 2025.
_CODENAMES = {
    "jessie": "debian 8", "stretch": "debian 9", "buster": "debian 10", "bullseye": "debian 11", "bookworm": "debian 12",
    "trixie": "debian 13", "forky": "debian 14", "sid": "debian sid", "unstable": "debian sid", "trusty": "ubuntu 14.04",
    "xenial": "ubuntu 16.04", "bionic": "ubuntu 18.04", "focal": "ubuntu 20.04", "jammy": "ubuntu 22.04", "noble": "ubuntu 24.04",
    "oracular": "ubuntu 24.10", "plucky": "ubuntu 25.04", "questing": "ubuntu 25.10",
}  # fmt: skip
# What is rebuilt from another distribution's sources is judged by that one's data where it has none of its own.
_REBUILT_FROM = {"rocky": "rhel", "almalinux": "rhel", "ol": "rhel", "sled": "sles", "opensuse-leap": "sles"}
_MAJOR_ONLY = ("debian", "rhel", "rocky", "almalinux", "ol", "amzn", "fedora", "mageia")
_ROLLING = ("wolfi", "chainguard", "minimos", "opensuse-tumbleweed", "echo")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_SERVICE_PACK = re.compile(r"([0-9]+)[ .-]*sp *([0-9]+)")


def scheme_of(space: str) -> str:
    """The scheme that versions of a space are compared by; ``generic`` for spaces unknown."""
    return _SCHEMES.get(space) or _SCHEMES.get(space.split(" ")[0], "generic")


def is_distro(space: str) -> bool:
    """Whether it is a Linux distribution's, where fixes are carried back and upstream's versions say nothing."""
    return scheme_of(space) in ("deb", "rpm", "apk")


@lru_cache(maxsize=4096)
def from_osv(ecosystem: str) -> str | None:
    """The space of an OSV ecosystem (``PyPI``, ``Debian:12``, ``Ubuntu:22.04:LTS``, ``Red Hat:enterprise_linux:8::baseos``)."""
    name, _, release = ecosystem.strip().partition(":")
    if name.lower() in _BY_OSV:
        return _BY_OSV[name.lower()]
    if name.lower() == "ubuntu" and release.lower().startswith("pro:"):
        return None  # fixes for customers: they say nothing of a machine without them
    return from_distro(f"{name} {release.replace('enterprise_linux:', '').replace(':', ' ')}" if release else name)


@lru_cache(maxsize=4096)
def from_distro(text: str) -> str | None:
    """The space of a distribution's release, however it is spelt: ``debian 12``, ``Debian GNU/Linux 12``, ``rhel-8.6``, ``bookworm``.

    Returns:
        None where it is no distribution we know, or its release is not said.
    """
    lowered = re.sub(r"[\s_/-]+", " ", text.strip().lower().replace("gnu/linux", "")).strip()
    if lowered in _CODENAMES:
        return _CODENAMES[lowered]
    spellings = {name.replace("-", " "): name for names in _FAMILIES.values() for name in names} | _SPELLINGS
    family = max((name for name in spellings if re.match(rf"{re.escape(name)}(?![a-z])", lowered)), key=len, default=None)
    if family is None:
        return None
    rest = lowered[len(family) :].strip()
    family = spellings[family]
    if family in _ROLLING:
        return family
    if rest.split(" ")[0] in _CODENAMES:
        return _CODENAMES[rest.split(" ")[0]]
    pack = _SERVICE_PACK.search(rest)
    version = _VERSION.search(rest)
    if pack:
        return f"{family} {pack[1]}.{pack[2]}"
    if not version:
        return f"{family} edge" if "edge" in rest else None
    parts = version[0].split(".")
    return f"{family} {parts[0] if family in _MAJOR_ONLY else '.'.join(parts[:2])}"


def from_purl_type(kind: str) -> str | None:
    """The ecosystem of a purl's type; None for distributions, which need their release, and for what has no data anywhere."""
    return _BY_PURL.get(kind.lower())


def judged_by(space: str) -> tuple[str, ...]:
    """The space itself, then those whose data stand in where it has none: Rocky Linux is rebuilt from Red Hat's sources."""
    family, _, release = space.partition(" ")
    parent = _REBUILT_FROM.get(family)
    return (space, f"{parent} {release}") if parent else (space,)


def normal_name(space: str, name: str) -> str:
    """The one spelling of a package's name in its space."""
    lowered = name.strip().lower()
    if space == "pypi":
        return re.sub(r"[-_.]+", "-", lowered)  # PEP 503
    if space == "maven":
        return lowered.replace("/", ":")
    return lowered
