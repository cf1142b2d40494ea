from kit.scan_reports import read, sample


def test_packages_are_components_and_tags_of_files_are_not_theirs():
    rows = sample("spdx_tag_value/document.spdx")
    assert [(row["package_name"], row["package_version"], row["bom_ref"]) for row in rows.components] == [
        ("org.example:parser", "1.0", "SPDXRef-1"),
        ("no-version", None, "SPDXRef-3"),
    ]
    parser = rows.components[0]
    assert (parser["package_vendor"], parser["package_license"], parser["sha256"][:4]) == ("Example Ltd", "MIT", "0123")
    assert (rows.scan["product_name"], rows.scan["targets"]) == ("maker", "example/app:1")


def test_a_text_without_end_gives_what_stood_before_it():
    rows = read("SPDXVersion: SPDX-2.3\nPackageName: a\nPackageVersion: 1\nPackageComment: <text>on\nand on")[1]
    assert [row["package_name"] for row in rows.components] == ["a"]
    assert "</text>" in str(rows.error)
