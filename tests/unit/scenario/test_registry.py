import pytest

from tocsin.scenario import SCENARIOS, VECTORS, build


def test_every_vector_has_a_scenario():
    assert {name.removeprefix("vector:") for name in SCENARIOS if name.startswith("vector:")} == set(VECTORS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_can_be_built_by_its_name(name):
    scenario = build(name, duration_s=140.0 if name == "february-2022" else 6.0, ordinary_pps=5.0)
    assert scenario.name == name
    assert scenario.pieces
