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

DPKG_STATUS = """Package: base-files
Essential: yes
Status: install ok installed
Maintainer: Example <help@example.org>
Architecture: amd64
Version: 12.4+deb12u5
Description: base
 more of it
 .
 Package: not one

Package: libexample1
Status: install ok installed
Architecture: amd64
Source: example (1.0-1)
Version: 1:1.0-1+b2

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 2.0

"""

DPKG_LIST = """Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)
||/ Name               Version          Architecture Description
+++-==================-================-============-=================
ii  base-files         12ubuntu4.4      amd64        base
ii  libexample1:amd64  1:1.0-1          amd64        an example
hi  held               2.0              all          kept back
rc  gone               1.0              amd64        settings
"""

RPM = {
    "qa.txt": "centos-release-7-6.1810.2.el7.centos.x86_64\nopenssl-libs-1.0.2k-16.el7.x86_64\ngpg-pubkey-f4a80eb5-53a7ff4b\n",
    "columns.txt": "rocky-release\t(none)\t8.6\t3.el8\tnoarch\trocky-release-8.6-3.el8.src.rpm\n"
    "openssl-libs\t1\t1.1.1k\t9.el8_7\tx86_64\topenssl-1.1.1k-9.el8_7.src.rpm\n",
    "dnf.txt": "Installed Packages\nopenssl-libs.x86_64     1:1.1.1k-9.el8_7     @baseos\nbash.x86_64    4.4.20-4.el8_6    @anaconda\n",
    "information.txt": "Name        : bash\nVersion     : 5.2.15\nRelease     : 3.fc39\nArchitecture: x86_64\nSource RPM  : bash-5.2.15-3.fc39.src.rpm\n"
    "Vendor      : Fedora Project\nDescription :\nThe shell.\nName        : openssl-libs\nEpoch       : 1\nVersion     : 3.1.1\nRelease     : 4.fc39\n"
    "Architecture: x86_64\n",
}

APK = """C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=
P:musl
V:1.2.4-r2
A:x86_64
L:MIT
o:musl
m:Example <help@example.org>
F:lib
R:libc.so

C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAB=
P:alpine-release
V:3.18.4-r0
A:x86_64
o:alpine-base

"""

CARGO = f"""# This file is automatically @generated by Cargo.
version = 3

[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "parser",
]

[[package]]
name = "parser"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "{DIGEST}"

[[package]]
name = "forked"
version = "2.0.0"
source = "git+https://git.example/forked#0123"
"""

POETRY = """# This file is automatically @generated by Poetry 1.8.2 and should not be changed by hand.

[[package]]
name = "Parser"
version = "1.0.0"
description = "An example"
optional = false
python-versions = ">=3.8"
files = []

[package.dependencies]
other = "*"

[[package]]
name = "other"
version = "2.0"
description = ""
optional = true
python-versions = "*"
files = []

[[package]]
name = "forked"
version = "3.0"
description = ""
optional = false
python-versions = "*"
files = []

[package.source]
type = "git"
url = "https://git.example/forked"

[metadata]
lock-version = "2.0"
python-versions = "^3.8"
"""

UV = """version = 1
requires-python = ">=3.11"

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "parser" }]

[[package]]
name = "parser"
version = "1.0.0"
source = { registry = "https://pypi.example/simple" }
sdist = { url = "https://pypi.example/parser-1.0.0.tar.gz", hash = "sha256:00" }
"""

PDM = """# This file is @generated by PDM.
[metadata]
groups = ["default", "test"]
lock_version = "4.4"

[[package]]
name = "parser"
version = "1.0.0"
requires_python = ">=3.8"
summary = "An example"
groups = ["default"]

[[package]]
name = "checker"
version = "2.0"
summary = "Tests"
groups = ["test"]
"""

PYLOCK = """lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "parser"
version = "1.0.0"

[[packages.wheels]]
name = "parser-1.0.0-py3-none-any.whl"
"""

REQUIREMENTS = """# made by hand
-r base.txt
--index-url https://pypi.example/simple
Parser[fast]==1.0.0 ; python_version >= "3.8" \\
    --hash=sha256:00 \\
    --hash=sha256:11
other>=2.0,<3
plain
forked @ git+https://git.example/forked@v1
-e git+https://git.example/mine#egg=mine
"""

