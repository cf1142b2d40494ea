"""partner.yaml: what it says is found again by address; what is wrong in it is named with its place."""

from pathlib import Path

import pytest

from tocsin.errors import ProfileError
from tocsin.model.profile import Profile, load_profile

GOOD = """
name: Republic of Exampleland
organisations:
  - {id: mod, name: Ministry of Defence, sector: public administration, country: EX}
  - {id: bank, name: First Bank}
networks:
  - {prefix: 192.0.2.0/24, organisation: mod}
  - {prefix: "2001:db8::/32"}
assets:
  - id: web
    name: web site
    organisation: mod
    addresses: [192.0.2.10, "2001:db8::10"]
    hostnames: [www.example.org]
    criticality: high
  - {id: dc, name: data centre, organisation: bank, addresses: [192.0.2.8/29]}
domains: [example.org]
"""


@pytest.fixture
def load(tmp_path):
    def written(text: str | bytes) -> Profile:
        path = tmp_path / "partner.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_profile(path)

    return written


def test_the_most_specific_entry_speaks_for_an_address(load):
    profile = load(GOOD)
    assert profile.asset("192.0.2.10").id == "web"
    assert profile.asset("192.0.2.11").id == "dc"
    assert profile.asset("192.0.2.99") is None
    assert [profile.organisation(a).id for a in ("192.0.2.10", "192.0.2.11", "192.0.2.99")] == ["mod", "bank", "mod"]


@pytest.mark.parametrize(
    ("address", "owned"),
    [
        ("192.0.2.0", True),
        ("192.0.1.255", False),
        ("192.0.2.0/25", True),
        ("192.0.0.0/16", False),
        ("2001:db8:ffff::1", True),
        ("2001:db9::1", False),
        ("www.example.org", True),
        ("www.example.com", False),
        ("", False),
    ],
)
def test_an_address_a_prefix_or_a_host_name_is_the_partners_or_not(load, address, owned):
    assert load(GOOD).owns(address) is owned


def test_without_a_profile_nothing_is_owned_and_nothing_fails():
    profile = Profile()
    assert not profile.owns("192.0.2.10")
    assert profile.asset("192.0.2.10") is None
    assert profile.organisation("www.example.org") is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("a: [", "cannot be read as YAML", id="not YAML"),
        pytest.param(b"\xff\xfe\xff", "cannot be read as YAML", id="not text"),
        pytest.param("- a", "expected a mapping", id="a list"),
        pytest.param("", "expected a mapping", id="empty"),
        pytest.param("asets: []", r"unknown section \['asets'\]; expected .*assets", id="a section misspelt"),
        pytest.param("assets: {id: a}", "assets: expected a list, found dict", id="a mapping for a list"),
        pytest.param("assets: [web]", "assets, entry 1: expected a mapping, found 'web'", id="a word for an entry"),
        pytest.param("assets: [{id: a, name: a}, {id: b}]", r"assets, entry 2: missing \['name'\]", id="a name lacking"),
        pytest.param("assets: [{id: a, name: a, ip: 1}]", r"assets, entry 1: .*unknown \['ip'\]; expected addresses", id="a field misspelt"),
        pytest.param("networks: [{prefix: 192.0.2.0/33}]", "192.0.2.0/33: expected an IP address or prefix", id="no prefix"),
        pytest.param("assets: [{id: web, name: w, addresses: [host]}]", "web: expected an IP address or prefix, found 'host'", id="no address"),
        pytest.param("assets: [{id: web, name: w, organisation: x}]", "web: unknown organisation 'x'; known: none", id="an organisation unknown"),
        pytest.param("organisations: [{id: mod, name: M}]\nnetworks: [{prefix: 192.0.2.0/24, organisation: x}]",
                     "192.0.2.0/24: unknown organisation 'x'; known: mod", id="a network of an organisation unknown"),
        pytest.param("assets: [{id: web, name: w, criticality: huge}]", "web: criticality 'huge'; expected low, medium", id="no criticality"),
        pytest.param("assets: [{id: web, name: w, addresses: 192.0.2.10}]", "entry 1: addresses: expected a list", id="one address, no list"),
        pytest.param("assets: [{id: web, name: [a, b]}]", "entry 1: name: expected text", id="a list for a name"),
        pytest.param("assets: [{id: web, name: {a: b}}]", "entry 1: name: expected text", id="a mapping for a name"),
        pytest.param("organisations: [{id: a, name: A, country: NO}]", "entry 1: country: expected text, found False. Put it in quotes", id="Norway"),
        pytest.param("domains: example.org", "domains: expected a list", id="one domain, no list"),
        pytest.param("dependencies: [web]", "dependencies, entry 1: expected a mapping", id="a word for a dependency"),
        pytest.param("organisations: [{id: a, name: A}, {id: a, name: B}]", "organisations: the id 'a' stands twice", id="an id twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(load, text, named):
    with pytest.raises(ProfileError, match=named) as raised:
        load(text)
    assert "partner.yaml" in str(raised.value)


def test_a_profile_that_is_not_there_is_said_so(tmp_path: Path):
    with pytest.raises(ProfileError, match=r"nowhere\.yaml"):
        load_profile(tmp_path / "nowhere.yaml")


def test_a_field_left_empty_counts_as_not_given(load):
    profile = load("name:\nassets: [{id: web, name: w, owner: , organisation: }]\nnetworks:\n")
    assert (profile.name, profile.assets[0].owner, profile.assets[0].organisation, profile.networks) == ("", "", "", ())
