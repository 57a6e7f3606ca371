"""Awareness corrected: earlier by one person, later or void by two; both instants stay."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from incidents.assessment import Assessment, agree, close, confirm, correct, dismiss, reopen, show
from incidents.assessment.bodies import Corrected, Proposed
from incidents.assessment.case import Case
from incidents.assessment.deciding import case_of
from incidents.obligations import NOTICE, Duties, Obligation, follow, load_law, obligations
from tests.incidents.cases import (
    ALICE,
    AWARE,
    BOB,
    KNOWN,
    NAIVE,
    NOW,
    H,
    everything,
    refused,
    reported,
)
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store

DUTIES = Duties(load_law())
MINUTE = timedelta(minutes=1)


def breach(store: Store) -> int:
    number = reported(store)
    with store.begin() as db:
        confirm(
            db, number, aware_at=AWARE, why="seen", customers=["acme"], principal=ALICE, now=NOW
        )
        follow(db, number, DUTIES, now=NOW)
    return number


def put(db: Connection, number: int, aware_at: datetime | None, who: Principal = ALICE) -> Case:
    return correct(
        db,
        number,
        aware_at=aware_at,
        why="the log says so",
        earlier_because="We were warned by phone.",
        principal=who,
        now=NOW,
    )


def notice(db: Connection, number: int) -> Obligation:
    follow(db, number, DUTIES, now=NOW)
    (one,) = [o for o in obligations(db, number) if o.clause == NOTICE]
    return one


def test_earlier_takes_one_person_and_shows_both_instants(store: Store) -> None:
    number = breach(store)
    with store.begin() as db:
        case = put(db, number, KNOWN)
        moved = notice(db, number)
    assert case.awareness is not None
    assert case.awareness.aware_at == KNOWN
    (correction,) = case.corrections
    assert (correction.former_at, correction.aware_at) == (AWARE, KNOWN)
    assert correction.principals == ("shell:alice",)
    assert (moved.aware_at, moved.due_at, moved.revision) == (KNOWN, KNOWN + 48 * H, 2)
    with store.read() as db:
        kinds = [entry.kind for entry in show(db, number).entries]
    assert kinds[0:2] == ["incident.opened", "breach.confirmed"]  # the first word stands
    assert "awareness.corrected" in kinds


def test_later_changes_nothing_until_a_second_person_agrees(store: Store) -> None:
    number = breach(store)
    later = AWARE + 20 * MINUTE
    with store.begin() as db:
        case = put(db, number, later)
        assert case.awareness is not None
        assert case.awareness.aware_at == AWARE
        assert notice(db, number).due_at == AWARE + 48 * H
        (asked,) = case.proposals
        assert (asked.former_at, asked.aware_at) == (AWARE, later)
    for same in (ALICE, Principal("oidc", "ALICE")):
        agreeing = partial(agree, number=number, entry=asked.entry, principal=same, now=NOW)
        refused(store, "second person", agreeing)
    refused(
        store,
        "a person does",
        lambda db: agree(db, number, entry=asked.entry, principal=SERVICE, now=NOW),
    )
    with store.begin() as db:
        case = agree(db, number, entry=asked.entry, principal=BOB, now=NOW)
        assert notice(db, number).due_at == later + 48 * H
    assert case.awareness is not None
    assert case.awareness.aware_at == later
    assert case.proposals == ()
    (correction,) = case.corrections
    assert correction.principals == ("shell:alice", "oidc:bob")
    assert len(correction.entries) == 2


def test_void_takes_two_and_opens_the_question_again(store: Store) -> None:
    number = breach(store)
    with store.begin() as db:
        (asked,) = put(db, number, None).proposals
        case = agree(db, number, entry=asked.entry, principal=BOB, now=NOW)
        assert (case.assessment, case.awareness) == (Assessment.UNDER_ASSESSMENT, None)
        assert case.corrections[0].aware_at is None
        assert notice(db, number).is_void
        dismiss(db, number, why="It was test data.", principal=ALICE, now=NOW)
        assert case_of(db, number).assessment == Assessment.NO_BREACH


def test_what_was_withdrawn_may_be_confirmed_again_with_a_new_period(store: Store) -> None:
    number = breach(store)
    with store.begin() as db:
        (asked,) = put(db, number, None).proposals
        agree(db, number, entry=asked.entry, principal=BOB, now=NOW)
        follow(db, number, DUTIES, now=NOW)
        confirm(db, number, aware_at=NOW, why="it was after all", principal=BOB, now=NOW)
        again = notice(db, number)
    assert (again.is_void, again.due_at, again.revision) == (False, NOW + 48 * H, 2)


def test_a_correction_ends_those_that_waited(store: Store) -> None:
    number = breach(store)
    with store.begin() as db:
        (asked,) = put(db, number, AWARE + MINUTE).proposals
        assert put(db, number, KNOWN, BOB).proposals == ()
    refused(
        store,
        f"no correction waits under entry {asked.entry}",
        lambda db: agree(db, number, entry=asked.entry, principal=BOB, now=NOW),
    )


def test_with_a_correction_waiting_nothing_is_closed(store: Store) -> None:
    number = breach(store)
    with store.begin() as db:
        put(db, number, AWARE + MINUTE)
    refused(
        store,
        "waits for a second person",
        lambda db: close(db, number, why="done", unsettled=(), principal=BOB, now=NOW),
    )


@pytest.mark.parametrize(
    ("aware_at", "why", "who", "said"),
    [
        (NOW + MINUTE, "x", ALICE, "still to come"),
        (NAIVE, "x", ALICE, "time zone"),
        (AWARE, "x", ALICE, "stands at .* already"),
        (KNOWN, " ", ALICE, "no reason"),
        (KNOWN, "x", SERVICE, "a person does"),
        (None, "x", SERVICE, "a person does"),
        (None, "", ALICE, "no reason"),
    ],
)
def test_a_correction_that_breaks_a_rule_changes_nothing(
    aware_at: datetime | None, why: str, who: Principal, said: str, store: Store
) -> None:
    number = breach(store)
    refused(
        store,
        said,
        lambda db: correct(db, number, aware_at=aware_at, why=why, principal=who, now=NOW),
    )


def test_where_there_is_no_awareness_there_is_nothing_to_correct(store: Store) -> None:
    number = reported(store)
    refused(store, "no awareness", lambda db: put(db, number, KNOWN))
    refused(store, "no awareness", lambda db: put(db, number, None))


def test_a_closed_breach_is_reopened_before_it_is_withdrawn(store: Store) -> None:
    number = breach(store)
    with store.begin() as db:
        close(db, number, why="done", unsettled=(), principal=BOB, now=NOW)
    refused(store, "cannot be withdrawn", lambda db: put(db, number, None))
    with store.begin() as db:
        reopen(db, number, why="a reply", principal=SERVICE, now=NOW)
        (asked,) = put(db, number, None).proposals
        case = agree(db, number, entry=asked.entry, principal=BOB, now=NOW)
    assert case.assessment == Assessment.UNDER_ASSESSMENT


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-2000, 40), st.sampled_from((ALICE, BOB)), st.booleans()), max_size=8
    )
)
def test_awareness_only_ever_gets_later_by_two_and_every_instant_stays_to_be_seen(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, Principal, bool]]
) -> None:
    store = Store(tmp_path_factory.mktemp("case") / "state.db")
    try:
        number = breach(store)
        stood, seen = AWARE, [AWARE]
        for minutes, who, is_agreed in steps:
            asked = AWARE + minutes * MINUTE
            if asked == stood:
                continue
            with store.begin() as db:
                case = show(db, number).case
                waiting = [one for one in case.proposals if one.aware_at == asked]
                if not waiting:  # what waits is not asked for twice
                    case = put(db, number, asked, who)
                if asked > stood and is_agreed:
                    proposal = waiting[0] if waiting else case.proposals[-1]
                    other = BOB if proposal.principal == str(ALICE) else ALICE
                    case = agree(db, number, entry=proposal.entry, principal=other, now=NOW)
                moved = notice(db, number)
            if asked < stood or is_agreed:
                stood = asked
                seen.append(asked)
            assert case.awareness is not None
            assert case.awareness.aware_at == stood
            assert moved.due_at == stood + 48 * H
            assert [AWARE, *(one.aware_at for one in case.corrections)] == seen
            assert [one.former_at for one in case.corrections] == seen[:-1]
            for one in case.corrections:
                assert one.aware_at is not None
                is_later = one.aware_at > one.former_at
                assert len({p.partition(":")[2] for p in one.principals}) == 1 + is_later
        assert everything(store)["case_entry"]
    finally:
        store.close()


def test_earlier_than_everything_that_is_known_needs_a_reason(store: Store) -> None:
    number = breach(store)

    def earlier(db: Connection, at: datetime, because: str = "") -> Case:
        return correct(
            db,
            number,
            aware_at=at,
            why="x",
            earlier_because=because,
            principal=ALICE,
            now=NOW,
        )

    refused(store, "before its first event", lambda db: earlier(db, KNOWN - H))
    with store.begin() as db:
        earlier(db, KNOWN - 2 * H, "We were warned.")
    # Later by two, and still before all that is known: the reason goes with it to the end.
    refused(store, "before its first event", lambda db: earlier(db, KNOWN - H))
    with store.begin() as db:
        (asked,) = earlier(db, KNOWN - H, "The call came then.").proposals
        agree(db, number, entry=asked.entry, principal=BOB, now=NOW)
        bodies = [one.read() for one in show(db, number).entries]
    said = [one.earlier_because for one in bodies if isinstance(one, Proposed | Corrected)]
    assert said == ["We were warned.", "The call came then.", "The call came then."]
