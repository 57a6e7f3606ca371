"""A day in the application: customers' people, their integrations, and our support.

Customers' own users make most of it: reading contacts, calling, listening to calls, now and
then exporting a few hundred of their own contacts. Integrations fetch changes by the hour.
Support takes tickets in two shifts, Paris and Tel Aviv, and works in the customer's name.
"""

from tocsin.app.demo import devices
from tocsin.app.demo.application import Application
from tocsin.app.demo.applog import Visit
from tocsin.app.demo.company import share_of
from tocsin.app.demo.dice import Dice, roll
from tocsin.app.demo.hours import (
    HOUR_S,
    LATE_SHIFT,
    MACHINE,
    OFFICE,
    SHOP,
    every,
    midnight,
    moments,
)
from tocsin.app.demo.identities import SEED
from tocsin.app.demo.networks import NAT, customer_office, customer_remote, integrator, stranger
from tocsin.app.demo.office import device, employed, place
from tocsin.app.demo.people import Customer, Staff

TOOLS_TOKEN = "tok-support-tools"  # noqa: S105 - the name of a token, not a token
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
        done = 0.0
        for at in times:
            done = app.ticket(visit, max(at, done + 15), dice.choice(company.customers))


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
