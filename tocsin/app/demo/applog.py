"""The application's log: one JSON object a line, one compressed file a day.

time        RFC 3339 with the offset of Paris, to the millisecond
id          UUID, version 7
actor       staff's login name, a customer's user ``u-0017-02``, an API token ``tok-0017-1``
actor_kind  staff, user or token
actor_customer  the customer the actor belongs to; null for staff
customer    whose data it is; null where it is nobody's yet
action      what was asked: ``contacts.read``
outcome     ok, denied, unauthenticated, throttled or error
status      HTTP status
object      which thing: ``contact/0017-000042``
count       records in the answer
bytes       bytes of the answer
ip, session, user_agent
ms          how long it took
ticket, on_behalf_of   where a colleague works in a customer's name
"""

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tocsin.app.demo.dice import Dice
from tocsin.app.demo.hours import zoned
from tocsin.app.demo.records import encode

SOURCE = "crm"
ZONE = ZoneInfo("Europe/Paris")

MAPPING: dict[str, Any] = {
    "name": SOURCE,
    "time": "time",
    "id": "id",
    "actor": "actor",
    "actor_kind": "actor_kind",
    "actor_kinds": {"staff": "person", "user": "person", "token": "user"},
    "action": "action",
    "outcome": "outcome",
    "outcomes": {
        "ok": "success",
        "denied": "failure:denied",
        "unauthenticated": "failure:auth",
        "throttled": "failure:throttled",
        "error": "failure:invalid",
    },
    "object": "object",
    "count": "count",
    "bytes": "bytes",
    "ip": "ip",
    "session": "session",
    "credential": "session",
    "user_agent": "user_agent",
    "customer": "customer",
}
"""Which field of the log is which field of an event."""

_STATUS = {"ok": 200, "denied": 403, "unauthenticated": 401, "throttled": 429, "error": 422}


class Line(NamedTuple):
    """One line, ready for the file.

    Attributes:
        at: When it happened, epoch seconds with fractions.
        id: Its id.
        line: The record as JSON, without the line's end.
    """

    at: float
    id: str
    line: bytes


class Visit(NamedTuple):
    """Who is at work in the application, and from where.

    Attributes:
        actor: Login name, user or token.
        kind: staff, user or token.
        customer: The customer the actor belongs to; None for staff.
        ip: Address.
        session: Session id.
        agent: User agent.
    """

    actor: str
    kind: str
    customer: str | None
    ip: str
    session: str
    agent: str


class AppLog:
    """Gathers the lines of one stream.

    Attributes:
        lines: What was gathered, in no order.
    """

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.lines: list[Line] = []

    def write(
        self,
        visit: Visit,
        at: float,
        action: str,
        customer: str | None,
        *,
        outcome: str = "ok",
        thing: str | None = None,
        count: int | None = None,
        size: int = 0,
        **more: Any,
    ) -> str:
        """Add one line and return its id.

        Args:
            visit: Who asks.
            at: When, epoch seconds.
            action: What is asked.
            customer: Whose data it is.
            outcome: See the module.
            thing: Which object.
            count: Records in the answer.
            size: Bytes of the answer.
            more: Further fields: ``ticket``, ``on_behalf_of``.
        """
        dice = self.dice
        bits = dice.getrandbits(80)
        millis = int(at * 1000)
        if millis % 1000 == 0:  # the caller thinks in whole seconds
            millis += dice.randrange(1000)
        h = f"{millis:012x}7{bits & 0xFFF:03x}{0x8 | (bits >> 12) & 3:x}{bits >> 20:015x}"
        line_id = f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:32]}"
        record = {
            "time": zoned(millis / 1000, ZONE),
            "id": line_id,
            "actor": visit.actor,
            "actor_kind": visit.kind,
            "actor_customer": visit.customer,
            "customer": customer,
            "action": action,
            "outcome": outcome,
            "status": _STATUS[outcome],
            "object": thing,
            "count": count if outcome == "ok" else None,
            "bytes": size if outcome == "ok" else 148,
            "ip": visit.ip,
            "session": visit.session,
            "user_agent": visit.agent,
            "ms": 4 + int(dice.expovariate(1 / 38)),
        }
        if more:
            record.update(more)
        self.lines.append(Line(millis / 1000, line_id, encode(record)))
        return line_id