PACKAGE_LOCK = {
    "name": "app",
    "version": "0.1.0",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {
        "": {"name": "app", "version": "0.1.0", "dependencies": {"parser": "^1.0.0"}},
        "node_modules/@scope/inner": {"version": "2.0.0", "resolved": "https://registry.example/inner-2.0.0.tgz", "dev": True},
        "node_modules/parser": {"version": "1.0.0", "resolved": "https://registry.example/parser-1.0.0.tgz", "license": "MIT"},
        "node_modules/parser/node_modules/@scope/inner": {"version": "1.9.0"},
        "node_modules/alias": {"name": "original", "version": "3.0.0"},
        "node_modules/forked": {"version": "4.0.0", "resolved": "git+ssh://git@git.example/forked.git#0123"},
        "node_modules/own": {"resolved": "packages/own", "link": True},
        "packages/own": {"name": "own", "version": "0.2.0"},
    },
}
PACKAGE_LOCK_1 = {
    "name": "app",
    "lockfileVersion": 1,
    "dependencies": {
        "parser": {
            "version": "1.0.0",
            "requires": {"@scope/inner": "1"},
            "dependencies": {"@scope/inner": {"version": "1.9.0", "dev": True}},
        },
        "alias": {"version": "npm:original@3.0.0"},
        "forked": {"version": "git+https://git.example/forked.git#0123"},
    },
}

PNPM_5 = """lockfileVersion: 5.4

specifiers:
  parser: ^1.0.0

dependencies:
  parser: 1.0.0

packages:

  /parser/1.0.0:
    resolution: {integrity: sha512-00}
    dev: false

  /@scope/inner/2.0.0_parser@1.0.0:
    resolution: {integrity: sha512-11}
    peerDependencies:
      parser: '*'
    dev: true
"""
PNPM_9 = """lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

importers:

  .:
    dependencies:
      parser:
        specifier: ^1.0.0
        version: 1.0.0

packages:

  '@scope/inner@2.0.0':
    resolution: {integrity: sha512-11}
    peerDependencies:
      parser: '*'

  parser@1.0.0:
    resolution: {integrity: sha512-00}

  forked@https://codeload.example/forked/tar.gz/0123:
    resolution: {tarball: https://codeload.example/forked/tar.gz/0123}
    version: 4.0.0

snapshots:

  '@scope/inner@2.0.0(parser@1.0.0)':
    dependencies:
      parser: 1.0.0
"""

YARN_1 = """# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.
# yarn lockfile v1


"@scope/inner@^1.0.0", "@scope/inner@^1.9.0":
  version "1.9.0"
  resolved "https://registry.example/inner-1.9.0.tgz#00"
  dependencies:
    parser "^1.0.0"

"alias@npm:original@^3.0.0":
  version "3.0.0"

parser@^1.0.0:
  version "1.0.0"
  resolved "https://registry.example/parser-1.0.0.tgz#00"
"""
YARN_BERRY = """# This file is generated by running "yarn install" inside your project.

__metadata:
  version: 8
  cacheKey: 10c0

"@scope/inner@npm:^1.9.0":
  version: 1.9.0
  resolution: "@scope/inner@npm:1.9.0"
  languageName: node
  linkType: hard

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."
  dependencies:
    "@scope/inner": "npm:^1.9.0"
  languageName: unknown
  linkType: soft
"""

GO_MOD = """module git.example/app

go 1.22

toolchain go1.22.1

require git.example/parser v1.0.0

require (
\tgit.example/inner v1.9.0 // indirect
\tgit.example/old v0.1.0
\tgit.example/mine v0.2.0
)

replace git.example/old => git.example/new v0.3.0

replace git.example/mine v0.2.0 => ../mine
"""
GO_VERSION = (
    "/usr/bin/app: go1.22.1\n\tpath\tgit.example/app\n\tmod\tgit.example/app\t(devel)\t\n\tdep\tgit.example/parser\tv1.0.0\th1:00=\n"
    "\tdep\tgit.example/old\tv0.1.0\n\t=>\tgit.example/new\tv0.3.0\th1:00=\n\tdep\tgit.example/mine\tv0.2.0\n\t=>\t../mine\t(devel)\n"
    "\tbuild\t-compiler=gc\n"
)

