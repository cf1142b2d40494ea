import dataclasses
import json

from kit import assessments
from kit.findings import (
    HOSTILE_TEXT,
    all_findings,
    assessment,
    hostile,
    ics_denial_of_service,
    port_scan,
    syn_flood_direct,
    syn_flood_spoofed,
)
from tocsin.exporters.navigator import layers
from tocsin.terms import FindingClass, Tlp

ALLOWED = {
    "name", "versions", "domain", "description", "sorting", "layout", "hideDisabled", "techniques", "gradient", "legendItems",
    "metadata", "showTacticRowBackground", "selectTechniquesAcrossTactics", "selectSubtechniquesWithParent",
}  # fmt: skip
ALLOWED_TECHNIQUE = {"techniqueID", "score", "comment", "enabled", "showSubtechniques", "metadata", "links"}


def techniques(layer):
    return {one["techniqueID"]: one for one in layer["techniques"]}


def test_a_layer_keeps_to_format_4_5():
    for domain, layer in layers(assessment()).items():
        assert set(layer) <= ALLOWED
        assert layer["domain"] == domain
        assert layer["versions"] == {"attack": "18", "navigator": "5.1.0", "layer": "4.5"}
        assert layer["gradient"]["maxValue"] > layer["gradient"]["minValue"]
        assert all(set(one) <= ALLOWED_TECHNIQUE for one in layer["techniques"])
        assert all(isinstance(entry["value"], str) for entry in layer["metadata"])


def test_ics_techniques_have_a_layer_of_their_own_and_only_where_there_are_any():
    assert list(layers(assessment(port_scan()))) == ["enterprise-attack"]
    made = layers(assessment(port_scan(), ics_denial_of_service()))
    assert list(techniques(made["ics-attack"])) == ["T0814"]
    assert "T0814" not in techniques(made["enterprise-attack"])


def test_nothing_found_is_an_empty_enterprise_layer():
    made = layers(assessments.nothing_found())
    assert {domain: layer["techniques"] for domain, layer in made.items()} == {"enterprise-attack": []}


def test_the_score_is_the_highest_confidence_of_the_findings():
    low = dataclasses.replace(syn_flood_spoofed(), confidence=40)
    layer = layers(assessment(low, syn_flood_direct()))["enterprise-attack"]
    one = techniques(layer)["T1498.001"]
    assert one["score"] == 92
    assert syn_flood_direct().title in one["comment"]
    assert {"name": "Findings", "value": "2"} in one["metadata"]
    assert one["links"][0]["url"] == "https://attack.mitre.org/techniques/T1498/001/"


def test_what_is_no_event_and_other_frameworks_are_left_out():
    context = dataclasses.replace(port_scan(), cls=FindingClass.CONTEXT)
    disarm = dataclasses.replace(port_scan(), techniques=("disarm:T0049", "attack:nonsense", "attack:T10461"))
    assert layers(assessment(context, disarm))["enterprise-attack"]["techniques"] == []


def test_the_marking_is_in_metadata_and_description():
    layer = layers(assessment(tlp=Tlp.AMBER_STRICT))["enterprise-attack"]
    assert {"name": "TLP", "value": "TLP:AMBER+STRICT"} in layer["metadata"]
    assert layer["description"].startswith("TLP:AMBER+STRICT. ")


def test_many_findings_of_one_technique_are_counted():
    layer = layers(assessment(*[port_scan()] * 25))["enterprise-attack"]
    assert techniques(layer)["T1046"]["comment"].endswith("and 5 more")


def test_hostile_text_is_shown_not_hidden():
    made = layers(assessment(*(hostile(one, text) for one in all_findings() for text in HOSTILE_TEXT)))
    assert "\x1b" not in json.dumps(made, ensure_ascii=False)
    assert "\u202e" not in json.dumps(made, ensure_ascii=False)
