"""Twilio's API, by Twilio's own client: calls placed, listed, fetched.

The client speaks through ``notifiers.request``: one try, a time limit, nothing in any log, and it
is known whether a request went out at all. This is the only module that knows the client.

Source: Twilio, "Call resource", "Call Events", "Error and Warning Dictionary" (20003, 20429,
21210, 21212, 21213); github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import BaseModel, Field, field_validator

from notifiers.base import Line
from notifiers.request import ask, is_private_enough
from notifiers.secret import SecretFrom
from tocsin.errors import DeliveryError, OutcomeUnknown, RetryLater, Undeliverable

T = TypeVar("T")

NOT_PROCESSED = (408, 425, 429, 503)
"""Nothing was done, and it may be later."""

OURS = (401, 403, 404)
"""Login, rights, account: no recipient is to blame."""

OUR_CODES = (21210, 21212, 21213)
"""The caller's number is wrong: no recipient is to blame."""

API = "https://api.twilio.com"


class PhoneSettings(BaseModel, extra="forbid", frozen=True, hide_input_in_errors=True):
    """``[notifiers.phone]`` in config.toml.

    Attributes:
        account: Twilio's account SID.
        token: Where the auth token is read from.
        caller: Our number, E.164.
        operator: Our name, as the call says it.
        answer_url: Public https address that takes the digits, or "" for none.
        base_url: Twilio's API, or what stands for it.
        ring_s: How long it rings.
        ca_file: Certificates to trust in place of the system's.
        timeout_s: For each answer of the API.
    """

    account: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    token: SecretFrom
    caller: str = Field(pattern=r"^\+[1-9][0-9]{6,14}$")
    operator: Line = Field(min_length=1, max_length=80)
    answer_url: str = Field(default="", pattern=r"^(https://[^?#]+)?$")
    base_url: str = API
    ring_s: int = Field(default=40, ge=5, le=600)
    ca_file: Path | None = None
    timeout_s: float = Field(default=15, gt=0, le=60)

    @field_validator("base_url")
    @classmethod
    def _safe(cls, url: str) -> str:
        if not is_private_enough(url):
            raise ValueError("https is needed, except to this machine")
        return url


class Placed(NamedTuple):
    """A call as Twilio tells it.

    Attributes:
        sid: Its id.
        status: E.g. ``ringing``, ``completed``.
        answered_by: E.g. ``human``, ``machine_start``; ``unknown`` where it is not said.
        created_at: When it was placed.
        ended_at: When it ended.
        raw: The fields that are kept as evidence: neither number.
    """

    sid: str
    status: str
    answered_by: str
    created_at: datetime | None
    ended_at: datetime | None
    raw: Mapping[str, Any]


class Asked(NamedTuple):
    """A request of Twilio's to us during a call, by Twilio's own record.

    Attributes:
        reference: The attempt's reference in its address, or "".
        digits: What was keyed in, or "".
        raw: Request and response as recorded.
    """

    reference: str
    digits: str
    raw: Mapping[str, Any]


