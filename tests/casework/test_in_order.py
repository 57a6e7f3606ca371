"""What a customer is told later never reaches it before what it was told first."""

from collections.abc import Callable
from datetime import datetime

import pytest

from notifiers import attempts, outbox
from notifiers.attempts import LEASE
from notifiers.base import Channel, Dispatch, Outcome, Purpose, Receipt
from tests.casework import office
from tests.casework.office import HOUR, MINUTE
from tests.casework.test_letters import preview, send, tell
from tests.casework.test_lost_notices import queued
from tests.casework.test_recalling import queued_then, stand_of_mails
from tests.casework.test_ticking import C1, C2, SENT
from tests.casework.test_withdrawing import LATER, WHY, dismissed
from tocsin.app.casework import ticking
from tocsin.app.casework.desk import Desk
from tocsin.model.principals import SERVICE

At = Callable[..., Desk]
MAIL = frozenset({Channel.EMAIL})
CHANGES = '[changes]\nfr = "Plus."\nen = "More."\n'


def under_way(desk: Desk, now: datetime) -> attempts.Lease:
    """Let a worker take a mail, and die before it wrote an attempt."""
    held = attempts.lease(desk.store, due_by=now, now=now, room=attempts.Room(MAIL, MAIL))
    assert held is not None
    return held


def settle(desk: Desk, held: attempts.Lease, outcome: Outcome, now: datetime) -> None:
    """Let the worker live after all: it hands the mail over, and the relay answers."""
    message = held.message
    dispatch = Dispatch(message, 1, "reference", held.queued_at, now, b"a mail")
    assert attempts.begin(desk.store, held, dispatch, worker=SERVICE, now=now)
    said = "no such user" if outcome == Outcome.REFUSED else Receipt("", "250 OK")
    attempts.settle(desk.store, held, 1, outcome, said, worker=SERVICE, now=now)


def mails_of(desk: Desk, customer: str) -> list[outbox.Standing]:
    """Return how the mails of a customer's notices stand, in the order they were queued."""
    with desk.store.read() as db:
        found = outbox.standings(db, incident=1, customer=customer)
    mails = [one for one in found if one.purpose == Purpose.NOTICE]
    return sorted(mails, key=lambda one: one.queued_at)


def others_of(customer: str) -> str:
    return C2 if customer == C1 else C1


def stays_then_leaves(desk: Desk, held: attempts.Lease, sent_at: datetime) -> None:
    """Deliver while the earlier mail is under way, and when its worker is given up."""
    whose = held.message.customer
    before = stand_of_mails(desk)
    ticking.deliver(desk, sent_at + MINUTE)
    *_, earlier, later = mails_of(desk, whose)
    assert (earlier.key, earlier.word) == (held.message.key, "waiting")
    assert (later.word, later.attempts) == ("waiting", 0)
    after = stand_of_mails(desk)
    changed = {key for key, word in after.items() if word != before[key]}
    assert changed == {mails_of(desk, others_of(whose))[-1].key}  # the other one's has left
    ticking.deliver(desk, sent_at + LEASE + MINUTE)
    *_, earlier, later = mails_of(desk, whose)
    assert [earlier.word, later.word] == ["cancelled", "accepted"]
    assert earlier.attempts == 0
    office.intact(desk)


def test_an_update_does_not_leave_while_the_first_notice_is_under_way(at: At) -> None:
    desk = at("assessed")
    queued(desk)
    tell(desk, CHANGES, SENT + HOUR)
    held = under_way(desk, SENT + HOUR)
    queued_then(desk, SENT + HOUR + MINUTE)
    stays_then_leaves(desk, held, SENT + HOUR + MINUTE)


def test_a_withdrawal_does_not_leave_while_an_update_is_under_way(at: At) -> None:
    desk = at("assessed")
    send(desk, preview(desk, now=SENT), SENT)
    tell(desk, CHANGES, SENT + MINUTE)
    queued_then(desk, LATER - MINUTE)
    held = under_way(desk, LATER)
    dismissed(desk)
    tell(desk, WHY, LATER + MINUTE)
    queued_then(desk, LATER + 2 * MINUTE)
    assert len(mails_of(desk, held.message.customer)) == 3
    stays_then_leaves(desk, held, LATER + 2 * MINUTE)


@pytest.mark.parametrize(
    ("outcome", "word"), [(Outcome.ACCEPTED, "accepted"), (Outcome.REFUSED, "failed")]
)
def test_an_update_leaves_once_the_first_notice_is_settled(
    at: At, outcome: Outcome, word: str
) -> None:
    desk = at("assessed")
    queued(desk)
    tell(desk, CHANGES, SENT + HOUR)
    now = SENT + HOUR
    held = under_way(desk, now)
    queued_then(desk, now + MINUTE)
    ticking.deliver(desk, now + MINUTE)
    *_, later = mails_of(desk, held.message.customer)
    assert later.word == "waiting"
    settle(desk, held, outcome, now + 2 * MINUTE)
    ticking.deliver(desk, now + 3 * MINUTE)
    assert [one.word for one in mails_of(desk, held.message.customer)] == [word, "accepted"]
    office.intact(desk)
