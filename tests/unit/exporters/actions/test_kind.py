import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.findings import mitigation, syn_flood_direct, syn_flood_spoofed
from tocsin.exporters.actions._kind import LINE_CHARACTERS, comment, measured, name, ordinal, plain, short_id


@given(st.text(st.characters(), max_size=400))
def test_foreign_text_is_one_line_without_a_backslash(text):
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert "\\" not in shown
    assert shown.isprintable() or not shown


@given(st.lists(st.text(max_size=300), max_size=4), st.sampled_from(["#", "//"]))
def test_every_line_of_a_comment_is_one(lines, sign):
    for line in comment(lines, sign).split("\n")[:-1]:
        assert line.startswith(sign)
        assert not line.endswith(" ")


def test_a_command_is_not_wrapped_and_prose_is():
    command, prose = "    " + "word " * 60, "word " * 60
    assert len(comment([command]).splitlines()) == 1
    assert max(map(len, comment([prose]).splitlines())) <= LINE_CHARACTERS + 2


def test_names_differ_between_findings_and_between_mitigations():
    one, other = syn_flood_direct(), syn_flood_spoofed()
    assert short_id(one) != short_id(other)
    assert [ordinal(one, each) for each in one.mitigations] == [1, 2]
    assert ordinal(one, mitigation(protocol=17)) == 0
    assert name(one, one.mitigations[1]) == f"tocsin_{short_id(one)}_2"


@pytest.mark.parametrize(
    ("hit", "collateral", "said"),
    [(None, None, "not measured"), (0.99, None, "99.0 % of the attack and unknown"), (1.0, 0.0, "100 % of the attack and 0 %")],
)
def test_what_was_not_measured_is_said_so(hit, collateral, said):
    one = type(mitigation())("drop", "", mitigation().match, hit_ratio=hit, collateral_ratio=collateral)
    assert said in measured(one)
