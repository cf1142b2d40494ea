"""What holds for every reader of inventories: samples as their script writes them, components that can be led back to bytes."""

import runpy

import pytest

from kit.scan_reports import EVIDENCE, read, sample

MADE = runpy.run_path(str(EVIDENCE / "make_inventories.py"))


@pytest.mark.parametrize("path", MADE["INVENTORIES"])
def test_the_sample_is_what_its_script_writes(path):
    assert (EVIDENCE / path).read_bytes() == MADE["content"](MADE["INVENTORIES"][path]), (
        "run python tests/evidence/make_inventories.py"
    )


@pytest.mark.parametrize("path", MADE["INVENTORIES"])
def test_every_component_has_a_name_and_a_place_and_there_is_one_scan(path):
    rows = sample(path)
    assert rows.components
    assert all(row["package_name"] for row in rows.components)
    assert len({row["record_offset"] for row in rows.components}) == len(rows.components)
    assert rows.scan["product_name"]
    assert rows.scan["findings"] == len(rows.findings)


# An inventory of nothing is one: it was read, and there is nothing in it.
EMPTY = {
    "cyclonedx_json": {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []},
    "cyclonedx_xml": '<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components/></bom>',
    "spdx_json": {"spdxVersion": "SPDX-2.3", "packages": []},
    "spdx_tag_value": "SPDXVersion: SPDX-2.3\nDocumentName: a\n",
    "spdx3_json": {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []},
}
# One in which components are, of which none is what it should be.
ODD = {
    "cyclonedx_json": {"bomFormat": "CycloneDX", "components": [{"title": "a"}]},
    "cyclonedx_xml": '<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component/></components></bom>',
    "spdx_json": {"spdxVersion": "SPDX-2.3", "packages": {"a": "1"}},
    "spdx_tag_value": "SPDXVersion: SPDX-2.3\nPackageName:\nPackageVersion: 1\n",
    "spdx3_json": {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [{"type": "software_Package"}]},
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_inventory_is_a_scan_without_components(name):
    found, rows = read(EMPTY[name])
    assert (found, rows.error, rows.faults, rows.components) == (name, None, [], [])
    assert rows.scan["findings"] == 0


@pytest.mark.parametrize("name", ODD)
def test_components_that_cannot_be_read_are_an_error_not_an_empty_inventory(name):
    found, rows = read(ODD[name])
    assert found == name
    assert "expected" in str(rows.error)
    assert rows.components == []
