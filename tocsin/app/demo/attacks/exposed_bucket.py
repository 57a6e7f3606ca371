"""A hurried administrator opens contact lists to the world; strangers find them overnight.

A partner needs one file before the evening. The public access block comes off, a policy lets
everybody read below ``contacts/``; the partner fetches the file. Within hours others list and
fetch the rest. In the morning the administrator shuts it again.

What there is to see: the block removed and a policy open to everybody by a person; successful
reads by nobody in particular, where for weeks all such reads were refused.
"""

from datetime import date, timedelta

from tocsin.app.demo.attacks.scene import Planted, Scene
from tocsin.app.demo.company import Company, export_key
from tocsin.app.demo.hours import FRANCE, SUNDAY, local
from tocsin.app.demo.identities import ADMIN, REGION, Caller, anonymous
from tocsin.app.demo.office import device, look, place
from tocsin.app.demo.people import DOMAIN
from tocsin.app.demo.records import Fields
from tocsin.app.demo.sessions import sign_in
from tocsin.app.demo.trail import EXPORTS, bucket_arn
from tocsin.app.demo.truth import Attack

ID = "exposed-bucket"
HOST = f"s3.{REGION}.amazonaws.com"
PARTNER = "198.19.6.52"
GUESTS = (
    ("198.19.26.80", "curl/8.5.0", 2.4, 6),
    ("198.19.13.101", "Go-http-client/1.1", 4.9, 400),
    ("198.19.10.85", "curl/8.5.0", 9.2, 30),
)
"""Address, client, hours after the opening, and how many files at most."""

_WEEKS = 5
_SWITCHES = ("RestrictPublicBuckets", "BlockPublicPolicy", "BlockPublicAcls", "IgnorePublicAcls")
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{EXPORTS}/contacts/*",
        },
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{EXPORTS}",
            "Condition": {"StringLike": {"s3:prefix": "contacts/*"}},
        },
    ],
}


def plant(company: Company) -> Planted:
    """Return the attack."""
    scene = Scene(company, ID)
    day = company.day(0.56, weekdays=(0, 1, 2, 3))
    person = company.person("elodie.marchetti")
    at = local(day, 17.7, FRANCE)
    ip, agent = place(company, person, day, scene.dice), device(company, person, day)
    with scene.aside():
        admin = sign_in(scene.trail, person.id, ADMIN, at, ip, agent=agent)
        look(scene.trail, admin, at + 20, "platform", 5)
    opened = at + 300
    _switch(scene, admin, opened, open_=True)
    request = {"bucketPolicy": POLICY, "bucketName": EXPORTS, "Host": HOST, "policy": ""}
    _bucket(scene, admin, opened + 75, "PutBucketPolicy", request)
    partner = anonymous(PARTNER, agent)
    _fetch(scene, partner, opened + 900, [("c-0033", 0)])
    for address, client, hours, most in GUESTS:
        _visit(scene, anonymous(address, client), opened + int(hours * 3_600), most)
    with scene.aside():
        _shut(scene, day + timedelta(days=1))
    return scene.planted(
        Attack(
            id=ID,
            title="Contact lists stand open to the world for a night",
            kind="exposure",
            actors=[f"{ADMIN.arn}/{person.id}@{DOMAIN}", "anonymous"],
            credentials=[admin.key],
            networks=[PARTNER, *(address for address, *_ in GUESTS)],
        )
    )


def _shut(scene: Scene, day: date) -> None:
    company = scene.company
    person = company.person("elodie.marchetti")
    at = local(day, 9.3, FRANCE)
    ip, agent = place(company, person, day, scene.dice), device(company, person, day)
    admin = sign_in(scene.trail, person.id, ADMIN, at, ip, agent=agent)
    request = {"bucketName": EXPORTS, "Host": HOST, "policyStatus": ""}
    scene.trail.call(admin, at + 60, "s3", "GetBucketPolicyStatus", request)
    _bucket(scene, admin, at + 110, "DeleteBucketPolicy", {"bucketName": EXPORTS, "policy": ""})
    _switch(scene, admin, at + 150, open_=False)


def _switch(scene: Scene, admin: Caller, at: int, *, open_: bool) -> None:
    xml = {"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/"}
    request = {
        "publicAccessBlock": "",
        "bucketName": EXPORTS,
        "PublicAccessBlockConfiguration": {**xml, **dict.fromkeys(_SWITCHES, not open_)},
        "Host": HOST,
    }
    _bucket(scene, admin, at, "PutBucketPublicAccessBlock", request)


def _bucket(scene: Scene, admin: Caller, at: int, name: str, request: Fields) -> None:
    resources = (bucket_arn(EXPORTS),)
    scene.trail.call(admin, at, "s3", name, request, write=True, resources=resources)


def _visit(scene: Scene, guest: Caller, at: int, most: int) -> None:
    """List what there is, try the rest of the bucket, and fetch up to ``most`` lists."""
    trail, dice = scene.trail, scene.dice
    trail.listing(guest, at, EXPORTS, "", sent=0, error="AccessDenied")
    trail.listing(guest, at + 3, EXPORTS, "contacts/", sent=41_870)
    customers = [customer for customer in scene.company.customers if customer.exports]
    there = [(customer.id, week) for customer in customers for week in range(_WEEKS)]
    end = _fetch(scene, guest, at + 20, there[:most])
    for key in ("invoices/", "usage/"):
        trail.listing(
            guest, end + dice.randrange(3, 20), EXPORTS, key, sent=0, error="AccessDenied"
        )


def _fetch(scene: Scene, guest: Caller, at: int, wanted: list[tuple[str, int]]) -> int:
    """Fetch the lists of customers of so many weeks ago."""
    day = scene.day_of(at)
    sunday = scene.days_before(day, (day.weekday() - SUNDAY) % 7)
    for name, weeks in wanted:
        customer = scene.company.customer(name)
        at += scene.dice.randrange(2, 15)
        key = export_key(customer, sunday - timedelta(weeks=weeks))
        size = customer.contacts * 187
        scene.trail.object(guest, at, "GetObject", EXPORTS, key, sent=size)
        scene.took(at, customer, "contacts", "downloaded", range(customer.contacts))
    return at
