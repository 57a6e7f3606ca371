"""The application at work: one action of a visit is a line in its log, and often one at AWS.

A read of a contact is often a read of the table, a call that is played is an object that is
fetched: what the application does at AWS on somebody's behalf is added beside the line.
"""

from datetime import date, timedelta
from typing import Any

from tocsin.app.demo.applog import AppLog, Visit
from tocsin.app.demo.company import Company, Recording, contact_id, some_contact
from tocsin.app.demo.hours import (
    DAY_S,
    midnight,
)
from tocsin.app.demo.identities import Caller
from tocsin.app.demo.machines import DYNAMO_ENDPOINT, S3_ENDPOINT, crm_api
from tocsin.app.demo.people import Customer
from tocsin.app.demo.trail import RECORDINGS, Trail

ROW_BYTES = 187


class Application:
    """One day of the application, with its traces in AWS.

    Attributes:
        log: The application's log.
        trail: AWS's.
        echoes: Ids of the records in AWS that the application caused.
    """

    def __init__(
        self, company: Company, day: date, log: AppLog, trail: Trail, echoes: set[str] | None = None
    ) -> None:
        self.company, self.day, self.log, self.trail = company, day, log, trail
        self.last = midnight(day) + DAY_S - 0.001
        self.echoes = set() if echoes is None else echoes

    def act(self, visit: Visit, at: float, action: str, customer: Customer, **more: Any) -> str:
        """Add one ordinary action of ``visit`` on the data of ``customer``; return its id."""
        dice, at = self.log.dice, min(at, self.last)
        if action.startswith("recording."):
            made = self.company.past_recording(dice, customer, self.day)
            if made is not None:
                return self.play(visit, at, action, customer, made, **more)
            action = "contacts.search"
        if action == "contacts.export":
            few = dice.randrange(40, 600)
            return self.export(visit, at, customer, min(few, customer.contacts), **more)
        thing: str | None = None
        count, size = 1, dice.randrange(700, 3_400)
        outcome = self._outcome()
        if action in {"contacts.read", "contacts.update", "call.start"}:
            contact = contact_id(customer, some_contact(dice, customer))
            thing = f"contact/{contact}"
            # Of what is read, half comes from the cache.
            through = {"contacts.update": 1.0, "contacts.read": 0.5, "call.start": 0.0}[action]
            if outcome == "ok" and dice.chance(through):
                name = "UpdateItem" if action == "contacts.update" else "GetItem"
                self._item(crm_api(int(at), dice.getrandbits(2)), at, name, customer, contact)
        elif action == "contacts.search":
            count = min(50, int(dice.expovariate(1 / 9)))
            size = 90 + count * 310
        elif action == "invoice.read":
            month = self.day.replace(day=1) - timedelta(days=1 + 30 * dice.randrange(4))
            thing, size = (
                f"invoice/{customer.id[2:]}-{month:%Y-%m}",
                dice.randrange(60_000, 180_000),
            )
        elif action == "user.create":
            thing = f"user/u-{customer.id[2:]}-{len(customer.users) + dice.randrange(1, 9):02d}"
        elif action == "apitoken.create":
            thing = f"apitoken/tok-{customer.id[2:]}-{dice.randrange(2, 9)}"
        more.update(thing=thing, count=count, size=size)
        return self.log.write(visit, at, action, customer.id, outcome=outcome, **more)

    def play(
        self,
        visit: Visit,
        at: float,
        action: str,
        customer: Customer,
        recording: Recording,
        **more: Any,
    ) -> str:
        """Add one recording that is listened to or downloaded; return its id."""
        at, outcome = min(at, self.last), more.pop("outcome", "") or self._outcome()
        if outcome == "ok":
            api = crm_api(int(at), self.log.dice.getrandbits(2))
            key, size = recording.key, recording.size
            echo = self.trail.object(
                api, int(at), "GetObject", RECORDINGS, key, sent=size, endpoint=S3_ENDPOINT
            )
            self.echoes.add(echo)
        more.update(thing=f"recording/{recording.key.rpartition('/')[2][:-4]}", count=1)
        more.update(outcome=outcome, size=recording.size)
        return self.log.write(visit, at, action, customer.id, **more)

    def _outcome(self) -> str:
        dice = self.log.dice
        return (
            dice.choice(("error", "error", "denied", "throttled")) if dice.chance(0.012) else "ok"
        )

    def export(self, visit: Visit, at: float, customer: Customer, rows: int, **more: Any) -> str:
        """Add an export of ``rows`` contacts of ``customer``; return its id."""
        at = min(at, self.last)
        dice = self.log.dice
        for page in range(rows // 1000 + 1):
            api = crm_api(int(at), page)
            self._item(api, at, "Query", customer, "")
        thing = f"export/{dice.hex(12)}.csv"
        size = rows * ROW_BYTES + dice.randrange(400)
        return self.log.write(
            visit, at, "contacts.export", customer.id, thing=thing, count=rows, size=size, **more
        )

    def page(self, visit: Visit, at: float, customer: Customer, page: int, count: int) -> str:
        """Add one page of contacts fetched through the API; return its id."""
        at = min(at, self.last)
        self._item(crm_api(int(at), page), at, "Query", customer, "")
        return self.log.write(
            visit,
            at,
            "contacts.read",
            customer.id,
            thing=f"contacts/{customer.id[2:]}?page={page + 1}",
            count=count,
            size=90 + count * 310,
        )

    def ticket(self, visit: Visit, at: float, customer: Customer) -> float:
        """Add a colleague's work on one ticket of ``customer``; return when it is done."""
        dice = self.log.dice
        ticket = f"SUP-{dice.randrange(41_000, 44_000)}"
        more: dict[str, Any] = {"ticket": ticket, "on_behalf_of": dice.choice(customer.users)}
        place = {"customer": customer.id, "thing": f"user/{more['on_behalf_of']}", **more}
        self.log.write(visit, min(at, self.last), "impersonate.start", **place)
        for action in dice.choices(
            (
                "contacts.read",
                "contacts.search",
                "recording.play",
                "invoice.read",
                "contacts.export",
            ),
            (50, 20, 9, 8, 0.8),
            k=dice.randrange(2, 9),
        ):
            at += dice.expovariate(1 / 45)
            self.act(visit, at, action, customer, **more)
        self.log.write(visit, min(at + 20, self.last), "impersonate.end", **place)
        return at + 20

    def _item(self, api: Caller, at: float, name: str, customer: Customer, contact: str) -> None:
        record = self.trail.item(api, int(at), name, customer.id, contact, endpoint=DYNAMO_ENDPOINT)
        self.echoes.add(record)
