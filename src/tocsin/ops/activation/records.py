"""The muster's records as JSON and back: what stands in ``Mission.need``, ``Proposal.need``, ``Proposal.result``, ``Nomination.seat``."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from tocsin import muster


@dataclass(frozen=True)
class Answer:
    """What the worker made of a proposal that waited.

    ``refused``: the need contradicts itself in form, in a sentence for the chair; then there is no ``proposal``.
    ``superseded``: another proposal was asked for before this one was solved.
    """

    proposal: muster.Proposal | None = None
    training: tuple[muster.TrainingNeed, ...] = ()
    refused: str = ""
    superseded: bool = False

    @property
    def team_found(self) -> bool:
        """Whether there is a team that can be adopted."""
        return self.proposal is not None and self.proposal.status in ("optimal", "feasible")


_NEED = TypeAdapter(muster.Need)
_SEAT = TypeAdapter(muster.Seat)
_ANSWER = TypeAdapter(Answer)


def need_to_json(need: muster.Need) -> Any:
    """A need as it is kept."""
    return _NEED.dump_python(need, mode="json")


def need_from_json(kept: Any) -> muster.Need:
    """A need from what is kept of it."""
    return _NEED.validate_python(kept)


def seat_to_json(seat: muster.Seat | None) -> Any:
    """A seat as it is kept; null for an additional member."""
    return None if seat is None else _SEAT.dump_python(seat, mode="json")


def seat_from_json(kept: Any) -> muster.Seat | None:
    """A seat from what is kept of it."""
    return None if kept is None else _SEAT.validate_python(kept)


def answer_to_json(answer: Answer) -> Any:
    """An answer as it is kept."""
    return _ANSWER.dump_python(answer, mode="json")


def answer_from_json(kept: Any) -> Answer:
    """An answer from what is kept of it."""
    return _ANSWER.validate_python(kept)
