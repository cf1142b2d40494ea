import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.musters import START, expert, middling, need, unhurried
from tocsin.muster import Caveat, CaveatKind, Cefr, Clearance, Cleared, EcsfProfile, Expert, Need, Seat, Sector, Spoken
from tocsin.muster.reasons import in_sentence, skilled, wish_in_words

FORENSICS = EcsfProfile.FORENSICS_INVESTIGATOR
SEAT = Seat(FORENSICS, level_min=3, on_site=True)
ABLE = {"profiles": {FORENSICS: 4}, "languages": {"uk": Cefr.B2}}
PERIOD = "22 Feb to 8 Mar 2022"


def reason(pool: list[Expert], asked: Need, person: str = "a") -> str:
    return next(member.reason for member in unhurried(pool, asked).team if member.expert_id == person)


def test_the_only_one_who_may_be_on_site():
    pool = [expert("a", **ABLE), expert("b", on_site=False, **ABLE), expert("c", on_site=False, **ABLE)]
    assert reason(pool, need(seats=(SEAT,), languages=(Spoken("uk", Cefr.B2),))) == (
        f"Digital Forensics Investigator, level 4 (asked: 3), Ukrainian B2, on site, free {PERIOD}; "
        "the only one of three who may be on site; needed for: Ukrainian B2 for 1 person."
    )


@pytest.mark.parametrize(
    ("others", "fields", "clause"),
    [
        pytest.param([], {}, "the only one in the pool with this profile at this level", id="alone"),
        pytest.param([{"profiles": {FORENSICS: 2}}], {}, "the only one in the pool with this profile at this level", id="others lower"),
        pytest.param([{"profiles": {FORENSICS: 5}}], {}, "one of two who fit", id="another fits"),
        pytest.param([{"busy": ((START, START),)}], {}, "the only one of two who is free the whole time", id="another is busy"),
        pytest.param([{"on_site": False}, {"free": ()}], {}, "the only one of three who meets every condition", id="others, by different lacks"),
        pytest.param([{"clearance": Clearance.NONE}], {"clearance_min": Clearance.RESTRICTED}, "the only one of two who is cleared", id="clearance"),
        pytest.param(
            [{"state": "NL"}], {"caveats": (Caveat("NL", CaveatKind.NONE_FROM),)},
            "the only one of two who may come by the vote of their state", id="a vote",
        ),
        pytest.param([{}], {"excluded": ("b0",)}, "the only one in the pool with this profile at this level", id="the excluded do not count"),
    ],
)  # fmt: skip
def test_how_rare_someone_is(others, fields, clause):
    able = {"profiles": {FORENSICS: 4}, "clearance": Clearance.RESTRICTED}
    pool = [expert("a", **able), *(expert(f"b{i}", **{**able, **other}) for i, other in enumerate(others))]
    assert f"; {clause}" in reason(pool, need(seats=(SEAT,), **fields))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"size_min": 1}, f"Additional member, free {PERIOD}; needed for: a team of at least 1 person.", id="size"),
        pytest.param({"state_min": {"EE": 1}}, f"Additional member, free {PERIOD}; needed for: at least 1 from Estonia.", id="state"),
        pytest.param({"military_min": 1}, f"Additional member, free {PERIOD}; needed for: at least 1 military.", id="sector"),
        pytest.param({"pinned": ("a",)}, f"Additional member, free {PERIOD}; pinned by the chair.", id="pinned"),
        pytest.param({"accepted": ("a",)}, f"Additional member, free {PERIOD}; has accepted.", id="accepted"),
        pytest.param({"current": {"a": None}}, f"Additional member, free {PERIOD}; as proposed before.", id="proposed before"),
        pytest.param(
            {"current": {"a": SEAT}}, f"Additional member, free {PERIOD}; in another place than proposed before.", id="moved"
        ),
        pytest.param(
            {"cleared": (Cleared(Clearance.SECRET),)},
            f"Additional member, SECRET UE/EU SECRET, free {PERIOD}; needed for: SECRET UE/EU SECRET for 1 person.", id="clearance",
        ),
    ],
)  # fmt: skip
def test_why_an_additional_member_is_in(fields, words):
    pool = [expert("a", sector=Sector.MILITARY, clearance=Clearance.SECRET)]
    assert reason(pool, need(**fields)) == words


