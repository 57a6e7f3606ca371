"""What every channel does alike: one table, and each channel is a line in it."""

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from notifiers import outbox
from notifiers.base import Channel, Message, Notifier
from notifiers.email import EmailNotifier
from notifiers.files import FilesNotifier, FilesSettings
from notifiers.phone import PhoneNotifier
from notifiers.secret import SecretFrom
from notifiers.tables import attempt
from notifiers.tables import outbox as table
from notifiers.webhook import WebhookNotifier
from tests.notifiers.support import (
    NOW,
    PASSWORD,
    SECRETS,
    alert,
    call,
    dispatch,
    email_settings,
    mail,
    phone_settings,
    put,
    send,
    webhook_settings,
)
from tests.servers import relay as smtp
from tests.servers import web
from tests.servers.certificates import Certificates
from tests.servers.relay import Relay
from tests.servers.twilio_peer import Twilio
from tests.servers.web import Hook
from tocsin import ledger
from tocsin.errors import DeliveryError, OutcomeUnknown, RetryLater, Undeliverable
from tocsin.store import Store

PERSONAL = ("helene@customer.example", "33123456789")


@dataclass(frozen=True)
class Line:
    """One channel, its other side, and the levers for each class of failure.

    Attributes:
        message: What is sent.
        notifier: What sends it.
        pull: Makes the other side answer so the next time.
        taken: How many messages the other side has, and by which names it knows them.
    """

    message: Message
    notifier: Notifier
    pull: Callable[[type[DeliveryError]], None]
    taken: Callable[[], list[str]]


def _email(relay: Relay, certificates: Certificates) -> Line:
    relay.login = ("tocsin", PASSWORD)
    levers = {
        RetryLater: smtp.Lever("RCPT", f"451 busy {PERSONAL[0]} {PASSWORD}"),
        Undeliverable: smtp.Lever("RCPT", f"550 no {PERSONAL[0]} {PASSWORD}"),
        OutcomeUnknown: smtp.Lever("END", drop=True, kept=True),
    }
    settings = email_settings(
        relay,
        security="starttls",
        ca_file=certificates.authority,
        user="tocsin",
        password=SecretFrom(env="TEST_SMTP_PASSWORD"),
    )
    return Line(
        mail(),
        EmailNotifier(settings),
        lambda error: relay.levers.append(levers[error]),
        lambda: [one.message_id for one in relay.inbox],
    )


def _phone(twilio: Twilio) -> Line:
    said = b'{"code": %d, "message": "+33123456789 twilio-geheim-4711"}'
    levers = {
        RetryLater: web.Lever(429, said % 20429),
        Undeliverable: web.Lever(400, said % 21211),
        OutcomeUnknown: web.Lever(drop=True, done=True),
    }
    return Line(
        call(),
        PhoneNotifier(phone_settings(twilio)),
        lambda error: twilio.levers.append(levers[error]),
        lambda: [one["to"] for one in twilio.calls],
    )


def _webhook(hook: Hook) -> Line:
    levers = {
        RetryLater: web.Lever(429, b"hook-geheim-2342"),
        Undeliverable: web.Lever(404, b"hook-geheim-2342"),
        OutcomeUnknown: web.Lever(drop=True),
    }
    return Line(
        alert(),
        WebhookNotifier(webhook_settings(hook)),
        lambda error: hook.levers.append(levers[error]),
        lambda: [one.headers["Idempotency-Key"] for one in hook.seen],
    )


def _files(folder: Path) -> Line:
    def pull(error: type[DeliveryError]) -> None:
        assert error is RetryLater
        folder.write_text("a file is in the way")

    def taken() -> list[str]:
        if folder.is_file():
            folder.unlink()
        return [one.name for one in folder.iterdir()] if folder.exists() else []

    return Line(mail(), FilesNotifier(FilesSettings(folder=folder)), pull, taken)


CHANNELS = ("email", "phone", "webhook", "files")
ERRORS = (RetryLater, Undeliverable, OutcomeUnknown)
FAILURES = [
    *((name, error) for name in CHANNELS[:-1] for error in ERRORS),
    # A folder refuses nothing for good, and breaks off nothing.
    ("files", RetryLater),
]
failing = pytest.mark.parametrize(("line", "error"), FAILURES, indirect=["line"])


