"""What would keep an impact run from saying whose data was touched."""

from datetime import timedelta
from pathlib import Path

from incidents.impact import checks
from tests.detectors.streams import START, columns, event
from tocsin import datamap
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
        event(6 * S, "crm", "contacts.read", customer="c-77", object="contact/1"),
    ]
    with store.begin() as db:
        archive.add(db, "logs", archive.write(columns(events), []), START)
        change = datamap.plan(db, path)
        datamap.take(db, change, principal=Principal("shell", "a"), now=START)
        found = [gap.text for gap in checks.unmapped(db, archive)]
        unknown = checks.strangers(db, archive)
    assert found == [
        "the data map says nothing of cloudtrail s3 GetObject on new-bucket (1 events)",
        "the data map says nothing of cloudtrail s3 GetObject on recordings/faxes-##/… (2 events)",
        "the data map says nothing of crm crm contacts.read on no resource named (1 events)",
    ]
    assert [(gap.subject, gap.text) for gap in unknown] == [
        ("c-77", "logs name customer c-77 (1 events)")
    ]
    with store.read() as db:
        assert [gap.subject for gap in checks.uncounted(db)] == ["recordings"]
        assert [gap.subject for gap in checks.unlogged(db)] == ["recordings"]
