"""A call is held until a mail of its notice was accepted: it says that one waits.

Not for ever: one whose mails are only refused for now leaves all the same, and says so.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from notifiers import outbox
from notifiers.attempts import lease
from notifiers.base import Channel, Dispatch, Kind, News, Notifier
from notifiers.files import FilesNotifier, FilesSettings
from notifiers.following import receive
from notifiers.holding import DOUBTED, HELD, IN_VAIN, LONGEST, SHORTEST, TRIED
from notifiers.phone import PhoneNotifier
from notifiers.speech import WORDS
from tests.notifiers.support import (
    BUSY,
    LOST,
    NOW,
    SCHEDULE,
    TOO_LATE_S,
    TWO,
    call,
    email,
    everything,
    kinds,
    mail,
    outcomes,
    phone_settings,
    send,
    standing,
)
from tests.servers.relay import Lever, Relay
from tests.servers.twilio_peer import Twilio
from tests.servers.web import Lever as Lost
from tocsin.model.principals import SERVICE
from tocsin.store import Store

MAILS = ("mail/1", "mail/2")
CONTACTS = ("contact-1@customer.example", "contact-2@customer.example")
CALL = "call/12/acme/1"
REFUSED = Lever("RCPT", "550 5.1.1 no such user")


@pytest.fixture
def channels(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Mapping[Channel, Notifier]:
    folder = tmp_path_factory.mktemp("calls")
    phone = FilesNotifier(FilesSettings(folder=folder, sender="avis@tocsin.example"))
    return {**email(relay), Channel.PHONE: phone}


def put(store: Store, key: str = CALL, limit: datetime | None = None) -> None:
    """Put two mails and a call that waits for one of them."""
    with store.begin() as db:
        for one, to in zip(MAILS, CONTACTS, strict=True):
            assert outbox.put(db, mail(one, to=to), principal=SERVICE, now=NOW)
        assert outbox.put(db, call(key), after=MAILS, limit=limit, principal=SERVICE, now=NOW)


def word(store: Store, key: str = CALL) -> str:
    return standing(store, key).word


def said(store: Store) -> str:
    """Return what the call said last."""
    with store.read() as db:
        return outbox.attempts(db, CALL)[-1].content.decode()


def begins(text: str) -> str:
    return text.format(operator="Tocsin")[:150]


@pytest.mark.parametrize(
    ("left", "held"),
    [
        (None, LONGEST),
        (timedelta(hours=48), LONGEST),
        (timedelta(hours=1), timedelta(minutes=30)),
        (timedelta(minutes=4), SHORTEST),
        (timedelta(hours=-9), SHORTEST),
    ],
)
def test_a_dead_relay_holds_a_call_for_half_of_the_time_left_and_an_hour_at_most(
    left: timedelta | None,
    held: timedelta,
    store: Store,
    relay: Relay,
    channels: Mapping[Channel, Notifier],
) -> None:
    put(store, limit=None if left is None else NOW + left)
    relay.by_recipient = dict.fromkeys(CONTACTS, BUSY)
    until = held.total_seconds()
    for part in (0, 0.1, 0.3, 0.6):
        send(store, channels, part * until)
    send(store, channels, until - 2)
    assert (word(store), outcomes(store, CALL)) == ("waiting", [])
    stands = standing(store, CALL)
    assert (stands.why, stands.due_at, stands.attempts) == (HELD, NOW + held, 0)
    assert send(store, channels, until) == 1
    assert (word(store), [word(store, one) for one in MAILS]) == ("accepted", ["waiting"] * 2)
    assert begins(WORDS["fr"].ahead) in said(store)


def test_a_rule_that_is_never_mended_does_not_keep_the_call(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    barred = Lever("RCPT", "550 5.7.1 <x>: Relay access denied")
    relay.by_recipient = dict.fromkeys(CONTACTS, barred)
    for hours in range(49):
        send(store, channels, 3600 * hours)
    assert [word(store, one) for one in MAILS] == ["waiting"] * 2
    assert (word(store), outcomes(store, CALL)) == ("accepted", ["accepted"])


def test_a_relay_that_suspends_our_account_fails_neither_mails_nor_call(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    relay.by_recipient = dict.fromkeys(
        CONTACTS, Lever("RCPT", "554 5.7.1 Your account is suspended")
    )
    for part in (0, 600, 1800):
        send(store, channels, part)
    assert [word(store, one) for one in (*MAILS, CALL)] == ["waiting"] * 3
    assert set(outcomes(store, MAILS[0])) == {"refused"}
    assert outcomes(store, CALL) == []
    relay.by_recipient = {}
    send(store, channels, 3 * 3600)
    assert [word(store, one) for one in (*MAILS, CALL)] == ["accepted"] * 3
    assert len(relay.inbox) == len(MAILS)


def test_a_rule_about_every_recipient_fails_the_call_at_once(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    barred = Lever("RCPT", "550 5.7.1 <x>: Recipient address rejected: Access denied")
    relay.by_recipient = dict.fromkeys(CONTACTS, barred)
    send(store, channels)
    assert [word(store, one) for one in (*MAILS, CALL)] == ["failed"] * 3
    assert outcomes(store, CALL) == []


def test_a_mail_that_has_its_turn_goes_before_a_call_that_was_held_long_enough(
    store: Store, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)  # and nothing runs for two hours
    assert send(store, channels, 7200) == 3
    assert begins(WORDS["fr"].customer) in said(store)


def test_mails_in_hand_are_waited_for_but_not_those_of_a_dead_worker(
    store: Store, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    at = NOW + LONGEST
    for _ in MAILS:
        assert lease(store, due_by=at, now=at) is not None
    before = everything(store)
    assert lease(store, due_by=at, now=at, under_way=MAILS) is None
    assert everything(store) == before
    assert send(store, channels, 3601) == 1
    assert begins(WORDS["fr"].ahead) in said(store)


def test_a_call_that_went_ahead_says_that_the_mail_waits_when_it_is_made_again(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    relay.by_recipient = dict.fromkeys(CONTACTS, BUSY)
    send(store, channels)
    send(store, channels, 3599)
    send(store, channels, 3600)
    with store.begin() as db:
        receive(db, CALL, 1, News(Kind.UNREACHED, "busy"), principal=SERVICE, now=NOW)
    relay.by_recipient = {}
    assert send(store, channels, 7200) == 3
    assert begins(WORDS["fr"].customer) in said(store)


def test_a_held_call_is_held_by_an_unknown_mail_too(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    relay.by_recipient = dict.fromkeys(CONTACTS, LOST)
    send(store, channels)
    assert [word(store, one) for one in MAILS] == ["unknown", "unknown"]
    assert outcomes(store, CALL) == []


def test_one_accepted_mail_lets_the_call_go_in_the_same_pass(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    put(store, "a-call-that-sorts-first")
    relay.by_recipient[CONTACTS[0]] = REFUSED
    assert send(store, channels) == 2
    assert word(store, MAILS[0]) == "failed"
    assert word(store, "a-call-that-sorts-first") == "accepted"
    assert standing(store, "a-call-that-sorts-first").why == ""
    found = kinds(store)
    begun = [place for place, one in enumerate(found) if one == "attempt.begun"]
    assert found.index("attempt.accepted") < begun[-1]  # a mail first, then the call


def test_where_all_mails_failed_the_call_fails_unmade_and_says_why(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    relay.by_recipient = dict.fromkeys(CONTACTS, REFUSED)
    send(store, channels)
    assert (word(store), outcomes(store, CALL)) == ("failed", [])
    assert standing(store, CALL).why == IN_VAIN
    with store.read() as db:
        assert CALL in {one.key for one in outbox.failed(db, since=NOW - timedelta(days=1))}
    before = everything(store)
    send(store, channels, 3600)
    assert everything(store) == before


@pytest.mark.parametrize("was_placed", [True, False])
def test_a_call_of_unknown_outcome_is_looked_up_before_it_fails_in_vain(
    store: Store, relay: Relay, twilio: Twilio, *, was_placed: bool
) -> None:
    phone = PhoneNotifier(phone_settings(twilio))
    channels = {**email(relay), Channel.PHONE: phone}
    put(store)
    relay.by_recipient = dict.fromkeys(CONTACTS, BUSY)
    send(store, channels)
    twilio.clock = NOW + LONGEST
    twilio.levers = [Lost(wait_s=TOO_LATE_S) if was_placed else Lost(drop=True)]
    send(store, channels, 3600)
    assert (word(store), outcomes(store, CALL)) == ("unknown", ["unknown"])
    asked = len(twilio.seen)
    relay.by_recipient = dict.fromkeys(CONTACTS, REFUSED)
    for part in (4600, 4700, 9000):
        send(store, channels, part)
    assert [word(store, one) for one in MAILS] == ["failed"] * 2
    assert len(twilio.seen) > asked
    assert len(twilio.calls) == was_placed  # none was placed twice, or for a notice nobody has
    stands = standing(store, CALL)
    if was_placed:
        assert (stands.word, outcomes(store, CALL)) == ("answered", ["accepted"])
    else:
        assert (stands.word, stands.why) == ("failed", DOUBTED)
        assert outcomes(store, CALL) == ["unknown"]
        assert kinds(store).count("message.failed") == 1 + len(MAILS)


def test_a_call_of_unknown_outcome_waits_for_a_provider_that_cannot_be_asked(
    store: Store, relay: Relay, twilio: Twilio
) -> None:
    channels = {**email(relay), Channel.PHONE: PhoneNotifier(phone_settings(twilio))}
    put(store)
    relay.by_recipient = dict.fromkeys(CONTACTS, BUSY)
    twilio.levers = [Lost(drop=True), *[Lost(503, b'{"message": "later"}')] * 3]
    send(store, channels, 3600)
    relay.by_recipient = dict.fromkeys(CONTACTS, REFUSED)
    send(store, channels, 5400)
    assert [word(store, one) for one in MAILS] == ["failed"] * 2
    assert (word(store), outcomes(store, CALL)) == ("unknown", ["unknown"])
    assert len(twilio.levers) == 2  # it was asked
    assert kinds(store).count("message.failed") == len(MAILS)
    twilio.levers = []
    send(store, channels, 9000)
    assert (standing(store, CALL).why, twilio.calls) == (DOUBTED, [])


class Overtaken:
    """A phone; while the words of its call are made, a mail of the notice is accepted."""

    def __init__(self, phone: Notifier, store: Store, relay: Relay) -> None:
        self._phone, self._store, self._relay = phone, store, relay
        self.send, self.look_up, self.news = phone.send, phone.look_up, phone.news
        self.check = phone.check

    def render(self, dispatch: Dispatch) -> bytes:
        if self._relay.by_recipient:
            self._relay.by_recipient = {}
            assert outbox.deliver(
                self._store,
                email(self._relay),
                worker=TWO,
                now=NOW + LONGEST + timedelta(minutes=5),
            ) == len(MAILS)
        return self._phone.render(dispatch)


def test_a_call_that_is_overtaken_by_a_mail_says_that_it_waits(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    relay.by_recipient = dict.fromkeys(CONTACTS, BUSY)
    send(store, channels, 3590)
    phone = Overtaken(channels[Channel.PHONE], store, relay)
    assert send(store, {**channels, Channel.PHONE: phone}, 3600) == 1
    assert outcomes(store, CALL) == ["accepted"]
    assert begins(WORDS["fr"].customer) in said(store)


def test_after_a_mail_was_mended_the_call_goes_when_it_is_sent_again(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    relay.by_recipient = dict.fromkeys(CONTACTS, REFUSED)
    send(store, channels)
    relay.by_recipient = {}
    later = NOW + timedelta(hours=1)
    for key in (MAILS[0], CALL):
        with store.begin() as db:
            outbox.send_again(db, key, why="mended", principal=SERVICE, now=later)
    assert send(store, channels, 3600) == 2
    assert word(store) == "accepted"
    assert begins(WORDS["fr"].customer) in said(store)


def test_a_call_that_is_sent_again_is_held_again(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    relay.by_recipient = dict.fromkeys(CONTACTS, REFUSED)
    send(store, channels)
    relay.by_recipient = dict.fromkeys(CONTACTS, BUSY)
    later = NOW + timedelta(hours=1)
    for key in (*MAILS, CALL):
        with store.begin() as db:
            outbox.send_again(db, key, why="mended", principal=SERVICE, now=later)
    assert send(store, channels, 3600) == 0
    stands = standing(store, CALL)
    assert (stands.word, stands.why, stands.due_at) == ("waiting", HELD, later + LONGEST)


def test_mails_that_were_taken_back_call_nobody(
    store: Store, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    with store.begin() as db:
        for one in MAILS:
            outbox.cancel(db, one, why="wrong", principal=SERVICE, now=NOW)
    send(store, channels)
    assert (word(store), outcomes(store, CALL)) == ("failed", [])


def test_a_call_that_reached_nobody_is_not_made_again_after_its_mails_came_back(
    store: Store, channels: Mapping[Channel, Notifier]
) -> None:
    put(store)
    assert send(store, channels) == 3
    with store.begin() as db:
        for one in MAILS:
            receive(db, one, 1, News(Kind.BOUNCED, "no such user"), principal=SERVICE, now=NOW)
        receive(db, CALL, 1, News(Kind.UNREACHED, "no answer"), principal=SERVICE, now=NOW)
    assert word(store) == "waiting"
    send(store, channels, SCHEDULE.unreached.first.total_seconds() + 1)
    assert (word(store), outcomes(store, CALL)) == ("failed", ["accepted"])
    assert standing(store, CALL).why == TRIED


def test_what_a_call_waits_for_is_in_the_ledger_and_putting_it_again_changes_nothing(
    store: Store,
) -> None:
    put(store)
    before = everything(store)
    with store.begin() as db:
        assert not outbox.put(db, call(), after=MAILS, principal=SERVICE, now=NOW)
    assert everything(store) == before


def test_a_call_that_waits_for_nothing_goes_at_once(
    store: Store, relay: Relay, channels: Mapping[Channel, Notifier]
) -> None:
    relay.by_recipient = dict.fromkeys(CONTACTS, BUSY)
    with store.begin() as db:
        outbox.put(db, mail(MAILS[0], to=CONTACTS[0]), principal=SERVICE, now=NOW)
        outbox.put(db, call(), principal=SERVICE, now=NOW)
    assert send(store, channels) == 1
    assert word(store) == "accepted"
