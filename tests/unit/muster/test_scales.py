from tocsin.muster.scales import Cefr, Clearance


def test_levels_are_ordered_as_the_standards_order_them():
    assert [level.name for level in sorted(Cefr)] == ["A1", "A2", "B1", "B2", "C1", "C2"]
    assert Clearance.NONE < Clearance.RESTRICTED < Clearance.CONFIDENTIAL < Clearance.SECRET < Clearance.TOP_SECRET


def test_each_clearance_has_its_marking():
    assert Clearance.SECRET.label == "SECRET UE/EU SECRET"
    assert len({level.label for level in Clearance}) == 5
