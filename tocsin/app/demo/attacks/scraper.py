"""An integration's token, copied: somebody walks through a customer's contacts, slowly.

A few pages an hour over five days, from another cloud than the integration's own, with a library
that half the world uses. The true integration goes on beside it.

What there is to see: a token at work from two places at once; a client this token never had; the
pages in order from the first to the last, where the integration only fetches what changed; early
on, other customers' contacts asked for and refused.
"""

from tocsin.app.demo import devices
from tocsin.app.demo.attacks.scene import Planted, Scene
from tocsin.app.demo.company import Company
from tocsin.app.demo.crm import token_visit
from tocsin.app.demo.hours import local
from tocsin.app.demo.truth import Attack

ID = "scraper"
CUSTOMER = "c-0006"
OTHERS = ("c-0001", "c-0007", "c-0011", "c-0033")
ADDRESS = "198.19.3.147"
PAGE = 50
DAYS = 5
AGENT, OTHER_AGENT = devices.INTEGRATIONS[:2]


def plant(company: Company) -> Planted:
    """Return the attack."""
    scene = Scene(company, ID)
    dice = scene.dice
    customer = company.customer(CUSTOMER)
    own = token_visit(customer)
    visit = own._replace(ip=ADDRESS, agent=OTHER_AGENT if own.agent == AGENT else AGENT)
    days = scene.days(company.day(0.48), DAYS)
    apps = {day: scene.application(day) for day in days}
    at = float(local(days[0], 10.3, customer.week))
    for name in OTHERS:
        thing = f"contacts/{name[2:]}?page=1"
        scene.log.write(visit, at, "contacts.read", name, outcome="denied", thing=thing)
        at += dice.uniform(4, 30)
    pages = -(-customer.contacts // PAGE)
    for page in range(pages):
        day = scene.day_of(at)
        if day not in apps:
            break
        count = min(PAGE, customer.contacts - page * PAGE)
        apps[day].page(visit, at, customer, page, count)
        scene.took(at, customer, "contacts", "read", range(page * PAGE, page * PAGE + count))
        # Two or three pages in a sitting, then an hour or two of nothing.
        at += dice.uniform(40, 200) if dice.chance(0.6) else dice.uniform(3_600, 7_400)
    return scene.planted(
        Attack(
            id=ID,
            title="A copied token reads a customer's whole contact book, page by page",
            kind="abuse",
            actors=[visit.actor],
            credentials=[visit.session],
            networks=[visit.ip],
        )
    )
