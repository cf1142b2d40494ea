import pytest

from tocsin.versions.semver import go, nuget, semver


def test_the_order_of_the_specification():
    text = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0"
    keys = [semver(version) for version in text.split()]
    assert keys == sorted(keys) and len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("a", "b"), [("1.2", "1.2.0"), ("v1.2.3", "1.2.3"), ("=1.2.3", "1.2.3"), ("1.2.3+a", "1.2.3+b"), ("1.2.3.0", "1.2.3")]
)
def test_what_is_the_same(a, b):
    assert semver(a) == semver(b)


def test_a_fourth_part_counts():
    assert semver("1.2.3") < semver("1.2.3.1-rc.1") < semver("1.2.3.1") < semver("1.2.4-a")


def test_what_is_no_version():
    assert [semver(text) for text in ("latest", "1.2.3-", "1.2.3-a..b", "1..2", "(devel)", "1.x")] == [None] * 6


def test_go_releases_and_pseudo_versions():
    assert go("go1.21rc2") == semver("1.21.0-rc.2") and go("go1.21.3") == semver("1.21.3") and go("go1.4") == semver("v1.4.0")
    assert go("v0.0.0-20210101000000-aaaaaaaaaaaa") < go("v0.0.0-20220101000000-aaaaaaaaaaaa") < go("v0.0.1")
    assert go("v1.2.3") < go("v1.2.4-0.20210101000000-aaaaaaaaaaaa") < go("v1.2.4")
    assert go("v2.0.0+incompatible") == go("v2.0.0")


def test_nuget_ignores_case():
    assert nuget("1.0-BETA") == nuget("1.0.0-beta") and semver("1.0.0-BETA") != semver("1.0.0-beta")
