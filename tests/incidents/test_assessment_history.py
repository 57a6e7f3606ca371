"""What was known at an instant is shown as it was then, after a restart too."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from incidents.assessment import Assessment, confirm, note, record, show, take
from incidents.assessment.states import Move
from tests.incidents.cases import ACTS, ALICE, NAIVE, NOW, H, detected, refused, reported
from tocsin import ledger
from tocsin.store import Store
from tocsin.store.tables import incident


def test_as_of_shows_nothing_that_came_later(store: Store) -> None:
    with store.begin() as db:
        number = detected(db, now=NOW)
        take(db, number, why="mine", principal=ALICE, now=NOW + H)
        confirm(db, number, aware_at=NOW + 2 * H, why="seen", principal=ALICE, now=NOW + 2 * H)
        record(db, number, "contained", at=NOW, why="ok", principal=ALICE, now=NOW + 3 * H)
    with store.read() as db:
        then = show(db, number, NOW + 2 * H - timedelta(microseconds=1)).case
        assert (then.assessment, then.awareness) == (Assessment.UNDER_ASSESSMENT, None)
        then = show(db, number, NOW + 2 * H).case
        assert (then.assessment, then.facts) == (Assessment.BREACH, ())
        assert show(db, number, NOW + 9 * H) == show(db, number)
    refused(store, "was known at", lambda db: show(db, number, NOW - H))
    refused(store, "time zone", lambda db: show(db, number, NAIVE))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-600, 600), min_size=1, max_size=12), st.integers(-700, 700))
def test_what_was_known_at_an_instant_is_a_beginning_of_all_that_is(
    tmp_path_factory: pytest.TempPathFactory, minutes: list[int], asked: int
) -> None:
    # The machine's clock may step back; what was written first still comes first.
    store = Store(tmp_path_factory.mktemp("case") / "state.db")
    try:
        number = reported(store, now=NOW)
        with store.begin() as db:
            for minute in minutes:
                written_at = NOW + timedelta(minutes=minute)
                note(db, number, text=str(minute), note="fact", principal=ALICE, now=written_at)
            whole = show(db, number).entries
            as_of = NOW + timedelta(minutes=asked)
            shown: tuple[object, ...] = ()
            if any(entry.at <= as_of for entry in whole):
                shown = show(db, number, as_of).entries
            assert shown == whole[: len(shown)]
            assert all(entry.at > as_of for entry in whole[len(shown) :])
    finally:
        store.close()


def test_each_entry_stands_in_the_ledger_and_names_it(store: Store) -> None:
    with store.begin() as db:
        number = detected(db)
        other = detected(db, "other")
        for move in (Move.TAKE, Move.CONFIRM, Move.CLOSE, Move.REOPEN):
            ACTS[move](db, number)
    with store.read() as db:
        written = {entry.number: entry for entry in ledger.entries(db)}
        for which in (number, other):
            for entry in show(db, which).entries:
                same = written.pop(entry.ledger)
                assert (same.kind, same.principal, same.incident) == (
                    entry.kind,
                    entry.principal,
                    which,
                )
        assert written == {}


def test_a_case_is_whole_after_the_service_was_started_again(tmp_path: object) -> None:
    first = Store(f"{tmp_path}/state.db")
    number = reported(first)
    with first.begin() as db:
        ACTS[Move.CONFIRM](db, number)
        before = show(db, number)
    first.close()
    again = Store(f"{tmp_path}/state.db")
    with again.read() as db:
        assert show(db, number) == before
        assert db.scalar(select(incident.c.number)) == number
    again.close()
