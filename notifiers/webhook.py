"""Alerts to a chat room, by a webhook that takes Slack's JSON.

The address of such a webhook is its secret: it stands in no error and no log, and no redirect is
followed with it. The text is the alert's; it names no customer and no person
(``notifiers.alerts``), for it leaves the house.

Source: Slack, "Sending messages using incoming webhooks" (``text``; 200 ``ok``; 403, 404 and 410
are for good; 429 is not).
"""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from pydantic import BaseModel, Field

from notifiers.base import Dispatch, Line, News, Purpose, Receipt
from notifiers.request import ask, is_private_enough, reach
from notifiers.secret import SecretFrom
from tocsin.errors import OutcomeUnknown, RetryLater, Undeliverable

NOT_PROCESSED = (408, 425, 429, 503)
"""Nothing was done, and it may be later."""


class WebhookSettings(BaseModel, extra="forbid", frozen=True, hide_input_in_errors=True):
    """``[notifiers.webhook]`` in config.toml.

    Attributes:
        name: What error texts and messages call it.
        url: Where its address is read from: the address is a secret.
        ca_file: Certificates to trust in place of the system's.
        timeout_s: For the connection and for the answer.
    """

    name: Line = Field(min_length=1, max_length=60)
    url: SecretFrom
    ca_file: Path | None = None
    timeout_s: float = Field(default=15, gt=0, le=60)


class WebhookNotifier:
    """Posts alerts to one webhook."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings

    def render(self, dispatch: Dispatch) -> bytes:
        """Return the JSON. See :class:`notifiers.base.Notifier`."""
        message, s = dispatch.message, self._settings
        if message.to != s.name:
            raise Undeliverable(
                f"there is no webhook {message.to}", hint=f"Only {s.name} is configured."
            )
        if message.customer or message.purpose not in (Purpose.ALERT, Purpose.REMINDER):
            raise Undeliverable(
                f"message {message.key} belongs to a customer: it does not go to a chat room",
                hint="Send it by e-mail or phone.",
            )
        text = f"{_escaped(message.subject)}\n{_escaped(message.body_text)}"
        return json.dumps({"text": text}, ensure_ascii=False).encode()

    def send(self, dispatch: Dispatch) -> Receipt:
        """Post the alert. See :class:`notifiers.base.Notifier`."""
        s = self._settings
        name, url = self._address()
        answer = ask(
            name,
            "POST",
            url,
            body=dispatch.content,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Idempotency-Key": f'"{dispatch.message.key}"',
            },
            timeout_s=s.timeout_s,
            ca_file=s.ca_file,
        )
        said = f"{name} said {answer.status}"
        if 200 <= answer.status < 300:  # noqa: PLR2004 - yes
            return Receipt("", said)
        if answer.status in NOT_PROCESSED:
            raise RetryLater(said)
        if answer.status >= 500:  # noqa: PLR2004 - it broke, perhaps afterwards
            raise OutcomeUnknown(said)
        raise Undeliverable(
            said, hint="Make the webhook anew in the chat service, and put its address there."
        )

    def look_up(self, dispatch: Dispatch, taken: Collection[str]) -> Receipt | None:  # noqa: ARG002
        """Return None: a webhook cannot be asked."""
        return None

    def check(self) -> str:
        """Connect and post nothing. See :class:`notifiers.base.Notifier`."""
        name, url = self._address()
        reach(name, url, timeout_s=self._settings.timeout_s, ca_file=self._settings.ca_file)
        return f"{name} can be reached; whether it takes alerts shows when one is sent"

    def _address(self) -> tuple[str, str]:
        """Return what error texts call it, and its address, which is a secret."""
        s = self._settings
        name, url = f"webhook {s.name}", s.url.read().get_secret_value()
        if not is_private_enough(url):
            raise RetryLater(
                f"the address of {name} does not begin with https://",
                hint="Put the whole address there, as the chat service shows it.",
            )
        return name, url

    def news(self, dispatch: Dispatch, provider_id: str) -> Sequence[News]:  # noqa: ARG002
        """Return nothing: a webhook says nothing more."""
        return ()


def _escaped(text: str) -> str:
    """Return text that Slack shows as it is: no links, no mentions, no commands."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
