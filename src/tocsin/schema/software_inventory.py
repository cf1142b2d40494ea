"""What is installed or built in, OCSF Software Inventory Info (5020)."""

import pyarrow as pa

from tocsin.schema.columns import Table

SOFTWARE_INVENTORY = Table(
    "software_inventory",
    "One component as an inventory (bill of materials, package database, lock file, software list) names it.",
    {
        "asset": (pa.string(), "Host, image or application it is part of; null if the inventory does not say."),
        "package_name": (pa.string(), "Name as written, with its group or scope where the ecosystem has one."),
        "package_version": (pa.string(), "Version as written; null if none."),
        "package_purl": (
            pa.string(),
            "Package URL as written, or made of ecosystem, name and version where the format has none; null if it is not one.",
        ),
        "package_cpe": (pa.string(), "CPE as written; null if none."),
        "package_ecosystem": (
            pa.string(),
            "OSV's word: PyPI, npm, Go, Maven, crates.io, RubyGems, Packagist, NuGet, Debian, Alpine…; null if unknown.",
        ),
        "distro": (pa.string(), "Distribution and release as in os-release: `debian 12`, `alpine 3.18`; null if none."),
        "package_arch": (pa.string(), "Architecture; null if not said."),
        "package_source_name": (pa.string(), "Source package of a distribution's package; null if not said."),
        "package_source_version": (pa.string(), "Version of the source package; null if not said."),
        "package_vendor": (pa.string(), "Supplier, publisher or maintainer; null if not said."),
        "package_type": (pa.string(), "CycloneDX component type: library, application, operating-system, file or another."),
        "scope": (pa.string(), "How it is needed: required, optional, dev…; null if not said."),
        "package_license": (pa.string(), "Licence as written; null if not said."),
        "sha256": (pa.string(), "SHA-256 of the component, lower-case hex; null if not said."),
        "bom_ref": (pa.string(), "The inventory's own name for the component, by which it refers to it."),
    },
)
