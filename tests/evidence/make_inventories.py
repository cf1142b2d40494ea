"""Write the small inventories of software beside this script: ``python tests/evidence/make_inventories.py``.

Everything is made up; packages and vulnerabilities are of nobody. A test checks that the files in the repository are what this
script writes.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CVSS = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
DIGEST = "0123456789abcdef" * 4

VEX = {
    "id": "CVE-2024-0001",
    "references": [{"id": "GHSA-2222-3333-4444"}],
    "ratings": [
        {"severity": "high"},
        {"score": 9.8, "method": "CVSSv31", "vector": CVSS.removeprefix("CVSS:3.1/")},
        {"score": 10, "method": "CVSSv2", "vector": "AV:N/AC:L/Au:N/C:C/I:C/A:C"},
    ],
    "cwes": [787],
    "description": "An overflow.",
    "recommendation": "Upgrade.",
    "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "It is never called."},
    "affects": [
        {"ref": "parser"},
        {"ref": "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#pkg%3Apypi%2Fother%402.0"},
        {
            "ref": "elsewhere",
            "versions": [{"range": "vers:pypi/<2", "status": "affected"}, {"version": "2.0", "status": "unaffected"}],
        },
    ],
}

CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": "urn:uuid:00000000-0000-0000-0000-000000000001",
    "metadata": {
        "timestamp": "2024-03-01T10:00:00Z",
        "tools": {"components": [{"type": "application", "name": "maker", "version": "1.2"}]},
        "component": {"type": "container", "name": "example/app:1", "bom-ref": "app"},
        "supplier": {"name": "Example Ltd"},
    },
    "components": [
        {
            "type": "library", "bom-ref": "parser", "group": "org.example", "name": "parser", "version": "1.0",
            "purl": "pkg:maven/org.example/parser@1.0?type=jar", "scope": "required", "licenses": [{"license": {"id": "MIT"}}],
            "hashes": [{"alg": "SHA-256", "content": DIGEST}], "cpe": "cpe:2.3:a:example:parser:1.0:*:*:*:*:*:*:*",
            "components": [{"type": "library", "name": "inner", "purl": "pkg:npm/%40scope/inner@2.0"}],
            "pedigree": {"patches": [{"type": "backport", "resolves": [{"type": "security", "id": "CVE-2023-0009"}]}]},
        },
        {
            "type": "library", "name": "libexample", "version": "1.0-2", "purl": "pkg:deb/debian/libexample@1.0-2?arch=amd64&upstream=example%401.0-1",
        },
        {"type": "library", "name": "no-version"},
        {"type": "library", "name": "bad-purl", "version": "3", "purl": "not a purl"},
        {"type": "operating-system", "name": "debian", "version": "12"},
    ],
    "vulnerabilities": [VEX],
}  # fmt: skip

CYCLONEDX_XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" serialNumber="urn:uuid:00000000-0000-0000-0000-000000000001" version="1">
  <metadata>
    <timestamp>2024-03-01T10:00:00Z</timestamp>
    <tools><components><component type="application"><name>maker</name><version>1.2</version></component></components></tools>
    <component type="container" bom-ref="app"><name>example/app:1</name></component>
  </metadata>
  <components>
    <component type="library" bom-ref="parser">
      <supplier><name>Example Ltd</name></supplier>
      <group>org.example</group><name>parser</name><version>1.0</version>
      <hashes><hash alg="SHA-256">{DIGEST}</hash></hashes>
      <licenses><license><id>MIT</id></license></licenses>
      <purl>pkg:maven/org.example/parser@1.0?type=jar</purl>
      <pedigree><ancestors><component type="library"><name>older</name></component></ancestors></pedigree>
      <components><component type="library"><name>inner</name><purl>pkg:npm/%40scope/inner@2.0</purl></component></components>
    </component>
    <component type="library"><name>no-version</name></component>
  </components>
  <vulnerabilities>
    <vulnerability>
      <id>CVE-2024-0001</id>
      <ratings><rating><score>9.8</score><severity>critical</severity><method>CVSSv31</method><vector>{CVSS}</vector></rating></ratings>
      <cwes><cwe>787</cwe></cwes>
      <analysis><state>exploitable</state></analysis>
      <affects><target><ref>parser</ref></target></affects>
    </vulnerability>
  </vulnerabilities>
</bom>
"""

# Before 1.4, vulnerabilities were an extension: within their component or beside the components.
CYCLONEDX_OLD = f"""<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.2" xmlns:v="http://cyclonedx.org/schema/ext/vulnerability/1.0" version="1">
  <components>
    <component type="library" bom-ref="a"><name>one</name><version>1</version>
      <v:vulnerabilities><v:vulnerability ref="a"><v:id>CVE-2024-0001</v:id>
        <v:ratings><v:rating><v:score><v:base>9.8</v:base></v:score><v:severity>Critical</v:severity><v:method>CVSSv3</v:method>
        <v:vector>{CVSS.removeprefix("CVSS:3.1/")}</v:vector></v:rating></v:ratings></v:vulnerability></v:vulnerabilities>
    </component>
    <component type="library" bom-ref="b"><name>two</name><version>2</version></component>
  </components>
  <v:vulnerabilities><v:vulnerability ref="b"><v:id>CVE-2024-0002</v:id><v:recommendations><v:recommendation>Upgrade
  </v:recommendation></v:recommendations></v:vulnerability></v:vulnerabilities>
</bom>
"""

