import pytest

from kit.scan_reports import read, sample


def test_failures_and_warnings_that_are_not_manual_are_findings():
    assert sample("kube_bench/report.json").column("rule", "severity_id", "status", "asset") == [
        ("1.1.1", 3, "fail", "master"),
        ("1.1.4", 1, "warn", "master"),
    ]


@pytest.mark.parametrize("layout", [lambda control: [control], lambda control: control])
def test_the_layouts_of_old_versions(layout):
    control = {"id": "1", "node_type": "node", "tests": [{"results": [{"test_number": "4.1", "status": "FAIL"}]}]}
    assert read(layout(control))[1].column("rule") == ["4.1"]
