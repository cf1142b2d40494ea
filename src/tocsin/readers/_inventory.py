"""What inventories of software share: rows of components, what a package URL says of them, ecosystems and distributions.

A reader yields rows made by ``component`` (or ``packaged``, where the format has no package URL of its own) and one
``Activity``, so that an inventory without components is not the same as none.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from packageurl import PackageURL

from tocsin.errors import EvidenceError
from tocsin.readers._findings import Activity, Row, Seen, Told, bounded, package_url

COMPONENTS_MOST = 50_000
PURL_CHARACTERS = 2000
INVENTORY_TABLES = ("software_inventory", "scan_activity")

# OSV's ecosystem, by purl type. Sources: https://ossf.github.io/osv-schema/#defined-ecosystems, https://github.com/package-url/purl-spec
ECOSYSTEMS = {
    "pypi": "PyPI", "npm": "npm", "golang": "Go", "maven": "Maven", "cargo": "crates.io", "gem": "RubyGems", "composer": "Packagist",
    "nuget": "NuGet", "hex": "Hex", "pub": "Pub", "swift": "SwiftURL", "githubactions": "GitHub Actions", "bitnami": "Bitnami",
    "conan": "ConanCenter", "cran": "CRAN", "hackage": "Hackage", "julia": "Julia",
}  # fmt: skip
_PURL_TYPES = {osv: kind for kind, osv in ECOSYSTEMS.items()}
# The purl type and OSV's ecosystem of a distribution, by its id in os-release; CentOS and what OSV does not name are called as they
# call themselves, CentOS after the sources it is rebuilt from.
_DISTROS = {
    "debian": ("deb", "Debian"), "ubuntu": ("deb", "Ubuntu"), "echo": ("deb", "Echo"), "raspbian": ("deb", "Debian"),
    "alpine": ("apk", "Alpine"), "wolfi": ("apk", "Wolfi"), "chainguard": ("apk", "Chainguard"), "minimos": ("apk", "MinimOS"),
    "rhel": ("rpm", "Red Hat"), "redhat": ("rpm", "Red Hat"), "centos": ("rpm", "Red Hat"), "rocky": ("rpm", "Rocky Linux"),
    "almalinux": ("rpm", "AlmaLinux"), "alma": ("rpm", "AlmaLinux"), "ol": ("rpm", "Oracle Linux"), "oracle": ("rpm", "Oracle Linux"),
    "oraclelinux": ("rpm", "Oracle Linux"), "amzn": ("rpm", "Amazon Linux"), "amazon": ("rpm", "Amazon Linux"), "fedora": ("rpm", "Fedora"),
    "sles": ("rpm", "SUSE"), "sled": ("rpm", "SUSE"), "suse": ("rpm", "SUSE"), "opensuse": ("rpm", "openSUSE"),
    "opensuse-leap": ("rpm", "openSUSE"), "opensuse-tumbleweed": ("rpm", "openSUSE"), "opensuse.leap": ("rpm", "openSUSE"),
    "opensuse.tumbleweed": ("rpm", "openSUSE"), "mageia": ("rpm", "Mageia"), "openeuler": ("rpm", "openEuler"),
    "photon": ("rpm", "Photon OS"), "azurelinux": ("rpm", "Azure Linux"), "mariner": ("rpm", "Azure Linux"),
}  # fmt: skip
_IDS = {
    "redhat": "rhel",
    "alma": "almalinux",
    "oracle": "ol",
    "oraclelinux": "ol",
    "amazon": "amzn",
    "el": "rhel",
    "fc": "fedora",
}
_NAMESPACES = {"rhel": "redhat", "ol": "oracle", "amzn": "amazon"}
_GROUPED = frozenset({"npm", "golang", "maven", "composer"})  # whose names are with a group, scope or path
_DISTRO = re.compile(r"([a-z][a-z._-]*?)[-_. ]?(\d[\w.]*)")
_NAMELESS = re.compile(r"/@[^/]*$")  # pkg:deb/vendor/@1.0; in pkg:npm/@scope/name@1.0 a name follows
_SHA256 = re.compile(r"[0-9a-f]{64}")


@lru_cache(maxsize=16384)
def parsed(written: str | None) -> PackageURL | None:
    """A package URL taken apart; None where it is none, or its name is empty."""
    if not written or len(written) > PURL_CHARACTERS or _NAMELESS.search(written.partition("?")[0]):
        return None
    try:
        return PackageURL.from_string(written)
    except ValueError:
        return None


def full_name(url: PackageURL) -> str:
    """The name with its group, scope or path, joined as its ecosystem does."""
    if url.namespace and url.type in _GROUPED:
        return f"{url.namespace}{':' if url.type == 'maven' else '/'}{url.name}"
    return str(url.name)


def _shortened(name: str, url: PackageURL) -> bool:
    """Whether a name is the package URL's without its group, or behind something else (GitHub's ``npm:@scope/name``)."""
    return (url.type in _GROUPED or (":" in name and url.type in ECOSYSTEMS)) and name.lower().endswith(url.name.lower())


def qualifiers_of(url: PackageURL) -> Mapping[str, str]:
    """The qualifiers of a package URL."""
    return url.qualifiers if isinstance(url.qualifiers, dict) else {}


def ecosystem_of(url: PackageURL) -> str | None:
    """OSV's ecosystem of a package URL; None where OSV has none."""
    if url.type in ECOSYSTEMS:
        return ECOSYSTEMS[url.type]
    found = _DISTROS.get((url.namespace or "").lower())
    return found[1] if found and found[0] == url.type else None


