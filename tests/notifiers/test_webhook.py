"""An alert reaches the chat room; its secret address reaches nobody."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from notifiers.base import Purpose, Receipt
from notifiers.secret import SecretFrom
from notifiers.webhook import WebhookNotifier
from tests.notifiers.support import HOOK_PATH, TOO_LATE_S, alert, dispatch, webhook_settings
from tests.servers import web
from tests.servers.certificates import Certificates
from tests.servers.web import Hook, Lever
from tocsin.errors import OutcomeUnknown, RetryLater, Undeliverable


def post(hook: Hook, **more: object) -> Receipt:
    notifier = WebhookNotifier(webhook_settings(hook, **more))
    return notifier.send(dispatch(alert(), notifier))


def test_an_alert_is_posted_as_chat_services_take_it(hook: Hook) -> None:
    post(hook)
    (request,) = hook.seen
    assert (request.method, request.target) == ("POST", HOOK_PATH)
    assert json.loads(request.body) == {"text": "Incident 12, level high\nLook at it."}
    assert request.headers["Idempotency-Key"] == '"alert/12/chat"'


def test_text_cannot_call_people_or_make_links(hook: Hook) -> None:
    notifier = WebhookNotifier(webhook_settings(hook))
    notifier.send(dispatch(alert(body_text="<!channel> <https://x|y> & co"), notifier))
    text = json.loads(hook.seen[0].body)["text"]
    assert text.endswith("&lt;!channel&gt; &lt;https://x|y&gt; &amp; co")


@pytest.mark.parametrize(
    ("lever", "error"),
    [
        (Lever(429, b"rate_limited"), RetryLater),
        (Lever(503), RetryLater),
        (Lever(408), RetryLater),
        (Lever(500), OutcomeUnknown),
        (Lever(504), OutcomeUnknown),
        (Lever(400, b"invalid_payload"), Undeliverable),
        (Lever(403, b"action_prohibited"), Undeliverable),
        (Lever(404, b"channel_not_found"), Undeliverable),
        (Lever(410, b"channel_is_archived"), Undeliverable),
        (Lever(drop=True), OutcomeUnknown),
        (Lever(wait_s=TOO_LATE_S), OutcomeUnknown),
    ],
)
def test_an_answer_decides_whether_trying_again_can_help(
    lever: Lever, error: type[Exception], hook: Hook
) -> None:
    hook.levers = [lever]
    with pytest.raises(error) as raised:
        post(hook)
    assert type(raised.value) is error


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(status: int, hook: Hook) -> None:
    other = Hook()
    with web.running(other):
        hook.levers = [Lever(status, headers=(("Location", f"{other.url}/steal"),))]
        with pytest.raises(Undeliverable) as raised:
            post(hook)
        assert other.seen == []
    assert "steal" not in str(raised.value)


@pytest.fixture(name="secure")
def _secure(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    one = Hook()
    with web.running(one, tls=certificates.context()):
        monkeypatch.setenv("TEST_HOOK_URL", one.url + HOOK_PATH)
        yield one


def test_the_certificate_is_checked(secure: Hook, certificates: Certificates) -> None:
    with pytest.raises(RetryLater, match="is not who it says"):
        post(secure)
    assert secure.seen == []
    post(secure, ca_file=certificates.authority)
    assert len(secure.seen) == 1


@pytest.mark.parametrize("url", ["http://hooks.example/x", "ftp://127.0.0.1/x", "x", "http://["])
def test_an_address_that_is_not_safe_is_not_used(
    url: str, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_HOOK_URL", url)
    with pytest.raises(RetryLater, match="https") as raised:
        post(hook)
    assert url not in str(raised.value) or url == "x"


@pytest.mark.parametrize(
    "more", [{"customer": "acme"}, {"purpose": Purpose.NOTICE}, {"to": "another"}]
)
def test_what_belongs_to_a_customer_does_not_go_to_a_chat_room(
    more: dict[str, Any], hook: Hook
) -> None:
    notifier = WebhookNotifier(webhook_settings(hook))
    with pytest.raises(Undeliverable) as raised:
        dispatch(alert(**more), notifier)
    assert raised.value.hint
    assert hook.seen == []


def test_an_address_that_is_not_there_says_where_it_should_be(hook: Hook) -> None:
    with pytest.raises(RetryLater, match="NOT_SET"):
        post(hook, url=SecretFrom(env="NOT_SET"))
