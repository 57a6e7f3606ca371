"""What the tests of sending share: a message, a moment, and what became of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from notifiers import outbox
from notifiers.base import Attachment, Channel, Dispatch, Message, Notifier, Purpose, Receipt
from notifiers.email import EmailNotifier, EmailSettings
from notifiers.schedule import Schedule
from notifiers.secret import SecretFrom
from notifiers.tables import attempt, content, receipt
from notifiers.tables import outbox as table
from notifiers.telephony import PhoneSettings
from notifiers.webhook import WebhookSettings
from tests.servers.relay import Lever, Relay
from tests.servers.twilio_peer import ACCOUNT, TOKEN, Twilio
from tests.servers.web import Hook
from tocsin import ledger
from tocsin.ledger.tables import ledger as entry
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TWO = Principal("service", "two")
PASSWORD = "relay-geheim-0815"
HOOK_PATH = "/services/T0/B0/hook-geheim-2342"
PDF = Attachment(
    name="Dossier — été n° 12.pdf", media_type="application/pdf", content=b"%PDF-1.7\r\n.\n\0\xff"
)
SCHEDULE = Schedule(lanes=1)
"""One after the other, so that a test knows the order."""

PATIENCE_S = 1.5
"""So long a channel waits for an answer: more than a busy machine needs to give one."""

TOO_LATE_S = 2 * PATIENCE_S
"""So long a peer takes that answers when nobody waits any more."""

BUSY = Lever("RCPT", "451 4.3.0 busy")
LOST = Lever("END", drop=True)
KEPT = Lever("END", drop=True, kept=True)


def mail(key: str = "notice/12/acme/1", **more: Any) -> Message:
    fields: dict[str, Any] = {
        "key": key,
        "channel": Channel.EMAIL,
        "to": "helene@customer.example",
        "to_name": "Hélène Çelik",
        "subject": "Avis de sécurité n° 12",
        "body_text": "Bonjour,\n\nvoici un avis.\n",
        "body_html": "<p>Bonjour,</p><p>voici un avis.</p>\n",
        "attachments": (PDF,),
        "language": "fr",
        "incident": 12,
        "customer": "acme",
        "purpose": Purpose.NOTICE,
    }
    return Message(**(fields | more))


def call(key: str = "call/12/acme/1", **more: Any) -> Message:
    fields: dict[str, Any] = {
        "key": key,
        "channel": Channel.PHONE,
        "to": "+33123456789",
        "language": "fr",
        "incident": 12,
        "customer": "acme",
        "purpose": Purpose.CALL,
    }
    return Message(**(fields | more))


def alert(key: str = "alert/12/chat", **more: Any) -> Message:
    fields: dict[str, Any] = {
        "key": key,
        "channel": Channel.WEBHOOK,
        "to": "security",
        "subject": "Incident 12, level high",
        "body_text": "Look at it.",
        "language": "en",
        "incident": 12,
        "purpose": Purpose.ALERT,
    }
    return Message(**(fields | more))


def email_settings(relay: Relay, **more: Any) -> EmailSettings:
    fields: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": relay.port,
        "security": "none",
        "sender": "avis@tocsin.example",
        "sender_name": "Société Tocsin",
        "timeout_s": PATIENCE_S,
        "text_timeout_s": PATIENCE_S,
    }
    return EmailSettings(**(fields | more))


def email(relay: Relay, **more: Any) -> Mapping[Channel, Notifier]:
    return {Channel.EMAIL: EmailNotifier(email_settings(relay, **more))}


def phone_settings(twilio: Twilio, **more: Any) -> PhoneSettings:
    fields: dict[str, Any] = {
        "account": ACCOUNT,
        "token": SecretFrom(env="TEST_TWILIO_TOKEN"),
        "caller": "+33987654321",
        "operator": "Tocsin Télécom",
        "base_url": twilio.url,
        "timeout_s": PATIENCE_S,
    }
    return PhoneSettings(**(fields | more))


def webhook_settings(hook: Hook, **more: Any) -> WebhookSettings:
    assert hook.port
    fields: dict[str, Any] = {
        "name": "security",
        "url": SecretFrom(env="TEST_HOOK_URL"),
        "timeout_s": PATIENCE_S,
    }
    return WebhookSettings(**(fields | more))


SECRETS = (PASSWORD, TOKEN, HOOK_PATH)


def put(store: Store, *messages: Message) -> None:
    for message in messages or (mail(),):
        with store.begin() as db:
            assert outbox.put(db, message, principal=SERVICE, now=NOW)


def send(
    store: Store,
    notifiers: Mapping[Channel, Notifier],
    after_s: float = 0,
    worker: Principal = SERVICE,
    schedule: Schedule = SCHEDULE,
) -> int:
    now = NOW + timedelta(seconds=after_s)
    return outbox.deliver(store, notifiers, worker=worker, now=now, schedule=schedule)


def outcomes(store: Store, key: str = "notice/12/acme/1") -> list[str]:
    with store.read() as db:
        return [str(one.outcome) for one in outbox.attempts(db, key)]


def standing(store: Store, key: str = "notice/12/acme/1") -> outbox.Standing:
    with store.read() as db:
        return outbox.standing(db, key)


def kinds(store: Store) -> list[str]:
    with store.read() as db:
        return [one.kind for one in ledger.entries(db)]


def everything(store: Store) -> list[object]:
    """Return all rows of sending and of the ledger, so that a test can say: nothing changed."""
    with store.read() as db:
        tables = (table, attempt, content, receipt, entry)
        return [tuple(map(tuple, db.execute(select(one)).all())) for one in tables]


def dispatch(message: Message, notifier: Notifier, number: int = 1) -> Dispatch:
    """Return an attempt as the outbox would hand it to a notifier."""
    bare = Dispatch(message, number, f"{number:016x}", NOW, NOW)
    return bare._replace(content=notifier.render(bare))


def hand_over(relay: Relay, number: int = 1, **more: object) -> Receipt:
    """Send one mail by this relay."""
    notifier = EmailNotifier(email_settings(relay, **more))
    return notifier.send(dispatch(mail(), notifier, number))
