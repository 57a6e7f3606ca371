"""What would keep an impact run from saying whose data was touched."""

from datetime import timedelta
from pathlib import Path

from incidents.impact import checks
from tests.detectors.streams import START, columns, event
from tocsin import datamap, registers
from tocsin.archive.archive import Archive
from tocsin.model.events import Outcome
from tocsin.model.principals import Principal
from tocsin.store import Store

S = timedelta(seconds=1)
MAP = """
[[store]]
name = "recordings"
categories = ["telephone conversations"]

[[action]]
name = "fetched"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = 'recordings'
object = 'calls/.*'
store = "recordings"
effect = "read"
"""


COPIED = ("recordings/calls/1.wav", "recordings/faxes-19/bob@x.example", "new-bucket/a", "", "x/y")


def copied(what: str) -> dict[str, object]:
    failed = {"outcome": Outcome.FAILURE} if what == "x/y" else {}
    return {"resource": "website", "object": "a", "copied_from": what, **failed}


def test_what_happened_and_is_not_in_the_data_map_is_named_without_persons(
    store: Store, tmp_path: Path
) -> None:
    archive, path = Archive(tmp_path / "archive"), tmp_path / "map.toml"
    path.write_text(MAP)
    failed = {"outcome": Outcome.FAILURE}
    events = [
        event(0 * S, "s3", "GetObject", resource="recordings", object="calls/1.wav"),
        event(1 * S, "s3", "GetObject", resource="recordings", object="faxes-17/bob@x.example"),
        event(2 * S, "s3", "GetObject", resource="recordings", object="faxes-18/eve@x.example"),
        event(3 * S, "s3", "GetObject", resource="new-bucket", object="a"),
        event(4 * S, "s3", "GetObject", resource="other", object="a", **failed),
        event(5 * S, "iam", "ListUsers"),
        *(event(n * S, "s3", "CopyObject", **copied(what)) for n, what in enumerate(COPIED, 7)),
        event(6 * S, "crm", "contacts.read", customer="c-77", object="contact/1"),
    ]
    with store.begin() as db:
        archive.add(db, "logs", archive.write(columns(events), []), START)
        change = datamap.plan(db, path)
        datamap.take(db, change, principal=Principal("shell", "a"), now=START)
        found = [gap.text for gap in checks.unmapped(db, archive)]
        unknown = checks.strangers(db, archive)
    of_s3 = "action GetObject of service s3 in source cloudtrail, on"
    assert [one.removeprefix("the data map says nothing of ") for one in found] == [
        f"{of_s3.replace('Get', 'Copy')} website (4 events)",
        "action GetObject of service s3 in source cloudtrail, which named no resource (1 event)",
        f"{of_s3} new-bucket (2 events)",
        f"{of_s3} recordings/faxes-##/… (3 events)",
        "action contacts.read in source crm, which named no resource (1 event)",
    ]
    assert [(gap.subject, gap.text) for gap in unknown] == [
        ("c-77", "logs name customer c-77 (1 event)")
    ]
    with store.read() as db:
        assert [gap.subject for gap in checks.uncounted(db)] == ["recordings"]
        assert [gap.subject for gap in checks.unlogged(db)] == ["recordings"]


def test_a_store_that_only_the_inventory_has_is_named(store: Store, tmp_path: Path) -> None:
    path, alice = tmp_path / "all.toml", Principal("shell", "a")
    path.write_text("""
[[customer]]
id = "c-1"
name = "One"
language = "fr"
time_zone = "Europe/Paris"
signed_on = 2024-02-01

[[inventory]]
store = "recordngs"
customer = "c-1"
category = "telephone conversations"
records = 10
on = 2026-03-01
""")
    (tmp_path / "map.toml").write_text(MAP)
    with store.begin() as db:
        registers.take_import(db, registers.plan_import(db, path), principal=alice, now=START)
        (gap,) = checks.mislaid(db)
        assert gap.text == (
            "the inventory, version 1 (all.toml), counts store recordngs, and there is no data map"
        )
        assert "Correct its name" in gap.hint
        datamap.take(db, datamap.plan(db, tmp_path / "map.toml"), principal=alice, now=START)
        (gap,) = checks.mislaid(db)
        assert gap.text.endswith("which version 1 of the data map does not have")
        path.write_text(path.read_text().replace("recordngs", "recordings"))
        registers.take_import(db, registers.plan_import(db, path), principal=alice, now=START)
        assert checks.mislaid(db) == []
        path.write_text(path.read_text().replace("telephone conversations", "billing"))
        registers.take_import(db, registers.plan_import(db, path), principal=alice, now=START)
        (gap,) = checks.mislaid(db)
        assert "counts billing in store recordings, which holds telephone conversations" in gap.text
        assert "Correct the category" in gap.hint


CUSTOMER = """
[[customer]]
id = "{0}"
name = "{0}"
language = "fr"
time_zone = "Europe/Paris"
signed_on = 2024-02-01
{1}
"""
COUNT = """
[[inventory]]
store = "{1}"
customer = "{0}"
category = "contact"
records = 0
on = 2026-03-01
"""
TWO = """
[[store]]
name = "contacts"
categories = ["contact"]

[[store]]
name = "lists"
categories = ["contact"]

[[store]]
name = "accounts"
categories = ["identification"]

[[action]]
name = "signed up"
source = "crm"
service = "crm"
actions = ["sign.up"]
store = "accounts"
customer = "operator"
effect = "read"
"""


def test_who_is_counted_in_one_store_and_never_in_another_is_named(
    store: Store, tmp_path: Path
) -> None:
    path, map_path, alice = tmp_path / "all.toml", tmp_path / "map.toml", Principal("shell", "a")
    text = "".join(CUSTOMER.format(name, "") for name in ("a", "b", "c", "nowhere"))
    text += CUSTOMER.format("gone", "ends_on = 2025-01-01")
    text += "".join(COUNT.format(name, "contacts") for name in ("a", "b", "c", "gone"))
    path.write_text(text + COUNT.format("a", "lists") + COUNT.format("operator", "accounts"))
    map_path.write_text(TWO)
    with store.begin() as db:
        registers.take_import(db, registers.plan_import(db, path), principal=alice, now=START)
        datamap.take(db, datamap.plan(db, map_path), principal=alice, now=START)
        (gap,) = checks.left_out(db, now=START)
    assert gap.text == "the inventory of store lists says nothing of 2 customers: b, c"
    assert "0 where it has nothing" in gap.hint
