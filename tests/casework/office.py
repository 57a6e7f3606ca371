"""A small operator with three customers, and the way from an incident to the letters.

Its log shows a stranger who reads recordings of two of the three.
"""

import gzip
import json
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, func, select

from incidents.notices.tables import manifest as notice_manifest
from notifiers import outbox
from tocsin import ledger
from tocsin.app.casework import acts, books, measuring, people, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.config import load
from tocsin.app.house import House
from tocsin.app.passes import one_pass
from tocsin.model.principals import Principal

ALICE, BOB = Principal("shell", "alice"), Principal("shell", "bob")
MORNING = datetime(2026, 3, 9, tzinfo=UTC)
NOW = MORNING + timedelta(hours=14)
AWARE = NOW - timedelta(minutes=30)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
STRANGER = "203.0.113.66"

NAMES = {"c-1": "Maison Lavande", "c-2": "Harbour Finch", "c-3": "Zephyrine Optique"}
"""The customers: two whose recordings the stranger reads, one whose it does not."""

CONTACTS = {
    "c-1": ("security@lavande.example", "+33199001001", "dpo@lavande.example", "+33199001002"),
    "c-2": ("security@finch.example", "+33199002001", "dpo@finch.example", "+33199002002"),
    "c-3": ("security@zephyrine.example", "+33199003001", "dpo@zephyrine.example", "+33199003002"),
}

MAP = """
[[store]]
name = "recordings"
title = { fr = "enregistrements d'appels", en = "call recordings" }
categories = ["telephone conversations"]
people = ["customers and prospects"]
reads_logged_by = ["cloudtrail"]

[[action]]
name = "fetched"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = 'recordings'
object = '(?P<customer>c-\\d)/(?P<record>(?P<subject>\\d+)-\\d+)\\.wav'
store = "recordings"
customer = "named"
effect = "read"
subjects = "some"
"""

RULE = """
title: Recordings read from a known bad address
id: 0f5e2f0a-6a59-4f0b-9d0e-3c1f9c2f7a10
description: An address from the list.
author: Tocsin
date: 2026-03-01
logsource: {product: aws, service: cloudtrail}
detection:
  bad:
    event.ip|cidr: 203.0.113.0/24
    event.action: GetObject
  condition: bad
level: high
why: "{event.actor} read {event.object} from {event.ip}."
"""

FACTS = """
not_yet = ["severity"]
next_update_at = 2036-03-10T17:00:00+01:00  # to come, for whoever types now as well

[narrative]
fr = "Une clé d'accès a été utilisée depuis un réseau inconnu pour lire des enregistrements."
en = "An access key was used from a network we do not know, to read recordings."

[nature]
effects = ["confidentiality"]
incident_type = "f"
cause = "d"
exfiltration = "exfiltrated"
intelligibility = "not_protected"
contained_at = 2026-03-09T12:30:00Z

[consequences]
confidentiality = ["b", "c"]
impacts = ["a", "d"]

[[measures]]
kind = "access_revoked"
at = 2026-03-09T12:30:00Z
done = true

[[actions]]
kind = "review_logs"

[[actions]]
kind = "assess_33"

[[open_points]]
kind = "entry"
"""

CONFIG = """
[source.logs]
type = "files"
paths = ["{0}/logs"]

[rules]
own = false
directories = ["{0}/rules"]

[store]
path = "{0}/state/state.sqlite"

[archive]
path = "{0}/state/archive"

[evidence]
path = "{0}/state/evidence"
key = "{0}/state/key.pem"

[operator]
name = "Voxline"
address = "8 quai de la Rapée, 75012 Paris, France"
location = "AWS eu-west-3, Paris"
measures_before = ["c", "f"]

[operator.contact]
name = "Voxline CERT"
function = {{ fr = "astreinte sécurité", en = "security on call" }}
email = "cert@voxline.example"
phone = "+33 1 99 00 10 10"
always = true

[operator.dpo]
name = "DPO desk"
email = "dpo@voxline.example"
phone = "+33 1 99 00 10 11"

[team]
language = "en"
emails = ["oncall@voxline.example"]
level = "medium"
"""

