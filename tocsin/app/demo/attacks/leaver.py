"""A colleague of support takes contact books along, the evening before the last day.

From home, after hours, signed in as always and from the usual computer. Books are cut into parts
that are no larger than what a customer might order.

What there is to see: exports of thousands where this colleague makes some of a few hundred; ten
customers in two hours; none with a ticket, none in the customer's name; the hour.
"""

from datetime import timedelta

from tocsin.app.demo.attacks.scene import Planted, Scene
from tocsin.app.demo.company import Company
from tocsin.app.demo.crm import session_id, staff_visit
from tocsin.app.demo.hours import FRANCE, local
from tocsin.app.demo.networks import staff_home
from tocsin.app.demo.office import last_day
from tocsin.app.demo.people import LEAVER
from tocsin.app.demo.truth import Attack

ID = "leaver"
TAKEN = (
    *("c-0004", "c-0009", "c-0017", "c-0026", "c-0027"),
    *("c-0030", "c-0033", "c-0036", "c-0041", "c-0043"),
)
LARGEST_PART = 2_400


def plant(company: Company) -> Planted:
    """Return the attack."""
    scene = Scene(company, ID)
    dice = scene.dice
    day = max(company.start, last_day(company) - timedelta(days=1))
    app = scene.application(day)
    person = company.person(LEAVER)
    visit = staff_visit(app, person)._replace(ip=staff_home(person), session=session_id(dice))
    at = float(local(day, 20.1, FRANCE))
    app.log.write(visit, at, "login", None)
    for name in TAKEN:
        customer = company.customer(name)
        at += dice.uniform(50, 220)
        for _ in range(dice.choice((1, 1, 2))):
            at += dice.uniform(8, 40)
            app.log.write(visit, at, "contacts.search", name, count=50, size=15_590)
        taken = 0
        while taken < customer.contacts:
            rows = min(customer.contacts - taken, LARGEST_PART - dice.randrange(400))
            at += dice.uniform(35, 140)
            app.export(visit, at, customer, rows)
            scene.took(at, customer, "contacts", "exported", range(taken, taken + rows))
            taken += rows
    return scene.planted(
        Attack(
            id=ID,
            title="A colleague of support exports contact books before leaving",
            kind="insider",
            actors=[person.id],
            credentials=[visit.session],
            networks=[visit.ip],
        )
    )
