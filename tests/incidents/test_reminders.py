"""Reminders, as the service lives them: each once, through restarts, crashes and corrections."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from incidents.assessment import confirm, correct, show
from incidents.obligations import (
    NOTICE,
    Due,
    Duties,
    Receipt,
    load_law,
    obligations,
    take_receipt,
    tick,
)
from incidents.obligations.clock import before_start, reminders_due
from incidents.obligations.law import DECISION, OWN_FILING, STRICT
from incidents.obligations.tables import obligation
from tests.incidents.cases import ALICE, AWARE, KNOWN, NOW, H, detected, everything, reported
from tests.incidents.owing import breach
from tocsin.model.instants import to_us
from tocsin.store import Store

DUTIES = Duties(load_law())
END = NOW + timedelta(days=30)


def ticked(store: Store, now: datetime) -> list[Due]:
    with store.begin() as db:
        return tick(db, DUTIES, now=now)


def lines(due: list[Due], clause: str = NOTICE) -> list[str]:
    return [f"{d.at:%d %H:%M} {' '.join(d.names)}" for d in due if d.obligation.clause == clause]


def test_each_falls_at_its_instant_by_the_strict_reading(store: Store) -> None:
    breach(store, "acme")
    out, moment = list[Due](), NOW
    while moment < AWARE + 60 * H:
        out += ticked(store, moment)
        moment += timedelta(minutes=5)
    assert lines(out) == [
        "25 02:40 due-24h",
        "25 09:15 aware+24h",
        "25 14:40 due-12h",
        "25 21:15 aware+36h",
        "25 22:40 due-4h",
        "26 01:40 due-1h",
        "26 02:40 due",
    ]
    assert not any(one.is_late for one in out if one.obligation.clause == NOTICE)
    assert lines(out, OWN_FILING)[-1] == "26 14:40 due-12h"  # of 72 hours


def test_before_anybody_has_judged_the_team_is_reminded_too(store: Store) -> None:
    with store.begin() as db:
        detected(db)
    out = ticked(store, KNOWN + 60 * H)
    assert lines(out, DECISION) == [
        "24 14:40 due-12h",
        "24 22:40 due-4h",
        "25 01:40 due-1h",
        "25 02:40 due",
    ]
    assert lines(out, STRICT)[-1] == "26 02:40 due"


def test_what_is_typed_in_late_is_reminded_of_at_once_and_says_so(store: Store) -> None:
    number = reported(store, now=NOW)
    with store.begin() as db:
        confirm(
            db,
            number,
            aware_at=KNOWN,
            why="seen",
            customers=["acme"],
            principal=ALICE,
            now=KNOWN + 30 * H,
        )
    out = [d for d in ticked(store, KNOWN + 30 * H) if d.obligation.clause == NOTICE]
    assert lines(out) == ["25 02:40 due-24h aware+24h"]
    assert out[0].late_by == 6 * H
    assert out[0].is_late


def test_a_transaction_that_fails_has_reminded_nobody(store: Store) -> None:
    breach(store, "acme")
    before = everything(store)

    def fail() -> None:
        with store.begin() as db:
            assert tick(db, DUTIES, now=END)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert everything(store) == before
    assert ticked(store, END)


def test_a_tick_in_which_nothing_falls_writes_nothing(store: Store) -> None:
    breach(store, "acme")
    ticked(store, AWARE + 20 * H)
    before = everything(store)
    assert ticked(store, AWARE + 20 * H + timedelta(minutes=1)) == []
    assert ticked(store, AWARE) == []  # a clock that was put back
    assert everything(store) == before


def test_who_was_notified_is_reminded_of_no_more_until_it_bounces(store: Store) -> None:
    number = breach(store, "acme")

    def news(db: Connection, kind: str, now: datetime) -> None:
        take_receipt(db, number, NOTICE, "acme", Receipt(kind=kind, at=now, key="n/1"), now=now)

    with store.begin() as db:
        news(db, "delivered", NOW)
    assert lines(ticked(store, KNOWN + 37 * H)) == []
    with store.begin() as db:
        news(db, "bounced", KNOWN + 38 * H)
    assert lines(ticked(store, KNOWN + 38 * H)) == [
        "25 02:40 due-24h",
        "25 09:15 aware+24h",
        "25 14:40 due-12h",
    ]


def test_a_correction_repeats_no_reminder_and_loses_none(store: Store) -> None:
    number = breach(store, "acme")
    first = ticked(store, KNOWN + 25 * H)
    assert lines(first) == ["25 02:40 due-24h"]
    with store.begin() as db:
        earlier = KNOWN - 10 * H
        correct(
            db,
            number,
            aware_at=earlier,
            why="x",
            earlier_because="We were warned.",
            principal=ALICE,
            now=KNOWN + 25 * H,
        )
    assert lines(ticked(store, KNOWN + 25 * H)) == ["24 16:40 due-24h aware+24h"]
    rest = ticked(store, END)
    assert lines(rest) == [
        "25 04:40 due-12h aware+36h",
        "25 12:40 due-4h",
        "25 15:40 due-1h",
        "25 16:40 due",
    ]
    keys = [d.key for d in (*first, *rest)]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("hours", [1, 4, 12, 24])
def test_a_correction_by_as_much_as_lies_between_two_reminders_loses_none(
    store: Store, hours: int
) -> None:
    number = breach(store, "acme", aware_at=KNOWN)
    now = KNOWN + 48 * H - hours * H + timedelta(minutes=1)
    first = ticked(store, now)
    assert f"due-{hours}h" in [name for one in first for name in one.names]
    with store.begin() as db:
        correct(
            db,
            number,
            aware_at=KNOWN - hours * H,
            why="x",
            earlier_because="We were warned.",
            principal=ALICE,
            now=now,
        )
    rest = [*ticked(store, now), *ticked(store, END)]
    of_notice = [one for one in rest if one.obligation.clause == NOTICE]
    came = [(one.at, name) for one in of_notice for name in one.names]
    assert (KNOWN + 48 * H - hours * H, "due") in came
    assert [name for _, name in came if name.startswith("due")] == [
        "due-24h",
        "due-12h",
        "due-4h",
        "due-1h",
        "due",
    ]
    before = [
        (one.at, name) for one in first for name in one.names if one.obligation.clause == NOTICE
    ]
    assert not set(before) & set(came)
    assert ticked(store, END + H) == []


def test_reminders_that_a_store_of_before_knows_by_instant_only_come_no_more(store: Store) -> None:
    breach(store, "acme")
    came = [to_us(one.at) for one in ticked(store, KNOWN + 25 * H)]
    with store.begin() as db:
        db.execute(update(obligation).values(reminded=str(came), reminded_until=to_us(KNOWN)))
    assert lines(ticked(store, KNOWN + 37 * H)) == ["25 09:15 aware+24h", "25 14:40 due-12h"]


def test_an_incident_nobody_followed_is_followed_by_the_tick(store: Store) -> None:
    number = reported(store)
    with store.begin() as db:
        confirm(db, number, aware_at=AWARE, why="x", customers=["acme"], principal=ALICE, now=NOW)
    ticked(store, NOW)
    with store.read() as db:
        assert NOTICE in {o.clause for o in obligations(db, number)}


def test_reminders_are_entries_of_their_incident(store: Store) -> None:
    number = breach(store, "acme")
    out = ticked(store, END)
    with store.read() as db:
        last = show(db, number).entries[-1]
    assert last.kind == "reminder.queued"
    assert all(d.key in last.body for d in out)


minutes = st.integers(0, 100 * 60)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(minutes, st.sampled_from(["tick", "restart", "crash", "found"])), max_size=14
    )
)
def test_each_reminder_comes_out_once_however_the_service_is_restarted(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str]]
) -> None:
    path = tmp_path_factory.mktemp("case") / "state.db"
    store = Store(path)
    number = breach(store, "acme", "globex")
    out = list[Due]()
    try:
        for minute, what in sorted(steps):
            now = NOW + timedelta(minutes=minute)
            if what == "restart":
                store.close()
                store = Store(path)
            elif what == "crash":
                with store.begin() as db:
                    tick(db, DUTIES, now=now)
                    db.rollback()
            else:
                out += ticked(store, now)
        out += ticked(store, END)
        with store.read() as db:
            wanted = {
                f"{o.incident}/{o.clause}/{o.customer}/{reminder.at}"
                for o in obligations(db, number)
                if o.is_open
                for reminder in reminders_due(DUTIES.reminders, o.clock, before_start(o.clock), END)
            }
        came = [
            f"{d.obligation.incident}/{d.obligation.clause}/{d.obligation.customer}/{d.at}"
            for d in out
        ]
        assert sorted(came) == sorted(wanted)
    finally:
        store.close()
