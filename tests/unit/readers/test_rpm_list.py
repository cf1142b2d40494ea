import pytest

from kit.scan_reports import claimants, read, sample
from tocsin.readers.rpm_list import package


@pytest.mark.parametrize(
    ("path", "openssl", "distro"),
    [
        ("rpm_list/qa.txt", ("1.0.2k-16.el7", "x86_64", None), "centos 7"),
        ("rpm_list/columns.txt", ("1:1.1.1k-9.el8_7", "x86_64", "openssl"), "rocky 8.6"),
        ("rpm_list/dnf.txt", ("1:1.1.1k-9.el8_7", "x86_64", None), "rhel 8"),
        ("rpm_list/information.txt", ("1:3.1.1-4.fc39", "x86_64", None), "fedora 39"),
    ],
)
def test_formats_and_releases(path, openssl, distro):
    rows = sample(path)
    assert (
        dict(zip(rows.inventory("name"), rows.inventory("version", "arch", "source_name"), strict=True))[("openssl-libs",)]
        == openssl
    )
    assert set(rows.inventory("distro")) == {(distro,)}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("bash-4.4.20-4.el8_6.x86_64", ("bash", "4.4.20-4.el8_6")),
        ("bash-3.2-33.el5", ("bash", "3.2-33.el5")),
        ("java-1.8.0-openjdk-1:1.8.0.372-4.el9.x86_64", ("java-1.8.0-openjdk", "1:1.8.0.372-4.el9")),
        ("bash 5.1.8 6.el9 x86_64", ("bash", "5.1.8-6.el9")),
        ("bash|(none)|5.1.8-6.el9|x86_64", ("bash", "5.1.8-6.el9")),
        ("openssl 1:3.0.7-18.el9 x86_64", ("openssl", "1:3.0.7-18.el9")),
        ("openssl,1,3.0.7,18.el9,x86_64", ("openssl", "1:3.0.7-18.el9")),
        ("tzdata 2023c 1.el9 noarch tzdata-2023c-1.el9.src.rpm", ("tzdata", "2023c-1.el9")),
        ('"bash" "0" "5.1.8" "6.el9" "x86_64"', ("bash", "5.1.8-6.el9")),
        ("no package here", None),
        ("bash", None),
    ],
)
def test_lines(line, found):
    told = package(0, line)
    assert (told and (told.name, told.version)) == found


def test_text_is_no_list_of_packages():
    assert claimants(b"some-words-here and more\nother lines\n") == []


def test_a_line_that_is_no_package_is_a_fault():
    good = "".join(f"a{number}-1.0-1.el9.x86_64\n" for number in range(20))
    rows = read(good + "what is this\n")[1]
    assert (len(rows.components), len(rows.faults)) == (20, 1)
