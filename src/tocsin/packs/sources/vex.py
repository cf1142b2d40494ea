"""CSAF 2.0/2.1 (Red Hat's and SUSE's VEX and advisories, feeds of CERTs) and OpenVEX (Ubuntu).

Sources: https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html; https://github.com/openvex/spec
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from packageurl import PackageURL

from tocsin.packs.records import Advisory, Affected, Status
from tocsin.packs.sources.cve import cpe_name
from tocsin.packs.spaces import from_distro, from_purl_type, scheme_of
from tocsin.versions.ranges import Interval, RangeError, after, bound, from_vers

_WORDS = {"no_fix_planned": "will_not_fix", "none_available": "fix_deferred"}
_ENTERPRISE = re.compile(r"(?:redhat:(?:enterprise_linux|rhel_[a-z]+)|suse:(sle[sd])):([0-9]+(?:[.:](?:sp)?[0-9]+)?)")
_MODULAR = re.compile(r"\.module[+_]")


def claims_csaf(value: Any) -> bool:
    """Whether this is a CSAF document."""
    document = value.get("document") if isinstance(value, dict) else None
    return isinstance(document, dict) and "csaf_version" in document


def claims_openvex(value: Any) -> bool:
    """Whether this is an OpenVEX document."""
    return isinstance(value, dict) and "openvex" in str(value.get("@context", "")) and isinstance(value.get("statements"), list)


def csaf(value: Mapping[str, Any]) -> Iterator[Advisory]:
    """One advisory a vulnerability. Products that name neither a package nor a CPE are left out."""
    products = dict(_products(value.get("product_tree") or {}))
    tracking = value["document"].get("tracking") or {}
    for vulnerability in value.get("vulnerabilities") or []:
        ids = [str(vulnerability["cve"])] if vulnerability.get("cve") else []
        ids += [str(one["text"]) for one in vulnerability.get("ids") or [] if one.get("text")]
        if not ids:
            continue
        scores = [one.get("cvss_v4") or one.get("cvss_v3") or one.get("cvss_v2") or {} for one in _metrics(vulnerability)]
        best: Mapping[str, Any] = max(scores, key=lambda one: float(one.get("baseScore") or 0), default={})
        yield Advisory(
            id=ids[0],
            affected=tuple(_said(vulnerability, products)),
            aliases=tuple(ids[1:]),
            title=str(vulnerability.get("title") or value["document"].get("title") or "")[:160],
            score=float(best["baseScore"]) if best.get("baseScore") is not None else None,
            vector=str(best.get("vectorString") or ""),
            published=str(vulnerability.get("release_date") or tracking.get("initial_release_date") or "")[:10],
            modified=str(tracking.get("current_release_date") or "")[:10],
            cwes=(str(vulnerability["cwe"]["id"]),) if vulnerability.get("cwe") else (),
        )


def _metrics(vulnerability: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from vulnerability.get("scores") or []  # CSAF 2.0
    yield from (one.get("content") or {} for one in vulnerability.get("metrics") or [])  # CSAF 2.1


def _products(tree: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Product id to what identifies it: purl, cpe, version range; relationships inherit from both of their sides."""
    known: dict[str, dict[str, str]] = {}
    waiting: list[tuple[Any, str]] = [(branch, "") for branch in tree.get("branches") or []]
    waiting += [({"product": one}, "") for one in tree.get("full_product_names") or []]
    while waiting:
        branch, span = waiting.pop()
        if branch.get("category") in ("product_version_range", "product_version"):
            span = str(branch.get("name") or "")
        waiting += [(inner, span) for inner in branch.get("branches") or []]
        product = branch.get("product")
        if product:
            helper = product.get("product_identification_helper") or {}
            known[str(product["product_id"])] = {
                "purl": str(helper.get("purl") or next(iter(helper.get("purls") or []), "")), "cpe": str(helper.get("cpe") or ""), "span": span,
            }  # fmt: skip
    for one in tree.get("relationships") or []:
        part, platform = known.get(str(one["product_reference"]), {}), known.get(str(one["relates_to_product_reference"]), {})
        known[str(one["full_product_name"]["product_id"])] = part | {
            "platform": platform.get("cpe", "") or platform.get("platform", "")
        }
    yield from known.items()


