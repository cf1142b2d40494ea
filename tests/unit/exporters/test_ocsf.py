import dataclasses
import json
import math

import pytest

from kit import assessments
from kit.findings import (
    HOSTILE_TEXT,
    all_findings,
    assessment,
    carpet_bombing,
    hostile,
    http_flood,
    ics_denial_of_service,
    ntp_amplification,
    port_scan,
    syn_flood_direct,
    syn_flood_spoofed,
)
from tocsin.exporters.ocsf import to_ocsf
from tocsin.terms import FindingClass, Severity, Tlp

# What schema.ocsf.io 1.5.0 requires of class 2004 and of the objects we use, and what it knows as values.
REQUIRED = {"activity_id", "category_uid", "class_uid", "finding_info", "metadata", "severity_id", "time", "type_uid"}
KNOWN = REQUIRED | {
    "activity_name", "category_name", "class_name", "type_name", "start_time", "end_time", "severity", "status_id", "status",
    "confidence_id", "confidence", "confidence_score", "is_alert", "message", "resources", "evidences", "observables",
    "remediation", "unmapped",
}  # fmt: skip
EVIDENCE_NEEDS = {"src_endpoint", "dst_endpoint", "data", "file"}


def events(*findings, **keywords):
    return [json.loads(line) for line in to_ocsf(assessment(*findings, **keywords)).splitlines()]


@pytest.mark.parametrize(
    "made",
    [assessment(), assessments.ministry_and_banks(), assessments.hostile(), assessments.nothing_found()],
    ids=["each kind", "ministry", "hostile", "nothing found"],
)
def test_every_line_is_a_detection_finding_with_what_the_class_requires(made):
    lines = to_ocsf(made).splitlines()
    assert len(lines) == len(made.findings)
    for line in lines:
        event = json.loads(line, parse_constant=pytest.fail)
        assert REQUIRED <= set(event) <= KNOWN
        assert (event["category_uid"], event["class_uid"], event["type_uid"]) == (2, 2004, 200400 + event["activity_id"])
        assert isinstance(event["time"], int)
        assert event["severity_id"] in set(map(int, Severity))
        assert {"version", "product"} <= set(event["metadata"])
        assert event["metadata"]["product"]["vendor_name"]
        assert event["finding_info"]["uid"]
        assert "type_id" in event["finding_info"]["analytic"]
        assert all({"technique", "sub_technique"} & set(one) for one in event["finding_info"].get("attacks", []))
        assert all(EVIDENCE_NEEDS & set(one) for one in event.get("evidences", []))
        assert all({"name", "type_id"} <= set(one) for one in event.get("observables", []))


def test_the_marking_is_among_the_labels():
    assert [event["metadata"]["labels"] for event in events(port_scan(), tlp=Tlp.RED)] == [["TLP:RED"]]


def test_times_are_milliseconds_of_what_was_seen():
    event = events(syn_flood_direct())[0]
    first, last = (int(time.timestamp() * 1000) for time in (syn_flood_direct().first_seen, syn_flood_direct().last_seen))
    assert (event["start_time"], event["end_time"], event["time"]) == (first, last, last)
    assert event["finding_info"]["first_seen_time"] == first


def test_a_finding_without_times_says_so():
    event = events(dataclasses.replace(port_scan(), first_seen=None, last_seen=None))[0]
    assert event["time"] == 0
    assert event["unmapped"]["time_unknown"] is True
    assert "start_time" not in event
    assert "time_unknown" not in events(port_scan())[0]["unmapped"]


def test_techniques_are_attacks_with_their_version():
    attacks = events(syn_flood_direct())[0]["finding_info"]["attacks"]
    assert attacks[0]["technique"]["uid"] == "T1498"
    assert attacks[0]["sub_technique"]["name"] == "Direct Network Flood"
    assert attacks[0]["version"] == "18.1"
    assert "sub_technique" not in events(ics_denial_of_service())[0]["finding_info"]["attacks"][0]
    pinned = dataclasses.replace(assessment(port_scan()), versions={"attack": "19.1"})
    assert json.loads(to_ocsf(pinned))["finding_info"]["attacks"][0]["version"] == "19.1"


def test_another_framework_stays_unmapped():
    event = events(dataclasses.replace(port_scan(), techniques=("disarm:T0049",)))[0]
    assert "attacks" not in event["finding_info"]
    assert event["unmapped"]["techniques"] == ["disarm:T0049"]


def test_senders_and_victims_are_observables():
    event = events(ntp_amplification())[0]
    values = {(one["type_id"], one["value"]) for one in event["observables"]}
    assert {(2, "192.0.2.53"), (2, "203.0.113.5")} <= values
    assert [one["src_endpoint"]["ip"] for one in event["evidences"] if one.get("name") == "reflector"] == [
        "203.0.113.5",
        "203.0.113.6",
        "203.0.113.7",
    ]
    assert (1, "www.mod.example") in {(one["type_id"], one["value"]) for one in events(http_flood())[0]["observables"]}
    assert (12, "192.0.2.0/24") in {(one["type_id"], one["value"]) for one in events(carpet_bombing())[0]["observables"]}


def test_evidence_leads_back_to_the_bytes():
    first = events(syn_flood_direct())[0]["evidences"][0]
    assert first["file"]["hashes"] == [{"algorithm_id": 3, "algorithm": "SHA-256", "value": "0f" * 32}]
    assert first["data"]["record_offset"] == 24


def test_only_an_attack_is_an_alert():
    assert [event["is_alert"] for event in events(syn_flood_direct(), port_scan())] == [True, False]
    context = dataclasses.replace(port_scan(), cls=FindingClass.CONTEXT)
    assert events(context)[0]["unmapped"]["class"] == "context"


@pytest.mark.parametrize(
    ("score", "word"), [(0, "Low"), (33, "Low"), (34, "Medium"), (66, "Medium"), (67, "High"), (100, "High")]
)
def test_confidence_has_a_word(score, word):
    event = events(dataclasses.replace(port_scan(), confidence=score))[0]
    assert (event["confidence"], event["confidence_score"]) == (word, score)
    assert event["confidence_id"] == ("Unknown", "Low", "Medium", "High").index(word)


def test_what_was_refused_is_among_the_remedies_as_refused():
    remediation = events(syn_flood_spoofed())[0]["remediation"]["desc"]
    assert "Limit new connections" in remediation
    assert "Not: Block the sources. The source addresses are spoofed" in remediation


def test_attributes_no_parser_takes_are_made_portable():
    odd = dataclasses.replace(
        port_scan(), attributes={"a": math.nan, "b": [math.inf, "\ud800"], "c": {"\udcff": 1}, "d": 0, "e": False}
    )
    line = to_ocsf(assessment(odd))
    line.decode("ascii")
    kept = json.loads(line)["unmapped"]["attributes"]
    assert kept["a"] is None
    assert kept["b"] == [None, "\\ud800"]
    assert (kept["d"], kept["e"]) == (0, False)


def test_hostile_text_stays_on_its_line():
    for text in HOSTILE_TEXT:
        lines = to_ocsf(assessment(*(hostile(one, text) for one in all_findings()))).split(b"\n")
        assert len(lines) == len(all_findings()) + 1
        assert all(json.loads(line)["class_uid"] == 2004 for line in lines[:-1])


def test_the_same_assessment_gives_the_same_bytes():
    assert to_ocsf(assessment()) == to_ocsf(assessment())