@given(st.integers(0, 300))
@settings(max_examples=25, deadline=None)
def test_every_additional_member_has_a_reason_beyond_being_free(seed):
    for member in unhurried(*middling(seed)).team:
        assert member.reason.endswith(".")
        assert member.seat is not None or "; needed for: " in member.reason


@pytest.mark.parametrize(
    ("pool", "fields", "words"),
    [
        pytest.param([], {}, "nobody in the pool has it.", id="nobody"),
        pytest.param([{"free": ()}, {"free": ()}, {"on_site": False}], {}, "who has it: 2 not free the whole time, 1 not on site.", id="others"),
        pytest.param([{}], {"excluded": ("a0",)}, "who has it: 1 excluded by the chair.", id="excluded"),
        pytest.param([{}], {"size_max": 0}, "who has it: 1 held back (a team of at most 0 people).", id="no place"),
        pytest.param([{}], {"state_max": {"EE": 0}}, "who has it: 1 held back (at most 0 from Estonia).", id="over the limit"),
        pytest.param([{}], {"caveats": (Caveat("EE", CaveatKind.REMOTE_ONLY),)}, "who has it: 1 remote only by their state's vote.", id="vote"),
    ],
)  # fmt: skip
def test_why_a_seat_stays_open(pool, fields, words):
    experts = [expert(f"a{i}", **{**ABLE, **other}) for i, other in enumerate(pool)]
    proposal = unhurried(experts, need(seats=(SEAT,), **fields))
    assert [(each.wish, each.short) for each in proposal.open] == [(SEAT, 1)]
    assert proposal.open[0].reason == f"Digital Forensics Investigator, level 3, on site: 1 of 1 open; {words}"


def test_who_sits_elsewhere_and_who_else_there_is():
    two = Seat(FORENSICS, number=2, level_min=3, on_site=True)
    other = Seat(EcsfProfile.CISO)
    pool = [expert("a", **ABLE), expert("b", profiles={FORENSICS: 3, EcsfProfile.CISO: 1})]
    (missing,) = unhurried(pool, need(seats=(two, other), languages=(Spoken("ro"),))).open[:1]
    assert missing.reason in (
        "Digital Forensics Investigator, level 3, on site: 1 of 2 open; who else has it: 1 in another place of the team.",
        "Chief Information Security Officer (CISO), level 1: 1 of 1 open; who has it: 1 in another place of the team.",
    )


def test_why_a_language_stays_open():
    pool = [
        expert("a", languages={"uk": Cefr.B1}),
        expert("b", languages={"uk": Cefr.C1}),
        expert("c", free=(), languages={"uk": Cefr.C1}),
    ]
    (missing,) = unhurried(pool, need(languages=(Spoken("uk", Cefr.B2, 2),))).open
    assert missing.reason == "Ukrainian B2 for 2 people: 1 of 2 open; who else has it: 1 not free the whole time."


def test_words_of_wishes_and_rules():
    assert wish_in_words(Seat(FORENSICS, on_site=False)) == "Digital Forensics Investigator, level 1, remote"
    assert in_sentence("At most 2 from Estonia") == "at most 2 from Estonia"
    assert in_sentence("Theo Vos (NL) has accepted") == "Theo Vos (NL) has accepted"
    pool = [expert("a", **ABLE), expert("b")]
    assert [e.id for wish in (SEAT, Spoken("uk"), Cleared(Clearance.NONE)) for e in skilled(pool, wish)] == ["a", "a", "a", "b"]
