"""What the table of moves has is done, and what it has not is refused."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.assessment import Assessment
from incidents.assessment.bodies import KINDS
from incidents.assessment.deciding import case_of
from incidents.assessment.states import TRANSITIONS, Move, after, open_moves
from tests.incidents.cases import ACTS, refused, reported
from tocsin.ledger.kinds import KINDS as LEDGER_KINDS
from tocsin.store import Store

WAYS: dict[tuple[Assessment, bool], tuple[Move, ...]] = {
    (Assessment.SUSPECTED, False): (),
    (Assessment.UNDER_ASSESSMENT, False): (Move.TAKE,),
    (Assessment.BREACH, True): (Move.CONFIRM,),
    (Assessment.NO_BREACH, False): (Move.DISMISS,),
    (Assessment.CLOSED, True): (Move.CONFIRM, Move.CLOSE),
    (Assessment.CLOSED, False): (Move.DISMISS, Move.CLOSE),
    (Assessment.REOPENED, True): (Move.CONFIRM, Move.CLOSE, Move.REOPEN),
    (Assessment.REOPENED, False): (Move.DISMISS, Move.REOPEN),
}


@pytest.mark.parametrize(
    ("state", "move"), list(product(WAYS, ACTS)), ids=lambda value: str(value).replace(" ", "-")
)
def test_what_the_table_has_is_done_and_what_it_has_not_is_refused(
    state: tuple[Assessment, bool], move: Move, store: Store
) -> None:
    number = reported(store)
    with store.begin() as db:
        for step in WAYS[state]:
            ACTS[step](db, number)
        case = case_of(db, number)
    assert (case.assessment, case.awareness is not None) == state
    expected = after(state[0], move, aware=state[1])
    if expected is None:
        refused(store, f"cannot be moved by {move}", lambda db: ACTS[move](db, number))
        return
    with store.begin() as db:
        ACTS[move](db, number)
        assert case_of(db, number).assessment == expected


def test_every_state_that_can_be_is_in_the_table() -> None:
    assert {(row.before, row.aware) for row in TRANSITIONS} == set(WAYS)
    assert all(open_moves(before, aware=aware) for before, aware in WAYS)


@given(st.lists(st.sampled_from([move for move in Move if move != Move.VOID]), max_size=12))
def test_no_way_through_the_table_loses_the_awareness(moves: list[Move]) -> None:
    state, aware = Assessment.SUSPECTED, False
    for move in moves:
        to = after(state, move, aware=aware)
        if to is not None:
            aware = aware or move == Move.CONFIRM
            state = to
        assert (state, aware) in WAYS
        assert not (aware and state == Assessment.NO_BREACH)


def test_every_kind_of_entry_is_one_the_ledger_knows() -> None:
    assert KINDS.keys() <= LEDGER_KINDS.keys()
