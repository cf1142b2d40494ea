from kit.scan_reports import claimants, read, sample


def test_installed_packages_and_the_release_of_base_files():
    rows = sample("dpkg_status/status")
    assert rows.inventory("name", "version", "source_name", "source_version", "distro", "ecosystem") == [
        ("base-files", "12.4+deb12u5", None, None, "debian 12", "Debian"),
        ("libexample1", "1:1.0-1+b2", "example", "1.0-1", "debian 12", "Debian"),
    ]
    assert rows.components[1]["package_purl"] == (
        "pkg:deb/debian/libexample1@1:1.0-1%2Bb2?arch=amd64&distro=debian-12&upstream=example%401.0-1"
    )


def test_an_index_of_what_could_be_installed_is_no_inventory():
    index = b"Package: a\nVersion: 1\nArchitecture: all\nFilename: pool/a.deb\nSHA256: 00\n\n"
    assert claimants(index) == []


def test_a_paragraph_without_a_package_is_a_fault():
    rows = read("Package: a\nStatus: install ok installed\nVersion: 1\n\nVersion: 2\n")[1]
    assert (rows.inventory("name", "version"), len(rows.faults)) == ([("a", "1")], 1)


def test_a_package_without_a_version_stays():
    data = "Package: a\nStatus: install ok installed\nVersion: 1\n\nPackage: b\nStatus: install ok unpacked\n"
    assert read(data)[1].inventory("name", "version") == [("a", "1"), ("b", None)]