FILES = """
[notifiers.files]
folder = "{0}/sent"
sender = "cert@voxline.example"
"""

RELAY = """
[notifiers.email]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "cert@voxline.example"
timeout_s = 0.3
text_timeout_s = 0.3
"""


def record(number: int, **fields: Any) -> dict[str, Any]:
    """Return one CloudTrail record, a minute after the one before."""
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/leo",
            "accountId": "111122223333",
            "userName": "leo",
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        },
        "eventTime": f"{MORNING + number * MINUTE:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets",
        "awsRegion": "eu-west-3",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15.0",
        "requestParameters": None,
        "responseElements": None,
        "eventID": f"00000000-0000-4000-8000-{number:012x}",
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
        **fields,
    }


def theft(number: int, customer: str, name: str, **fields: Any) -> dict[str, Any]:
    """Return a record of a recording that a stranger reads."""
    return record(
        number,
        eventName="GetObject",
        requestParameters={"bucketName": "recordings", "key": f"{customer}/{name}.wav"},
        **{"sourceIPAddress": STRANGER, **fields},
    )


def another(thief: int, customer: str) -> list[dict[str, Any]]:
    """Return the records of another stranger with another key: another incident."""
    fields = {
        "sourceIPAddress": f"203.0.113.{100 + thief}",
        "userIdentity": {
            "type": "IAMUser",
            "arn": f"arn:aws:iam::111122223333:user/thief-{thief}",
            "accountId": "111122223333",
            "userName": f"thief-{thief}",
            "accessKeyId": f"AKIATHIEF{thief:04}EXAMPLE",
        },
    }
    return [theft(640 + 10 * thief + n, customer, f"{n:04}-{thief:02}", **fields) for n in (1, 2)]


def write_log(folder: Path, records: Iterable[dict[str, Any]], name: str = "a.json.gz") -> None:
    path = folder / "logs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps({"Records": list(records)}).encode()))


def quiet() -> list[dict[str, Any]]:
    """Return the honest job's records: one an hour."""
    job = {"type": "IAMUser", "userName": "job", "accessKeyId": "AKIAJOBJOBJOBEXAMPLE"}
    return [
        record(hour * 60 + 7, eventID=f"10000000-0000-4000-8000-{hour:012x}", userIdentity=job)
        for hour in range(14)
    ]


def registers(folder: Path, **changes: str) -> Path:
    """Write the registers and the data map; ``changes`` are written in place of a file's text."""
    path = folder / "registers"
    path.mkdir(parents=True, exist_ok=True)
    customers = [
        "id;name;language;time_zone;sector;country;hours;signed_on",
        "c-1;Maison Lavande;fr;Europe/Paris;retail;FR;48;2024-02-01",
        "c-2;Harbour Finch;en;Europe/London;travel;GB;24;2025-06-15",
        "c-3;Zephyrine Optique;fr;Europe/Paris;health;FR;48;2024-02-01",
    ]
    contacts = ["customer;role;name;email;phone;verified_on"]
    inventory = ["store;customer;category;records;subjects;on"]
    for one, (email, phone, dpo, dpo_phone) in CONTACTS.items():
        contacts.append(f"{one};breach;Security desk;{email};{phone};2026-02-01")
        contacts.append(f"{one};dpo;Privacy desk;{dpo};{dpo_phone};2026-02-01")
        inventory.append(f"recordings;{one};telephone conversations;100;40;2026-03-01")
    texts = {
        "customers.csv": "\n".join(customers),
        "contacts.csv": "\n".join(contacts),
        "inventory.csv": "\n".join(inventory),
        "datamap.toml": MAP,
        **{name.replace("__", "."): text for name, text in changes.items()},
    }
    for name, text in texts.items():
        (path / name).write_text(f"{text}\n")
    return path


