import pytest

from tocsin.packs.spaces import from_distro, from_osv, from_purl_type, is_distro, judged_by, normal_name, scheme_of


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("PyPI", "pypi"), ("Go", "go"), ("crates.io", "crates.io"), ("Debian:12", "debian 12"), ("Ubuntu:22.04:LTS", "ubuntu 22.04"),
        ("Ubuntu:Pro:16.04:LTS", None), ("Alpine:v3.18", "alpine 3.18"), ("Rocky Linux:8", "rocky 8"), ("AlmaLinux:9", "almalinux 9"),
        ("SUSE:Linux Enterprise Server 15 SP4", "sles 15.4"), ("Red Hat:enterprise_linux:8::baseos", "rhel 8"), ("openSUSE:Leap 15.5", "opensuse-leap 15.5"),
        ("Wolfi", "wolfi"), ("Nonsense", None), ("Debian", None),
    ],
)  # fmt: skip
def test_ecosystems_of_osv(text, space):
    assert from_osv(text) == space


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("debian 12", "debian 12"), ("Debian GNU/Linux 12.5 (bookworm)", "debian 12"), ("bookworm", "debian 12"), ("centos 7.6.1810", "rhel 7"),
        ("rhel-8.6", "rhel 8"), ("Red Hat Enterprise Linux 9.2", "rhel 9"), ("alpine-3.18.4", "alpine 3.18"), ("ubuntu-22.04", "ubuntu 22.04"),
        ("SUSE Linux Enterprise Server 15 SP4", "sles 15.4"), ("sles-15.5", "sles 15.5"), ("jammy", "ubuntu 22.04"), ("debian sid", "debian sid"),
        ("windows 10", None), ("", None),
    ],
)  # fmt: skip
def test_releases_however_they_are_spelt(text, space):
    assert from_distro(text) == space


def test_schemes_and_names():
    assert [scheme_of(s) for s in ("pypi", "debian 12", "rhel 8", "alpine 3.18", "go", "nowhere")] == [
        "pypi",
        "deb",
        "rpm",
        "apk",
        "golang",
        "generic",
    ]
    assert is_distro("rocky 9") and not is_distro("npm") and from_purl_type("golang") == "go" and from_purl_type("deb") is None
    assert normal_name("pypi", "Foo_Bar.baz") == "foo-bar-baz" and normal_name("maven", "org.a/b") == "org.a:b"
    assert judged_by("rocky 9") == ("rocky 9", "rhel 9") and judged_by("debian 12") == ("debian 12",)