POM = """<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent><groupId>org.example</groupId><artifactId>parent</artifactId><version>7</version></parent>
  <artifactId>app</artifactId>
  <properties><parser.version>1.0</parser.version><again>${parser.version}</again></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.example</groupId><artifactId>managed</artifactId><version>2.0</version></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>org.example</groupId><artifactId>parser</artifactId><version>${again}</version></dependency>
    <dependency><groupId>org.example</groupId><artifactId>managed</artifactId><scope>test</scope></dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>sibling</artifactId><version>${project.version}</version></dependency>
    <dependency><groupId>org.example</groupId><artifactId>ranged</artifactId><version>[1.0,2.0)</version></dependency>
    <dependency><groupId>org.example</groupId><artifactId>elsewhere</artifactId></dependency>
  </dependencies>
  <build><plugins><plugin><dependencies>
    <dependency><groupId>org.example</groupId><artifactId>plugged</artifactId><version>9</version></dependency>
  </dependencies></plugin></plugins></build>
</project>
"""

GRADLE = """# This is a Gradle generated file for dependency locking.
# Manual edits can break the build and are not advised.
org.example:checker:2.0=testCompileClasspath,testRuntimeClasspath
org.example:parser:1.0=compileClasspath,runtimeClasspath,testCompileClasspath
empty=annotationProcessor
"""

GEMFILE = """GIT
  remote: https://git.example/forked.git
  revision: 0123
  specs:
    forked (4.0.0)

GEM
  remote: https://rubygems.example/
  specs:
    parser (1.0.0)
      inner (>= 1.9)
    native (1.13.10-x86_64-linux)

PLATFORMS
  x86_64-linux

DEPENDENCIES
  forked!
  parser

BUNDLED WITH
   2.4.10
"""

COMPOSER = {
    "content-hash": "00",
    "packages": [
        {"name": "example/parser", "version": "v1.0.0", "license": ["MIT"], "dist": {"type": "zip"}},
        {"name": "example/mine", "version": "dev-main", "dist": {"type": "path", "url": "../mine"}},
    ],
    "packages-dev": [{"name": "example/checker", "version": "2.0.0"}],
}
COMPOSER_INSTALLED = {
    "packages": [
        {"name": "example/parser", "version": "1.0.0", "version_normalized": "1.0.0.0"},
        {"name": "example/checker", "version": "2.0"},
    ],
    "dev": True,
    "dev-package-names": ["example/checker"],
}

NUGET = {
    "version": 1,
    "dependencies": {
        "net8.0": {
            "Example.Parser": {"type": "Direct", "requested": "[1.0.0, )", "resolved": "1.0.0", "contentHash": "00"},
            "mine": {"type": "Project", "dependencies": {"Example.Parser": "1.0.0"}},
        },
        "net8.0/linux-x64": {"Example.Parser": {"type": "Direct", "resolved": "1.0.0", "contentHash": "00"}},
    },
}
NUGET_CONFIG = """<?xml version="1.0" encoding="utf-8"?>
<packages>
  <package id="Example.Parser" version="1.0.0" targetFramework="net48" />
  <package id="Example.Checker" version="2.0.0" targetFramework="net48" developmentDependency="true" />
</packages>
"""
DEPS = {
    "runtimeTarget": {"name": ".NETCoreApp,Version=v8.0", "signature": ""},
    "targets": {".NETCoreApp,Version=v8.0": {"App/1.0.0": {"dependencies": {"Example.Parser": "1.0.0"}}}},
    "libraries": {
        "App/1.0.0": {"type": "project"},
        "Example.Parser/1.0.0": {"type": "package", "serviceable": True, "sha512": "sha512-00"},
    },
}

