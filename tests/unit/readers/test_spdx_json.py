import pytest

from kit.scan_reports import read, sample


@pytest.mark.parametrize("path", ["spdx_json/document.spdx.json", "spdx_json/github.json"])
def test_packages_are_components_files_are_not(path):
    rows = sample(path)
    assert [(row["package_name"], row["package_version"], row["distro"]) for row in rows.components] == [
        ("org.example:parser", "1.0", None),
        ("debian", "12", None),
        ("no-version", None, None),
        ("libexample", "1.0-2", "debian 12"),
    ]
    parser, *_, library = rows.components
    assert (parser["package_cpe"][:7], parser["package_vendor"], parser["package_license"]) == ("cpe:2.3", "Example Ltd", "MIT")
    assert (library["package_source_name"], library["package_source_version"]) == ("example", "1.0-1")
    assert (rows.scan["product_name"], rows.scan["product_version"], rows.scan["targets"]) == (
        "maker",
        "1.2.3",
        "example/app:1",
    )


def test_a_package_without_a_name_is_a_fault():
    rows = read({"spdxVersion": "SPDX-2.2", "packages": [{"SPDXID": "a"}, {"name": "b"}]})[1]
    assert ([row["package_name"] for row in rows.components], len(rows.faults)) == (["b"], 1)


def test_the_version_may_stand_behind_the_packages():
    assert read({"packages": [{"SPDXID": "a", "name": "a"}], "spdxVersion": "SPDX-2.2"})[0] == "spdx_json"