def distro_of(url: PackageURL) -> str | None:
    """Distribution and release of a package URL, as in os-release; None if it does not say."""
    if url.type not in ("deb", "rpm", "apk"):
        return None
    namespace, said = (url.namespace or "").lower(), qualifiers_of(url).get("distro", "").lower()
    namespace = _IDS.get(namespace, namespace)
    if not said:
        return distro_of_release(url.version or "", namespace) if url.type == "rpm" else None
    if said[0].isdecimal():
        return f"{namespace} {said}".strip()
    found = _DISTRO.fullmatch(said)
    if found:
        return f"{_IDS.get(found[1], found[1])} {found[2]}"
    return said if said in _DISTROS or not namespace or said.startswith(namespace) else f"{namespace} {said}"


# What the release of an RPM says of its distribution: https://docs.fedoraproject.org/en-US/packaging-guidelines/DistTag/ and alike.
_DIST_TAGS = (
    (re.compile(r"\.el(\d+)\w*\.centos"), "centos"),
    (re.compile(r"\.el(\d+)"), "rhel"),
    (re.compile(r"\.fc(\d+)"), "fedora"),
    (re.compile(r"\.amzn(\d+)"), "amzn"),
    (re.compile(r"\.mga(\d+)"), "mageia"),
    (re.compile(r"\.azl(\d+)"), "azurelinux"),
    (re.compile(r"\.cm(\d+)"), "mariner"),
    (re.compile(r"\.ph(\d+)"), "photon"),
)
_OPENEULER, _LEAP, _SLES = re.compile(r"\.oe(\d\d)(\d\d)"), re.compile(r"-lp(15)(\d)\."), re.compile(r"-(15)0(\d)00\.")


@lru_cache(maxsize=4096)
def distro_of_release(version: str, family: str = "") -> str | None:
    """The distribution that an RPM's version tells by its tag (``31.el7``, ``1.fc39``); ``family`` where it is known, as an id."""
    for pattern, name in _DIST_TAGS:
        if found := pattern.search(version):
            return f"{family if family and name == 'rhel' else name} {found[1]}"
    for pattern, name in ((_OPENEULER, "openeuler"), (_LEAP, "opensuse-leap"), (_SLES, "sles")):
        if found := pattern.search(version):
            return f"{name} {found[1]}.{found[2]}"
    return None


_SOURCE_RPM = re.compile(r"(.+)-([^-]+-[^-]+?)\.(?:no)?src\.rpm")


def source_package(said: str | None) -> tuple[str | None, str | None]:
    """Name and version of a source package: ``openssl``, ``glibc@2.36-9``, ``glibc (2.36-9)``, ``bash-4.2.46-31.el7.src.rpm``."""
    if not said or said == "(none)":
        return None, None
    if found := _SOURCE_RPM.fullmatch(said.strip()):
        return found[1], found[2]
    name, _, version = said.strip().replace(" (", "@").removesuffix(")").partition("@")
    return name.strip() or None, version.strip() or None


def component(
    offset: int,
    name: str | None,
    version: str | None = None,
    *,
    purl: str | None = None,
    group: str | None = None,
    ecosystem: str | None = None,
    distro: str | None = None,
    source: tuple[str | None, str | None] = (None, None),
    sha256: str | None = None,
    kind: str | None = None,
    **known: str | None,
) -> dict[str, Any]:
    """One row of ``software_inventory``: what the inventory says, and what follows from the package URL where it does not.

    Args:
        offset: Byte where the component starts.
        name: As written; its group is put before it where its ecosystem has groups.
        version: As written; null stays null unless the package URL has one.
        purl: As written; null in the row if it is none.
        group: CycloneDX's group, the scope or vendor where it stands apart; otherwise the row's vendor if none is said.
        ecosystem: OSV's word.
        distro: Distribution and release, ``debian 12``.
        source: Name and version of the source package.
        sha256: Hex; null in the row if it is none.
        kind: CycloneDX's type.
        known: Columns without their ``package_``: asset, cpe, arch, vendor, scope, license, bom_ref.
    """
    url = parsed(purl)
    said: Mapping[str, str] = {}
    if url:
        said = qualifiers_of(url)
        version = version or url.version
        ecosystem = ecosystem or ecosystem_of(url)
        distro = distro or distro_of(url)
        if not name or _shortened(name, url):
            name = full_name(url)
        if not source[0] and url.type in ("deb", "rpm", "apk"):
            source = source_package(unquote(said.get("upstream", "")))
    if group and name and ecosystem in ("Maven", "npm", "Packagist", "Go"):
        before = f"{group}:" if ecosystem == "Maven" else f"{group}/"
        name = name if name.startswith(before) else before + name
    known = {"arch": said.get("arch")} | {key: value for key, value in known.items() if value}
    return _row(offset, name, version, purl if url else None, ecosystem, distro, source, sha256, kind, known, group)


