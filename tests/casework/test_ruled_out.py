"""A notice says that data was not accessed only where nothing the attack did could have been it."""

import msgspec
import pytest

from incidents.documents import NoticeFacts
from incidents.impact import Negative
from tests.casework import office
from tests.casework.conftest import Copy
from tests.casework.office import HOUR, NOW
from tests.casework.test_overtaken import folder
from tests.casework.worlds import At, dossier, in_english, with_impact, words, world
from tocsin.app.casework import filling
from tocsin.app.casework.desk import Desk

EXPORTS = r"""
[[store]]
name = "exports"
title = { fr = "exports", en = "exports" }
categories = ["billing"]
people = ["customers and prospects"]
reads_logged_by = ["cloudtrail"]

[[action]]
name = "exports are read"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = 'exports'
object = '(?P<customer>c-\d)/(?P<record>.+)'
store = "exports"
customer = "named"
effect = "read"
"""
NOT_ACCESSED = "The same logs show no access to your billing data."


@pytest.fixture
def billed(at: Copy) -> Desk:
    """An office with a second store, holding everybody's billing data, and gapless logs."""
    desk = at("opened")
    inventory = (folder(desk) / "registers" / "inventory.csv").read_text().strip()
    inventory += "".join(f"\nexports;c-{n};billing;50;50;2026-03-01" for n in (1, 2, 3))
    texts = {"datamap__toml": office.MAP + EXPORTS, "inventory__csv": inventory}
    office.take_registers(desk, office.registers(folder(desk), **texts))
    return desk


def notice(desk: Desk, *also: dict[str, object]) -> NoticeFacts:
    """Return the notice to c-2, whose recordings were read, after further records."""
    hourly = [
        office.record(h * 60 + 9, eventID=f"20000000-0000-4000-8000-{h + 30:012x}")
        for h in range(-26, 0)
    ]
    office.write_log(folder(desk), [*hourly, *also], "yy.json.gz")
    office.passed(folder(desk) / "config.toml", NOW)
    office.judged(desk)
    office.assessed(desk)
    return filling.facts(world(desk), "c-2", version=1, now=NOW + HOUR)


def test_where_nothing_was_done_the_logs_show_no_access(billed: Desk) -> None:
    assert NOT_ACCESSED in words(in_english(notice(billed)))


def test_none_is_claimed_where_the_attack_did_what_the_map_does_not_know(billed: Desk) -> None:
    selected = office.record(
        630,
        eventName="SelectObjectContent",
        requestParameters={"bucketName": "exports"},
        sourceIPAddress=office.STRANGER,
    )
    text = words(in_english(notice(billed, selected)))
    assert "show no access" not in text
    assert "Your billing data may have been touched as well" in text


def test_none_is_claimed_of_data_that_also_lies_where_nobody_knows(at: At) -> None:
    base = world(at("assessed"))
    stores = (Negative("exports", False, "logged"), Negative("drive", None, "not logged"))
    (recordings,) = base.data_map.store
    billing = {"title": {}, "categories": ("billing",), "reads_logged_by": ()}
    more = [
        recordings.model_copy(update={"name": name, **billing}) for name in ("exports", "drive")
    ]
    data_map = base.data_map.model_copy(update={"store": (recordings, *more)})
    base = base.model_copy(update={"data_map": data_map})
    sure = with_impact(base, "c-2", negatives=stores[:1])
    facts = filling.facts(sure, "c-2", version=1, now=NOW + HOUR)
    assert NOT_ACCESSED in words(in_english(facts))
    doubtful = with_impact(base, "c-2", negatives=stores)
    facts = filling.facts(doubtful, "c-2", version=1, now=NOW + HOUR)
    assert "show no access" not in words(in_english(facts))


def test_of_logs_that_could_not_be_read_in_part_it_is_said_so(at: At) -> None:
    base = world(at("assessed"))
    (source,) = base.run.coverage.sources
    covered = msgspec.structs.replace(
        base.run.coverage, sources=(msgspec.structs.replace(source, unread=1),)
    )
    run = msgspec.structs.replace(base.run, coverage=covered)
    facts = filling.facts(base.model_copy(update={"run": run}), "c-1", version=1, now=NOW + HOUR)
    assert "hours held; each read of your data is logged; part of these logs could not be" in words(
        in_english(facts)
    )
    assert "chaque lecture de vos données y est enregistrée" in words(facts)
    assert "une partie de ces journaux n\u2019a pas pu être lue" in words(facts)
    (row,) = dossier(facts)["coverage"]["value"]
    assert row["object_level"] is False
