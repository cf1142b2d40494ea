"""Real inventories give the number of components that a reviewer counts (the reference evidence's README).

Marked ``real``: skipped where the reference evidence is not there.
"""

import gzip
import os
from pathlib import Path

import pytest

from kit.scan_reports import read

FOLDER = Path(os.environ.get("TOCSIN_REAL_DATA", Path(__file__).parents[3] / "shared" / "data")) / "vulnerability"
pytestmark = [pytest.mark.real, pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no reference evidence in {FOLDER}")]

# One line per inventory: file, reader, components, findings.
EXPECTED = [
    ("sboms/bom-examples__SBOM_cern-lhc-vdm-editor-e564943_bom.json", "cyclonedx_json", 43, 0),
    ("sboms/bom-examples__SBOM_dropwizard-1.3.15_bom.json", "cyclonedx_json", 167, 0),
    ("sboms/bom-examples__SBOM_juice-shop_v11.1.2_bom.json", "cyclonedx_json", 840, 0),
    ("sboms/bom-examples__SBOM_laravel-7.12.0_bom.1.4.json", "cyclonedx_json", 62, 0),
    ("sboms/bom-examples__SBOM_laravel-7.12.0_bom.1.4.xml", "cyclonedx_xml", 63, 0),
    ("sboms/bom-examples__SBOM_proton-bridge_proton-bridge-v1.6.3.bom.json", "cyclonedx_json", 201, 0),
    ("sboms/cve-bin-tool__sbom_cve-bin-tool-py3.10.json", "cyclonedx_json", 73, 0),
    ("sboms/cve-bin-tool__sbom_cve-bin-tool-py3.10.spdx", "spdx_tag_value", 73, 0),
    ("sboms/cve-bin-tool__test_sbom_cyclonedx_bad_purl.json", "cyclonedx_json", 5, 0),
    ("sboms/osv-scanner__cmd_osv-scanner_scan_source_testdata_sbom-insecure_alpine.cdx.xml", "cyclonedx_xml", 17, 0),
    ("sboms/spdx-examples__software_example8_spdx3.0_examplemaven-0.0.1.spdx3.json", "spdx3_json", 6, 0),
    ("sboms/spdx-examples__software_example9_spdx2.2_appbomination.spdx.json", "spdx_json", 7, 0),
    ("sboms/trivy__integration_testdata_fixtures_sbom_centos-7-cyclonedx.json", "cyclonedx_json", 3, 0),
    ("sboms/trivy__integration_testdata_fixtures_sbom_centos-7-spdx.json", "spdx_json", 4, 0),
    ("scans/cyclonedx/jake2.json", "cyclonedx_json", 67, 7),
    ("scans/cyclonedx/log4j.json", "cyclonedx_json", 1, 8),
    ("scans/cyclonedx/valid-vulnerability-1.4.xml", "cyclonedx_xml", 1, 1),
]


def content(name: str) -> bytes:
    """The inventory, as it lies there or compressed."""
    packed = FOLDER / f"{name}.gz"
    return gzip.decompress(packed.read_bytes()) if packed.is_file() else (FOLDER / name).read_bytes()


@pytest.mark.parametrize(("name", "reader", "components", "findings"), EXPECTED, ids=[row[0] for row in EXPECTED])
def test_a_real_inventory_gives_the_expected_number_of_components(name, reader, components, findings):
    known, rows = read(content(name))
    assert (known, len(rows.components), len(rows.findings), rows.error, rows.faults) == (
        reader,
        components,
        findings,
        None,
        [],
    )
    assert rows.scan["findings"] == findings
    assert all(0 <= row["record_offset"] < len(content(name)) for row in rows.components)