class Telephony:
    """The calls of one account."""

    def __init__(self, settings: PhoneSettings) -> None:
        self._settings = settings

    def place(self, *, to: str, caller: str, twiml: str) -> Placed:
        """Place a call; see :meth:`notifiers.base.Notifier.send` for what is raised."""
        ring_s = self._settings.ring_s
        return self._do(
            to,
            lambda client: _placed(
                client.calls.create(
                    to=to,
                    from_=caller,
                    twiml=twiml,
                    machine_detection="Enable",
                    timeout=ring_s,
                )
            ),
        )

    def calls(self, *, to: str, caller: str) -> list[Placed]:
        """Return the newest calls from one number to another.

        Raises:
            RetryLater: They cannot be listed now.
        """
        return self._read(
            to,
            lambda client: [
                _placed(one) for one in client.calls.list(to=to, from_=caller, limit=50)
            ],
        )

    def call(self, sid: str, *, to: str) -> Placed:
        """Return a call as it stands.

        Raises:
            RetryLater: It cannot be read now.
        """
        return self._read(to, lambda client: _placed(client.calls(sid).fetch()))

    def asked(self, sid: str, *, to: str) -> Sequence[Asked]:
        """Return what Twilio asked of us during a call.

        Raises:
            RetryLater: It cannot be read now.
        """
        return self._read(
            to, lambda client: [_asked(one) for one in client.calls(sid).events.list(limit=100)]
        )

    def standing(self) -> str:
        """Return how the account stands: ``active``, ``suspended``, ``closed``.

        Raises:
            RetryLater: It cannot be read now, e.g. as the token is wrong.
        """
        account = self._settings.account
        return self._read(
            account, lambda client: str(client.api.v2010.accounts(account).fetch().status)
        )

    def _read(self, to: str, question: Callable[[Any], T]) -> T:
        try:
            return self._do(to, question)
        except (OutcomeUnknown, Undeliverable) as error:
            # Reading changes nothing: it can be done again.
            raise RetryLater(str(error), hint=error.hint) from None

    def _do(self, to: str, question: Callable[[Any], T]) -> T:
        # Twilio's client is slow to load, and has no types.
        from twilio.base.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415
            TwilioException,
            TwilioRestException,
        )
        from twilio.rest import Client  # type: ignore[import-untyped]  # noqa: PLC0415

        s = self._settings
        token = s.token.read().get_secret_value()
        client = Client(s.account, token, http_client=_Http(s))
        # Every error is raised ``from None``: what the client says names the recipient.
        try:
            return question(client)
        except TwilioRestException as error:
            said = str(error.msg).replace(to, "(recipient)").replace(token, "(secret)")
            said = " ".join(said.split())[:300]
            raise _refusal(error.status, error.code or 0, said) from None
        except (TwilioException, KeyError, TypeError, ValueError, AttributeError):
            raise OutcomeUnknown("Twilio's answer cannot be read") from None


def _refusal(status: int, code: int, said: str) -> DeliveryError:
    where = f"Twilio said {status} ({code or 'no code'}): {said}"
    if status in OURS or code in OUR_CODES:
        return RetryLater(where, hint="Check account, token and caller in [notifiers.phone].")
    if status in NOT_PROCESSED or 300 <= status < 400:  # noqa: PLR2004 - a redirect, not followed
        return RetryLater(where)
    if 400 <= status < 500:  # noqa: PLR2004 - refused
        return Undeliverable(
            where, hint="Check the contact's number, and the countries the account may call."
        )
    return OutcomeUnknown(where)


def _placed(one: Any) -> Placed:
    kept = {
        "sid": one.sid,
        "status": one.status,
        "answered_by": one.answered_by,
        "direction": one.direction,
        "duration": one.duration,
        "date_created": one.date_created and one.date_created.isoformat(),
        "start_time": one.start_time and one.start_time.isoformat(),
        "end_time": one.end_time and one.end_time.isoformat(),
    }
    if not isinstance(one.sid, str) or not one.sid:
        raise ValueError("a call has no id")
    return Placed(
        one.sid,
        str(one.status),
        str(one.answered_by or "unknown"),
        one.date_created,
        one.end_time,
        kept,
    )


def _asked(one: Any) -> Asked:
    request: Mapping[str, Any] = one.request or {}
    said = {name.lower(): str(value) for name, value in (request.get("parameters") or {}).items()}
    query = parse_qs(urlsplit(str(request.get("url") or "")).query)
    return Asked(
        query.get("reference", [""])[0],
        said.get("digits", ""),
        {"request": request, "response": one.response},
    )


class _Http:
    """What Twilio's client sends with, in the shape of ``twilio.http.HttpClient``."""

    is_async = False

    def __init__(self, settings: PhoneSettings) -> None:
        self._settings = settings

    def request(  # noqa: PLR0917 - the shape is Twilio's
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - of the shape; the settings have it
        allow_redirects: bool = False,  # noqa: ARG002 - never
    ) -> Any:
        from twilio.http.response import (  # type: ignore[import-untyped]  # noqa: PLC0415
            Response,
        )

        s, sent = self._settings, dict(headers or {})
        url = url.replace(API, s.base_url.rstrip("/"), 1)
        if params:
            url += f"?{urlencode(params, doseq=True)}"
        if auth:
            sent["Authorization"] = f"Basic {b64encode(':'.join(auth).encode()).decode()}"
        answer = ask(
            "Twilio",
            method,
            url,
            body=urlencode(data, doseq=True).encode() if data else None,
            headers=sent,
            timeout_s=s.timeout_s,
            ca_file=s.ca_file,
        )
        return Response(answer.status, answer.body.decode("utf-8", "replace"))
