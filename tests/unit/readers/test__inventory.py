import pytest

from kit.scan_reports import read
from tocsin.readers._inventory import (
    COMPONENTS_MOST,
    component,
    distro_of,
    distro_of_release,
    ecosystem_of,
    full_name,
    installed,
    packaged,
    parsed,
    source_package,
)


@pytest.mark.parametrize(
    ("written", "ecosystem", "distro"),
    [
        ("pkg:pypi/a@1", "PyPI", None),
        ("pkg:deb/debian/a@1?distro=debian-12", "Debian", "debian 12"),
        ("pkg:deb/debian/a@1?distro=bookworm", "Debian", "debian bookworm"),
        ("pkg:deb/ubuntu/a@1?distro=ubuntu-22.04", "Ubuntu", "ubuntu 22.04"),
        ("pkg:apk/alpine/a@1?distro=3.18.4", "Alpine", "alpine 3.18.4"),
        ("pkg:apk/wolfi/a@1?distro=wolfi-20230201", "Wolfi", "wolfi 20230201"),
        ("pkg:rpm/centos/a@1-1.el7", "Red Hat", "centos 7"),
        ("pkg:rpm/redhat/a@1?distro=rhel-8.6", "Red Hat", "rhel 8.6"),
        ("pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.5", "openSUSE", "opensuse-leap 15.5"),
        ("pkg:rpm/opensuse/a@1?distro=opensuse-tumbleweed", "openSUSE", "opensuse-tumbleweed"),
        ("pkg:rpm/fedora/a@1-2.fc39", "Fedora", "fedora 39"),
        ("pkg:deb/unheard-of/a@1", None, None),
        ("pkg:generic/a@1", None, None),
    ],
)
def test_ecosystem_and_distribution_of_a_package_url(written, ecosystem, distro):
    url = parsed(written)
    assert url is not None
    assert (ecosystem_of(url), distro_of(url)) == (ecosystem, distro)


@pytest.mark.parametrize("written", [None, "", "pkg:", "a@1", "pkg:deb/vendor/@1.0", "pkg:pypi/", "x" * 3000])
def test_what_is_no_package_url(written):
    assert parsed(written) is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("pkg:npm/@babel/core@7", "@babel/core"),
        ("pkg:npm/%40babel/core@7", "@babel/core"),
        ("pkg:maven/org.a/b@1", "org.a:b"),
        ("pkg:golang/github.com/a/b@v1", "github.com/a/b"),
        ("pkg:deb/debian/b@1", "b"),
    ],
)
def test_names_with_their_group(written, name):
    assert full_name(parsed(written)) == name


@pytest.mark.parametrize(
    ("version", "distro"),
    [
        ("1.0-1.el8_6.2", "rhel 8"), ("1-3.el7.centos", "centos 7"), ("1-3.el7_9.centos", "centos 7"), ("1-1.fc39", "fedora 39"),
        ("1-1.amzn2.0.1", "amzn 2"), ("1-1.oe2203sp1", "openeuler 22.03"), ("4.4-150400.25.22", "sles 15.4"),
        ("4.4-lp154.1.2", "opensuse-leap 15.4"), ("1-1", None),
    ],
)  # fmt: skip
def test_distributions_by_the_release_of_an_rpm(version, distro):
    assert distro_of_release(version) == distro


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("openssl", ("openssl", None)),
        ("glibc@2.36-9", ("glibc", "2.36-9")),
        ("glibc (2.36-9)", ("glibc", "2.36-9")),
        ("java-1.8.0-openjdk-1.8.0.372-4.el9.src.rpm", ("java-1.8.0-openjdk", "1.8.0.372-4.el9")),
        ("(none)", (None, None)),
    ],
)
def test_source_packages(said, found):
    assert source_package(said) == found


def test_a_package_url_is_made_where_a_format_has_none():
    assert packaged(0, "@a/b", "1", "npm")["package_purl"] == "pkg:npm/%40a/b@1"
    assert packaged(0, "org.a:b", "1", "Maven")["package_purl"] == "pkg:maven/org.a/b@1"
    own = packaged(0, "app", "1", None)
    assert (own["package_purl"], own["package_ecosystem"], own["package_type"]) == (None, None, "application")


def test_a_package_of_a_distribution_says_all_in_its_package_url():
    row = installed(0, "openssl-libs", "1:1.0.2k-16.el7", "centos 7", "rpm", arch="x86_64", source=("openssl", "1.0.2k-16.el7"))
    assert row["package_purl"] == (
        "pkg:rpm/centos/openssl-libs@1.0.2k-16.el7?arch=x86_64&distro=centos-7&epoch=1&upstream=openssl%401.0.2k-16.el7"
    )
    assert (row["package_version"], row["package_ecosystem"], row["distro"]) == ("1:1.0.2k-16.el7", "Red Hat", "centos 7")
    unknown = installed(0, "a", "1-2", None, "deb")
    assert (unknown["package_purl"], unknown["package_ecosystem"]) == ("pkg:deb/a@1-2", None)


def test_a_name_behind_the_word_of_a_registry_is_the_package_url_s():
    assert component(0, "npm:@babel/core", purl="pkg:npm/%40babel/core@7")["package_name"] == "@babel/core"
    assert component(0, "Django", purl="pkg:pypi/django@4")["package_name"] == "Django"


def test_more_packages_than_a_project_can_have_are_an_error_and_those_before_it_stay():
    rows = read("".join(f"a{number}==1\n" for number in range(COMPONENTS_MOST + 1)))[1]
    assert (len(rows.components), "at most 50,000" in str(rows.error)) == (COMPONENTS_MOST, True)


def test_a_package_url_longer_than_any_is_left_out():
    assert packaged(0, "a" * 3000, "1", "npm")["package_purl"] is None
