"""The partner profile: what the partner must protect. Everything works without it, and better with it."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import ProfileError

CRITICALITIES = ("low", "medium", "high", "critical")
_SECTIONS = ("name", "organisations", "networks", "assets", "dependencies", "domains", "brands", "publishers")


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who: a ministry, a bank. ``sector`` as in NIS2 annexes I and II, ``country`` as ISO 3166 alpha-2."""

    id: str
    name: str
    sector: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """A prefix of the partner's."""

    prefix: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """A service or machine worth naming. ``addresses``: IP addresses or prefixes; ``hostnames``: as
    in its logs; ``criticality``: low to critical."""

    id: str
    name: str
    organisation: str = ""
    addresses: tuple[str, ...] = ()
    hostnames: tuple[str, ...] = ()
    criticality: str = "medium"
    owner: str = ""


@dataclass(frozen=True)
class Profile:
    """partner.yaml, checked."""

    name: str = ""
    organisations: tuple[Organisation, ...] = ()
    networks: tuple[Network, ...] = ()
    assets: tuple[Asset, ...] = ()
    dependencies: tuple[Mapping[str, Any], ...] = ()
    domains: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    publishers: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def _prefixes(self) -> list[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, Asset | None, str]]:
        known: list[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, Asset | None, str]] = [
            (ipaddress.ip_network(a, strict=False), asset, asset.organisation) for asset in self.assets for a in asset.addresses
        ]
        known += [(ipaddress.ip_network(n.prefix, strict=False), None, n.organisation) for n in self.networks]
        return sorted(known, key=lambda entry: -entry[0].prefixlen)

    def _matches(self, address: str) -> Iterator[tuple[Asset | None, str]]:
        try:
            found = ipaddress.ip_network(address, strict=False)
        except ValueError:
            yield from ((asset, asset.organisation) for asset in self.assets if address in asset.hostnames)
            return
        for prefix, asset, organisation in self._prefixes:
            if prefix.version == found.version and found.subnet_of(prefix):  # type: ignore[arg-type]
                yield asset, organisation

    def owns(self, address: str) -> bool:
        """Whether the address, prefix or host name is the partner's, by its networks and assets."""
        return next(self._matches(address), None) is not None

    def asset(self, address: str) -> Asset | None:
        """The asset with this address, the most specific first."""
        return next((asset for asset, _ in self._matches(address) if asset), None)

    def organisation(self, address: str) -> Organisation | None:
        """The organisation that owns this address, if known."""
        by_id = {organisation.id: organisation for organisation in self.organisations}
        return next((by_id[org] for _, org in self._matches(address) if org in by_id), None)


def load_profile(path: Path) -> Profile:
    """Read and check ``partner.yaml``.

    Raises:
        ProfileError: No such file, not YAML, an unknown field, a wrong address or reference. The message names the entry.
    """
    try:
        if path.exists() and not path.is_file():
            raise ProfileError(f"{path}: expected a file, found a folder or a device. Name the partner.yaml itself.")
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read ({error.strerror}). Check the path, or leave --profile out.") from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise ProfileError(f"{path}: cannot be read as YAML: {error}\nMend it, or leave --profile out.") from error
    if not isinstance(data, dict):
        found = "nothing" if data is None else type(data).__name__
        raise ProfileError(f"{path}: expected a mapping with {', '.join(_SECTIONS)}, found {found}")
    unknown = set(data) - set(_SECTIONS)
    if unknown:
        raise ProfileError(f"{path}: unknown section {sorted(map(str, unknown))}; expected {', '.join(_SECTIONS)}")
    organisations = tuple(_entries(path, data, "organisations", Organisation, ("id", "name")))
    networks = tuple(_entries(path, data, "networks", Network, ("prefix",)))
    assets = tuple(_entries(path, data, "assets", Asset, ("id", "name")))
    for section, ids in (("organisations", [o.id for o in organisations]), ("assets", [a.id for a in assets])):
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            raise ProfileError(f"{path}: {section}: the id {twice!r} stands twice; give each its own")
    for label, address in [(n.prefix, n.prefix) for n in networks] + [(a.id, x) for a in assets for x in a.addresses]:
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError as error:
            raise ProfileError(f"{path}: {label}: expected an IP address or prefix, found {address!r}") from error
    known = {organisation.id for organisation in organisations}
    for where, reference in [(n.prefix, n.organisation) for n in networks] + [(a.id, a.organisation) for a in assets]:
        if reference and reference not in known:
            raise ProfileError(
                f"{path}: {where}: unknown organisation {reference!r}; known: {', '.join(sorted(known)) or 'none'}"
            )
    for asset in assets:
        if asset.criticality not in CRITICALITIES:
            raise ProfileError(f"{path}: {asset.id}: criticality {asset.criticality!r}; expected {', '.join(CRITICALITIES)}")
    return Profile(
        name=_text(f"{path}: name", data.get("name") or ""),
        organisations=organisations,
        networks=networks,
        assets=assets,
        dependencies=tuple(_mappings(path, data, "dependencies")),
        domains=_texts(f"{path}: domains", data.get("domains") or []),
        brands=_texts(f"{path}: brands", data.get("brands") or []),
        publishers=tuple(_mappings(path, data, "publishers")),
    )


def _mappings(path: Path, data: Mapping[str, Any], section: str) -> Iterator[Mapping[str, Any]]:
    entries = data.get(section) or []
    if not isinstance(entries, list):
        raise ProfileError(f"{path}: {section}: expected a list, found {type(entries).__name__}")
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise ProfileError(f"{path}: {section}, entry {number}: expected a mapping, found {entry!r}")
        yield entry


def _entries(path: Path, data: Mapping[str, Any], section: str, kind: Any, required: Iterable[str]) -> Iterator[Any]:
    fields = kind.__dataclass_fields__
    for number, entry in enumerate(_mappings(path, data, section), 1):
        missing, unknown = set(required) - {key for key, value in entry.items() if value is not None}, set(entry) - set(fields)
        if missing or unknown:
            raise ProfileError(
                f"{path}: {section}, entry {number}: missing {sorted(missing) or 'nothing'}, unknown {sorted(map(str, unknown)) or 'nothing'}; "
                f"expected {', '.join(sorted(fields))}"
            )
        where = f"{path}: {section}, entry {number}"
        yield kind(
            **{
                key: _texts(f"{where}: {key}", value)
                if fields[key].type == tuple[str, ...]
                else _text(f"{where}: {key}", value)
                for key, value in entry.items()
                if value is not None
            }
        )


def _text(where: str, value: Any) -> str:
    # YAML 1.1 takes NO, a country, for false: nobody means that here.
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ProfileError(f"{where}: expected text, found {value!r}. Put it in quotes if it is meant so.")
    return str(value)


def _texts(where: str, values: Any) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise ProfileError(f"{where}: expected a list, found {values!r}. Write it as [{values}].")
    return tuple(_text(where, value) for value in values)
