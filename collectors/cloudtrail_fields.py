"""CloudTrail fields normalised: what a record's own words stand for.

    group     raw fields                                    ``event.*``
    action    eventSource eventName errorCode eventType …   source service action outcome reason
    who       userIdentity recipientAccountId               actor actor_kind credential session …
    context   sourceIPAddress userAgent awsRegion           ip user_agent region agent country …
    (row)     all the rest                                  resource object copied_from issued bytes

Each is made once of a key, however many records have it.

Source: AWS CloudTrail User Guide, "CloudTrail record contents"; AWS Lambda Developer Guide,
"Logging AWS Lambda API calls" (event names that end in an API version).
"""

import re
from typing import Any

import msgspec

from collectors import copies, targets, trusts
from collectors.identity import partition_of, who
from collectors.lenient import value_of
from collectors.outcome import ANSWERED, judge
from collectors.source import said
from tocsin.geo import Geo
from tocsin.model.agents import family
from tocsin.model.rows import EVENT, Fields, Rows, single

NAME = "cloudtrail"
LOGSOURCE = {"product": "aws", "service": "cloudtrail"}

ACTION = (
    "eventSource",
    "eventName",
    "errorCode",
    "eventType",
    "eventCategory",
    "readOnly",
    "managementEvent",
)
_API_VERSION = re.compile(r"20\d\d_?\d\d_?\d\d(v\d+)?$")

ANSWERS, ISSUES, TRUSTS, COPIES = 1, 2, 4, 8
"""What an action may have beside its name: an answer of its own, a new identity, a trust policy,
an object that it copies."""


def traits_of(key: tuple[Any, ...]) -> int:
    """Return what an action may have beside its name, as bits: ``ANSWERS`` and so on, or 0."""
    name = key[1]
    issues = name in targets.CREDENTIALS or name in targets.IDENTITIES
    found = ANSWERS * (name in ANSWERED) | ISSUES * issues | TRUSTS * (name in trusts.POLICIES)
    return found | COPIES * (name in copies.ACTIONS)


def action_fields(key: tuple[Any, ...]) -> Fields:
    """Return what was done and how it ended.

    Args:
        key: The raw fields of ``ACTION``; behind them, for the few that need it, whether there is
            an error message, and the action's own answer.
    """
    raw = dict(zip(ACTION, key, strict=False))
    message, answer = key[len(ACTION) :] or (False, None)
    outcome, reason = judge(raw["eventName"], raw["errorCode"], message, answer)
    event = {
        "source": NAME,
        "service": raw["eventSource"].removesuffix(".amazonaws.com"),
        "action": _API_VERSION.sub("", raw["eventName"]),
        "outcome": str(outcome),
        "reason": str(reason),
    }
    return {**said(raw), EVENT: said(event)}


def who_fields(key: tuple[bytes, str | None, str]) -> Fields:
    """Return who did it.

    Args:
        key: ``userIdentity`` as its JSON, ``recipientAccountId``, and the partition of the region.
    """
    identity, recipient, partition = value_of(key[0]), key[1], key[2]
    actor = who(identity if isinstance(identity, dict) else {}, partition)
    event = {
        "actor": actor.actor,
        "actor_kind": str(actor.kind),
        "credential": actor.credential,
        "session": actor.session,
        "account": recipient or actor.account,
    }
    raw = {"userIdentity": identity, "recipientAccountId": recipient}
    return {**said(raw), EVENT: said(event)}


def context_fields(key: tuple[str | None, str | None, str], geo: Geo) -> Fields:
    """Return from where and by what it was done.

    Args:
        key: ``sourceIPAddress``, ``userAgent`` and ``awsRegion``.
        geo: Where addresses are.
    """
    ip, agent, region = key
    place = geo.place(ip or "")
    event = {
        "ip": ip,
        "user_agent": agent,
        "region": region,
        "agent": family(agent or ""),
        "country": place.country,
        "network": place.network,
    }
    raw = {"sourceIPAddress": ip, "userAgent": agent, "awsRegion": region}
    return {**said(raw), EVENT: said(event)}


def answer_of(action: str, answer: msgspec.Raw) -> str | None:
    """Return the answer an action gives under its own name; None where it gives none."""
    found = value_of(answer)
    said_so = found.get(action) if isinstance(found, dict) else None
    return said_so if isinstance(said_so, str) else None


def _message(record: Fields) -> str:
    message = record.get("errorMessage")
    return message if isinstance(message, str) else ""


_MISSING = {"eventSource": "", "eventName": ""}
"""What a read gives a record that lacks them."""


def rows_of(record: Fields, event: Fields, geo: Geo | None = None) -> Rows:
    """Return one record as a batch, normalised as in a read; for a rule's own tests.

    Args:
        record: The raw record, decoded.
        event: Normalised fields that the test sets itself; they win.
        geo: Where addresses are; without, nothing is known of countries.
    """
    action = record.get("eventName", "")
    answer = answer_of(action, msgspec.Raw(msgspec.json.encode(record.get("responseElements"))))
    key = (
        *(record.get(name, _MISSING.get(name)) for name in ACTION),
        bool(record.get("errorMessage")),
        answer,
    )
    address = (record.get("sourceIPAddress"), record.get("userAgent"), record.get("awsRegion", ""))
    identity = msgspec.json.encode(record.get("userIdentity"))
    whose = (identity, record.get("recipientAccountId"), partition_of(record.get("awsRegion")))
    found: dict[str, Any] = {
        **action_fields(key)[EVENT],
        **who_fields(whose)[EVENT],
        **context_fields(address, geo or Geo())[EVENT],
    }
    asked = record.get("requestParameters")
    resources, objects = targets.targets([asked])
    resource = resources[0] if asked is not None else targets.refused_on(_message(record))
    opened = trusts.let_in(action, found.get("account", ""), asked)
    found |= said({"resource": resource, "object": opened or objects[0]})
    if action in copies.ACTIONS:
        found |= said({"copied_from": copies.copied_from(asked)})
    if found.get("outcome") == "success":
        issued = targets.issued(
            action,
            found.get("account", ""),
            asked,
            record.get("responseElements"),
            partition_of(record.get("awsRegion")),
        )
        found |= said({"issued": issued})
    return single(record, {**found, **event}, source=NAME, logsource=LOGSOURCE)
