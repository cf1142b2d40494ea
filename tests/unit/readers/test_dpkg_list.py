import shutil
import subprocess

import pytest

from kit.scan_reports import claimants, read, sample


def test_dpkg_l_without_what_was_removed():
    rows = sample("dpkg_list/dpkg_l.txt")
    assert rows.inventory("name", "version", "arch", "distro") == [
        ("base-files", "12ubuntu4.4", "amd64", "ubuntu 22.04"),
        ("libexample1", "1:1.0-1", "amd64", "ubuntu 22.04"),
        ("held", "2.0", "all", "ubuntu 22.04"),
    ]


def test_dpkg_query_with_sources_and_apt():
    assert sample("dpkg_list/dpkg_query.txt").inventory("name", "source_name", "source_version", "distro")[1] == (
        "libexample1", "example", "1.0-1", "debian 12",
    )  # fmt: skip
    assert sample("dpkg_list/apt.txt").inventory("name", "version")[1] == ("libexample1", "1:1.0-1")


def test_words_and_numbers_are_no_packages():
    assert claimants(b"first 1\nsecond 2\nthird 3\n") == []


@pytest.mark.skipif(not shutil.which("dpkg-query"), reason="dpkg is not installed")
@pytest.mark.parametrize("form", ["${Package}\t${Version}\n", "${Package} ${Version} ${Architecture} ${source:Package}\n"])
def test_the_real_program(form):
    printed = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, check=True).stdout
    name, rows = read(printed)
    assert (name, rows.faults, len(rows.components)) == ("dpkg_list", [], len(printed.splitlines()))
