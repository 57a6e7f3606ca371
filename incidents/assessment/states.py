"""How an incident may be judged, and the whole table of moves from one judgement to the next.

    suspected ──take──▶ under assessment ──confirm──▶ breach ──close──▶ closed
        │  └──confirm, dismiss──┐   │  └──dismiss──▶ no breach ──close──▶ closed
        └───────────────────────┘   ◀──void── breach        └──reopen──┐  └──reopen──▶ reopened
                                                            reopened ◀─┘

``TRANSITIONS`` is the table; what is not in it is refused. That an incident is contained, restored
or notified is no state but a fact with an instant beside it: nothing waits for another.

Source: GDPR Art. 4(12) and 33(2); EDPB Guidelines 9/2022, on becoming aware.
"""

from enum import StrEnum
from typing import NamedTuple


class Assessment(StrEnum):
    """What people have judged an incident to be."""

    SUSPECTED = "suspected"
    UNDER_ASSESSMENT = "under assessment"
    BREACH = "breach"
    NO_BREACH = "no breach"
    CLOSED = "closed"
    REOPENED = "reopened"


class Move(StrEnum):
    """What changes the judgement."""

    TAKE = "take"
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    VOID = "void"
    CLOSE = "close"
    REOPEN = "reopen"


class Transition(NamedTuple):
    """One allowed move.

    Attributes:
        before: Where it starts.
        aware: Whether awareness must stand recorded (True) or must not (False).
        move: What is done.
        after: Where it ends.
    """

    before: Assessment
    aware: bool
    move: Move
    after: Assessment


_A = Assessment

TRANSITIONS: tuple[Transition, ...] = (
    Transition(_A.SUSPECTED, False, Move.TAKE, _A.UNDER_ASSESSMENT),
    Transition(_A.SUSPECTED, False, Move.CONFIRM, _A.BREACH),
    Transition(_A.SUSPECTED, False, Move.DISMISS, _A.NO_BREACH),
    Transition(_A.UNDER_ASSESSMENT, False, Move.CONFIRM, _A.BREACH),
    Transition(_A.UNDER_ASSESSMENT, False, Move.DISMISS, _A.NO_BREACH),
    # Awareness withdrawn by two people: the question is open again, and nothing else is said.
    Transition(_A.BREACH, True, Move.VOID, _A.UNDER_ASSESSMENT),
    Transition(_A.REOPENED, True, Move.VOID, _A.UNDER_ASSESSMENT),
    Transition(_A.BREACH, True, Move.CLOSE, _A.CLOSED),
    Transition(_A.NO_BREACH, False, Move.CLOSE, _A.CLOSED),
    Transition(_A.NO_BREACH, False, Move.REOPEN, _A.REOPENED),
    Transition(_A.CLOSED, False, Move.REOPEN, _A.REOPENED),
    Transition(_A.CLOSED, True, Move.REOPEN, _A.REOPENED),
    # A reopened breach is still one; a reopened incident that was none is judged anew.
    Transition(_A.REOPENED, True, Move.CLOSE, _A.CLOSED),
    Transition(_A.REOPENED, False, Move.TAKE, _A.UNDER_ASSESSMENT),
    Transition(_A.REOPENED, False, Move.CONFIRM, _A.BREACH),
    Transition(_A.REOPENED, False, Move.DISMISS, _A.NO_BREACH),
)

_TABLE = {(row.before, row.aware, row.move): row.after for row in TRANSITIONS}


def after(before: Assessment, move: Move, *, aware: bool) -> Assessment | None:
    """Return where a move leads, or None if the table does not have it."""
    return _TABLE.get((before, aware, move))


def open_moves(before: Assessment, *, aware: bool) -> tuple[Move, ...]:
    """Return what may be done from here, in the order of the table."""
    return tuple(row.move for row in TRANSITIONS if (row.before, row.aware) == (before, aware))
