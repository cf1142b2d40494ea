"""Attributes become facts, known or not, right or wrong."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kit.assessments import amplification, finding, syn_flood
from tocsin.exporters.view.facts import facts, named, peaks, reasons, sources, top_sources
from tocsin.model import Entity

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["vector", "services", "port", "packets", "sources", "sources_spoofed", "top_sources", "reason", "x_ratio"]
)


def with_attributes(**attributes):
    return finding("title", "192.0.2.1", attributes=attributes)


def as_dict(found):
    return {fact.label: fact.value for fact in facts(found)}


def test_a_finding_tells_what_people_ask():
    told = as_dict(syn_flood())
    assert told["What"] == "SYN flood"
    assert told["Onset"] == "15 Feb 2022, 13:02:11 UTC"
    assert told["Lasted"] == "14 min"
    assert told["Peak"] == "1.2 million packets/s, 614 Mbit/s"
    assert told["Sources"] == "at least 37,623, forged"
    assert told["Handshakes completed"] == "0.4 %"


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, ""),
        ({"sources": 3}, "3"),
        ({"sources": 3, "sources_spoofed": False}, "3, not forged"),
        ({"sources": 3, "sources_spoofed": True, "sources_are_lower_bound": True}, "at least 3, forged"),
        ({"sources": 1, "vector": "amplification"}, "1 reflector, not the attackers"),
        ({"sources": "many"}, ""),
    ],
)
def test_sources(attributes, said):
    assert sources(with_attributes(**attributes)) == said


@pytest.mark.parametrize(
    ("key", "value", "label", "said"),
    [
        ("window_s", 60, "Window", "1 min"),
        ("syn_completed_ratio_max", 0.05, "Syn completed, at most", "5.0 %"),
        ("peak_packets_per_s_min", 200.0, "Peak, at least", "200 packets/s"),
        ("size_bytes", 1_500, "Size", "1.5 kB"),
        ("jitter_ms", 23, "Jitter", "23 ms"),
        ("logins_per_s", 12, "Logins", "12/s"),
        ("mfa", False, "Mfa", "no"),
        ("seen_time", datetime(2022, 2, 15, tzinfo=UTC), "Seen time", "15 Feb 2022, 00:00:00 UTC"),
        ("cves", ["CVE-2021-44228", "CVE-2014-0160"], "Cves", "CVE-2021-44228 and CVE-2014-0160"),
        ("product", {"name": "x", "version": 2}, "Product", "name: x and version: 2"),
        ("deep", [[["lost"]]], "Deep", "…"),
        ("tags", frozenset({"b", "a"}), "Tags", "a and b"),
    ],
)
def test_unknown_attributes_are_told_by_what_their_name_says(key, value, label, said):
    fact = named(key, value)
    assert (fact.label, fact.value) == (label, said)


def test_other_analyzers_attributes_are_facts_too():
    assert as_dict(with_attributes(usernames=12, window_s=3_600))["Usernames"] == "12"


def test_too_many_attributes_are_counted():
    told = as_dict(with_attributes(**{f"a{number}": number for number in range(40)}))
    assert told["More"] == "10 further attributes are in findings.json"


def test_entities_are_told_by_their_role():
    many = tuple(Entity("source", "ip", f"192.0.2.{number}") for number in range(6))
    told = as_dict(finding("t", "v", entities=(Entity("victim", "ip", "198.51.100.1"), *many)))
    assert told["Victim"] == "198.51.100.1"
    assert told["Source"] == "192.0.2.0, 192.0.2.1, 192.0.2.2 and 3 more"


def test_a_port_is_not_told_twice():
    assert "Ports, busiest first" not in as_dict(with_attributes(port=53, top_ports=[53]))
    assert "Ports, busiest first" not in as_dict(with_attributes(port=53, top_ports=[{"port": 53, "packets": 9}]))
    assert as_dict(with_attributes(port=53, top_ports=[53, 80]))["Ports, busiest first"] == "53 and 80"


def test_ports_are_told_with_their_packets():
    told = as_dict(with_attributes(top_ports=[{"port": 443, "packets": 1_204}, {"port": 80}]))
    assert told["Ports, busiest first"] == "443 (1,204 packets) and 80"


def test_top_sources_have_the_columns_the_analyzer_gives():
    table = top_sources(amplification())
    assert table.header == ("Address", "Packets", "Share")
    assert table.rows == (("198.18.90.11", "1,204,112", "2.1 %"),)
    with_country = top_sources(with_attributes(top_sources=[{"ip": "a"}, {"ip": "b", "country": "LT"}]))
    assert with_country.rows == (("a", ""), ("b", "LT"))


def test_reasons_start_with_the_basis_and_are_said_once():
    found = finding("t", "v", confidence_basis="because", attributes={"reason": "because", "reasons": ["and", "so"]})
    assert reasons(found) == ("because", "and", "so")


@settings(max_examples=60)
@given(st.dictionaries(KEYS | st.text(max_size=12), ANYTHING, max_size=6))
@example({"vector": ["not hashable"], "sources": 1})
def test_no_attribute_can_stop_a_report(attributes):
    found = with_attributes(**{str(key): value for key, value in attributes.items()})
    for fact in facts(found):
        assert fact.label.isprintable()
        assert fact.value.isprintable()
        assert len(fact.value) <= 400
    assert all(reason.isprintable() for reason in reasons(found))
    table = top_sources(found)
    assert table is None or all(len(row) == len(table.header) for row in table.rows)
    assert all("nan" not in peak for peak in peaks(found))