SPDX = {
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "name": "example/app:1",
    "creationInfo": {"created": "2024-03-01T10:00:00Z", "creators": ["Organization: Example", "Tool: maker-1.2.3"]},
    "packages": [
        {
            "SPDXID": "SPDXRef-1", "name": "parser", "versionInfo": "1.0", "supplier": "Organization: Example Ltd (help@example.org)",
            "licenseConcluded": "NOASSERTION", "licenseDeclared": "MIT", "primaryPackagePurpose": "LIBRARY",
            "checksums": [{"algorithm": "SHA256", "checksumValue": DIGEST}],
            "externalRefs": [
                {"referenceCategory": "SECURITY", "referenceType": "cpe22Type", "referenceLocator": "cpe:/a:example:parser:1.0"},
                {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:example:parser:1.0:*:*:*:*:*:*:*"},
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:maven/org.example/parser@1.0"},
            ],
        },
        {
            "SPDXID": "SPDXRef-2", "name": "libexample", "versionInfo": "1.0-2", "sourceInfo": "built package from: example 1.0-1",
            "externalRefs": [{"referenceType": "http://spdx.org/rdf/references/purl", "referenceLocator": "pkg:deb/debian/libexample@1.0-2"}],
        },
        {"SPDXID": "SPDXRef-OperatingSystem-3", "name": "debian", "versionInfo": "12"},
        {"SPDXID": "SPDXRef-4", "name": "no-version", "versionInfo": "NOASSERTION"},
    ],
    "files": [{"SPDXID": "SPDXRef-5", "fileName": "./a"}],
}  # fmt: skip

SPDX_TAGS = f"""SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: example/app:1
Creator: Tool: maker-1.2.3
Created: 2024-03-01T10:00:00Z
# a remark

PackageName: parser
SPDXID: SPDXRef-1
PackageVersion: 1.0
PackageSupplier: Organization: Example Ltd (help@example.org)
PackageChecksum: SHA256: {DIGEST}
PackageLicenseDeclared: MIT
PackageCopyrightText: <text>Line one
PackageName: not a package
line three</text>
ExternalRef: PACKAGE_MANAGER purl pkg:maven/org.example/parser@1.0

FileName: ./a
SPDXID: SPDXRef-2
PackageVersion: 9

PackageName: no-version
SPDXID: SPDXRef-3
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-1
"""

SPDX3 = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        {"type": "CreationInfo", "@id": "_:c", "created": "2024-03-01T10:00:00Z", "createdBy": ["https://example.org/o"]},
        {"type": "Organization", "spdxId": "https://example.org/o", "name": "Example Ltd"},
        {"type": "Tool", "spdxId": "https://example.org/t", "name": "maker"},
        {"type": "SpdxDocument", "spdxId": "https://example.org/d", "name": "example/app:1"},
        {
            "type": "software_Package", "spdxId": "https://example.org/p1", "name": "parser", "software_packageVersion": "1.0",
            "software_packageUrl": "pkg:maven/org.example/parser@1.0", "suppliedBy": "https://example.org/o",
            "software_primaryPurpose": "operatingSystem", "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": DIGEST}],
            "externalIdentifier": [{"type": "ExternalIdentifier", "externalIdentifierType": "cpe23", "identifier": "cpe:2.3:a:example:parser:1.0:*:*:*:*:*:*:*"}],
        },
        {"type": "https://spdx.org/rdf/3.0.1/terms/Software/Package", "spdxId": "https://example.org/p2", "name": "no-version"},
        {"type": "software_File", "spdxId": "https://example.org/f", "name": "./a"},
        {"type": "security_Vulnerability", "spdxId": "https://example.org/v", "externalIdentifier": [{"externalIdentifierType": "cve", "identifier": "CVE-2024-0001"}]},
        {
            "type": "security_VexNotAffectedVulnAssessmentRelationship", "spdxId": "https://example.org/x", "from": "https://example.org/v",
            "to": ["https://example.org/p1"], "relationshipType": "doesNotAffect", "security_justificationType": "vulnerableCodeNotPresent",
        },
    ],
}  # fmt: skip

INVENTORIES: dict[str, Any] = {
    "cyclonedx_json/bom.json": CYCLONEDX,
    "cyclonedx_xml/bom.xml": CYCLONEDX_XML,
    "cyclonedx_xml/extension.xml": CYCLONEDX_OLD,
    "spdx_json/document.spdx.json": SPDX,
    "spdx_json/github.json": {"sbom": SPDX},
    "spdx_tag_value/document.spdx": SPDX_TAGS,
    "spdx3_json/document.json": SPDX3,
}


def content(inventory: Any) -> bytes:
    """An inventory as its bytes: text and bytes as they are, everything else as JSON."""
    if isinstance(inventory, bytes):
        return inventory
    return (inventory if isinstance(inventory, str) else json.dumps(inventory, indent=1)).encode()


if __name__ == "__main__":
    for path, inventory in INVENTORIES.items():
        (HERE / path).parent.mkdir(exist_ok=True)
        (HERE / path).write_bytes(content(inventory))