UNINSTALL = (
    "#TYPE Selected.System.Management.Automation.PSCustomObject\r\n"
    '"PSComputerName","DisplayName","DisplayVersion","Publisher","PSChildName"\r\n'
    '"host1","Example Browser (x64 en)","1.2.3","Example Ltd","{00000000-0000-0000-0000-000000000001}"\r\n'
    '"host1","","","",""\r\n"host1",,,,"KB123"\r\n"host2","Editor","2.0","Maker, Inc.","Editor_is1"\r\n'
)
WMIC = "\r\n\r\nNode,Name,Vendor,Version\r\nHOST1,Example Browser,Example Ltd,1.2.3\r\nHOST1,Editor,,\r\n".encode("utf-16")

# In columns of 20; wide characters take two of them.
WINGET = "\r   - \r                    \r" + "".join(
    f"{name}{' ' * (20 - width)}{uid:21}{version:13}{rest}\r\n"
    for name, width, uid, version, rest in (
        ("Name", 4, "Id", "Version", "Available Source"),
        ("-" * 71, 20, "", "", ""),
        ("Example Browser", 15, "Example.Browser", "1.2.3", "1.3       winget"),
        ("例のエディタ", 12, "Maker.Editor", "2.0", "          winget"),
        ("Old Tool", 8, "ARP\\Machine\\X86\\t", "Unknown", ""),
        ("Long", 4, "Maker.Long", "1.2.3.4.5.6…", ""),
    )
)

