"""Write the small scan reports in JSON and CSV beside this script: ``python tests/evidence/make_scan_reports.py``.

Everything is made up: addresses and names are those kept for documentation (RFC 5737, 3849, 2606), vulnerabilities are of no
product. A test checks that the files in the repository are what this script writes.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CVSS = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
MEDIUM = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N"


def trivy_vulnerability(uid: str, package: str, **more: Any) -> dict[str, Any]:
    return {"VulnerabilityID": uid, "PkgName": package, "InstalledVersion": "1.0", "Severity": "HIGH", **more}


TRIVY_RESULTS = [
    {
        "Target": "example/app:1 (debian 12.1)", "Class": "os-pkgs", "Type": "debian",
        "Vulnerabilities": [
            trivy_vulnerability(
                "CVE-2024-0001", "libexample", FixedVersion="1.1", Status="fixed", Title="An overflow", CweIDs=["CWE-787"],
                CVSS={"nvd": {"V3Vector": CVSS, "V3Score": 9.8}}, PkgIdentifier={"PURL": "pkg:deb/debian/libexample@1.0?distro=debian-12.1"},
            ),
            trivy_vulnerability("CVE-2024-0002", "libexample", Severity="UNKNOWN"),
        ],
    },
    {
        "Target": "Dockerfile", "Class": "config", "Type": "dockerfile",
        "Misconfigurations": [
            {"ID": "DS002", "Title": "Runs as root", "Severity": "HIGH", "Status": "FAIL", "Message": "Add a USER", "Resolution": "Add USER"},
            {"ID": "DS001", "Title": "Tag is said", "Severity": "LOW", "Status": "PASS"},
        ],
    },
    {"Target": "a.env", "Class": "secret", "Secrets": [{"RuleID": "token", "Severity": "CRITICAL", "Title": "Token", "StartLine": 3}]},
    {"Target": "Licences", "Class": "license", "Licenses": [{"Name": "GPL-2.0", "PkgName": "libexample", "Severity": "HIGH"}]},
]  # fmt: skip

REPORTS: dict[str, Any] = {
    "trivy/image.json": {
        "SchemaVersion": 2, "CreatedAt": "2024-03-01T10:00:00.123456789Z", "ArtifactName": "example/app:1", "ArtifactType": "container_image",
        "Results": TRIVY_RESULTS,
    },
    "trivy/legacy.json": [TRIVY_RESULTS[0]],
    "trivy/cluster.json": {
        "ClusterName": "prod",
        "Resources": [{"Namespace": "web", "Kind": "Deployment", "Name": name, "Results": TRIVY_RESULTS[:1]} for name in ("a", "b")],
    },
    "trivy_operator/reports.json": {
        "apiVersion": "v1", "kind": "List",
        "items": [
            {
                "apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "VulnerabilityReport",
                "metadata": {"name": "r", "labels": {"trivy-operator.resource.kind": "Pod", "trivy-operator.resource.name": "web"}},
                "report": {
                    "artifact": {"repository": "example/app", "tag": "1"}, "scanner": {"name": "Trivy", "version": "0.50.0"},
                    "vulnerabilities": [
                        {"vulnerabilityID": "CVE-2024-0001", "resource": "libexample", "installedVersion": "1.0", "fixedVersion": "1.1",
                         "severity": "CRITICAL", "score": 9.8, "title": "An overflow"},
                    ],
                },
            },
            {
                "apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "ConfigAuditReport", "metadata": {"name": "c"},
                "report": {
                    "checks": [
                        {"checkID": "KSV001", "severity": "MEDIUM", "success": False, "title": "Privileges", "messages": ["set it"]},
                        {"checkID": "KSV002", "severity": "LOW", "success": True, "title": "Fine"},
                    ],
                },
            },
        ],
    },
    "grype/report.json": {
        "matches": [
            {
                "vulnerability": {"id": "GHSA-2222-3333-4444", "severity": "High", "fix": {"versions": ["1.1"], "state": "fixed"}},
                "relatedVulnerabilities": [{"id": "CVE-2024-0001", "description": "An overflow", "cvss": [{"vector": CVSS, "metrics": {"baseScore": 9.8}}]}],
                "artifact": {"name": "example", "version": "1.0", "purl": "pkg:npm/example@1.0", "locations": [{"path": path}]},
            }
            for path in ("/app/a/package.json", "/app/b/package.json")
        ],
        "source": {"type": "image", "target": {"userInput": "example/app:1"}},
        "descriptor": {"name": "grype", "version": "0.70.0", "timestamp": "2024-03-01T10:00:00Z"},
    },
    "nuclei/v3.json": [
        {
            "template-id": "exposed-panel", "info": {"name": "Exposed panel", "severity": "info"}, "type": "http",
            "host": "https://www.example.org", "matched-at": f"https://www.example.org/{path}", "timestamp": "2024-03-01T10:00:00Z",
        }
        for path in ("admin", "login")
    ] + [
        {
            "template-id": "CVE-2024-0001", "type": "http", "matcher-name": "version", "host": "192.0.2.1", "matched-at": "192.0.2.1:8443",
            "info": {
                "name": "An overflow", "severity": "critical", "remediation": "Upgrade.",
                "classification": {"cve-id": ["cve-2024-0001"], "cwe-id": ["cwe-787"], "cvss-metrics": CVSS, "cvss-score": 9.8},
            },
        },
    ],
    "osv_scanner/report.json": {
        "results": [
            {
                "source": {"path": "/app/poetry.lock", "type": "lockfile"},
                "packages": [
                    {
                        "package": {"name": "example", "version": "1.0", "ecosystem": "PyPI"},
                        "vulnerabilities": [
                            {
                                "id": "PYSEC-2024-1", "aliases": ["CVE-2024-0001"], "summary": "An overflow", "severity": [{"type": "CVSS_V3", "score": CVSS}],
                                "affected": [{"package": {"name": "example"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]}],
                            },
                            {"id": "GHSA-2222-3333-4444", "aliases": ["CVE-2024-0001"], "database_specific": {"severity": "MODERATE"}},
                        ],
                    },
                ],
            },
        ],
    },
    "npm_audit/npm6.json": {
        "advisories": {
            "1": {
                "id": 1, "title": "An overflow", "module_name": "example", "severity": "high", "cves": ["CVE-2024-0001"], "cwe": "CWE-787",
                "findings": [{"version": "1.0", "paths": ["example", "other>example"]}], "patched_versions": ">=1.1", "recommendation": "Upgrade.",
            },
        },
        "metadata": {"vulnerabilities": {"info": 0, "high": 1}},
    },
    "npm_audit/npm7.json": {
        "auditReportVersion": 2,
        "vulnerabilities": {
            "example": {
                "name": "example", "severity": "high", "effects": ["user"], "range": "<1.1", "nodes": ["node_modules/example"],
                "via": [{"source": 1, "name": "example", "title": "An overflow", "url": "https://github.com/advisories/GHSA-2222-3333-4444",
                         "cwe": ["CWE-787"], "cvss": {"score": 9.8, "vectorString": CVSS}}],
                "fixAvailable": {"name": "user", "version": "2.0.0"},
            },
            "user": {"name": "user", "severity": "high", "via": ["example"], "nodes": ["node_modules/user"], "fixAvailable": True},
        },
        "metadata": {"vulnerabilities": {"high": 2, "total": 2}},
    },
    "pip_audit/new.json": {
        "dependencies": [
            {"name": "example", "version": "1.0", "vulns": [{"id": "PYSEC-2024-1", "aliases": ["CVE-2024-0001"], "fix_versions": ["1.1"], "description": "An overflow"}]},
            {"name": "fine", "version": "1.0", "vulns": []},
        ],
        "fixes": [],
    },
    "pip_audit/old.json": [{"name": "example", "version": "1.0", "vulns": [{"id": "PYSEC-2024-1", "fix_versions": [], "description": ""}]}],
    "dependency_track/findings.fpf": {
        "version": "1.2", "meta": {"application": "Dependency-Track", "version": "4.10.0", "timestamp": "2024-03-01T10:00:00Z"},
        "project": {"uuid": "p", "name": "App", "version": "2"},
        "findings": [
            {
                "component": {"uuid": "c", "group": "org.example", "name": "lib", "version": "1.0", "purl": "pkg:maven/org.example/lib@1.0"},
                "vulnerability": {"vulnId": "GHSA-2222-3333-4444", "source": "GITHUB", "severity": "CRITICAL", "cwes": [{"cweId": 787}],
                                  "aliases": [{"cveId": "CVE-2024-0001", "ghsaId": "GHSA-2222-3333-4444"}], "cvssV3BaseScore": 9.8},
                "analysis": {"isSuppressed": True}, "matrix": "p:c:v",
            },
        ],
    },
    "sarif/tool.sarif": {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Linter", "version": "1.0",
                        "rules": [
                            {"id": "SQL1", "shortDescription": {"text": "SQL injection"}, "properties": {"security-severity": "9.1", "tags": ["external/cwe/cwe-89"]}},
                            {"id": "N1", "messageStrings": {"m": {"text": "{0} is not used"}}, "defaultConfiguration": {"level": "note"}},
                        ],
                    },
                },
                "invocations": [{"endTimeUtc": "2024-03-01T10:00:00Z"}],
                "results": [
                    {
                        "ruleId": "SQL1", "message": {"text": "Query from input"},
                        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": line}}} for line in (7, 9)],
                    },
                    {"ruleIndex": 1, "message": {"id": "m", "arguments": ["x"]}, "suppressions": [{"kind": "inSource"}]},
                    {"ruleId": "SQL1", "kind": "pass", "message": {"text": "Fine"}},
                ],
            },
        ],
    },
    "aws_inspector2/findings.json": {
        "findings": [
            {
                "findingArn": "arn:1", "type": "PACKAGE_VULNERABILITY", "title": "CVE-2024-0001 - example", "severity": "HIGH", "status": "ACTIVE",
                "firstObservedAt": "2024-03-01T10:00:00Z", "inspectorScore": 9.8,
                "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-2024-0001", "vulnerablePackages": [{"name": "example", "version": "1.0", "fixedInVersion": "1.1"}]},
                "resources": [{"type": "AWS_EC2_INSTANCE", "id": "i-1", "details": {"awsEc2Instance": {"ipV4Addresses": ["192.0.2.1"]}}}],
            },
            {
                "findingArn": "arn:2", "type": "NETWORK_REACHABILITY", "title": "Port 22 is reachable", "severity": "UNTRIAGED", "status": "CLOSED",
                "networkReachabilityDetails": {"openPortRange": {"begin": 22, "end": 22}, "protocol": "TCP"}, "resources": [{"type": "AWS_EC2_INSTANCE", "id": "i-1"}],
            },
        ],
    },
    "prowler_json/report.ocsf.json": [
        {
            "message": "Access keys are old.", "severity": "Medium", "status_code": status, "status_detail": "user a", "risk_details": "Theft",
            "metadata": {"event_code": "iam_rotate", "product": {"name": "Prowler", "version": "5.0.0"}}, "cloud": {"region": region},
            "finding_info": {"uid": f"u-{region}", "desc": "Rotate keys", "created_time_dt": "2024-03-01T10:00:00"},
            "resources": [{"name": "user-a", "type": "AwsIamUser"}], "remediation": {"desc": "Rotate"},
        }
        for region, status in (("eu-1", "FAIL"), ("eu-1", "FAIL"), ("eu-2", "MANUAL"), ("eu-3", "PASS"))
    ],
    "prowler_json/version3.json": [
        {"CheckID": "iam_rotate", "CheckTitle": "Rotate keys", "Status": "FAIL", "StatusExtended": "user a", "Severity": "high", "FindingUniqueId": "u1",
         "ResourceId": "user-a", "Region": "eu-1", "Remediation": {"Recommendation": {"Text": "Rotate"}}},
    ],
    "prowler_csv/report.csv": "CHECK_ID;CHECK_TITLE;STATUS;STATUS_EXTENDED;SEVERITY;RESOURCE_NAME;REGION;DESCRIPTION;RISK\n"
    "iam_rotate;Rotate keys;FAIL;user a;medium;user-a;eu-1;d;r\niam_rotate;Rotate keys;PASS;user b;medium;user-b;eu-1;d;r\n",
    "kube_bench/report.json": {
        "Controls": [
            {
                "id": "1", "node_type": "master", "text": "Control plane",
                "tests": [
                    {
                        "section": "1.1", "desc": "Files",
                        "results": [
                            {"test_number": "1.1.1", "test_desc": "Permissions", "status": "FAIL", "remediation": "chmod 600", "scored": True},
                            {"test_number": "1.1.2", "test_desc": "Owner", "status": "PASS"},
                            {"test_number": "1.1.3", "test_desc": "By hand", "status": "WARN", "reason": "Test marked as a manual test"},
                            {"test_number": "1.1.4", "test_desc": "Not set", "status": "WARN", "reason": ""},
                        ],
                    },
                ],
            },
        ],
        "Totals": {"total_fail": 1},
    },
    "masscan_json/old.json": "[\n{   \"ip\": \"192.0.2.1\",   \"timestamp\": \"1709287200\", \"ports\": [ {\"port\": 80, \"proto\": \"tcp\", \"status\": \"open\"} ] },\n"
    "{   \"ip\": \"192.0.2.1\",   \"timestamp\": \"1709287201\", \"ports\": [ {\"port\": 80, \"proto\": \"tcp\", \"service\": {\"name\": \"http\", \"banner\": \"x\"}} ] },\n"
    "{   \"ip\": \"192.0.2.2\",   \"timestamp\": \"1709287202\", \"ports\": [ {\"port\": 22, \"proto\": \"tcp\", \"status\": \"closed\"} ] },\n{finished: 1}\n]\n",
    "satellite/errata.json": {
        "total": 1, "subtotal": 1, "selectable": 1, "page": 1,
        "results": [
            {"id": 1, "errata_id": "RHSA-2024:0001", "title": "Important: example", "severity": "Important", "issued": "2024-03-01", "solution": "Update.",
             "cves": [{"cve_id": "CVE-2024-0001"}, {"cve_id": "CVE-2024-0002"}], "packages": ["example-1.1-1.el9.src"], "installable": True},
        ],
    },
    "wazuh/v4-7.json": {
        "data": {
            "affected_items": [
                {"cve": "CVE-2024-0001", "name": "example", "version": "1.0", "severity": "High", "condition": condition, "title": "CVE-2024-0001 affects example",
                 "agent_name": "web", "agent_ip": "192.0.2.1", "cvss3_score": 8.1, "detection_time": "2024-03-01T10:00:00Z", "status": "VALID"}
                for condition in ("Package less than 1.1", "Package less than 1.1", "Package unfixed")
            ],
            "total_affected_items": 3,
        },
        "error": 0,
    },
    "wazuh/v4-8.json": {
        "hits": {
            "hits": [
                {
                    "_index": "wazuh-states-vulnerabilities-1",
                    "_source": {
                        "agent": {"id": "001", "name": "web"}, "package": {"name": "example", "version": "1.0"},
                        "vulnerability": {"id": "CVE-2024-0001", "severity": "High", "score": {"base": 8.1}, "description": "An overflow", "detected_at": "2024-03-01T10:00:00Z"},
                    },
                },
            ],
        },
    },
    "ms_defender/vulnerabilities.json": {
        "@odata.context": "https://api.securitycenter.example/api/$metadata#Collection",
        "value": [
            {"id": "m-CVE-2024-0001", "cveId": "CVE-2024-0001", "machineId": "m", "fixingKbId": "500", "productName": "office", "productVendor": "example",
             "productVersion": "1.0", "severity": "Critical"},
        ],
    },
    "ms_defender/machines.json": {"value": [{"id": "m", "computerDnsName": "pc.example.org", "osPlatform": "Windows11"}]},
    "ms_defender_csv/hunting.csv": "DeviceId,DeviceName,SoftwareVendor,SoftwareName,SoftwareVersion,CveId,VulnerabilitySeverityLevel\n"
    "m,pc.example.org,example,office,1.0,CVE-2024-0001,High\n",
    "openvas_csv/report.csv": "IP,Hostname,Port,Port Protocol,CVSS,Severity,NVT Name,Summary,NVT OID,CVEs,Solution,Timestamp\n"
    '192.0.2.1,www.example.org,443,tcp,7.5,High,"Weak\nTLS",Old,1.3.6.1,"CVE-2024-0001,CVE-2024-0002",Upgrade,2024-03-01T10:00:00Z\n'
    "192.0.2.1,www.example.org,443,tcp,7.5,High,Weak\\TLS,Old,1.3.6.2,,Upgrade,2024-03-01T10:00:00Z\n"
    "192.0.2.1,www.example.org,443,tcp,7.5,High,Weak\\TLS,Old,1.3.6.2,,Upgrade,2024-03-01T10:00:00Z\n",
    "nessus_csv/report.csv": "Plugin ID,CVE,CVSS,Risk,Host,Protocol,Port,Name,Synopsis,Description,Solution,Plugin Output\n"
    '"10","CVE-2024-0001","7.5","High","192.0.2.1","tcp","443","Old TLS","Old","It is old","Upgrade","TLS 1.0"\n'
    '"10","CVE-2024-0002","7.5","High","192.0.2.1","tcp","443","Old TLS","Old","It is old","Upgrade","TLS 1.0"\n'
    '"10","","","None","www.example.org","tcp","0","Scan information","It ran","","n/a",""\n',
    "nessus_csv/tenable_sc.csv": "Plugin;Plugin Name;Severity;IP Address;Protocol;Port;DNS Name;CVE\n10;Old TLS;4;192.0.2.1;TCP;443;www.example.org;CVE-2024-0001\n",
    "qualys_csv/vm.csv": '"Vulnerabilities","03/01/2024 at 10:00:00"\n\n"IP","DNS","QID","Title","Vuln Status","Severity","Port","Protocol","CVE ID","Threat","Impact","Solution","CVSS3.1 Base"\n'
    + "".join(
        f'"192.0.2.{host}","","38","Old TLS","Active","4","443","tcp","CVE-2024-0001, CVE-2024-0002","t","i","s","7.5 (AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N)"\n'
        for host in (1, 2)
    ),
    "qualys_csv/vmdr.csv": '"Report","x","1"\n"QID,""Title"",""Severity"",""Asset Id"",""Asset Name"",""Asset IPV4"",""Status"",""First Detected"",""Solution"",""Threat"""\n'
    '"38,""Old TLS"",""5"",""1"",""web"",""192.0.2.1,192.0.2.2"",""ACTIVE"",""Jan 10, 2026 10:00 AM"",""Say """"yes"""""",""t"""\n',
    "csaf/advisory.json": {
        "document": {
            "category": "csaf_security_advisory", "csaf_version": "2.0", "title": "Example advisory", "publisher": {"category": "vendor", "name": "Example", "namespace": "https://example.org"},
            "tracking": {"id": "EX-2024-1", "current_release_date": "2024-03-01T10:00:00Z", "initial_release_date": "2024-03-01T10:00:00Z"},
        },
        "product_tree": {
            "branches": [
                {
                    "category": "vendor", "name": "Example",
                    "branches": [
                        {
                            "category": "product_name", "name": "Router",
                            "branches": [
                                {"category": "product_version", "name": "1.0", "product": {"product_id": "P1", "name": "Example Router 1.0",
                                 "product_identification_helper": {"cpe": "cpe:2.3:o:example:router:1.0:*:*:*:*:*:*:*", "purl": "pkg:generic/router@1.0"}}},
                                {"category": "product_version_range", "name": "vers:generic/<1.2", "product": {"product_id": "P2", "name": "Example Router < 1.2"}},
                                {"category": "product_version", "name": "1.2", "product": {"product_id": "P3", "name": "Example Router 1.2"}},
                            ],
                        },
                    ],
                },
            ],
            "full_product_names": [{"product_id": "P4", "name": "Example Rack"}],
            "relationships": [
                {"category": "installed_on", "product_reference": "P1", "relates_to_product_reference": "P4", "full_product_name": {"product_id": "P5", "name": "Router 1.0 on Rack"}},
            ],
            "product_groups": [{"group_id": "G1", "product_ids": ["P1", "P2"]}],
        },
        "vulnerabilities": [
            {
                "cve": "CVE-2024-0001", "cwe": {"id": "CWE-787", "name": "x"}, "title": "An overflow", "notes": [{"category": "description", "text": "Long"}],
                "product_status": {"fixed": ["P3"], "known_affected": ["P1", "P2"], "known_not_affected": ["P5"]},
                "scores": [{"products": ["P1", "P2"], "cvss_v3": {"version": "3.1", "vectorString": CVSS, "baseScore": 9.8, "baseSeverity": "CRITICAL"}}],
                "flags": [{"label": "component_not_present", "product_ids": ["P5"]}],
                "remediations": [{"category": "vendor_fix", "details": "Go to 1.2", "group_ids": ["G1"]}],
            },
        ],
    },
    "openvex/document.json": {
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex-1", "author": "Example", "timestamp": "2024-03-01T10:00:00Z", "version": 1,
        "statements": [
            {"vulnerability": {"name": "CVE-2024-0001", "aliases": ["GHSA-2222-3333-4444"]}, "products": [{"@id": "pkg:npm/example@1.0"}, {"@id": "pkg:npm/other@2.0"}],
             "status": "not_affected", "justification": "vulnerable_code_not_present"},
            {"vulnerability": "CVE-2024-0002", "products": ["pkg:npm/example@1.0"], "status": "affected", "action_statement": "Upgrade."},
        ],
    },
    "testssl_csv/report.csv": '"id","fqdn/ip","port","severity","finding","cve","cwe"\n"TLS1","www.example.org/192.0.2.1","443","LOW","offered (deprecated)","",""\n'
    '"TLS1_3","www.example.org/192.0.2.1","443","OK","offered","",""\n"BEAST","www.example.org/192.0.2.1","443","MEDIUM","VULNERABLE","CVE-2011-3389 CVE-2011-3390","CWE-20"\n'
    '"overall_grade","www.example.org/192.0.2.1","443","HIGH","C","",""\n"TLS1","mail.example.org/192.0.2.2","25","LOW","offered (deprecated)","",""\n',
    "testssl_json/flat.json": [
        {"id": "scanTime", "ip": "www.example.org/192.0.2.1", "port": "443", "severity": "INFO", "finding": "60"},
        {"id": "BEAST", "ip": "www.example.org/192.0.2.1", "port": "443", "severity": "MEDIUM", "finding": "VULNERABLE", "cve": "CVE-2011-3389", "cwe": "CWE-20"},
    ],
    "testssl_json/pretty.json": {
        "Invocation": "testssl.sh www.example.org", "version": "3.2",
        "scanResult": [{"targetHost": "www.example.org", "ip": "192.0.2.1", "port": "443", "protocols": [{"id": "SSLv3", "severity": "CRITICAL", "finding": "offered"}]}],
    },
    "snyk/project.json": {
        "vulnerabilities": [
            {
                "id": "SNYK-JS-EXAMPLE-1", "title": "An overflow", "severity": "high", "cvssScore": 9.8, "CVSSv3": CVSS, "packageName": "example", "version": "1.0",
                "from": path, "identifiers": {"CVE": ["CVE-2024-0001"], "CWE": ["CWE-787"]}, "fixedIn": ["1.1"], "semver": {"vulnerable": ["<1.1"]},
            }
            for path in (["app@1", "example@1.0"], ["app@1", "user@2", "example@1.0"])
        ],
        "ok": False, "dependencyCount": 2, "packageManager": "npm", "projectName": "app", "displayTargetFile": "package-lock.json",
    },
    "jfrog_xray/report.json": {
        "total_rows": 1,
        "rows": [
            {"cves": [{"cve": "CVE-2024-0001", "cvss_v3_score": 9.8, "cvss_v3_vector": CVSS}], "severity": "Critical", "vulnerable_component": "gav://org.example:lib:1.0",
             "issue_id": "XRAY-1", "summary": "An overflow", "path": "repo/app.jar", "fixed_versions": ["1.1"], "artifact_scan_time": "2024-03-01T10:00:00Z"},
        ],
    },
    "jfrog_xray/on_demand.json": [
        {
            "scan_id": "s", "component_id": "gav://org.example:app:1",
            "vulnerabilities": [
                {"cves": [{"cve": "CVE-2024-0001", "cvss_v2_vector": "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P"}], "severity": "High", "issue_id": "XRAY-1", "summary": "s",
                 "components": {f"gav://org.example:{name}:1.0": {"fixed_versions": ["[1.1]"], "impact_paths": [[{"component_id": "a"}, {"component_id": "b", "full_path": "lib.jar"}]]} for name in ("a", "b")}},
            ],
        },
    ],
    "blackduck_csv/security.csv": "Component id,Component name,Component version name,Component origin id,Vulnerability id,Description,Base score,Vulnerability source,Remediation status,URL,Security Risk,Project path\n"
    "c,Lib,1.0,org.example:lib:1.0,BDSA-2024-1 (CVE-2024-0001),An overflow,9.8,BDSA,NEW,,HIGH,app latest\nc,Lib,1.0,org.example:lib:1.0,CVE-2024-0001,An overflow,9.8,NVD,NEW,,HIGH,app latest\n"
    "c,Lib,1.0,org.example:lib:1.0,CVE-2024-0001,An overflow,9.8,NVD,NEW,,HIGH,other latest\n",
    "harbor/report.json": {
        "application/vnd.security.vulnerability.report; version=1.1": {
            "generated_at": "2024-03-01T10:00:00Z", "scanner": {"name": "Trivy", "version": "0.50"}, "severity": "High",
            "vulnerabilities": [
                {"id": "CVE-2024-0001", "package": "example", "version": "1.0", "fix_version": "1.1", "severity": "High", "description": "d", "cwe_ids": ["CWE-787"],
                 "preferred_cvss": {"vector_v3": CVSS}},
            ],
        },
    },
    "govulncheck/stream.json": '{"config":{"protocol_version":"v1.0.0","scanner_name":"govulncheck","scanner_version":"v1.1.0"}}\n'
    '{\n "osv": {"id": "GO-2024-0001", "aliases": ["CVE-2024-0001"], "summary": "An overflow", "affected": [{"package": {"name": "example.org/lib"}}]}\n}\n'
    '{"osv": {"id": "GO-2024-0002", "affected": [{"package": {"name": "example.org/other"}}]}}\n'
    '{"finding": {"osv": "GO-2024-0001", "fixed_version": "v1.1.0", "trace": [{"module": "example.org/lib", "version": "v1.0.0", "package": "example.org/lib", "function": "F"},'
    ' {"module": "app", "function": "main", "position": {"filename": "main.go", "line": 7}}]}}\n',
    "cargo_audit/report.json": {
        "database": {"advisory-count": 1}, "lockfile": {"dependency-count": 2},
        "vulnerabilities": {
            "found": True, "count": 1,
            "list": [
                {"advisory": {"id": "RUSTSEC-2024-0001", "package": "example", "title": "An overflow", "date": "2024-03-01", "aliases": ["CVE-2024-0001"], "cvss": CVSS},
                 "versions": {"patched": [">=1.1"]}, "package": {"name": "example", "version": "1.0.0"}},
            ],
        },
        "warnings": {"unmaintained": [{"advisory": {"id": "RUSTSEC-2024-0002"}}]},
    },
    "clair/scanner.json": {
        "image": "example/app:1", "unapproved": ["CVE-2024-0001"],
        "vulnerabilities": [
            {"featurename": "example", "featureversion": "1.0", "vulnerability": "CVE-2024-0001", "namespace": "debian:12", "description": "d", "severity": "Negligible", "fixedby": "1.1"},
        ],
    },
    "clair/klar.json": {"LayerCount": 3, "Vulnerabilities": {"High": [{"Name": "CVE-2024-0001", "FeatureName": "example", "FeatureVersion": "1.0", "Severity": "High", "FixedBy": "1.1"}]}},
    "clair/version4.json": {
        "manifest_hash": "sha256:1", "packages": {"7": {"name": "example", "version": "1.0"}}, "environments": {"7": [{"package_db": "var/lib/dpkg/status"}]},
        "vulnerabilities": {"9": {"name": "CVE-2024-0001 on debian", "normalized_severity": "High", "fixed_in_version": "1.1"}}, "package_vulnerabilities": {"7": ["9"]},
    },
    "aqua/report.json": {
        "image": "example/app:1", "scan_started": {"seconds": 1709287200},
        "resources": [
            {"resource": {"name": "example", "version": "1.0", "cpe": "pkg:/debian:12:example:1.0"},
             "vulnerabilities": [{"name": "CVE-2024-0001", "aqua_severity": "negligible", "aqua_score": 2, "nvd_vectors_v3": CVSS, "fix_version": "1.1"}]},
        ],
        "vulnerability_summary": {"total": 1},
    },
    "twistlock/report.json": {
        "results": [
            {
                "id": "sha256:1", "name": "example/app:1",
                "vulnerabilities": [{"id": "CVE-2024-0001", "packageName": "example", "packageVersion": "1.0", "severity": "important", "status": "fixed in 1.1", "cvss": 9.8, "vector": CVSS}],
                "vulnerabilityDistribution": {"total": 1}, "compliances": [{"id": 41, "title": "Image runs as root", "severity": "high"}],
            },
        ],
    },
    "twistlock_csv/report.csv": "Registry,Repository,Tag,Id,Hostname,CVE ID,Compliance ID,Type,Severity,Packages,Package Version,CVSS,Fix Status,Description\n"
    "r,app,1,i,h,CVE-2024-0001,46,OS,high,example,1.0,9.8,fixed in 1.1,d\nr,app,2,j,h,CVE-2024-0001,46,OS,high,example,1.0,9.8,fixed in 1.1,d\n",
    "sysdig/console.json": {
        "page": {"returned": 1},
        "data": [
            {"imagePullString": "example/app:1", "k8sClusterName": "prod", "k8sNamespaceName": "web", "k8sWorkloadName": "app", "vulnName": "CVE-2024-0001", "vulnSeverity": "High",
             "vulnCvssScore": 9.8, "vulnCvssVector": CVSS, "packageName": "example", "packageVersion": "1.0", "vulnFixVersion": "1.1"},
        ],
    },
    "sysdig/command_line.json": {
        "result": {
            "metadata": {"pullString": "example/app:1"},
            "packages": [{"name": "example", "version": "1.0", "path": "/a", "vulns": [{"name": "CVE-2024-0001", "severity": {"value": "Critical"}, "cvssScore": {"value": {"score": 9.8, "vector": CVSS}}}]}],
        },
    },
    "sysdig_csv/report.csv": f"Vulnerability ID,Severity,Package name,Package version,Package type,Package path,Image,CVSS score,CVSS vector,Fix version,Risk accepted\n"
    f"CVE-2024-0001,Critical,example,1.0,java,/a.jar,example/app:1,9.8,{CVSS},1.1,true\n",
}  # fmt: skip


def content(report: Any) -> bytes:
    """A report as its bytes: text as it is, everything else as JSON."""
    return (report if isinstance(report, str) else json.dumps(report, indent=1)).encode()


if __name__ == "__main__":
    for path, report in REPORTS.items():
        (HERE / path).parent.mkdir(exist_ok=True)
        (HERE / path).write_bytes(content(report))
