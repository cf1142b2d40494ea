from kit.musters import END, START, expert, need, unhurried
from tocsin.muster import Cefr, Clearance, Cleared, EcsfProfile, Seat, Spoken, TrainingNeed, training_needs

CISO = EcsfProfile.CISO
SEAT = Seat(CISO, number=2, level_min=4)


def records(pool, asked):
    return training_needs(unhurried(pool, asked), pool, asked)


def test_a_seat_nobody_can_fill():
    assert records([expert("a", profiles={CISO: 3})], need(seats=(SEAT,))) == (
        TrainingNeed(
            CISO, 4, None, None, 2, 0, START, END,
            "Chief Information Security Officer (CISO) at level 4: 2 short, 22 Feb to 8 Mar 2022; nobody outside the team had it.",
        ),
    )  # fmt: skip


def test_a_language_too_few_speak():
    pool = [expert("a", languages={"uk": Cefr.B2}), expert("b", languages={"uk": Cefr.C1}, free=())]
    (record,) = records(pool, need(languages=(Spoken("uk", Cefr.B2, 2),)))
    assert (record.language, record.cefr, record.short, record.holders) == ("uk", Cefr.B2, 1, 1)
    assert (
        record.reason == "Ukrainian at B2: 1 short, 22 Feb to 8 Mar 2022; 1 person outside the team had it and could not come."
    )


def test_what_a_decision_holds_back_is_not_for_the_trainers():
    able = {"profiles": {CISO: 4}}
    assert records([expert("a", **able), expert("b", **able)], need(seats=(SEAT,), state_max_default=1)) == ()
    assert records([expert("a", **able), expert("b", **able)], need(seats=(SEAT,), excluded=("b",))) == ()
    (record,) = records([expert("a", **able), expert("b", free=(), **able)], need(seats=(SEAT,), excluded=("a",)))
    assert (record.short, record.holders) == (1, 2)


def test_nothing_open_and_nothing_to_train():
    assert records([expert("a", profiles={CISO: 4})], need(seats=(Seat(CISO),))) == ()


def test_clearance_is_vetted_not_trained():
    pool = [expert("a")]
    assert len(unhurried(pool, need(cleared=(Cleared(Clearance.SECRET),))).open) == 1
    assert records(pool, need(cleared=(Cleared(Clearance.SECRET),))) == ()