def _row(
    offset: int, name: str | None, version: str | None, purl: str | None, ecosystem: str | None, distro: str | None,
    source: tuple[str | None, str | None], sha256: str | None, kind: str | None, known: Mapping[str, str | None], group: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    digest = (sha256 or "").strip().lower()
    return {
        "record_offset": offset,
        "asset": bounded(known.get("asset")),
        "package_name": bounded(name),
        "package_version": bounded(version),
        "package_purl": purl if purl and len(purl) <= PURL_CHARACTERS else None,
        "package_cpe": bounded(known.get("cpe")),
        "package_ecosystem": ecosystem,
        "distro": bounded(distro, 100),
        "package_arch": bounded(known.get("arch")),
        "package_source_name": bounded(source[0]),
        "package_source_version": bounded(source[1]),
        "package_vendor": bounded(known.get("vendor") or group),
        "package_type": bounded(kind, 100),
        "scope": bounded(known.get("scope"), 100),
        "package_license": bounded(known.get("license")),
        "sha256": digest if _SHA256.fullmatch(digest) else None,
        "bom_ref": bounded(known.get("bom_ref")),
    }


def packaged(
    offset: int, name: str, version: str | None, ecosystem: str | None, *, sha256: str | None = None, **known: str | None
) -> dict[str, Any]:
    """The same for a package of an ecosystem's own format (lock files), which has no package URL: it is made here.

    ``ecosystem`` None: a package of the project itself, which no registry has; it is kept, and nothing is matched by its name.
    """
    kind = _PURL_TYPES.get(ecosystem) if ecosystem else None
    purl = package_url(kind, name, version) if kind else None
    return _row(
        offset, name, version, purl, ecosystem, None, (None, None), sha256, "library" if ecosystem else "application", known
    )


def installed(
    offset: int, name: str, version: str | None, distro: str | None, family: str, *,
    source: tuple[str | None, str | None] = (None, None), **known: str | None,
) -> dict[str, Any]:  # fmt: skip
    """The same for a package of a distribution's own database.

    Args:
        offset: Byte where it starts.
        name: Of the binary package.
        version: With its epoch.
        distro: ``debian 12``; None if nothing tells it.
        family: ``deb``, ``rpm`` or ``apk``.
        source: Name and version of the source package.
        known: As for ``component``.
    """
    distribution = (distro or "").split(" ")[0]
    kind, ecosystem = _DISTROS.get(distribution, ("", None))
    namespace = _NAMESPACES.get(distribution, distribution) if kind == family else ""
    epoch, _, rest = (version or "").rpartition(":") if family == "rpm" else ("", "", version)
    upstream = "@".join(filter(None, source))
    said = {
        "arch": known.get("arch"),
        "distro": (distro or "").replace(" ", "-") if " " in (distro or "") else "",
        "epoch": epoch,
        "upstream": upstream,
    }
    purl = package_url(
        family, f"{namespace}/{name}" if namespace else name, rest or None, {key: value for key, value in said.items() if value}
    )
    return _row(offset, name, version, purl, ecosystem, distro, source, None, "library", known)


def limited(told: Iterable[Seen | Activity | Row]) -> Told:
    """The same, at most as many components as one project or host can have: what a few bytes can claim costs much more to keep.

    Raises:
        EvidenceError: There are more than ``COMPONENTS_MOST``.
    """
    found = 0
    for item in told:
        if isinstance(item, tuple):
            found += 1
            if found > COMPONENTS_MOST:
                offset = item[1]["record_offset"]
                raise EvidenceError(
                    f"at byte {offset:,}: expected at most {COMPONENTS_MOST:,} packages of one project or host."
                )
        yield item


def nothing_read(read: int, there: object, expected: str, offset: int = 0) -> None:
    """Refuse an inventory that has something where components are, of which none could be read.

    Raises:
        EvidenceError: Nothing was read, and ``there`` is not empty.
    """
    if not read and there:
        raise EvidenceError(f"at byte {offset:,}: expected {expected}, found none that could be read.")