@pytest.fixture(params=CHANNELS)
def line(
    request: pytest.FixtureRequest, certificates: Certificates, tmp_path: Path
) -> Iterator[Line]:
    match request.param:
        case "email":
            with smtp.running(starttls=certificates.context()) as relay:
                yield _email(relay, certificates)
        case "phone":
            yield _phone(request.getfixturevalue("twilio"))
        case "webhook":
            yield _webhook(request.getfixturevalue("hook"))
        case _:
            yield _files(tmp_path / "outgoing")


def channel(line: Line) -> dict[Channel, Notifier]:
    return {line.message.channel: line.notifier}


def outcome(store: Store, line: Line) -> list[str]:
    with store.read() as db:
        return [str(one.outcome) for one in outbox.attempts(db, line.message.key)]


def test_rendering_lets_nothing_leave(line: Line) -> None:
    assert dispatch(line.message, line.notifier).content
    assert line.taken() == []


def test_what_is_accepted_is_accepted_once(line: Line, store: Store) -> None:
    put(store, line.message)
    assert [send(store, channel(line), s) for s in (0, 10**4)] == [1, 0]
    assert outcome(store, line) == ["accepted"]
    assert len(line.taken()) == 1
    with store.read() as db:
        (one,) = outbox.attempts(db, line.message.key)
    assert one.answer
    assert one.content


@failing
def test_each_class_of_failure_is_said_by_its_type(error: type[DeliveryError], line: Line) -> None:
    line.pull(error)
    with pytest.raises(error) as raised:
        line.notifier.send(dispatch(line.message, line.notifier))
    assert type(raised.value) is error


RETRIES = {
    RetryLater: ["refused", "accepted"],
    Undeliverable: ["refused"],
    OutcomeUnknown: ["unknown", "accepted"],
}


@failing
def test_each_class_of_failure_is_tried_again_or_not(
    error: type[DeliveryError], line: Line, store: Store
) -> None:
    put(store, line.message)
    line.pull(error)
    send(store, channel(line))
    line.taken()
    send(store, channel(line), 1000)
    found = outcome(store, line)
    looked_up = error is OutcomeUnknown and line.message.channel == Channel.PHONE
    assert found == (["accepted"] if looked_up else RETRIES[error])
    assert len(set(line.taken())) <= 1  # whatever came twice came under the same name


def test_the_same_message_is_the_same_to_the_other_side(line: Line) -> None:
    for number in (1, 2):
        line.notifier.send(dispatch(line.message, line.notifier, number))
    assert len(set(line.taken())) == 1


@pytest.mark.parametrize(
    ("line", "error"), [*FAILURES, *((name, None) for name in CHANNELS)], indirect=["line"]
)
def test_no_secret_and_no_address_is_in_errors_logs_and_ledger(
    error: type[DeliveryError] | None, line: Line, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "twilio", "smtplib"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    texts = []
    if error is not None:
        line.pull(error)
        with pytest.raises(error) as raised:
            line.notifier.send(dispatch(line.message, line.notifier))
        texts += ["".join(traceback.format_exception(raised.value)), raised.value.hint]
        line.pull(error)
    put(store, line.message)
    for s in (0, 100, 200):
        send(store, channel(line), s)
    with store.read() as db:
        texts += [f"{one.body}{one.canonical().decode()}" for one in ledger.entries(db)]
        texts += [str(row) for row in db.execute(select(attempt)).all()]
        texts += list(db.scalars(select(table.c.why)))
    texts += [one.getMessage() for one in caplog.records if not one.name.startswith("mail")]
    texts += [repr(vars(line.notifier)), repr(line.notifier)]
    for hidden in (*SECRETS, *PERSONAL):
        assert not [text for text in texts if hidden in text.lower()], hidden


def test_instants_are_those_of_the_pass(line: Line, store: Store) -> None:
    put(store, line.message)
    send(store, channel(line), 60)
    with store.read() as db:
        (one,) = outbox.attempts(db, line.message.key)
    assert one.settled_at is not None
    assert 60 <= (one.begun_at - NOW).total_seconds() <= (one.settled_at - NOW).total_seconds() < 90
