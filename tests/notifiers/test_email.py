"""What the relay does decides whether trying again can help, and nothing is said in clear."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from notifiers.base import Dispatch
from notifiers.email import EmailNotifier, EmailSettings
from notifiers.secret import SecretFrom
from tests.notifiers.support import PASSWORD, TOO_LATE_S, dispatch, email_settings, hand_over, mail
from tests.servers import relay as servers
from tests.servers.certificates import Certificates, make
from tests.servers.relay import Lever, Relay
from tocsin.errors import OutcomeUnknown, RetryLater, Undeliverable

LOGIN: dict[str, Any] = {"user": "tocsin", "password": SecretFrom(env="TEST_SMTP_PASSWORD")}


@pytest.fixture(name="secure")
def _secure(certificates: Certificates) -> Iterator[Relay]:
    with servers.running(starttls=certificates.context()) as relay:
        yield relay


# --- what comes back decides what is done


@pytest.mark.parametrize(
    ("lever", "error"),
    [
        (Lever("MAIL", "451 4.3.0 try later"), RetryLater),
        (Lever("MAIL", "421 4.3.2 shutting down"), RetryLater),
        (Lever("MAIL", "550 5.7.1 sender not allowed"), RetryLater),
        (Lever("MAIL", "552 5.3.4 too big"), Undeliverable),
        (Lever("MAIL", drop=True), RetryLater),
        (Lever("MAIL", wait_s=TOO_LATE_S), RetryLater),
        (Lever("RCPT", "450 4.2.1 greylisted"), RetryLater),
        (Lever("RCPT", "452 4.2.2 mailbox full"), RetryLater),
        (Lever("RCPT", "550 5.1.1 no such user"), Undeliverable),
        (Lever("RCPT", "530 5.7.0 authentication required"), RetryLater),
        (Lever("RCPT", drop=True), RetryLater),
        (Lever("RCPT", wait_s=TOO_LATE_S), RetryLater),
        (Lever("DATA", "451 4.3.0 try later"), RetryLater),
        (Lever("RCPT", "554 5.7.1 Relay access denied"), RetryLater),
        (Lever("RCPT", "550-5.7.26 not signed"), RetryLater),
        (Lever("RCPT", "552 5.7.0 by policy"), RetryLater),
        (Lever("RCPT", "550 #5.7.1 Unable to relay for <helene@customer.example>"), RetryLater),
        (Lever("RCPT", "554 <helene@customer.example>: 5.7.1 denied"), RetryLater),
        (Lever("RCPT", "554 helene@customer.example: 5.7.1 denied"), RetryLater),
        (Lever("RCPT", "554 5.7.1 <avis@x>: Sender address rejected: not of the user"), RetryLater),
        (
            Lever("RCPT", "554 5.7.1 <h[192.0.2.1]>: Client host rejected: Access denied"),
            RetryLater,
        ),
        (Lever("RCPT", "550 5.7.1 Authentication required to write to a mailbox"), RetryLater),
        (Lever("RCPT", "550 5.7.26 mail to this user must pass checks"), RetryLater),
        (Lever("RCPT", "550 5.7.1 <x>: Recipient address rejected: Access denied"), Undeliverable),
        (Lever("RCPT", "550 #5.7.1 mailbox is closed to you"), Undeliverable),
        (Lever("RCPT", "550 <helene@customer.example>: 5.7.1 user unknown"), Undeliverable),
        (Lever("RCPT", "550 <helene@customer.example>: 5.7.1 user denied"), RetryLater),
        (Lever("RCPT", "550 5.7.133 SenderNotAuthenticatedForGroup"), Undeliverable),
        (Lever("RCPT", "550 5.7.2 no expansion"), Undeliverable),
        (Lever("RCPT", "550 5.7.1.2 no status of ours"), Undeliverable),
        (Lever("DATA", "554 5.7.1 Recipient address rejected: Access denied"), RetryLater),
        (Lever("DATA", "554 5.7.1 refused"), RetryLater),
        (Lever("DATA", "554 5.6.0 no"), Undeliverable),
        (Lever("DATA", drop=True), RetryLater),
        (Lever("DATA", wait_s=TOO_LATE_S), RetryLater),
        (Lever("END", "451 4.3.0 try later"), RetryLater),
        (Lever("END", "554 5.7.1 blocked by content policy"), RetryLater),
        (Lever("END", "554 5.6.0 cannot be read"), Undeliverable),
        (Lever("END", "550 5.1.1 no such user"), Undeliverable),
        (Lever("END", "354 what"), OutcomeUnknown),
        (Lever("END", drop=True), OutcomeUnknown),
        (Lever("END", drop=True, kept=True), OutcomeUnknown),
        (Lever("END", wait_s=TOO_LATE_S), OutcomeUnknown),
    ],
)
def test_an_answer_decides_whether_trying_again_can_help(
    lever: Lever, error: type[Exception], relay: Relay
) -> None:
    relay.levers = [lever]
    with pytest.raises(error) as raised:
        hand_over(relay)
    assert type(raised.value) is error
    assert "customer.example" not in str(raised.value)
    assert len(relay.inbox) == (lever.at == "END" and (lever.kept or lever.wait_s > 0))


def test_a_relay_that_is_not_there_is_tried_again(relay: Relay) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with pytest.raises(RetryLater, match="no answer"):
        hand_over(relay, port=free)


def test_what_the_relay_repeats_of_the_recipient_is_hidden(relay: Relay) -> None:
    relay.levers = [Lever("RCPT", "550 5.1.1 <Helene@Customer.example>: unknown here")]
    with pytest.raises(Undeliverable) as raised:
        hand_over(relay)
    assert "550 5.1.1 <(recipient)>: unknown here" in str(raised.value)


# --- what is handed over


def test_the_relay_gets_exactly_the_bytes_that_were_rendered(relay: Relay) -> None:
    notifier = EmailNotifier(email_settings(relay))
    message = mail(body_text=".\n..\n.dots first\n", body_html="")
    one = dispatch(message, notifier)
    receipt = notifier.send(one)
    assert relay.inbox[0].raw == one.content
    assert receipt.provider_id == "Q1"
    assert relay.inbox[0].recipient == "helene@customer.example"
    assert relay.inbox[0].sender == "avis@tocsin.example"


def test_delivery_reports_are_asked_for_where_they_are_offered(relay: Relay) -> None:
    hand_over(relay, bounces_to="bounces@tocsin.example")
    (found,) = relay.inbox
    assert found.mail_options == ("RET=HDRS", "ENVID=0000000000000001")
    assert found.rcpt_options == (
        "NOTIFY=SUCCESS,FAILURE,DELAY",
        "ORCPT=rfc822;helene@customer.example",
    )
    assert found.sender == "bounces@tocsin.example"


def test_a_relay_without_reports_gets_the_mail_all_the_same(relay: Relay) -> None:
    relay.dsn = False
    hand_over(relay)
    assert relay.inbox[0].mail_options == ()


def test_the_original_recipient_is_written_as_its_rule_says(relay: Relay) -> None:
    notifier = EmailNotifier(email_settings(relay))
    notifier.send(dispatch(mail(to="a+b=c@customer.example"), notifier))
    assert relay.inbox[0].rcpt_options[1] == "ORCPT=rfc822;a+2Bb+3Dc@customer.example"


def test_an_address_in_another_script_is_delivered(relay: Relay) -> None:
    notifier = EmailNotifier(email_settings(relay))
    notifier.send(dispatch(mail(to="hélène@société.example"), notifier))
    assert relay.inbox[0].recipient == "hélène@xn--socit-esab.example"


# --- encrypted, or not at all


def test_starttls_comes_before_anything_is_said(secure: Relay, certificates: Certificates) -> None:
    secure.login = ("tocsin", PASSWORD)
    receipt = hand_over(secure, security="starttls", ca_file=certificates.authority, **LOGIN)
    assert (secure.inbox[0].encrypted, secure.inbox[0].user) == (True, "tocsin")
    assert "TLSv1.3, certificate SHA-256 " in receipt.answer


def test_tls_from_the_first_byte(certificates: Certificates) -> None:
    with servers.running(tls=certificates.context()) as relay:
        hand_over(relay, security="tls", ca_file=certificates.authority)
        assert relay.inbox[0].encrypted


def test_a_relay_that_offers_no_starttls_gets_nothing(relay: Relay) -> None:
    with pytest.raises(RetryLater, match="does not offer"):
        hand_over(relay, security="starttls")
    assert relay.recipients == []


@pytest.mark.parametrize("why", ["unknown authority", "other name"])
def test_a_certificate_that_is_not_the_relays_gets_nothing(
    why: str, secure: Relay, certificates: Certificates, tmp_path: Path
) -> None:
    if why == "unknown authority":
        with pytest.raises(RetryLater, match="is not who it says"):
            hand_over(secure, security="starttls", ca_file=make(tmp_path).authority)
        assert secure.recipients == []
        return
    other = make(tmp_path, "127.0.0.2")
    with servers.running(starttls=other.context()) as relay:
        with pytest.raises(RetryLater, match="is not who it says"):
            hand_over(relay, security="starttls", ca_file=other.authority)
        assert relay.recipients == []
    assert certificates.context().verify_mode == ssl.CERT_NONE


@pytest.mark.parametrize(
    "said",
    [
        "535 5.7.8 Authentication failed",
        f"535 5.7.8 no such password: {PASSWORD}",
        "454 4.7.0 temporary",
    ],
)
def test_a_login_that_fails_gives_up_no_message_and_tells_no_password(
    said: str, secure: Relay, certificates: Certificates
) -> None:
    secure.login = ("tocsin", "other")
    secure.login_answer = said
    with pytest.raises(RetryLater) as raised:
        hand_over(secure, security="starttls", ca_file=certificates.authority, **LOGIN)
    assert PASSWORD not in str(raised.value)
    assert secure.recipients == []


def test_a_password_that_is_not_there_says_where_it_should_be(
    secure: Relay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_SMTP_PASSWORD")
    for place, named in (
        (SecretFrom(env="TEST_SMTP_PASSWORD"), "TEST_SMTP_PASSWORD"),
        (SecretFrom(file=tmp_path / "secret"), str(tmp_path / "secret")),
    ):
        with pytest.raises(RetryLater, match=named) as raised:
            hand_over(secure, user="tocsin", password=place)
        assert raised.value.hint
    assert secure.connections == 0


def test_a_password_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a b \n")
    secret = SecretFrom(file=tmp_path / "secret").read()
    assert secret.get_secret_value() == "a b "
    assert "a b" not in repr(secret)


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "relay.example", "security": "none"},
        {"host": "127.0.0.1", "user": "x"},
        {"host": "127.0.0.1", "sender": "no address"},
        {"host": "127.0.0.1\r\nX: y"},
        {"host": "127.0.0.1", "user": "x", "password": {"env": "A", "file": "b"}},
        {"host": "127.0.0.1", "password": "in the file"},
    ],
)
def test_settings_that_cannot_work_or_are_not_safe_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as raised:
        EmailSettings.model_validate({"sender": "avis@tocsin.example", **settings})
    assert "in the file" not in str(raised.value)


def test_an_unknown_attempt_cannot_be_looked_up(relay: Relay) -> None:
    notifier = EmailNotifier(email_settings(relay))
    one: Dispatch = dispatch(mail(), notifier)
    assert notifier.look_up(one, ()) is None
    assert notifier.news(one, "Q1") == ()
