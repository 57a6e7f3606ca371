"""Notes and facts stand beside the judgement, and of a privileged note only that it exists."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from incidents.assessment import Assessment, note, note_texts, record, show
from incidents.assessment.deciding import case_of
from incidents.assessment.noting import erase_note
from incidents.assessment.tables import case_note
from tests.incidents.cases import ALICE, AWARE, BOB, NAIVE, NOW, H, everything, refused, reported
from tocsin.store import Store


def test_of_a_privileged_note_the_entries_show_only_that_it_exists(store: Store) -> None:
    number = reported(store)
    secret = "Counsel thinks that clause 4 was broken."
    with store.begin() as db:
        note(db, number, text=secret, note="privileged", principal=ALICE, now=NOW)
        note(db, number, text="The token is revoked.", note="fact", principal=ALICE, now=NOW)
        case = note(db, number, text="Ask Leo.", principal=BOB, now=NOW)
    assert [(one.note, one.text) for one in case.notes] == [
        ("privileged", ""),
        ("fact", "The token is revoked."),
        ("working", ""),
    ]
    stored = everything(store)
    apart = stored.pop("case_note")
    assert secret in str(apart)
    assert secret not in str(stored)
    with store.read() as db:
        texts = note_texts(db, number)
    assert [(one.text, one.is_as_written) for one in texts] == [
        (secret, True),
        ("Ask Leo.", True),
    ]


def test_a_note_that_was_altered_says_so_and_an_erased_one_is_gone(store: Store) -> None:
    number = reported(store)
    with store.begin() as db:
        first = note(db, number, text="One.", principal=ALICE, now=NOW).last_entry
        note(db, number, text="Two.", principal=ALICE, now=NOW)
        db.execute(case_note.update().where(case_note.c.entry == first).values(text="Uno."))
        assert [one.is_as_written for one in note_texts(db, number)] == [False, True]
        erase_note(db, first)
        assert [one.text for one in note_texts(db, number)] == ["Two."]
        assert len(show(db, number).case.notes) == 2
    refused(store, "no text", lambda db: erase_note(db, first))


def test_contained_and_restored_stand_beside_the_judgement_and_may_be_taken_back(
    store: Store,
) -> None:
    number = reported(store)

    def recorded(db: Connection, when: datetime | None, where: str = "") -> object:
        return record(
            db, number, "contained", at=when, where=where, why="seen", principal=ALICE, now=NOW
        )

    with store.begin() as db:
        recorded(db, AWARE)
        recorded(db, AWARE + timedelta(minutes=5), "crm")
        case = case_of(db, number)
        assert case.assessment == Assessment.SUSPECTED
        assert case.where("contained") == {"": AWARE, "crm": AWARE + timedelta(minutes=5)}
        assert case.where("restored") == {}
        recorded(db, None, "crm")
        recorded(db, AWARE - H)
        assert case_of(db, number).where("contained") == {"": AWARE - H}
    refused(store, "never recorded as contained at crm", lambda db: recorded(db, None, "crm"))
    refused(store, "still to come", lambda db: recorded(db, NOW + H))
    refused(store, "time zone", lambda db: recorded(db, NAIVE))


def test_a_note_that_says_nothing_is_refused(store: Store) -> None:
    number = reported(store)
    refused(
        store,
        "--text: nothing given",
        lambda db: note(db, number, text=" ", principal=ALICE, now=NOW),
    )
