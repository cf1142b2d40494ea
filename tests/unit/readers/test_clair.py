import pytest

from kit.scan_reports import sample


@pytest.mark.parametrize(("name", "severity"), [("scanner", 2), ("klar", 4), ("version4", 4)])
def test_all_layouts_give_the_package_and_its_fix(name, severity):
    assert sample(f"clair/{name}.json").column(
        "vulnerability_uid", "severity_id", "package_name", "package_version", "package_fixed_version"
    ) == [("CVE-2024-0001", severity, "example", "1.0", "1.1")]
