"""Incidents come in by two doors, each once and numbered without gaps, originals kept as sent."""

import hashlib
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from incidents.assessment import (
    Assessment,
    Attached,
    add_report,
    confirm,
    dismiss,
    open_report,
    original_bytes,
    show,
    take,
    take_up,
)
from incidents.assessment import opening as opening_module
from incidents.assessment.tables import original
from tests.incidents.cases import (
    ALICE,
    AWARE,
    KNOWN,
    NAIVE,
    NOW,
    H,
    detected,
    everything,
    refused,
    reported,
    told,
)
from tocsin.model.findings import Level
from tocsin.store import Store
from tocsin.store.cases import incidents

DAY = timedelta(days=1)


def test_both_doors_share_one_row_of_numbers_without_gaps(store: Store) -> None:
    assert reported(store) == 1
    with store.begin() as db:
        assert detected(db, "a") == 2
    assert reported(store) == 3
    with store.begin() as db:
        assert detected(db, "b") == 4
        assert detected(db, "a") == 2
    assert reported(store) == 5
    with store.read() as db:
        assert [one.number for one in incidents(db)] == [1, 2, 3, 4, 5]


def test_a_transaction_that_fails_leaves_no_gap(store: Store) -> None:
    def fail() -> None:
        with store.begin() as db:
            open_report(db, told(), principal=ALICE, now=NOW)
            raise RuntimeError

    before = everything(store)
    with pytest.raises(RuntimeError):
        fail()
    assert everything(store) == before
    assert reported(store) == 1


def test_receipt_and_not_typing_starts_what_receipt_starts(store: Store) -> None:
    number = reported(store, now=KNOWN + 3 * DAY)
    with store.read() as db:
        case = show(db, number).case
    assert (case.known_at, case.known_by) == (KNOWN, "report")
    assert case.opened_at == KNOWN + 3 * DAY
    assert case.decision_due_at == KNOWN + 24 * H


def test_a_detected_incident_is_known_since_its_first_finding_was_said(store: Store) -> None:
    with store.begin() as db:
        number = detected(db, findings={"f1": KNOWN + 2 * H, "f2": KNOWN})
        case = show(db, number).case
    assert (case.known_at, case.known_by) == (KNOWN, "detection")
    assert (case.assessment, case.level, case.findings) == (Assessment.SUSPECTED, "high", 2)


def test_taking_up_again_changes_nothing(store: Store) -> None:
    with store.begin() as db:
        number = detected(db)
    before = everything(store)
    with store.begin() as db:
        assert take_up(db, [number, number], now=NOW + H) == []
    assert everything(store) == before


def test_an_incident_that_grew_is_told_once(store: Store) -> None:
    with store.begin() as db:
        number = detected(db)
        detected(db, findings={"i-1": KNOWN, "i-2": KNOWN - H}, level=Level.CRITICAL)
        history = show(db, number)
    assert [entry.kind for entry in history.entries] == ["incident.opened", "incident.grown"]
    assert (history.case.known_at, history.case.level) == (KNOWN - H, "critical")


def test_what_was_judged_no_breach_begins_again_with_a_further_finding(store: Store) -> None:
    with store.begin() as db:
        number = detected(db)
        dismiss(db, number, why="A drill.", principal=ALICE, now=NOW)
        assert take_up(db, [number], now=NOW) == []
        detected(db, findings={"i-1": KNOWN, "i-2": NOW})
        case = show(db, number).case
    assert case.assessment == Assessment.REOPENED
    assert case.is_undecided


def test_an_incident_that_became_part_of_another_is_judged_there(store: Store) -> None:
    with store.begin() as db:
        first = detected(db, "a")
        second = detected(db, "b", findings={"b-1": KNOWN - H})
        detected(db, "a", findings={"a-1": KNOWN, "b-1": KNOWN - H}, merged=("b",))
        case, kept = show(db, first).case, show(db, second).case
    assert (case.known_at, case.is_undecided) == (KNOWN - H, True)
    assert (kept.number, kept.merged_into, kept.is_undecided) == (second, first, False)
    before = everything(store)
    with store.begin() as db:
        assert take_up(db, [first, second], now=NOW) == []
    assert everything(store) == before
    said = f"is part of incident {first} now"
    refused(store, said, partial(take, number=second, why="x", principal=ALICE, now=NOW))
    confirming = partial(confirm, number=second, aware_at=AWARE, why="x", principal=ALICE, now=NOW)
    refused(store, said, confirming)


def test_a_report_about_an_incident_that_is_there_may_have_come_first(store: Store) -> None:
    with store.begin() as db:
        number = detected(db)
        earlier = told(received_at=KNOWN - 5 * H)
        case = add_report(db, number, earlier, principal=ALICE, now=NOW)
    assert (case.known_at, case.known_by) == (KNOWN - 5 * H, "report")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"received_at": NOW + timedelta(microseconds=1)}, "still to come"),
        ({"received_at": NAIVE}, "time zone"),
        ({"title": " "}, "title"),
        ({"what": ""}, "what"),
        ({"name": "\t"}, "name"),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    more: dict[str, object], said: str, store: Store
) -> None:
    refused(store, said, lambda db: open_report(db, told(**more), principal=ALICE, now=NOW))
    number = reported(store)
    refused(store, said, lambda db: add_report(db, number, told(**more), principal=ALICE, now=NOW))


def test_originals_are_kept_byte_for_byte_under_their_hash(store: Store) -> None:
    body = b"From: acme\r\n\r\n\x00\xff"
    mail, copy = (Attached(name, "message/rfc822", body) for name in ("a.eml", "b.eml"))
    number = reported(store, originals=(mail, copy))
    with store.read() as db:
        (report,) = show(db, number).case.reports
        assert [(one.name, one.size) for one in report.originals] == [("a.eml", 16), ("b.eml", 16)]
        sha256 = hashlib.sha256(body).hexdigest()
        assert {one.sha256 for one in report.originals} == {sha256}
        assert original_bytes(db, sha256) == body
        assert len(db.execute(select(original)).all()) == 1


def test_an_original_that_was_altered_is_not_handed_out(store: Store) -> None:
    number = reported(store, originals=(Attached("a", "text/plain", b"a"),))
    with store.begin() as db:
        (report,) = show(db, number).case.reports
        db.execute(original.update().values(body=b"b"))
    sha256 = report.originals[0].sha256
    refused(store, "not those that were sent", lambda db: original_bytes(db, sha256))
    refused(store, "no original", lambda db: original_bytes(db, "0" * 64))


def test_too_large_an_original_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening_module, "MAX_BYTES", 3)
    big = told(originals=(Attached("small", "", b"abc"), Attached("big", "", b"abcd")))
    refused(
        store, "original big: 4 bytes", lambda db: open_report(db, big, principal=ALICE, now=NOW)
    )
