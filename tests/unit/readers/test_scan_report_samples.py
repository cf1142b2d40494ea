"""The samples in the repository are what their script writes."""

import runpy

import pytest

from kit.scan_reports import EVIDENCE

MADE = runpy.run_path(str(EVIDENCE / "make_scan_reports.py"))


@pytest.mark.parametrize("path", MADE["REPORTS"])
def test_the_sample_is_what_its_script_writes(path):
    assert (EVIDENCE / path).read_bytes() == MADE["content"](MADE["REPORTS"][path]), (
        "run python tests/evidence/make_scan_reports.py"
    )
