"""A support account is taken over: passwords tried on everybody, then calls are listened to.

On a Saturday somebody tries two passwords on every colleague from three addresses of one
provider abroad. One fits. The second factor is reset and set anew, then four customers' calls are
played in their name, without a ticket.

What there is to see: failed sign-ins of many from one network, then a success there; a country,
network and browser this colleague never had; the second factor changed at once; no ticket; more
calls played in an hour than the colleague plays in two weeks.
"""

from typing import Any

from tocsin.app.demo import devices
from tocsin.app.demo.applog import Visit
from tocsin.app.demo.attacks.scene import Planted, Scene
from tocsin.app.demo.company import Company
from tocsin.app.demo.crm import session_id
from tocsin.app.demo.hours import FRANCE, SATURDAY, local
from tocsin.app.demo.people import Customer
from tocsin.app.demo.truth import Attack

ID = "takeover"
VICTIM = "amandine.lecourt"
ADDRESSES = ("198.19.17.31", "198.19.17.134", "198.19.18.39")
HEARD = ("c-0004", "c-0016", "c-0043", "c-0045")
PASSWORDS = 2
CALLS = 15


def plant(company: Company) -> Planted:
    """Return the attack."""
    scene = Scene(company, ID)
    day = company.day(0.63, weekdays=(SATURDAY,))
    app = scene.application(day)
    dice, agent = scene.dice, devices.browser("win-chrome", day)
    at = float(local(day, 13.2, FRANCE))
    for _ in range(PASSWORDS):
        for person in company.staff:
            at += dice.uniform(7, 26)
            address = dice.choice(ADDRESSES)
            tried = Visit(person.id, "staff", None, address, "", agent)
            app.log.write(tried, at, "login.failed", None, outcome="unauthenticated")
        at += 1_900
    visit = Visit(VICTIM, "staff", None, ADDRESSES[1], session_id(dice), agent)
    app.log.write(visit, at, "login", None)
    for pause, action in ((48, "mfa.reset"), (96, "mfa.enroll")):
        app.log.write(visit, at + pause, action, None, thing=f"user/{VICTIM}")
    at += 400
    for name in HEARD:
        at = _listen(scene, visit, at, company.customer(name))
    return scene.planted(
        Attack(
            id=ID,
            title="A support account is taken over and calls are listened to",
            kind="external",
            actors=[VICTIM],
            credentials=[visit.session],
            networks=list(ADDRESSES),
        )
    )


def _listen(scene: Scene, visit: Visit, at: float, customer: Customer) -> float:
    dice, day = scene.dice, scene.day_of(at)
    app = scene.application(day)
    in_name_of: dict[str, Any] = {"on_behalf_of": customer.users[0]}
    whose = {"customer": customer.id, "thing": f"user/{customer.users[0]}", **in_name_of}
    app.log.write(visit, at, "impersonate.start", **whose)
    for _ in range(2):
        at += dice.uniform(10, 50)
        app.log.write(
            visit, at, "contacts.search", customer.id, count=50, size=15_590, **in_name_of
        )
    for _ in range(CALLS):
        made = scene.company.past_recording(dice, customer, day)
        if made is None:
            continue
        at += dice.uniform(20, 110)
        action = "recording.download" if dice.chance(0.3) else "recording.play"
        app.play(visit, at, action, customer, made, outcome="ok", **in_name_of)
        scene.heard(at, customer, made, "read" if action == "recording.play" else "downloaded")
    at += dice.uniform(20, 60)
    app.log.write(visit, at, "impersonate.end", **whose)
    return at + dice.uniform(60, 240)
