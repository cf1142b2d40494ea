import pytest

from tocsin.readers._packages import Package, of_alpine, of_debian, of_rpm


def distro(rows):
    return next(iter(rows))[1]["distro"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("12.4+deb12u5", "debian 12"), ("11.1", "debian 11"), ("13ubuntu10.1", "ubuntu 24.04"), ("13ubuntu1", "ubuntu"), ("11ubuntu5.8", "ubuntu 20.04"),
        ("1:2024.1.0", None),
    ],
)  # fmt: skip
def test_debian_s_release_by_base_files(version, expected):
    assert distro(of_debian([Package(0, "base-files", version)])) == expected


def test_debian_s_release_by_a_security_update():
    assert distro(of_debian([Package(0, "a", "1.0-1"), Package(9, "b", "2.0-1+deb11u3")])) == "debian 11"


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("centos-release", "7-6.1810.2.el7.centos", "centos 7"), ("centos-release", "8.2-2.2004.0.1.el8", "centos 8.2"),
        ("redhat-release", "8.6-0.1.el8", "rhel 8.6"), ("redhat-release-server", "7.9-3.el7", "rhel 7.9"), ("sles-release", "15.4-150400.1", "sles 15.4"),
        ("system-release", "2-16.amzn2", "amzn 2"), ("fedora-release-common", "39-30", "fedora 39"),
    ],
)  # fmt: skip
def test_the_release_of_rpms_by_the_package_that_brings_it(name, version, expected):
    assert distro(of_rpm([Package(0, "a", "1-1.el6"), Package(9, name, version)])) == expected


def test_the_release_of_rpms_by_most_tags():
    assert distro(of_rpm([Package(0, "a", "1-1.el7"), Package(1, "b", "1-1.el8"), Package(2, "c", "1-1.el8")])) == "rhel 8"


def test_alpine_without_its_release():
    assert distro(of_alpine([Package(0, "musl", "1-r0")])) == "alpine"
