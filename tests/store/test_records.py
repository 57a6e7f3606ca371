"""What each concern stores comes back, once, and says the same when it is said again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tocsin.model.findings import Finding, Incident, Level, finding_id
from tocsin.model.sources import Reject, SourceObject
from tocsin.store import Store, cases, objects, progress
from tocsin.store.progress import Position
from tocsin.store.tables import fault, finding, incident_finding, reject, source_object

NOW = datetime(2024, 1, 2, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def said(*event_ids: str, late: bool = False, disposition: str = "", at: int = 5) -> Finding:
    return Finding(
        id=finding_id("rule", event_ids),
        rule="rule",
        title="Title",
        author="Author",
        origin="Tocsin",
        level=Level.HIGH,
        at=at,
        since=at,
        actor="arn:one",
        entities=("actor:arn:one",),
        event_ids=event_ids,
        why="Somebody did “it” \0 \U0001f600.",
        tactics=("exfiltration",),
        late=late,
        disposition=disposition,
    )


def case(name: str, *found: Finding, level: Level = Level.HIGH) -> Incident:
    return Incident(
        id=name,
        title=f"Case {name}",
        level=level,
        opened_at=1,
        last_at=5,
        score=1.5,
        actors=("arn:one",),
        entities=("actor:arn:one",),
        finding_ids=tuple(one.id for one in found),
        event_ids=tuple(event for one in found for event in one.event_ids),
    )


# --- the object ledger


def test_an_object_is_unseen_until_it_was_taken_in_this_version(store: Store) -> None:
    a, b, c = (SourceObject(name, "1", 10) for name in "abc")
    known = objects.Known(store, "trail")
    assert known.unseen([c, a, b]) == [c, a, b]
    with store.begin() as db:
        objects.take(db, "trail", [(a, "read"), (b, "broken")], [], NOW)
    assert known.unseen([c, a, b]) == [c]
    assert known.unseen([a._replace(version="2"), b]) == [a._replace(version="2")]
    assert objects.Known(store, "other").unseen([a]) == [a]
    with store.read() as db:
        assert objects.states(db, "trail") == {"read": 1, "broken": 1}


def test_an_object_that_was_missing_or_denied_is_offered_again(store: Store) -> None:
    a, b = SourceObject("a", "1"), SourceObject("b", "1")
    known = objects.Known(store, "trail")
    with store.begin() as db:
        objects.take(db, "trail", [(a, "missing"), (b, "denied")], [], NOW)
    assert known.unseen([a, b]) == [a, b]
    with store.begin() as db:
        objects.take(db, "trail", [(a, "read"), (b, "read")], [], LATER)
    assert known.unseen([a, b]) == []
    with store.read() as db:
        assert objects.states(db, "trail") == {"read": 2}


def test_a_listing_longer_than_a_statement_may_be_is_asked_in_pages(store: Store) -> None:
    many = [SourceObject(f"{n:05}", "1") for n in range(70_000)]
    with store.begin() as db:
        objects.take(db, "trail", [(one, "read") for one in many[::2]], [], NOW)
    assert objects.Known(store, "trail").unseen(many) == many[1::2]


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(), max_size=5))
def test_any_name_of_a_file_and_any_sample_can_be_stored(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = Store(tmp_path_factory.mktemp("store") / "state.db")
    one = SourceObject(f"x{text}", "1")
    with store.begin() as db:
        objects.take(db, "s", [(one, "read")], [Reject(one.address, "", "bad", text)], NOW)
    assert objects.Known(store, "s").unseen([one]) == []
    with store.read() as db:
        assert len(objects.rejects(db, "s")) == 1
    store.close()


def test_a_reject_that_comes_again_is_counted_and_keeps_its_first_instant(store: Store) -> None:
    first, second = Reject("a", "line 1", "no time", "{"), Reject("a", "line 2", "no time", "{")
    for now, found in ((NOW, [first, second]), (LATER, [first])):
        with store.begin() as db:
            objects.take(db, "app", [], found, now)
    with store.read() as db:
        assert objects.rejects(db, "app") == [first, second]
        rows = db.execute(select(reject).order_by(reject.c.place)).mappings().all()
    assert [row["count"] for row in rows] == [2, 1]
    assert rows[0]["last_at"] - rows[0]["first_at"] == 3_600_000_000


def test_an_instant_without_a_zone_is_refused_and_nothing_is_stored(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"), store.begin() as db:
        objects.take(db, "a", [(SourceObject("a", "1"), "read")], [], NOW.replace(tzinfo=None))
    with store.read() as db:
        assert db.execute(select(source_object)).all() == []


# --- findings and incidents


def test_a_finding_comes_back_as_it_was(store: Store) -> None:
    one, two = said("e1", "e2"), said("e3", at=2, late=True, disposition="alone")
    with store.begin() as db:
        assert cases.save_findings(db, [one, two], NOW) == 2
    with store.read() as db:
        assert cases.findings(db) == [two, one]
        assert cases.findings(db, [one.id, "none"]) == [one]


def test_the_same_finding_twice_is_one_and_keeps_its_first_instant(store: Store) -> None:
    for now, one in (
        (NOW, said("e1")),
        (LATER, said("e1", late=True, disposition="alone", at=9)),
    ):
        with store.begin() as db:
            assert cases.save_findings(db, [one, one], now) == (now is NOW)
    with store.read() as db:
        # What was said in time stays said in time; the rest is as it was said last.
        assert cases.findings(db) == [said("e1", disposition="alone", at=9)]
        (row,) = db.execute(select(finding)).mappings()
    assert (row["first_seen_at"], row["at"], row["late"]) == (1_704_196_800_000_000, 9, False)


def test_incidents_are_numbered_without_gaps_and_keep_their_number(store: Store) -> None:
    found = [said(f"e{n}") for n in range(4)]
    with store.begin() as db:
        cases.save_findings(db, found, NOW)
        assert cases.save_incidents(db, [case("x", found[0]), case("y", found[1])], NOW) == {
            "x": 1,
            "y": 2,
        }
    with store.begin() as db:
        cases.save_incidents(db, [case("lost", found[2])], NOW)
        db.rollback()
    grown = case("x", found[0], found[3], level=Level.CRITICAL)
    with store.begin() as db:
        assert cases.save_incidents(db, [case("z", found[2]), grown], LATER) == {"z": 3, "x": 1}
    with store.read() as db:
        stored = cases.incidents(db)
        assert [(one.number, one.incident.id) for one in stored] == [(1, "x"), (2, "y"), (3, "z")]
        assert stored[0] == (1, grown, NOW, LATER)
        assert [one.number for one in cases.incidents(db, level=Level.CRITICAL)] == [1]
        links = db.execute(select(incident_finding)).all()
    assert set(links) == {
        ("x", found[0].id),
        ("x", found[3].id),
        ("y", found[1].id),
        ("z", found[2].id),
    }


def test_an_incident_whose_finding_is_not_stored_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin() as db:
        cases.save_incidents(db, [case("x", said("e1"))], NOW)
    with store.read() as db:
        assert cases.incidents(db) == []


# --- states, positions, faults


def test_state_and_position_come_back_and_the_last_one_stands(store: Store) -> None:
    with store.read() as db:
        assert progress.load_state(db, "follow") is None
        assert progress.load_position(db, "follow") is None
    for n in (1, 2):
        with store.begin() as db:
            progress.save_state(db, "follow", bytes([n]) * 2_000_000, NOW)
            progress.save_position(db, "follow", Position(n, -n), NOW)
    with store.read() as db:
        assert progress.load_state(db, "follow") == b"\2" * 2_000_000
        assert progress.load_position(db, "follow") == Position(2, -2)
        assert progress.load_state(db, "grouping") is None


def test_a_rule_that_raises_again_is_counted(store: Store) -> None:
    for now, what in ((NOW, "first"), (LATER, "second")):
        with store.begin() as db:
            progress.save_faults(db, {"r2": what, "r1": "other"}, now)
            progress.save_faults(db, {}, now)
    with store.read() as db:
        assert progress.faults(db) == {"r1": "other", "r2": "second"}
        assert db.scalars(select(fault.c.count)).all() == [2, 2]
