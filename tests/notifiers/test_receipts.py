"""What comes back by mail is read for what it says, and believed for what it proves."""

from datetime import UTC, datetime

import pytest

from notifiers.base import Kind
from notifiers.following import take_mail
from notifiers.receipts import Reply, Report, read
from tests.notifiers.support import NOW, email, put, send, standing
from tests.servers.relay import Relay
from tocsin.model.principals import SERVICE
from tocsin.store import Store

DOMAIN = "tocsin.example"
KEY = "notice/12/acme/1"


def report(*recipients: str, envid: str = "", returned: str = "", kind: str = "message") -> bytes:
    """Return a delivery report as servers write it; ``recipients``: their groups of fields."""
    groups = "\n".join(f"{one}\n" for one in recipients)
    known = f"Original-Envelope-Id: {envid}\n" if envid else ""
    return (
        "From: MAILER-DAEMON@mx.customer.example\nTo: avis@tocsin.example\n"
        "Subject: Delivery Status Notification\nAuto-Submitted: auto-replied\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nYour mail ...\n\n"
        f"--b\nContent-Type: {kind}/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.customer.example\n{known}"
        "Arrival-Date: Tue, 24 Nov 2026 11:00:00 +0100\n\n"
        f"{groups}\n{returned}--b--\n"
    ).encode()


def one(action: str, status: str = "2.0.0", more: str = "") -> str:
    return (
        "Original-Recipient: rfc822;helene@customer.example\n"
        "Final-Recipient: rfc822;h.celik@internal.customer.example\n"
        f"Action: {action}\nStatus: {status}{more}"
    )


HEADERS = (
    "--b\nContent-Type: text/rfc822-headers\n\nFrom: avis@tocsin.example\n"
    f"Message-ID: <{KEY}@tocsin.example>\nSubject: Avis\n\n"
)
WHOLE = (
    "--b\nContent-Type: message/rfc822\n\nFrom: avis@tocsin.example\n"
    f"Message-ID:\n <{KEY}@{DOMAIN}>\nSubject: Avis\n\nBonjour\n\n"
)


@pytest.mark.parametrize(
    ("recipients", "kind"),
    [
        ([one("delivered")], Kind.DELIVERED),
        ([one("Delivered")], Kind.DELIVERED),
        ([one("failed", "5.1.1")], Kind.BOUNCED),
        ([one("delayed", "4.4.7")], Kind.DELAYED),
        ([one("relayed")], Kind.RELAYED),
        ([one("expanded")], Kind.RELAYED),
        ([one("delivered"), one("failed", "5.2.2")], Kind.BOUNCED),
        ([one("delivered"), one("relayed")], Kind.RELAYED),
    ],
)
def test_each_action_is_read(recipients: list[str], kind: Kind) -> None:
    found = read(report(*recipients, envid="00ff"), domain=DOMAIN)
    assert isinstance(found, Report)
    assert (found.kind, found.reference) == (kind, "00ff")
    assert found.at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_a_diagnosis_is_kept_without_addresses() -> None:
    said = "\nDiagnostic-Code: smtp; 550 5.1.1\n <helene@customer.example>: User unknown"
    found = read(report(one("failed", "5.1.1", said), returned=HEADERS), domain=DOMAIN)
    assert found == Report(
        "",
        KEY,
        Kind.BOUNCED,
        "failed 5.1.1 smtp; 550 5.1.1 <(recipient)>: User unknown",
        datetime(2026, 11, 24, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize("returned", [HEADERS, WHOLE])
def test_the_message_is_known_by_what_was_sent_back(returned: str) -> None:
    found = read(report(one("failed"), returned=returned), domain=DOMAIN)
    assert found is not None
    assert found.key == KEY
    foreign = read(report(one("failed"), returned=returned), domain="other.example")
    assert foreign is not None
    assert foreign.key == ""


def test_a_report_in_the_form_for_other_scripts_is_read() -> None:
    raw = report(one("delivered"), envid="00ff").replace(
        b"message/delivery-status", b"message/global-delivery-status"
    )
    found = read(raw, domain=DOMAIN)
    assert isinstance(found, Report)
    assert found.kind == Kind.DELIVERED


ANSWER = "From: h@customer.example\nTo: avis@tocsin.example\nSubject: Re: Avis\n{more}\n\nMerci.\n"


@pytest.mark.parametrize(
    ("more", "found"),
    [
        (f"In-Reply-To: <{KEY}@{DOMAIN}>", Reply(KEY, automatic=False)),
        (f"References: <x@y>\n <{KEY}@{DOMAIN}>", Reply(KEY, automatic=False)),
        (f"In-Reply-To: <{KEY}@{DOMAIN}>\nAuto-Submitted: no", Reply(KEY, automatic=False)),
        (
            f"In-Reply-To: <{KEY}@{DOMAIN}>\nAuto-Submitted: auto-replied; owner=x",
            Reply(KEY, automatic=True),
        ),
        (f"In-Reply-To: <{KEY}@{DOMAIN}>\nX-Autoreply: yes", Reply(KEY, automatic=True)),
        ("In-Reply-To: <other@customer.example>", None),
        (f"In-Reply-To: <{KEY}@other.example>", None),
    ],
)
def test_an_answer_by_a_person_and_one_by_a_machine_are_told_apart(
    more: str, found: Reply | None
) -> None:
    assert read(ANSWER.format(more=more).encode(), domain=DOMAIN) == found


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\0",
        b"Content-Type: message/delivery-status\n\n",
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status",
        report(),
        report("Action: unheard-of"),
        report(one("failed"), envid="x" * 5000)[:200],
    ],
)
def test_what_cannot_be_read_is_left_to_a_person(raw: bytes) -> None:
    assert read(raw, domain=DOMAIN) is None


# --- taken into the outbox


def sent(store: Store, relay: Relay) -> str:
    put(store)
    send(store, email(relay))
    return relay.inbox[0].mail_options[1].removeprefix("ENVID=")


def take(store: Store, raw: bytes) -> bool:
    with store.begin() as db:
        return take_mail(db, raw, domain=DOMAIN, principal=SERVICE, now=NOW)


def test_a_report_with_the_attempts_reference_makes_it_delivered(
    store: Store, relay: Relay
) -> None:
    reference = sent(store, relay)
    assert take(store, report(one("delivered"), envid=reference))
    assert standing(store).word == "delivered"
    assert not take(store, report(one("delivered"), envid=reference))


def test_a_report_of_delivery_without_it_is_written_down_and_not_believed(
    store: Store, relay: Relay
) -> None:
    sent(store, relay)
    for envid in ("", "0" * 16):
        assert take(store, report(one("delivered"), envid=envid, returned=HEADERS))
        assert (standing(store).word, standing(store).notified) == ("accepted", False)


def test_a_bounce_is_believed_by_the_message_id_alone(store: Store, relay: Relay) -> None:
    sent(store, relay)
    assert take(store, report(one("failed", "5.1.1"), returned=HEADERS))
    assert standing(store).word == "failed"


def test_mail_about_nothing_of_ours_changes_nothing(store: Store, relay: Relay) -> None:
    sent(store, relay)
    before = standing(store)
    for raw in (
        report(one("failed"), envid="0" * 16),
        report(one("failed"), returned=HEADERS.replace(KEY, "notice/13")),
        ANSWER.format(more="In-Reply-To: <x@y>").encode(),
    ):
        assert not take(store, raw)
    assert standing(store) == before
