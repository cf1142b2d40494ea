import pytest

from tocsin.readers._spdx import scan


@pytest.mark.parametrize(
    ("creator", "made"),
    [
        ("Tool: sbom4python-0.11.3", ("sbom4python", "0.11.3")),
        ("Tool: trivy-dev", ("trivy-dev", None)),
        ("Tool: Source Auditor Open Source Console", ("Source Auditor Open Source Console", None)),
        ("Person: A", ("SPDX", None)),
    ],
)
def test_tools_and_their_versions(creator, made):
    found = scan([creator], None, None)
    assert (found.product_name, found.product_version) == made