def found(
    folder: Path,
    *,
    customers: Iterable[str] = ("c-1", "c-2"),
    others: int = 0,
    extra: str = FILES,
    **values: object,
) -> Path:
    """Make an operator whose log shows a theft; return its configuration.

    ``others``: So many further strangers each rob c-1. ``values``: fill ``extra``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    thefts = [
        theft(600 + 10 * place + number, one, f"{number:04}-01")
        for place, one in enumerate(customers)
        for number in range(1, 4)
    ]
    thefts += [one for thief in range(1, others + 1) for one in another(thief, "c-1")]
    write_log(folder, [*quiet(), *thefts])
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "bad.yml").write_text(RULE)
    (folder / "facts.toml").write_text(FACTS)
    registers(folder)
    path = folder / "config.toml"
    path.write_text((CONFIG + extra).format(folder, **values))
    return path


def copied(folder: Path, target: Path, extra: str = FILES) -> Path:
    """Copy an operator with all its state; return its configuration."""
    shutil.copytree(folder, target)
    path = target / "config.toml"
    path.write_text((CONFIG + extra).format(target))
    return path


def opened(config: Path, now: datetime = NOW) -> None:
    """Import the registers and let the service make one pass."""
    with desk_of(load(config)) as desk:
        take_registers(desk, config.parent / "registers")
    passed(config, now)


def passed(config: Path, now: datetime = NOW) -> None:
    """Let the service make one pass."""
    house = House(load(config))
    assert one_pass(house, now=now) == {}
    ticking.tend(house.desk, now)
    house.close()


def take_registers(desk: Desk, folder: Path, now: datetime = MORNING) -> None:
    for diff in books.plans(desk, folder, now):
        books.take(desk, diff, principal=ALICE, now=now)


def judged(desk: Desk, number: int = 1, **more: Any) -> None:
    """Compute the impact and confirm: the clocks run."""
    measuring.measure(desk, number, principal=ALICE, now=NOW)
    given = {"aware_at": AWARE, "why": "The logs show it.", "principal": ALICE, "now": NOW}
    acts.confirm(desk, number, **{**given, **more})


def assessed(desk: Desk, number: int = 1) -> None:
    """Say what people have to say."""
    facts = people.read(Path(desk.config.store.path).parents[1] / "facts.toml")
    acts.assess(desk, number, facts, principal=ALICE, now=NOW + MINUTE)


def previewed(desk: Desk, number: int = 1, now: datetime = NOW + 2 * MINUTE) -> str:
    return sending.preview(desk, number, None, principal=ALICE, now=now).sha256


def manifest(desk: Desk) -> str:
    """Return the SHA-256 of what was previewed."""
    with desk.store.read() as db:
        (sha256,) = db.execute(select(notice_manifest.c.sha256)).scalars()
    return str(sha256)


def everything(desk: Desk) -> dict[str, list[Any]]:
    """Return all rows of all tables, so that a test can say: nothing changed."""
    with desk.store.read() as db:
        named = MetaData()
        named.reflect(db)
        return {
            table.name: [tuple(row) for row in db.execute(select(table).order_by(*table.columns))]
            for table in named.sorted_tables
        }


def lengths(desk: Desk) -> dict[str, int]:
    """Return how many rows each table has."""
    with desk.store.read() as db:
        named = MetaData()
        named.reflect(db)
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0
            for table in named.sorted_tables
        }


def words(desk: Desk, number: int = 1) -> dict[str, str]:
    """Return how each message of an incident stands."""
    with desk.store.read() as db:
        return {one.key: one.word for one in outbox.standings(db, incident=number)}


def intact(desk: Desk) -> list[ledger.Entry]:
    """Return the ledger's entries, after it was verified."""
    with desk.store.read() as db:
        entries = list(ledger.entries(db))
    assert ledger.verify(entries) == []
    return entries
