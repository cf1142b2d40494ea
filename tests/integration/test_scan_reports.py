"""Real reports of scanners give the number of findings that a reviewer counts (the reference evidence's README).

Marked ``real``: skipped where the reference evidence is not there.
"""

import gzip
import os
import zipfile
from pathlib import Path

import pytest

from kit.scan_reports import read

SCANS = Path(os.environ.get("TOCSIN_REAL_DATA", Path(__file__).parents[3] / "shared" / "data")) / "vulnerability" / "scans"
pytestmark = [pytest.mark.real, pytest.mark.skipif(not SCANS.is_dir(), reason=f"no reference evidence in {SCANS}")]

# One line per report: file, reader, findings.
EXPECTED = [
    ("acunetix/many_findings.xml", "acunetix", 4),
    ("anchore_grype/many_vulns3.json", "grype", 327),
    ("aws_inspector2/aws_inspector2_many_vul.json", "aws_inspector2", 8),
    ("dependency_check/single_dependency_with_related_no_vulnerability.xml", "dependency_check", 0),
    ("csaf/csaf_many_vuln.json", "csaf", 5),
    ("dependency_track/many_findings.json", "dependency_track", 4),
    ("kubebench/kube-bench-report-many-vuln.json", "kube_bench", 4),
    ("masscan/masscan_many_vuln.json", "masscan_json", 4),
    ("ms_defender/defender.zip!machines/machines.json", "ms_defender", 0),
    ("ms_defender/defender.zip!vulnerabilities/report_many_vulns.json", "ms_defender", 4),
    ("nexpose/report_auth.xml", "nexpose", 5),
    ("nikto/nikto-report-many-vuln.xml", "nikto", 10),
    ("nmap/issue4406.xml", "nmap", 67),
    ("nmap/nmap_multiple_port.xml", "nmap", 13),
    ("nmap/nmap_script_vulners.xml", "nmap", 3),
    ("npm_audit_7_plus/many_vulns.json", "npm_audit", 6),
    ("nuclei/many_findings.json", "nuclei", 16),
    ("nuclei/multiple_v3.json", "nuclei", 5),
    ("openscap/one_vuln_rhsa.xml", "openscap", 1),
    ("openvas/many_vuln.xml", "openvas", 44),
    ("openvas/report_using_CVE.csv", "openvas_csv", 43),
    ("osv_scanner/some_findings.json", "osv_scanner", 1),
    ("outpost24/sample.xml", "outpost24", 24),
    ("pip_audit/many_vulns_new.json", "pip_audit", 7),
    ("prowler/example_output_kubernetes.ocsf.json", "prowler_json", 3),
    ("qualys/Qualys_Sample_Report.xml", "qualys", 301),
    ("qualys_vmdr/many_vulns_cve.csv", "qualys_csv", 5),
    ("redhatsatellite/many_findings.json", "satellite", 3),
    ("sarif/bash-report.sarif", "sarif", 27),
    ("sslyze/report_one_target_three_vuln.xml", "sslyze", 3),
    ("tenable/nessus/nessus_many_vuln.xml", "nessus", 6),
    ("tenable/nessus/nessus_many_vuln2-all.csv", "nessus_csv", 29),
    ("trivy/kubernetes.json", "trivy", 20),
    ("trivy/legacy_many_vulns.json", "trivy", 93),
    ("wazuh/v4-7_many_findings.json", "wazuh", 6),
    ("zap/some_2.9.0.xml", "zap", 7),
]


def content(name: str) -> bytes:
    """The report, as it lies there or compressed; ``archive.zip!member`` is a member."""
    name, _, member = name.partition("!")
    packed = SCANS / f"{name}.gz"
    data = gzip.decompress(packed.read_bytes()) if packed.is_file() else (SCANS / name).read_bytes()
    if member:
        with zipfile.ZipFile(SCANS / name) as archive:
            data = archive.read(member)
    return data


@pytest.mark.parametrize(("name", "reader", "expected"), EXPECTED, ids=[name for name, _, _ in EXPECTED])
def test_a_real_report_gives_the_expected_number_of_findings(name, reader, expected):
    known, rows = read(content(name))
    assert (known, len(rows.findings), rows.error, rows.faults) == (reader, expected, None, [])
    assert rows.scan["findings"] == expected
    assert all(row["title"] for row in rows.findings)
    assert all(0 <= row["record_offset"] < len(content(name)) for row in rows.findings)
