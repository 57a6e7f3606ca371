"""The case record: two doors, the table of moves, decisions, notes, and what was known when."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from incidents.assessment import (
    Assessment,
    Attached,
    add_report,
    close,
    confirm,
    dismiss,
    instant,
    note,
    note_texts,
    open_report,
    original_bytes,
    record,
    reopen,
    show,
    take,
    take_up,
)
from incidents.assessment import opening as opening_module
from incidents.assessment.bodies import KINDS
from incidents.assessment.deciding import case_of
from incidents.assessment.noting import erase_note
from incidents.assessment.states import TRANSITIONS, Move, after, open_moves
from incidents.assessment.tables import case_note, original
from tests.incidents.cases import (
    ALICE,
    AWARE,
    BOB,
    KNOWN,
    NOW,
    H,
    at,
    detected,
    everything,
    reported,
    told,
)
from tocsin import ledger
from tocsin.errors import Refusal
from tocsin.ledger.kinds import KINDS as LEDGER_KINDS
from tocsin.model.findings import Level
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store
from tocsin.store.cases import incidents
from tocsin.store.tables import incident

DAY = timedelta(days=1)
NAIVE = datetime(2026, 11, 24, 9, 15)  # noqa: DTZ001 - that is the point


def refused(store: Store, said: str, act: Callable[[Connection], object]) -> None:
    """Assert that an act is refused with these words, and that nothing at all changed."""
    before = everything(store)
    # Committed all the same: whatever was written before the refusal would stay.
    with store.begin() as db, pytest.raises(Refusal, match=said) as raised:
        act(db)
    assert raised.value.hint
    assert everything(store) == before


# ---- the doors


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


# ---- the table of moves


ACTS: dict[Move, Callable[[Connection, int], object]] = {
    Move.TAKE: lambda db, n: take(db, n, why="mine", principal=ALICE, now=NOW),
    Move.CONFIRM: lambda db, n: confirm(
        db, n, aware_at=AWARE, why="seen", principal=ALICE, now=NOW
    ),
    Move.DISMISS: lambda db, n: dismiss(db, n, why="a drill", principal=ALICE, now=NOW),
    Move.CLOSE: lambda db, n: close(db, n, why="done", unsettled=(), principal=BOB, now=NOW),
    Move.REOPEN: lambda db, n: reopen(db, n, why="a bounce", principal=SERVICE, now=NOW),
}

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


# ---- decisions


def test_awareness_has_who_when_and_why(store: Store) -> None:
    number = reported(store)
    with store.begin() as db:
        case = confirm(
            db,
            number,
            aware_at=AWARE.astimezone(ZoneInfo("Europe/Paris")),
            why=" The export holds contacts of another customer. ",
            customers=("acme", "acme", "globex"),
            principal=ALICE,
            now=NOW,
        )
    assert case.awareness is not None
    assert case.awareness.aware_at == AWARE
    assert case.awareness.why == "The export holds contacts of another customer."
    assert (case.awareness.principal, case.awareness.recorded_at) == ("shell:alice", NOW)
    with store.read() as db:
        kinds = [entry.kind for entry in show(db, number).entries]
    # An entry for each: a customer's bundle holds its own only.
    assert kinds[1:] == ["breach.confirmed", "customer.added", "customer.added"]


@pytest.mark.parametrize(
    ("aware_at", "why", "who", "said"),
    [
        (NOW + timedelta(microseconds=1), "seen", ALICE, "still to come"),
        (NAIVE, "seen", ALICE, "time zone"),
        (AWARE, "  ", ALICE, "no reason"),
        (AWARE, "seen", SERVICE, "a person does"),
        (AWARE, "seen", Principal("link", "contact"), "a person does"),
    ],
)
def test_a_confirmation_that_breaks_a_rule_changes_nothing(
    aware_at: datetime, why: str, who: Principal, said: str, store: Store
) -> None:
    number = reported(store)
    refused(
        store,
        said,
        lambda db: confirm(db, number, aware_at=aware_at, why=why, principal=who, now=NOW),
    )


def test_awareness_may_come_before_the_first_detection(store: Store) -> None:
    with store.begin() as db:
        number = detected(db)
        case = confirm(db, number, aware_at=KNOWN - H, why="Seen by eye.", principal=ALICE, now=NOW)
    assert case.awareness is not None
    assert case.awareness.aware_at == KNOWN - H


def test_later_than_the_report_that_said_so_itself_needs_a_reason(store: Store) -> None:
    number = reported(store, establishes=True)

    def late(db: Connection, because: str = "") -> None:
        confirm(
            db,
            number,
            aware_at=AWARE,
            why="seen",
            later_because=because,
            principal=ALICE,
            now=NOW,
        )

    refused(store, r"said itself.*2026-11-24T09:15", late)
    with store.begin() as db:
        late(db, "The mail named another company's product.")
        assert case_of(db, number).assessment == Assessment.BREACH


def test_the_receipt_itself_needs_no_further_reason(store: Store) -> None:
    number = reported(store, establishes=True)
    with store.begin() as db:
        case = confirm(db, number, aware_at=KNOWN, why="it says so", principal=ALICE, now=NOW)
    assert case.awareness is not None
    assert case.awareness.aware_at == case.known_at


def test_closing_takes_a_second_person_and_nothing_owed(store: Store) -> None:
    number = reported(store)
    with store.begin() as db:
        ACTS[Move.CONFIRM](db, number)

    def closing(who: Principal, *unsettled: str) -> Callable[[Connection], object]:
        return lambda db: close(db, number, why="done", unsettled=unsettled, principal=who, now=NOW)

    refused(store, "second person", closing(ALICE))
    refused(store, "second person", closing(Principal("oidc", "Alice")))
    refused(store, "notice to acme is running", closing(BOB, "notice to acme is running"))
    refused(store, "a person does", closing(SERVICE))
    with store.begin() as db:
        closing(BOB)(db)


def test_an_incident_that_is_not_there_is_refused_by_everything(store: Store) -> None:
    reported(store)
    for act in ACTS.values():
        refused(store, "no incident 7; the last one is 1", partial(_act, act))
    refused(store, "no incident 7", lambda db: show(db, 7))
    refused(store, "no incident 7", lambda db: take_up(db, [7], now=NOW))
    refused(store, "no incident 7", lambda db: note(db, 7, text="x", principal=ALICE, now=NOW))


def _act(act: Callable[[Connection, int], object], db: Connection) -> object:
    return act(db, 7)


def test_where_nothing_was_ever_the_answer_is_plain(store: Store) -> None:
    refused(store, "no incident 1$", lambda db: ACTS[Move.TAKE](db, 1))


# ---- notes and facts


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
        store, "text: no reason", lambda db: note(db, number, text=" ", principal=ALICE, now=NOW)
    )


# ---- what was known when


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


# ---- instants as people type them


@pytest.mark.parametrize(
    ("text", "zone", "meant"),
    [
        ("2026-11-24T10:15", "Europe/Paris", "2026-11-24T09:15Z"),
        (" 2026-11-24 10:15 ", "Europe/Paris", "2026-11-24T09:15Z"),
        ("2026-10-25T02:30+02:00", "Europe/Paris", "2026-10-25T00:30Z"),
        ("2026-10-25T02:30+01:00", "Europe/Paris", "2026-10-25T01:30Z"),
        ("2026-10-25T01:30Z", "Europe/Paris", "2026-10-25T01:30Z"),
        ("2026-07-01T00:00", "Asia/Jerusalem", "2026-06-30T21:00Z"),
    ],
)
def test_what_people_type_is_one_instant(text: str, zone: str, meant: str) -> None:
    assert instant(text, ZoneInfo(zone)) == at(meant)


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("2026-10-25T02:30", "Europe/Paris", "came twice"),
        ("2026-10-25T01:30", "Europe/London", "came twice"),
        ("2026-10-25T01:30", "Asia/Jerusalem", "came twice"),
        ("2027-03-28T02:30", "Europe/Paris", "does not exist"),
        ("2027-03-28T01:30", "Europe/London", "does not exist"),
        ("2027-03-26T02:30", "Asia/Jerusalem", "does not exist"),
        ("yesterday", "Europe/Paris", "no instant"),
    ],
)
def test_an_hour_that_comes_twice_or_never_is_asked_about(text: str, zone: str, said: str) -> None:
    with pytest.raises(Refusal, match=said) as raised:
        instant(text, ZoneInfo(zone))
    assert raised.value.hint
