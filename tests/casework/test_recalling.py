"""What waits to be sent goes out only as long as it is judged so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from incidents.assessment.tables import case_entry
from incidents.obligations.customers import Answer
from notifiers import attempts, outbox
from notifiers.base import Channel, Purpose
from tests.casework import office
from tests.casework.office import ALICE, AWARE, CONTACTS, HOUR, MINUTE, NOW
from tests.casework.test_declaring import SAID, reported, statement
from tests.casework.test_excluded_since import exclude
from tests.casework.test_letters import preview, send, tell
from tests.casework.test_lost_notices import queued
from tests.casework.test_ticking import C1, C2, SENT, letter
from tests.casework.test_withdrawing import LATER, WHY, closed, dismissed, to_do, told, voided
from tests.servers.relay import Lever, Relay
from tocsin import ledger
from tocsin.app.casework import acts, declaring, duties, recalling, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.config import load
from tocsin.errors import Refusal
from tocsin.model.principals import SERVICE

At = Callable[..., Desk]
DAY = timedelta(days=1)


def stand(desk: Desk, number: int = 1) -> dict[tuple[str, str], str]:
    """Return how what goes to customers stands, by customer and purpose."""
    with desk.store.read() as db:
        return {
            (one.customer, one.purpose): one.word
            for one in outbox.standings(db, incident=number)
            if one.purpose in (Purpose.NOTICE, Purpose.CALL)
        }


def why(desk: Desk, customer: str, number: int = 1) -> set[str]:
    with desk.store.read() as db:
        found = outbox.standings(db, incident=number, customer=customer)
        return {one.why for one in found if one.word == "cancelled"}


def taken_back(desk: Desk) -> list[ledger.Entry]:
    return [one for one in office.intact(desk) if one.kind == "message.cancelled"]


def test_what_was_judged_to_be_no_breach_leaves_nobody(at: At) -> None:
    desk = at("assessed")
    queued(desk)
    assert set(stand(desk).values()) == {"waiting"}
    dismissed(desk)
    assert set(stand(desk).values()) == {"cancelled"}
    assert why(desk, C1) == {"incident 1 is judged to be a breach no more"}
    assert len(taken_back(desk)) == len(stand(desk)) == 4
    (line,) = recalling.taken_back(desk, 1, LATER)
    assert "4 messages to c-1, c-2; see tocsin notice status 1" in line
    assert recalling.taken_back(desk, 1, LATER + MINUTE) == []
    assert ticking.deliver(desk, LATER + DAY) == 0
    said = to_do(desk)
    assert "withdrawal" not in said  # nobody was told of one
    assert "incident close 1" in said
    closed(desk)


def test_a_breach_that_is_withdrawn_and_confirmed_again_needs_another_approval(at: At) -> None:
    desk = at("assessed")
    queued(desk)
    voided(desk)
    assert set(stand(desk).values()) == {"cancelled"}
    now = LATER + MINUTE
    acts.confirm(desk, 1, aware_at=AWARE, why="It is one.", principal=ALICE, now=now)
    assert f"notice preview 1 --customer {C1} --customer {C2}" in to_do(desk, now)
    assert ticking.deliver(desk, now) == 0
    keys = send(desk, preview(desk, now=now + MINUTE), now + MINUTE)
    assert len(keys) == 4
    assert sorted(stand(desk).values()) == ["accepted"] * 4


def test_to_whom_nothing_is_owed_nothing_leaves_and_to_others_all_does(at: At) -> None:
    desk = at("assessed")
    queued(desk)
    duties.waive(
        desk, 1, "notice-to-customer", C1, why="It asked so.", principal=ALICE, now=SENT + MINUTE
    )
    assert ticking.deliver(desk, SENT + 2 * MINUTE) == 2
    assert stand(desk) == {
        (C1, Purpose.NOTICE): "cancelled",
        (C1, Purpose.CALL): "cancelled",
        (C2, Purpose.NOTICE): "accepted",
        (C2, Purpose.CALL): "accepted",
    }
    assert why(desk, C1) == {"no notice is owed to it: It asked so."}


@pytest.mark.parametrize("way", ["stated", "decided"])
def test_nothing_leaves_to_whom_a_person_rules_out(at: At, tmp_path: Path, way: str) -> None:
    desk = at("opened")
    number = reported(desk)
    acts.confirm(desk, number, aware_at=AWARE, why="The mail.", principal=ALICE, now=NOW)
    said = SAID if way == "stated" else SAID.replace("confirmed", "possible", 1)
    declaring.declare(desk, number, statement(tmp_path, said), principal=ALICE, now=NOW)
    office.assessed(desk, number)

    def decide(answer: Answer, now: datetime) -> None:
        duties.decide(desk, number, [C2], answer, why="So it is.", principal=ALICE, now=now)

    if way == "decided":
        decide("notify", NOW + MINUTE)
    queued_then(desk, SENT, number)
    assert set(stand(desk, number).values()) == {"waiting"}
    if way == "decided":
        decide("exclude", LATER)
    else:
        exclude(desk, number, tmp_path)
    assert set(stand(desk, number).values()) == {"cancelled"}
    assert why(desk, C2, number) == {"its data are judged not to be touched"}
    ticking.deliver(desk, LATER + HOUR)  # the team's own alert
    assert set(stand(desk, number).values()) == {"cancelled"}


def test_what_may_have_arrived_is_not_sent_again_and_is_taken_back_by_a_notice(
    config_at: Callable[..., Path], relay: Relay
) -> None:
    config = config_at("assessed", office.RELAY.format(port=relay.port))
    relay.by_recipient[CONTACTS[C1][0]] = Lever("END", drop=True, kept=True)
    relay.by_recipient[CONTACTS[C2][0]] = Lever("RCPT", "450 4.2.1 later")
    with desk_of(load(config)) as desk:
        queued(desk)
        ticking.deliver(desk, SENT)
        assert stand(desk) == {(C1, Purpose.NOTICE): "unknown", (C2, Purpose.NOTICE): "waiting"}
        arrived = len(relay.inbox)
        dismissed(desk)
        assert set(stand(desk).values()) == {"cancelled"}
        relay.by_recipient.clear()
        assert ticking.deliver(desk, LATER + DAY) == 0
        assert len(relay.inbox) == arrived == 1
        before = office.everything(desk)
        with pytest.raises(Refusal) as refused:
            closed(desk)
        assert f"{C1} was told of a breach, and not yet that it was no breach" in str(refused.value)
        assert C2 not in str(refused.value)
        assert office.everything(desk) == before
        tell(desk, WHY, LATER + MINUTE)
        made = preview(desk, now=LATER + 2 * MINUTE)
        assert [(one.customer, one.version) for one in made.notices] == [(C1, 2)]
        send(desk, made, LATER + 2 * MINUTE)
        closed(desk)
        assert [mail.recipient for mail in relay.inbox] == [CONTACTS[C1][0]] * 2


def test_that_there_was_none_is_told_to_nobody_once_it_is_one_after_all(at: At) -> None:
    desk = told(at)
    dismissed(desk)
    tell(desk, WHY, LATER + MINUTE)
    now = LATER + 2 * MINUTE
    queued_then(desk, now)
    assert "on its way to c-1, c-2" in to_do(desk, now)
    before = stand_of_mails(desk)
    duties.reopen(desk, 1, why="It was not our test.", principal=ALICE, now=now + MINUTE)
    after = stand_of_mails(desk)
    assert [after[key] for key in before if before[key] == "waiting"] == ["cancelled"] * 2
    assert {key: after[key] for key in before if before[key] != "waiting"} == {
        key: word for key, word in before.items() if word != "waiting"
    }
    assert ticking.deliver(desk, LATER + DAY) == 0


def queued_then(desk: Desk, now: datetime, number: int = 1) -> None:
    made = sending.preview(desk, number, None, principal=ALICE, now=now)
    sending.approve(desk, made.sha256, principal=ALICE, now=now)
    sending.send(desk, made.sha256, principal=ALICE, now=now)


def stand_of_mails(desk: Desk) -> dict[str, str]:
    with desk.store.read() as db:
        found = outbox.standings(db, incident=1)
        return {one.key: one.word for one in found if one.purpose == Purpose.NOTICE}


def test_what_is_being_sent_at_that_moment_is_taken_back_if_it_stays_here(at: At) -> None:
    desk = at("assessed")
    queued(desk)
    channels = attempts.Room(frozenset({Channel.EMAIL}), frozenset({Channel.EMAIL}))
    leased = attempts.lease(desk.store, due_by=LATER, now=LATER - MINUTE, room=channels)
    assert leased is not None  # its worker dies before it begins
    dismissed(desk)
    waits = {key for key, word in stand(desk).items() if word == "waiting"}
    assert waits == {(leased.message.customer, Purpose.NOTICE)}
    before = office.everything(desk)
    with pytest.raises(Refusal, match=f"a notice to {leased.message.customer} is on its way"):
        closed(desk, now=LATER + MINUTE)
    assert office.everything(desk) == before
    assert ticking.deliver(desk, LATER + HOUR) == 0
    assert set(stand(desk).values()) == {"cancelled"}
    assert taken_back(desk)[-1].principal == str(SERVICE)
    closed(desk, now=LATER + 2 * HOUR)


def test_nothing_is_closed_while_something_of_it_is_on_its_way(at: At) -> None:
    desk = at("assessed")
    made = preview(desk, now=SENT)
    send(desk, made, SENT)
    tell(desk, '[changes]\nfr = "Plus."\nen = "More."\n', SENT + HOUR)
    queued_then(desk, SENT + HOUR + MINUTE)
    said = to_do(desk, SENT + HOUR + 2 * MINUTE)
    assert "notice status 1   (on its way; nobody has it for sure yet)" in said
    before = office.everything(desk)
    with pytest.raises(Refusal) as refused:
        closed(desk, now=SENT + 2 * HOUR)
    for customer in (C1, C2):
        assert f"a notice to {customer} is on its way" in str(refused.value)
        assert f"a call to {customer} is on its way" in str(refused.value)
    assert office.everything(desk) == before


@contextmanager
def waiting_for(config_at: Callable[..., Path], relay: Relay) -> Iterator[Desk]:
    """Give a desk whose notice to c-2 has left, and whose notice to c-1 was refused for now."""
    relay.by_recipient[CONTACTS[C1][0]] = Lever("RCPT", "450 4.2.1 later")
    with desk_of(load(config_at("assessed", office.RELAY.format(port=relay.port)))) as desk:
        queued(desk)
        ticking.deliver(desk, SENT)
        yield desk


def test_a_later_notice_takes_the_place_of_one_that_still_waits(
    config_at: Callable[..., Path], relay: Relay
) -> None:
    with waiting_for(config_at, relay) as desk:
        first = letter(desk, C1)
        assert [mail.recipient for mail in relay.inbox] == [CONTACTS[C2][0]]
        tell(desk, '[changes]\nfr = "Plus."\nen = "More."\n', SENT + HOUR)
        queued_then(desk, SENT + HOUR + MINUTE)
        assert office.words(desk)[first] == "cancelled"
        assert why(desk, C1) == {"a later notice takes its place"}
        assert why(desk, C2) == set()
        relay.by_recipient.clear()
        ticking.deliver(desk, SENT + 2 * HOUR)
        assert sorted(mail.recipient for mail in relay.inbox) == sorted(
            [CONTACTS[C2][0], CONTACTS[C1][0], CONTACTS[C2][0]]
        )
        ticking.deliver(desk, SENT + DAY)
        assert len(relay.inbox) == 3


def test_a_case_that_cannot_be_read_holds_up_no_message(
    config_at: Callable[..., Path], relay: Relay
) -> None:
    with waiting_for(config_at, relay) as desk:
        relay.by_recipient.clear()
        with desk.store.begin() as db:
            db.execute(delete(case_entry))
        with pytest.raises(ExceptionGroup, match="everything else was tried"):
            ticking.deliver(desk, SENT + HOUR)
        assert office.words(desk)[letter(desk, C1)] == "accepted"
        assert CONTACTS[C1][0] in [mail.recipient for mail in relay.inbox]