INVENTORIES: dict[str, Any] = {
    "cyclonedx_json/bom.json": CYCLONEDX,
    "cyclonedx_xml/bom.xml": CYCLONEDX_XML,
    "cyclonedx_xml/extension.xml": CYCLONEDX_OLD,
    "spdx_json/document.spdx.json": SPDX,
    "spdx_json/github.json": {"sbom": SPDX},
    "spdx_tag_value/document.spdx": SPDX_TAGS,
    "spdx3_json/document.json": SPDX3,
    "dpkg_status/status": DPKG_STATUS,
    "dpkg_list/dpkg_l.txt": DPKG_LIST,
    "dpkg_list/dpkg_query.txt": "base-files\t12.4+deb12u5\tamd64\t\nlibexample1\t1:1.0-1+b2\tamd64\texample (1.0-1)\n",
    "dpkg_list/apt.txt": "Listing...\nbase-files/stable,now 12.4+deb12u5 amd64 [installed]\nlibexample1/now 1:1.0-1 amd64 [installed,local]\n",
    **{f"rpm_list/{name}": text for name, text in RPM.items()},
    "apk_installed/installed": APK,
    "apk_list/info.txt": "musl-1.2.4-r2\nalpine-base-3.18.4-r0\nlibc-utils-0.7.2-r5\n",
    "apk_list/list.txt": "libcrypto3-3.1.4-r0 x86_64 {openssl} (Apache-2.0) [installed]\nnewer-1.0-r0 x86_64 {newer} (MIT)\n"
    "gone-1.0-r0 x86_64 {gone} (MIT) [upgradable from: gone-0.9-r0]\n",
    "cargo_lock/Cargo.lock": CARGO,
    "poetry_lock/poetry.lock": POETRY,
    "uv_lock/uv.lock": UV,
    "pdm_lock/pdm.lock": PDM,
    "pdm_lock/pylock.toml": PYLOCK,
    "pipfile_lock/Pipfile.lock": {
        "_meta": {"hash": {"sha256": "00"}, "pipfile-spec": 6},
        "default": {"parser": {"version": "==1.0.0"}, "forked": {"git": "https://git.example/forked", "ref": "0123"}},
        "develop": {"checker": {"version": "==2.0"}},
    },
    "pip_list/list.json": [{"name": "Parser", "version": "1.0.0"}, {"name": "mine", "version": "0.1", "editable_project_location": "/src/mine"}],
    "pip_list/inspect.json": {"version": "1", "pip_version": "24.0", "installed": [{"metadata": {"name": "Parser", "version": "1.0.0"}, "installer": "pip"}]},
    "pip_list/columns.txt": "Package Version Editable project location\n------- ------- -------------------------\nParser  1.0.0\nmine    0.1     /src/mine\n",
    "pip_requirements/requirements.txt": REQUIREMENTS,
    "pip_requirements/freeze.txt": "Parser==1.0.0\nother==2.0\n",
    "package_lock/package-lock.json": PACKAGE_LOCK,
    "package_lock/version-1.json": PACKAGE_LOCK_1,
    "pnpm_lock/version-5.yaml": PNPM_5,
    "pnpm_lock/version-9.yaml": PNPM_9,
    "yarn_lock/version-1.lock": YARN_1,
    "yarn_lock/berry.lock": YARN_BERRY,
    "go_mod/go.mod": GO_MOD,
    "go_sum/go.sum": "git.example/parser v1.0.0 h1:00=\ngit.example/parser v1.0.0/go.mod h1:11=\ngit.example/only v0.1.0/go.mod h1:22=\n",
    "go_version/app.txt": GO_VERSION,
    "pom_xml/pom.xml": POM,
    "gradle_lockfile/gradle.lockfile": GRADLE,
    "gemfile_lock/Gemfile.lock": GEMFILE,
    "composer_lock/composer.lock": COMPOSER,
    "composer_lock/installed.json": COMPOSER_INSTALLED,
    "nuget_lock/packages.lock.json": NUGET,
    "nuget_config/packages.config": NUGET_CONFIG,
    "dotnet_deps/app.deps.json": DEPS,
    "windows_software/uninstall.csv": UNINSTALL,
    "windows_software/wmic.csv": WMIC,
    "winget_list/list.txt": WINGET,
    "winget_export/export.json": {
        "$schema": "https://aka.ms/winget-packages.schema.2.0.json",
        "CreationDate": "2024-03-01T10:00:00.000-00:00",
        "Sources": [{"Packages": [{"PackageIdentifier": "Example.Browser.Beta", "Version": "1.2.3"}, {"PackageIdentifier": "Maker.Editor"}]}],
        "WinGetVersion": "1.7.10661",
    },
    "github_snapshot/snapshot.json": {
        "version": 0, "job": {"id": "1"}, "sha": "00", "ref": "refs/heads/main", "scanned": "2024-03-01T10:00:00Z",
        "detector": {"name": "maker", "version": "1.0", "url": "https://maker.example"},
        "manifests": {
            "package-lock.json": {
                "name": "package-lock.json", "file": {"source_location": "src/package-lock.json"},
                "resolved": {
                    "parser": {"package_url": "pkg:npm/parser@1.0.0", "relationship": "direct", "scope": "runtime"},
                    "bad": {"package_url": "parser 1.0"},
                },
            },
        },
    },
    "syft/syft.json": {
        "artifacts": [
            {
                "id": "00", "name": "libexample1", "version": "1.0-1+b2", "type": "deb", "foundBy": "dpkg-db-cataloger", "licenses": ["MIT", {"value": "GPL-2.0"}],
                "purl": "pkg:deb/debian/libexample1@1.0-1%2Bb2?arch=amd64", "cpes": [{"cpe": "cpe:2.3:a:example:libexample1:1.0:*:*:*:*:*:*:*", "source": "x"}],
                "metadata": {"package": "libexample1", "source": "example", "sourceVersion": "1.0-1", "architecture": "amd64"},
            },
            {"id": "11", "name": "parser", "version": "", "type": "python", "foundBy": "python-package-cataloger", "purl": "pkg:pypi/parser"},
        ],
        "artifactRelationships": [],
        "source": {"name": "example/app", "type": "image", "metadata": {"userInput": "example/app:1"}},
        "distro": {"id": "debian", "versionID": "12"},
        "descriptor": {"name": "syft", "version": "1.0.0"},
    },
}  # fmt: skip


def content(inventory: Any) -> bytes:
    """An inventory as its bytes: text and bytes as they are, everything else as JSON."""
    if isinstance(inventory, bytes):
        return inventory
    return (inventory if isinstance(inventory, str) else json.dumps(inventory, indent=1)).encode()


if __name__ == "__main__":
    for path, inventory in INVENTORIES.items():
        (HERE / path).parent.mkdir(exist_ok=True)
        (HERE / path).write_bytes(content(inventory))
