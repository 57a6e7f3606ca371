"""A day in the application: customers' people, their integrations, and our support.

Customers' own users make most of it: reading contacts, calling, listening to calls, now and
then exporting a few hundred of their own contacts. Integrations fetch changes by the hour.
Support takes tickets in two shifts, Paris and Tel Aviv, and works in the customer's name.

What the application does in AWS because of it is added there too: a read of a contact is often a
read of the table, a call that is played is an object that is fetched.
"""

from datetime import date, timedelta
from typing import Any

from tocsin.app.demo import devices
from tocsin.app.demo.applog import AppLog, Visit
from tocsin.app.demo.company import Company, contact_id, share_of, some_contact
from tocsin.app.demo.dice import Dice, roll
from tocsin.app.demo.hours import (
    DAY_S,
    HOUR_S,
    LATE_SHIFT,
    MACHINE,
    OFFICE,
    SHOP,
    every,
    midnight,
    moments,
)
from tocsin.app.demo.identities import SEED, Caller
from tocsin.app.demo.machines import DYNAMO_ENDPOINT, S3_ENDPOINT, crm_api
from tocsin.app.demo.networks import NAT, customer_office, customer_remote, integrator, stranger
from tocsin.app.demo.office import device, employed, place
from tocsin.app.demo.people import Customer, Staff
from tocsin.app.demo.trail import RECORDINGS, Trail

TOOLS_TOKEN = "tok-support-tools"  # noqa: S105 - the name of a token, not a token
ROW_BYTES = 187
PRESENT = 0.82
EVENTS_PER_USER = 26

