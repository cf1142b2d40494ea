"""Rules: both sides of every threshold."""

from dataclasses import replace

import pytest

from kit.council import OPENED, rule_of
from tocsin.council import Abstention, Base, Choice, Kind, Rule, Share, Silence, default_rule, describe_rule
from tocsin.council.rules import unmet
from tocsin.ledger import LedgerError, from_plain, to_plain

LETTERS = {"y": Choice.YES, "n": Choice.NO, "a": Choice.ABSTAIN, ".": None}
FREE = {"quorum": Share(0, 1), "yes_floor": Share(0, 1)}
TWO_THIRDS = {"kind": Kind.MAJORITY, "share": Share(2, 3), **FREE}
WEIGHTED = {"kind": Kind.WEIGHTED, "weights": {"s0": 5, "s1": 3, "s2": 1}, "needed": 6, **FREE}


def votes(letters: str) -> dict[str, Choice | None]:
    return {f"s{at}": LETTERS[letter] for at, letter in enumerate(letters)}


def met(rule: Rule, letters: str, *, silent: bool = True) -> bool:
    return not unmet(rule, votes(letters), silent=silent)


@pytest.mark.parametrize(
    ("changes", "letters", "carries"),
    [
        pytest.param({}, "yyyyyy", True, id="unanimity: all"),
        pytest.param({}, "yyyyyn", False, id="unanimity: one no"),
        pytest.param({}, "yyyyy.", False, id="unanimity: one missing"),
        pytest.param({}, "yyyaaa", True, id="unanimity: half abstain"),
        pytest.param({}, "yyaaaa", False, id="unanimity: more than half abstain"),
        pytest.param(FREE, "yaaaaa", True, id="unanimity without a floor: one yes"),
        pytest.param(FREE, "aaaaaa", False, id="unanimity: nobody says yes"),
        pytest.param({"abstention": Abstention.AGAINST}, "yyyyya", False, id="unanimity: abstention against"),
        pytest.param({"base": Base.CAST}, "yyyy..", True, id="unanimity of cast: quorum reached"),
        pytest.param({"base": Base.CAST}, "yyy...", False, id="unanimity of cast: one short of the quorum"),
        pytest.param({"base": Base.CAST}, "yyya..", True, id="an abstention makes the quorum"),
        pytest.param({"silence": Silence.YES}, "yyyy..", True, id="silence counts as yes"),
        pytest.param({"silence": Silence.YES}, "yyy...", False, id="silence makes no quorum"),
        pytest.param({"silence": Silence.YES}, "yyyyn.", False, id="silence does not outweigh a no"),
        pytest.param({"silence": Silence.ABSTAIN}, "yyyy..", True, id="silence counts as abstention"),
        pytest.param(TWO_THIRDS, "yyyynn", True, id="two thirds: exactly"),
        pytest.param(TWO_THIRDS, "yyynnn", False, id="two thirds: one short"),
        pytest.param(TWO_THIRDS, "yyyy..", True, id="two thirds: missing votes stay in the base"),
        pytest.param(TWO_THIRDS, "yyyn..", False, id="two thirds: of all, not of those who voted"),
        pytest.param({**TWO_THIRDS, "base": Base.CAST}, "yyn...", True, id="two thirds of cast"),
        pytest.param({**TWO_THIRDS, "base": Base.CAST}, "ynn...", False, id="two thirds of cast: one short"),
        pytest.param({**TWO_THIRDS, "base": Base.CAST}, "yynaaa", True, id="abstentions are left out"),
        pytest.param({**TWO_THIRDS, "base": Base.CAST, "abstention": Abstention.AGAINST}, "yyna..", False, id="or weigh"),
        pytest.param({**TWO_THIRDS, "share": Share(1, 2)}, "yyynnn", True, id="at least half: half"),
        pytest.param({**TWO_THIRDS, "share": Share(1, 2, more=True)}, "yyynnn", False, id="more than half: half"),
        pytest.param({**TWO_THIRDS, "share": Share(1, 2, more=True)}, "yyyynn", True, id="more than half: four of six"),
        pytest.param(WEIGHTED, "yny", True, id="weights: exactly"),
        pytest.param(WEIGHTED, "nyy", False, id="weights: short"),
        pytest.param(WEIGHTED, "ynnyyy", False, id="weights: states without one weigh nothing"),
        pytest.param({"kind": Kind.AT_LEAST, "needed": 3, **FREE}, "yyynnn", True, id="at least 3: three"),
        pytest.param({"kind": Kind.AT_LEAST, "needed": 3, **FREE}, "yynnnn", False, id="at least 3: two"),
    ],
)
def test_votes_carry(changes, letters, carries):
    assert met(rule_of(**changes), letters) is carries


