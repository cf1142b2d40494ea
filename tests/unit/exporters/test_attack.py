import pytest

from tocsin.exporters._attack import attack_id, attack_ids, domain, technique_name, url


@pytest.mark.parametrize(
    ("technique", "attack"),
    [
        ("attack:T1498.001", "T1498.001"),
        ("attack:T0814", "T0814"),
        ("disarm:T0049", ""),
        ("T1498", ""),
        ("attack:T149", ""),
        ("attack:T1498.01", ""),
        ("attack:T1498\n", ""),
        ("attack:T١٤٩٨", ""),
    ],
)
def test_only_attack_ids_are_taken(technique, attack):
    assert attack_id(technique) == attack


@pytest.mark.parametrize(
    ("attack", "named"),
    [("T0799", "enterprise-attack"), ("T0800", "ics-attack"), ("T0895", "ics-attack"), ("T1046", "enterprise-attack")],
)
def test_ics_is_told_from_enterprise_by_number(attack, named):
    assert domain(attack) == named


def test_names_and_addresses():
    assert technique_name("attack:T1498.002") == "Reflection Amplification"
    assert technique_name("attack:T9999") == "attack:T9999"
    assert url("T1498.002") == "https://attack.mitre.org/techniques/T1498/002/"
    assert attack_ids(["disarm:T0049", "attack:T1046"]) == ["T1046"]
