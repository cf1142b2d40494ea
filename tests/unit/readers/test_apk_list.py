from kit.scan_reports import claimants, sample


def test_names_with_versions():
    assert sample("apk_list/info.txt").inventory("name", "version", "distro") == [
        ("musl", "1.2.4-r2", "alpine 3.18.4"),
        ("alpine-base", "3.18.4-r0", "alpine 3.18.4"),
        ("libc-utils", "0.7.2-r5", "alpine 3.18.4"),
    ]


def test_what_is_installed_among_what_could_be():
    assert sample("apk_list/list.txt").inventory("name", "version", "source_name") == [
        ("libcrypto3", "3.1.4-r0", "openssl"),
        ("gone", "0.9-r0", "gone"),
    ]


def test_names_without_a_revision_are_no_packages():
    assert claimants(b"some-1.0\nother-2.0\n") == []