def _said(vulnerability: Mapping[str, Any], products: Mapping[str, Mapping[str, str]]) -> Iterator[Affected]:
    status = vulnerability.get("product_status") or {}
    flags = {
        str(product): str(flag.get("label"))
        for flag in vulnerability.get("flags") or []
        for product in flag.get("product_ids") or []
    }
    remedies = {
        str(product): _WORDS[one["category"]]
        for one in vulnerability.get("remediations") or []
        if one.get("category") in _WORDS
        for product in one.get("product_ids") or []
    }
    kinds = {
        "known_affected": Status.AFFECTED, "last_affected": Status.AFFECTED, "first_affected": Status.AFFECTED, "known_not_affected": Status.NOT_AFFECTED,
        "under_investigation": Status.UNDER_INVESTIGATION,
    }  # fmt: skip
    found: dict[Affected, None] = {}
    for kind, products_ in status.items():
        for identifier in map(str, products_):
            product = products.get(identifier, {})
            if kind in ("fixed", "first_fixed"):
                found |= dict.fromkeys(_fixed(product))
            elif kind in kinds:
                note = flags.get(identifier, "") if kinds[kind] is Status.NOT_AFFECTED else remedies.get(identifier, "")
                found |= dict.fromkeys(_whole(product, kinds[kind], note))
    yield from found


def place(product: Mapping[str, str]) -> tuple[str, str, str]:
    """``(space, name, version)`` of a product; "" where it has none."""
    if product.get("purl"):
        purl = PackageURL.from_string(product["purl"])
        distro = str((purl.qualifiers or {}).get("distro") or "") if isinstance(purl.qualifiers, dict) else ""
        space = (
            from_purl_type(purl.type)
            or (from_distro(distro) if distro else None)
            or _platform(product.get("platform", ""))
            or ""
        )
        epoch = str((purl.qualifiers or {}).get("epoch") or "") if isinstance(purl.qualifiers, dict) else ""
        version = f"{epoch}:{purl.version}" if epoch and purl.version and ":" not in purl.version else purl.version or ""
        if purl.type in ("deb", "rpm", "apk", "rpmmod"):
            return space, purl.name, version
        joint = ":" if purl.type == "maven" else "/"
        return space, f"{purl.namespace}{joint}{purl.name}" if purl.namespace else purl.name, version
    parts = product.get("cpe", "").replace("cpe:/", "cpe:2.3:").split(":")
    if len(parts) > 4 and parts[3]:
        return "cpe", cpe_name(parts[3], parts[4]), parts[5] if len(parts) > 5 and parts[5] not in ("*", "-") else ""
    return "", "", ""


def _platform(cpe: str) -> str | None:
    found = _ENTERPRISE.search(cpe)
    if not found:
        return None
    release = found[2].replace(":sp", ".").replace(":", ".")
    return f"{found[1]} {release}" if found[1] else f"rhel {release.split('.')[0]}"


def _fixed(product: Mapping[str, str]) -> Iterator[Affected]:
    space, name, version = place(product)
    if space and name and version:
        try:
            # A build of a module has fixes of its own: it says nothing of builds outside.
            note = "modular" if _MODULAR.search(version) else ""
            yield Affected(space, name, (Interval(b"", bound(scheme_of(space), version), version),), note=note)
        except RangeError:
            yield Affected(space, name, (), Status.UNREADABLE)


def _whole(product: Mapping[str, str], status: Status, note: str) -> Iterator[Affected]:
    space, name, version = place(product)
    if not space or not name:
        return
    try:
        if product.get("span", "").startswith("vers:"):
            intervals = tuple(from_vers(product["span"])[1])
        elif version:
            at = bound(scheme_of(space), version)
            intervals = (Interval(at, after(at), last=version),)
        else:
            intervals = (Interval(),)
        yield Affected(space, name, intervals, status, note)
    except RangeError:
        yield Affected(space, name, (), Status.UNREADABLE)


def openvex(value: Mapping[str, Any]) -> Iterator[Advisory]:
    """One advisory a statement."""
    kinds = {
        "affected": Status.AFFECTED,
        "not_affected": Status.NOT_AFFECTED,
        "under_investigation": Status.UNDER_INVESTIGATION,
    }
    for statement in value["statements"]:
        vulnerability = statement.get("vulnerability")
        named = vulnerability if isinstance(vulnerability, dict) else {"name": vulnerability}
        found: dict[Affected, None] = {}
        for entry in statement.get("products") or []:
            product = entry if isinstance(entry, dict) else {"@id": entry}
            inner = [one for one in product.get("subcomponents") or [] if isinstance(one, dict)] or [product]
            for one in inner:
                purl = str((one.get("identifiers") or {}).get("purl") or one.get("@id") or "")
                if not purl.startswith("pkg:"):
                    continue
                if statement.get("status") == "fixed":
                    found |= dict.fromkeys(_fixed({"purl": purl}))
                elif statement.get("status") in kinds:
                    note = str(statement.get("justification") or "")
                    found |= dict.fromkeys(_whole({"purl": purl}, kinds[statement["status"]], note))
        if named.get("name") and found:
            aliases = tuple(map(str, named.get("aliases") or ()))
            published = str(statement.get("timestamp") or value.get("timestamp") or "")[:10]
            yield Advisory(
                str(named["name"]),
                tuple(found),
                aliases=aliases,
                title=str(named.get("description") or "")[:160],
                published=published,
            )
