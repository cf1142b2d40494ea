"""What no state could supply, for the trainers."""

from collections.abc import Iterable

from tocsin.muster.fit import lacks_for_seat, lacks_for_team
from tocsin.muster.model import Expert, Need, Proposal, Seat, Spoken, TrainingNeed
from tocsin.muster.reasons import skilled
from tocsin.muster.words import days_in_words, language_name, people

# Not for want of a skilled person who could come, and so nothing that training would mend.
DECISIONS = frozenset({"excluded", "declined", "none_from", "not_as", "remote_only", "on_site", "remote", "mode"})


def training_needs(proposal: Proposal, experts: Iterable[Expert], need: Need) -> tuple[TrainingNeed, ...]:
    """One record per open seat or language for which too few people with the skill could come.

    Where someone with the skill is free and cleared but held back by a decision (a vote's caveat, a limit, an exclusion, a
    refusal, the way they work), the seat is open for that reason, and they are taken off the number.
    """
    pool = sorted(experts, key=lambda expert: expert.id)
    team = {member.expert_id: member.seat for member in proposal.team}
    records = []
    for missing in proposal.open:
        wish = missing.wish
        if not isinstance(wish, Seat | Spoken):
            continue
        outside = [expert for expert in skilled(pool, wish) if expert.id not in team]
        able = [expert for expert in outside if _could_come(expert, wish, need)]
        short = missing.short - len(able)
        if short > 0:
            records.append(_record(wish, short, len(outside), need))
    return tuple(records)


def _could_come(expert: Expert, wish: Seat | Spoken, need: Need) -> bool:
    lacks = lacks_for_team(expert, need) + (lacks_for_seat(expert, wish, need) if isinstance(wish, Seat) else ())
    return all(lack.kind in DECISIONS for lack in lacks)


def _record(wish: Seat | Spoken, short: int, holders: int, need: Need) -> TrainingNeed:
    when = days_in_words(need.start, need.end)
    held = f"{people(holders)} outside the team had it and could not come" if holders else "nobody outside the team had it"
    if isinstance(wish, Seat):
        what = f"{wish.profile.label} at level {wish.level_min}"
        return TrainingNeed(
            wish.profile,
            wish.level_min,
            None,
            None,
            short,
            holders,
            need.start,
            need.end,
            f"{what}: {short} short, {when}; {held}.",
        )
    what = f"{language_name(wish.language)} at {wish.level_min.name}"
    return TrainingNeed(
        None,
        None,
        wish.language,
        wish.level_min,
        short,
        holders,
        need.start,
        need.end,
        f"{what}: {short} short, {when}; {held}.",
    )
