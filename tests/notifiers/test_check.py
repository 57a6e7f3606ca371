"""Every channel can be asked whether it could send; nothing is sent, and no secret is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from notifiers.base import Notifier
from notifiers.email import EmailNotifier
from notifiers.files import FilesNotifier, FilesSettings
from notifiers.phone import PhoneNotifier
from notifiers.secret import SecretFrom
from notifiers.webhook import WebhookNotifier
from tests.notifiers.support import (
    PASSWORD,
    SECRETS,
    email_settings,
    phone_settings,
    webhook_settings,
)
from tests.servers import relay as smtp
from tests.servers import web
from tests.servers.certificates import Certificates
from tests.servers.relay import Relay
from tests.servers.twilio_peer import Twilio
from tests.servers.web import Hook
from tocsin.errors import RetryLater


def refused(notifier: Notifier) -> str:
    with pytest.raises(RetryLater) as caught:
        notifier.check()
    said = f"{caught.value} {caught.value.hint}"
    assert not any(secret in said for secret in SECRETS)
    return said


@pytest.fixture(name="secure")
def _secure(certificates: Certificates) -> Iterator[Relay]:
    with smtp.running(starttls=certificates.context()) as one:
        one.login = ("tocsin", PASSWORD)
        yield one


def mailer(secure: Relay, certificates: Certificates) -> EmailNotifier:
    password = SecretFrom(env="TEST_SMTP_PASSWORD")
    more = {"user": "tocsin", "password": password, "ca_file": certificates.authority}
    return EmailNotifier(email_settings(secure, security="starttls", **more))


def test_a_relay_is_greeted_and_logged_in_to(secure: Relay, certificates: Certificates) -> None:
    said = mailer(secure, certificates).check()
    assert said.startswith(f"127.0.0.1:{secure.port} answers, TLSv1")
    assert said.endswith("it takes tocsin")
    assert not secure.recipients
    assert not secure.inbox


def test_a_relay_that_refuses_the_login_fails(secure: Relay, certificates: Certificates) -> None:
    secure.login_answer = f"535 not {PASSWORD}"
    assert "said 535 not (secret)" in refused(mailer(secure, certificates))


def test_a_relay_with_another_name_or_without_what_is_asked_fails(
    secure: Relay, relay: Relay
) -> None:
    stranger = EmailNotifier(email_settings(secure, security="starttls"))
    assert "is not who it says" in refused(stranger)
    clear = EmailNotifier(email_settings(relay, security="starttls"))
    assert "does not offer what the settings ask for" in refused(clear)
    dead = email_settings(relay).model_copy(update={"port": 1})
    assert "no answer from 127.0.0.1:1" in refused(EmailNotifier(dead))


def test_the_account_is_read_with_its_token_and_nobody_is_called(twilio: Twilio) -> None:
    phone = PhoneNotifier(phone_settings(twilio))
    assert phone.check() == "Twilio takes account and token"
    assert not twilio.calls
    twilio.account = "suspended"
    assert "the account is suspended" in refused(phone)
    twilio.levers = [web.Lever(401, b'{"code": 20003, "message": "twilio-geheim-4711"}')]
    assert "Check account, token and caller" in refused(phone)
    twilio.levers = [web.Lever(drop=True)]
    assert "went silent" in refused(phone)


def test_a_webhook_is_connected_to_and_nothing_is_posted(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = WebhookNotifier(webhook_settings(hook))
    assert chat.check().startswith("webhook security can be reached")
    assert not hook.seen
    monkeypatch.setenv("TEST_HOOK_URL", "http://127.0.0.1:1/services/hook-geheim-2342")
    assert "no connection to webhook security" in refused(chat)
    monkeypatch.setenv("TEST_HOOK_URL", "http://chat.example/services/hook-geheim-2342")
    assert "does not begin with https://" in refused(chat)
    monkeypatch.delenv("TEST_HOOK_URL")
    assert "holds no secret" in refused(chat)


def test_a_folder_is_not_made_by_asking(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert "can be written" in FilesNotifier(FilesSettings(folder=folder)).check()
    assert not folder.exists()
    (tmp_path / "a").write_text("in the way")
    assert "cannot be written to" in refused(FilesNotifier(FilesSettings(folder=folder)))