_WEIGHTS = {
    "contacts.read": 460,
    "contacts.search": 170,
    "contacts.update": 70,
    "call.start": 170,
    "recording.play": 50,
    "recording.download": 3,
    "invoice.read": 6,
    "contacts.export": 1.2,
}
_ADMIN_WEIGHTS = {
    **_WEIGHTS,
    "invoice.read": 30,
    "contacts.export": 5,
    "user.create": 1.5,
    "apitoken.create": 0.4,
}


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
        thing: str | None = None
        count, size = 1, dice.randrange(700, 3_400)
        api = crm_api(int(at), dice.getrandbits(2))
        if action in {"contacts.read", "contacts.update", "call.start"}:
            contact = contact_id(customer, some_contact(dice, customer))
            thing = f"contact/{contact}"
            if action == "contacts.update":
                self._item(api, at, "UpdateItem", customer, contact)
            elif action == "contacts.read" and dice.chance(0.5):  # the rest comes from the cache
                self._item(api, at, "GetItem", customer, contact)
        elif action == "contacts.search":
            count = min(50, int(dice.expovariate(1 / 9)))
            size = 90 + count * 310
        elif action.startswith("recording."):
            made = self.company.past_recording(dice, customer, self.day)
            if made is None:
                action = "contacts.search"
            else:
                thing, size = f"recording/{made.key.rpartition('/')[2][:-4]}", made.size
                self.echoes.add(
                    self.trail.object(
                        api,
                        int(at),
                        "GetObject",
                        RECORDINGS,
                        made.key,
                        sent=size,
                        endpoint=S3_ENDPOINT,
                    )
                )
        elif action == "contacts.export":
            few = dice.randrange(40, 600)
            return self.export(visit, at, customer, min(few, customer.contacts), **more)
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
        outcome = "ok"
        if dice.chance(0.012):
            outcome = dice.choice(("error", "error", "denied", "throttled"))
        return self.log.write(
            visit,
            at,
            action,
            customer.id,
            outcome=outcome,
            thing=thing,
            count=count,
            size=size,
            **more,
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

    def ticket(self, visit: Visit, at: float, customer: Customer) -> None:
        """Add a colleague's work on one ticket of ``customer``."""
        dice = self.log.dice
        ticket = f"SUP-{dice.randrange(41_000, 44_000)}"
        more: dict[str, Any] = {"ticket": ticket, "on_behalf_of": dice.choice(customer.users)}
        self.log.write(visit, min(at, self.last), "impersonate.start", customer.id, **more)
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
        self.log.write(visit, min(at + 20, self.last), "impersonate.end", customer.id, **more)

    def _item(self, api: Caller, at: float, name: str, customer: Customer, contact: str) -> None:
        record = self.trail.item(api, int(at), name, customer.id, contact, endpoint=DYNAMO_ENDPOINT)
        self.echoes.add(record)


def session_id(dice: Dice) -> str:
    """Return a new session id of the application."""
    return "s_" + dice.base62(20)


def customers_people(app: Application) -> None:
    """Add what customers' own users do."""
    dice, day = app.log.dice, app.day
    for customer in app.company.customers:
        share = share_of(customer, day)
        for number, user in enumerate(customer.users):
            if not dice.chance(PRESENT * share):
                continue
            own = roll(SEED, "user", user)
            kind = own.choice(devices.CUSTOMER_DEVICES)
            agent = devices.browser(kind, day, own.randrange(6))
            if own.chance(0.25) and dice.chance(0.5):
                agent = own.choice((*devices.MOBILE_APP, devices.DESKTOP_APP))
            away = own.chance(0.3) and dice.chance(0.4)
            ip = customer_remote(customer, number, dice) if away else customer_office(customer)
            visit = Visit(user, "user", customer.id, ip, session_id(dice), agent)
            count = dice.about(EVENTS_PER_USER * app.company.scale)
            times = moments(dice, day, count, customer.week, SHOP)
            if not times:
                continue
            _log_in(app, visit, times[0] - dice.randrange(3, 30), customer)
            weights = _WEIGHTS if number else _ADMIN_WEIGHTS
            actions = dice.choices(tuple(weights), tuple(weights.values()), k=count)
            for at, action in zip(times, actions, strict=True):
                app.act(visit, at + dice.random(), action, customer)


def _log_in(app: Application, visit: Visit, at: float, customer: Customer) -> None:
    at = max(at, midnight(app.day) + 0.5)
    if app.log.dice.chance(0.04):  # a wrong password, seen by most of us once a month
        for attempt in range(app.log.dice.choice((1, 1, 2, 3))):
            early = max(midnight(app.day) + 0.2, at - 20 + 6 * attempt)
            app.log.write(
                visit._replace(session=""),
                early,
                "login.failed",
                customer.id,
                outcome="unauthenticated",
            )
    app.log.write(visit, at, "login", customer.id)


def integrations(app: Application) -> None:
    """Add customers' integrations, which fetch changed contacts by the hour."""
    dice, day = app.log.dice, app.day
    for customer in app.company.customers:
        if not customer.token:
            continue
        visit = token_visit(customer)
        own = roll(SEED, "integration", customer.id)
        for at in every(dice, day, HOUR_S, 30, own.randrange(HOUR_S - 60)):
            pages = 1 + int(dice.expovariate(1 / 1.2) * share_of(customer, day))
            for page in range(min(pages, 6)):
                count = 50 if page + 1 < pages else dice.randrange(1, 50)
                app.page(visit, at + page * 1.7 + dice.random(), customer, page, count)


def token_visit(customer: Customer) -> Visit:
    """Return how a customer's integration shows itself."""
    own = roll(SEED, "integration", customer.id)
    agent = own.choice(devices.INTEGRATIONS)
    return Visit(customer.token, "token", customer.id, integrator(customer), customer.token, agent)


def support(app: Application) -> None:
    """Add support's shifts: tickets, most of them answered in the customer's name."""
    company, day, dice = app.company, app.day, app.log.dice
    for person in company.staff:
        if person.team != "support" or not employed(company, person, day):
            continue
        on_call = dice.chance(0.08)
        if not person.week.works(day) and not on_call:
            continue
        visit = staff_visit(app, person)
        late = (day.toordinal() + person.home) % 3 == 0
        count = dice.about(2 if not person.week.works(day) else 8)
        times = moments(dice, day, count, person.week, LATE_SHIFT if late else OFFICE)
        if not times or not dice.chance(0.94):
            continue
        app.log.write(visit, max(times[0] - 40, midnight(day) + 1), "login", None)
        for at in times:
            app.ticket(visit, at, dice.choice(company.customers))


def staff_visit(app: Application, person: Staff) -> Visit:
    """Return how a colleague shows up in the application on this day."""
    dice = app.log.dice
    ip = place(app.company, person, app.day, dice)
    agent = device(app.company, person, app.day)
    return Visit(person.id, "staff", None, ip, session_id(dice), agent)


def office_people(app: Application) -> None:
    """Add sales and finance, who look at invoices and at the trial customer."""
    company, day, dice = app.company, app.day, app.log.dice
    for person in company.staff:
        if person.team not in {"sales", "finance"} or not person.week.works(day):
            continue
        visit = staff_visit(app, person)
        for at in moments(dice, day, dice.randrange(0, 6), person.week, OFFICE):
            app.act(visit, at, "invoice.read", dice.choice(company.customers))


def background(app: Application) -> None:
    """Add the internet's knocking, and our own tools' reads of call lists."""
    dice, day = app.log.dice, app.day
    for at in moments(dice, day, dice.about(14), app.company.customers[0].week, MACHINE):
        name = dice.choice(("admin", "test", "info", "root", "contact", "support"))
        visit = Visit(name, "user", None, stranger(dice), "", "Mozilla/5.0 (compatible)")
        app.log.write(visit, at, "login.failed", None, outcome="unauthenticated")
    tools = Visit(TOOLS_TOKEN, "token", None, NAT[0], TOOLS_TOKEN, "clochette-support-tools/2.8")
    for at in every(dice, day, 2 * HOUR_S, 300, 600):
        for customer in dice.sample(app.company.customers, 3):
            app.act(tools, at + dice.random() * 60, "contacts.search", customer)
