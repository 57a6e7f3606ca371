"""The call beside a notice waits until a mail of it has left the house."""

from collections.abc import Callable, Iterator

import pytest

from notifiers import outbox
from notifiers.base import Purpose
from notifiers.holding import HELD
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import ALICE, HOUR, MINUTE, NOW
from tests.casework.person import Person
from tests.casework.reads import counted
from tests.servers import relay as servers
from tests.servers.relay import Lever, Relay
from tocsin.app.casework import letters, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.letters import standing

SENT = NOW + 5 * MINUTE


@pytest.fixture(name="relay")
def _relay() -> Iterator[Relay]:
    with servers.running() as one:
        yield one


def sent(desk: Desk) -> list[str]:
    """Approve and send, and let the service try; return the keys of the calls."""
    sha256 = office.manifest(desk)
    sending.approve(desk, sha256, principal=ALICE, now=SENT)
    sending.send(desk, sha256, principal=ALICE, now=SENT)
    ticking.tend(desk, SENT)
    found = sending.standings(desk, 1)
    return [one.key for one in found if one.purpose is Purpose.CALL]


def test_nobody_is_called_while_the_relay_is_dead(at: Copy, relay: Relay) -> None:
    desk = at("previewed", office.FILES + office.RELAY.format(port=relay.port))
    relay.by_recipient = dict.fromkeys(
        (one[0] for one in office.CONTACTS.values()), Lever("RCPT", "451 4.3.0 busy")
    )
    calls = sent(desk)
    ticking.tend(desk, SENT + HOUR - MINUTE)
    assert len(calls) == 2
    for key in calls:
        held = standing(desk, key)
        assert (held.word, held.why, held.attempts) == ("waiting", HELD, 0)
    relay.by_recipient = {office.CONTACTS["c-1"][0]: Lever("RCPT", "451 4.3.0 busy")}
    ticking.tend(desk, SENT + 2 * HOUR)  # longer than any call is held
    said = dict[str, str]()
    with desk.store.read() as db:
        for key in calls:
            (one,) = outbox.attempts(db, key)
            said[outbox.standing(db, key).customer] = one.content.decode()
    ahead = {customer: "sans y parvenir" in text for customer, text in said.items()}
    assert ahead == {"c-1": True, "c-2": False}  # each by the mails of its own customer
    assert not any(standing(desk, key).notified for key in calls)


def test_where_every_mail_is_refused_for_good_the_team_is_told_and_nobody_called(
    at: Copy, relay: Relay
) -> None:
    desk = at("previewed", office.FILES + office.RELAY.format(port=relay.port))
    bad = office.CONTACTS["c-1"][0]
    relay.by_recipient[bad] = Lever("RCPT", "550 5.1.1 no such user")
    calls = sent(desk)
    ticking.tick(desk, SENT + MINUTE)
    (failed,) = [key for key in calls if standing(desk, key).word == "failed"]
    assert standing(desk, failed).attempts == 0
    alerts = [one for one in sending.standings(desk, 1) if one.purpose is Purpose.ALERT]
    with desk.store.read() as db:
        told = [outbox.message(db, one.key).body_text for one in alerts]
    assert any(failed in one for one in told)
    assert any("not delivered (phone, 0 attempts)" in one for one in told)


def test_to_send_reads_the_incident_as_often_for_many_customers_as_for_one(at: Copy) -> None:
    reads = list[int]()
    desk = at("assessed")
    for customers in (["c-1"], ["c-1", "c-2"]):
        sha256 = sending.preview(
            desk, 1, None, customers=customers, principal=ALICE, now=SENT
        ).sha256
        sending.approve(desk, sha256, principal=ALICE, now=SENT)
        with counted("case_entry") as found, counted("obligation") as rows:
            sending.send(desk, sha256, principal=ALICE, now=SENT)
        reads.append(len(found) + len(rows))
        if len(reads) == 1:
            for key in [one.key for one in sending.standings(desk, 1) if one.customer]:
                letters.cancel(desk, key, why="Both at once.", principal=ALICE, now=SENT)
    one, both = reads
    assert 0 < both <= one
    waiting = [one for one in sending.standings(desk, 1) if one.word == "waiting" and one.customer]
    assert len({one.customer for one in waiting}) == 2
    calls = [one for one in waiting if one.purpose is Purpose.CALL]
    assert {one.due_at for one in calls} == {SENT + HOUR}  # held as before, by their own limit


def test_show_calls_a_notice_queued_that_has_not_left(
    alice_at: Callable[[str], Person],
) -> None:
    alice = alice_at("previewed")
    with alice.desk() as desk:
        sha256 = office.manifest(desk)
    assert "not queued" in alice.types("incident", "show", 1)
    with alice.desk() as desk:
        sending.approve(desk, sha256, principal=ALICE, now=SENT)
        sending.send(desk, sha256, principal=ALICE, now=SENT)  # nothing was delivered yet
        assert {one.word for one in sending.standings(desk, 1) if one.customer} == {"waiting"}
    said = alice.types("incident", "show", 1)
    assert "queued (UTC)" in said
    assert "sent (UTC)" not in said