def test_silence_speaks_only_after_the_deadline():
    rule = rule_of(silence=Silence.YES)
    assert not met(rule, "yyyy..", silent=False)
    assert met(rule, "yyyy..", silent=True)


def test_what_is_short_is_said_in_numbers():
    assert unmet(rule_of(), votes("yn...."), silent=True) == [
        "votes from 2 of 6, where at least two thirds are needed",
        "yes from 1 of 6 that count, where all are needed",
        "yes from 1 of 6, where at least half are needed",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": Kind.AT_LEAST}, "needed: expected a number above 0"),
        ({"needed": 3}, "needed: expected a number above 0 for weighted and at_least alone"),
        ({"kind": Kind.WEIGHTED, "needed": 1}, "weights: expected for a weighted rule"),
        ({"weights": {"EE": 1}}, "weights: expected for a weighted rule alone"),
        ({"kind": Kind.WEIGHTED, "needed": 1, "weights": {"EE": -1}}, "none below 0"),
        ({"version": 0}, "expected a version from 1, found 0"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(changes, said):
    with pytest.raises(LedgerError, match=said):
        rule_of(**changes)


@pytest.mark.parametrize(("numerator", "denominator", "more"), [(3, 2, False), (-1, 2, False), (0, 0, False), (1, 1, True)])
def test_a_share_that_is_none_is_refused(numerator, denominator, more):
    with pytest.raises(LedgerError, match="expected a share"):
        Share(numerator, denominator, more)


def test_a_rule_comes_back_from_json_with_its_digest():
    for rule in (rule_of(), rule_of(**TWO_THIRDS), rule_of(**WEIGHTED)):
        again = from_plain(Rule, to_plain(rule))
        assert again == rule
        assert again.digest == rule.digest


def test_the_digest_covers_every_field():
    rule = rule_of(**WEIGHTED)
    others = [
        replace(rule, id="x"),
        replace(rule, version=2),
        replace(rule, needed=7),
        replace(rule, weights={"s0": 6}),
        replace(rule, silence=Silence.YES),
        replace(rule, quorum=Share(1, 3)),
        replace(rule, delegation=False),
        replace(rule, host_consent=True),
        replace(rule, base=Base.CAST),
        replace(rule, abstention=Abstention.AGAINST),
    ]
    assert len({one.digest for one in (rule, *others)}) == len(others) + 1


def test_a_rule_is_described_in_one_sentence():
    assert describe_rule(default_rule(id="r", version=3, since=OPENED)) == (
        "unanimity of participants; an abstention does not block; at least two thirds of the participants must vote; "
        "at least half of the participants must say yes; the host must consent (version 3 of 20 Feb 2022)"
    )
    weighted = describe_rule(rule_of(**WEIGHTED, silence=Silence.YES, delegation=False))
    assert weighted.startswith("yes of states that weigh at least 6 of 9; silence counts as yes; no delegation (")
    share = describe_rule(rule_of(**TWO_THIRDS, base=Base.CAST, abstention=Abstention.AGAINST))
    assert share.startswith("yes from at least two thirds of votes cast; an abstention counts like a no (")
    assert describe_rule(rule_of(kind=Kind.AT_LEAST, needed=3, **FREE)).startswith("at least 3 yes votes (")
