from kit.scan_reports import read, sample


def test_packages_with_origin_and_release():
    assert sample("apk_installed/installed").inventory("name", "version", "source_name", "distro", "license") == [
        ("musl", "1.2.4-r2", "musl", "alpine 3.18.4", "MIT"),
        ("alpine-release", "3.18.4-r0", "alpine-base", "alpine 3.18.4", None),
    ]


def test_wolfi_has_no_releases():
    data = "C:Q1=\nP:wolfi-baselayout\nV:1-r0\nA:x86_64\n\nC:Q1=\nV:2-r0\n\n"
    rows = read(data)[1]
    assert (rows.inventory("ecosystem", "distro"), len(rows.faults)) == ([("Wolfi", "wolfi")], 1)
