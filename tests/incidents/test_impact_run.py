"""Impact runs over small archives: who is confirmed, possible, excluded, and why."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from incidents import impact
from incidents.impact import ImpactRun, Reason, Standing
from incidents.impact.tables import impact_run
from tests.detectors.streams import ALICE, ELSEWHERE, HOUR, OFFICE, START, columns, event
from tocsin import datamap, registers
from tocsin.archive.archive import Archive
from tocsin.errors import Refusal
from tocsin.model.events import ActorKind, Event, Outcome
from tocsin.model.events import Reason as Because
from tocsin.model.findings import Incident, Level
from tocsin.model.instants import to_us
from tocsin.model.principals import Principal
from tocsin.store import Store

NOW = START + timedelta(days=3)
CALLS = "telephone conversations"
BOB = Principal("shell", "bob")
S = timedelta(seconds=1)
CUSTOMERS = """
[[customer]]
id = "c-{0}"
name = "Customer {0}"
language = "fr"
time_zone = "Europe/Paris"
signed_on = 2024-02-01

[[inventory]]
store = "recordings"
customer = "c-{0}"
category = "telephone conversations"
records = 100
subjects = 40
on = 2026-03-01

[[inventory]]
store = "database"
customer = "c-{0}"
category = "contact"
records = 50
subjects = 50
on = 2026-03-01
"""
MAP = """
[[store]]
name = "recordings"
categories = ["telephone conversations"]
people = ["customers and prospects"]
reads_logged_by = ["cloudtrail"]

[[store]]
name = "database"
categories = ["contact"]

[[action]]
name = "fetched"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = 'recordings'
object = '(?P<customer>c-\\d)/(?P<record>(?P<subject>\\d+)-\\d+)'
store = "recordings"
customer = "named"
effect = "read"
subjects = "some"

[[action]]
name = "deleted"
source = "cloudtrail"
service = "s3"
actions = ["DeleteObject"]
resource = 'recordings'
object = '(?P<customer>c-\\d)/(?P<record>(?P<subject>\\d+)-\\d+)'
store = "recordings"
customer = "named"
effect = "deleted"

[[action]]
name = "stands open"
source = "cloudtrail"
service = "s3"
actions = ["PutBucketPolicy"]
resource = 'recordings'
store = "recordings"
customer = "all"
effect = "exposed"

[[action]]
name = "handed out"
source = "cloudtrail"
service = "rds"
actions = ["ModifyDBSnapshotAttribute"]
store = "database"
customer = "all"
effect = "exported"
count = "store"

[[action]]
name = "queried"
source = "cloudtrail"
service = "rds-data"
actions = ["ExecuteStatement"]
store = "database"
customer = "unknown"
effect = "read"
count = "event"
"""
Happen = Callable[..., None]


class House:
    """A store, an archive, and what they hold."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.archive, self.folder = store, Archive(folder / "archive"), folder
        self.events: list[Event] = []
        self.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)), MAP)
        job = {"credential": "AKIAJOB"}  # somebody is always at work
        self.put(*(event(n * HOUR + 7 * S, "s3", "ListBuckets", **job) for n in range(-24, 49)))

    def take(self, text: str, datamap_text: str) -> None:
        """Take registers and a data map."""
        one, other = self.folder / "all.toml", self.folder / "datamap.toml"
        one.write_text(text)
        other.write_text(datamap_text)
        with self.store.begin() as db:
            found = registers.plan_import(db, one)
            registers.take_import(db, found, principal=BOB, now=NOW)
            datamap.take(db, datamap.plan(db, other), principal=BOB, now=NOW)

    def put(self, *events: Event) -> None:
        """Let events be read."""
        files = self.archive.write(columns(events), [])
        with self.store.begin() as db:
            self.archive.add(db, "logs", files, NOW)

    def run(self, *events: Event, also: Iterable[Event] = (), **more: Any) -> ImpactRun:
        """Make a run of an incident of these events, with others in the archive beside them."""
        self.put(*events, *also)
        return self.again(*events, **more)

    def again(self, *events: Event, **more: Any) -> ImpactRun:
        """Make a run of an incident of these events."""
        with self.store.begin() as db:
            incident = case(*events)
            return impact.run(db, self.archive, incident, 7, principal=BOB, now=NOW, **more)


def case(*events: Event) -> Incident:
    return Incident(
        id="i",
        title="t",
        level=Level.HIGH,
        opened_at=to_us(events[0].at),
        last_at=to_us(events[-1].at),
        score=1.0,
        actors=(ALICE,),
        entities=(),
        finding_ids=(),
        event_ids=tuple(one.id for one in events),
    )


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return House(store, tmp_path)


def fetch(second: int, key: str, /, **more: Any) -> Event:
    fields = {"resource": "recordings", "object": key, "ip": ELSEWHERE, **more}
    return event(second * S, "s3", "GetObject", **fields)


def standings(run: ImpactRun) -> dict[str, tuple[str, str]]:
    return {one.customer: (str(one.standing), str(one.reason)) for one in run.customers}


UNTOUCHED = ("excluded", "untouched")


def test_an_object_that_names_its_customer_confirms_it_and_nobody_else(house: House) -> None:
    run = house.run(fetch(0, "c-1/4-1"), fetch(1, "c-1/4-2"), fetch(2, "c-1/5-3"))
    assert standings(run) == {
        "c-1": ("confirmed", "touched"),
        "c-2": UNTOUCHED,
        "c-3": UNTOUCHED,
    }
    one = run.customers[0]
    (category,) = one.categories
    assert category.category == "telephone conversations"
    assert (category.records.min, category.records.best, category.records.max) == (3, 3, 3)
    assert (category.subjects.min, category.subjects.max) == (2, 2)
    assert category.people == ("customers and prospects",)
    assert category.confidentiality
    assert not category.integrity
    assert not category.availability
    assert (one.events, one.lineage, one.shared) == (3, 0, 0)
    assert one.first_at == to_us(START)
    assert run.first_at == one.first_at


def test_what_is_deleted_is_a_loss_of_availability(house: House) -> None:
    gone = event(1 * S, "s3", "DeleteObject", resource="recordings", object="c-1/4-1")
    (category,) = house.run(gone).customers[0].categories
    assert category.availability
    assert not category.confidentiality


def test_what_was_refused_excludes_and_is_said(house: House) -> None:
    refused = {"outcome": Outcome.FAILURE, "reason": Because.DENIED}
    run = house.run(fetch(0, "c-1/4-1"), fetch(1, "c-2/4-1", **refused))
    assert standings(run)["c-2"] == ("excluded", "refused")
    assert run.of("c-2").refused == 1  # type: ignore[union-attr] # the register has it
    assert run.of("c-2").categories == ()  # type: ignore[union-attr]


def test_an_outcome_that_is_not_logged_leaves_a_customer_possible(house: House) -> None:
    run = house.run(fetch(0, "c-1/4-1"), fetch(1, "c-2/4-1", outcome=Outcome.UNKNOWN))
    assert standings(run)["c-2"] == ("possible", "outcome-unknown")


def test_everything_a_credential_made_by_the_attack_did_counts(house: House) -> None:
    made = event(0 * S, "iam", "CreateAccessKey", issued="key:AKIANEW", ip=ELSEWHERE, object="svc")
    run = house.run(
        made,
        also=[
            fetch(600, "c-2/4-1", credential="AKIANEW", ip="192.0.2.77"),
            event(601 * S, "sts", "AssumeRole", issued="key:ASIA2", credential="AKIANEW"),
            fetch(700, "c-3/4-1", credential="ASIA2", ip="192.0.2.99"),
        ],
    )
    assert standings(run)["c-2"] == ("confirmed", "touched")
    assert standings(run)["c-3"] == ("confirmed", "touched")
    assert run.of("c-3").lineage == 1  # type: ignore[union-attr]
    assert run.query.credentials == ("AKIANEW", "ASIA2")


def test_a_credential_in_two_hands_confirms_only_where_the_attack_came_from(house: House) -> None:
    run = house.run(
        fetch(0, "c-1/4-1"),
        also=[fetch(60, "c-2/4-1"), fetch(90, "c-3/4-1", ip=OFFICE)],
    )
    assert standings(run) == {
        "c-1": ("confirmed", "touched"),
        "c-2": ("confirmed", "touched"),
        "c-3": ("possible", "shared-credential"),
    }
    three = run.of("c-3")
    assert three is not None
    for said in (three.categories[0].records, three.categories[0].subjects, three.subjects):
        assert (said.min, said.best, said.max) == (0, None, 1)  # no ground for a guess
    assert three.first_at == three.last_at == to_us(START + 90 * S)
    assert run.last_at == to_us(START + 60 * S)


def test_a_few_events_that_only_a_role_ties_to_the_attack_confirm_nobody(house: House) -> None:
    bulk = [fetch(n, f"c-1/4-{n}") for n in range(40)]
    honest = fetch(50, "c-2/4-1", credential="ASIAHONEST", ip=OFFICE)
    run = house.run(*bulk, honest)
    assert standings(run)["c-2"] == ("possible", "loosely-tied")
    assert run.query.loose == ("ASIAHONEST",)


def test_what_may_be_honest_work_dates_nothing_where_the_attack_itself_does(house: House) -> None:
    bulk = [fetch(n, f"c-1/4-{n}") for n in range(60)]
    morning = {"credential": "ASIAHONEST", "ip": OFFICE}
    before = [fetch(-3600, "c-1/9-1", **morning), fetch(-3590, "c-2/9-1", **morning)]
    run = house.run(*before, *bulk)
    assert standings(run)["c-2"] == ("possible", "loosely-tied")
    one, two = run.of("c-1"), run.of("c-2")
    assert one is not None
    assert two is not None
    assert one.shared == 1
    assert (one.first_at, one.last_at) == (to_us(START), to_us(START + 59 * S))
    said = one.categories[0].records
    assert (said.min, said.best, said.max) == (60, 60, 61)
    # Of the other there is nothing surer: that is then its time, and nobody's guess is its number.
    assert two.first_at == two.last_at == to_us(START - 3590 * S)
    said = two.categories[0].records
    assert (said.min, said.best, said.max) == (0, None, 1)
    assert (run.first_at, run.last_at) == (one.first_at, one.last_at)


def test_a_single_event_of_another_session_at_the_same_address_proves_little(
    house: House,
) -> None:
    bulk = [fetch(n, f"c-1/4-{n}") for n in range(40)]
    seen = fetch(50, "c-2/4-1", credential="ASIAMORNING")
    run = house.run(*bulk, seen, also=[fetch(55, "c-3/4-1", credential="ASIAMORNING")])
    assert standings(run)["c-2"] == ("confirmed", "touched")
    assert standings(run)["c-3"] == ("possible", "shared-credential")


def test_a_whole_store_handed_out_makes_all_with_data_in_it_possible(house: House) -> None:
    run = house.run(event(0 * S, "rds", "ModifyDBSnapshotAttribute", resource="crm"))
    assert set(standings(run).values()) == {("possible", "whole-store")}
    records = run.customers[0].categories[0].records
    assert (records.min, records.best, records.max) == (0, 50, 50)
    assert "inventory of 2026-03-01: 50" in records.basis


def test_an_open_store_confirms_who_was_read_from_outside_and_excludes_the_rest(
    house: House,
) -> None:
    nobody = {"actor": "anonymous", "actor_kind": ActorKind.ANONYMOUS, "credential": ""}
    opened = event(10 * S, "s3", "PutBucketPolicy", resource="recordings")
    run = house.run(
        opened,
        also=[
            fetch(5, "c-2/4-1", **nobody, ip="192.0.2.1"),  # before it stood open
            fetch(600, "c-1/4-1", **nobody, ip="192.0.2.2"),
        ],
    )
    assert standings(run) == {
        "c-1": ("confirmed", "open-and-read"),
        "c-2": ("excluded", "open-unread"),
        "c-3": ("excluded", "open-unread"),
    }
    assert run.of("c-1").categories[0].records.max == 1  # type: ignore[union-attr]
    (negative, _) = run.of("c-2").negatives[::-1]  # type: ignore[union-attr]
    assert (negative.store, negative.accessed) == ("recordings", False)


def test_an_open_store_whose_logs_have_gaps_makes_all_possible(house: House) -> None:
    opened = event(10 * S, "s3", "PutBucketPolicy", resource="recordings")
    window = impact.Window(to_us(START), to_us(START + timedelta(hours=60)))
    run = house.run(opened, window=window)
    assert set(standings(run).values()) == {("possible", "open")}
    records = run.customers[0].categories[0].records
    assert (records.min, records.best, records.max) == (0, 0, 100)
    (source,) = run.coverage.sources
    assert (source.hours, source.covered) == (60, 49)
    assert source.missing == ((to_us(START + 49 * HOUR), to_us(START + 60 * HOUR)),)


def test_a_gap_where_the_attack_worked_leaves_others_possible(house: House) -> None:
    window = impact.Window(to_us(START), to_us(START + timedelta(hours=60)))
    run = house.run(fetch(0, "c-1/4-1"), window=window)
    assert standings(run)["c-2"] == ("possible", "not-covered")


def test_data_of_nobody_in_particular_makes_all_with_data_there_possible(house: House) -> None:
    run = house.run(event(0 * S, "rds-data", "ExecuteStatement", count=12))
    assert set(standings(run).values()) == {("possible", "unattributed")}
    records = run.customers[0].categories[0].records
    assert (records.min, records.max) == (0, 12)
    assert run.unattributed == 1


def test_not_accessed_is_said_only_of_stores_whose_reads_are_logged(house: House) -> None:
    run = house.run(fetch(0, "c-1/4-1"))
    negatives = {one.store: one for one in run.of("c-2").negatives}  # type: ignore[union-attr]
    assert negatives["recordings"].accessed is False
    assert "49 of 49" in negatives["recordings"].basis or "hours" in negatives["recordings"].basis
    assert negatives["database"].accessed is None
    assert negatives["database"].basis == "reads of it are not logged"


def test_a_customer_that_only_logs_know_is_said_too(house: House) -> None:
    run = house.run(fetch(0, "c-9/4-1"))
    nine = run.of("c-9")
    assert nine is not None
    assert nine.standing == Standing.CONFIRMED
    assert not nine.known


def test_without_data_map_or_events_nothing_is_claimed(store: Store, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    one = fetch(0, "c-1/4-1")
    with store.begin() as db, pytest.raises(Refusal, match="no data map"):
        impact.run(db, archive, case(one), 7, principal=BOB, now=NOW)
    house = House(store, tmp_path)
    with store.begin() as db, pytest.raises(Refusal, match="no event of incident 7"):
        impact.run(db, house.archive, case(one), 7, principal=BOB, now=NOW)
    with store.read() as db:
        assert db.scalar(select(func.count()).select_from(impact_run)) == 0


def test_a_run_made_again_says_the_same_and_is_kept_beside_the_first(house: House) -> None:
    events = [fetch(0, "c-1/4-1"), fetch(1, "c-2/4-1")]
    first = house.run(*events)
    second = house.again(*events)
    assert (first.number, second.number) == (1, 2)
    assert first.customers == second.customers
    assert first.query == second.query
    assert impact.difference(first, second) == []
    with house.store.read() as db:
        assert impact.runs(db, 7) == [first, second]
        assert impact.last(db, 7) == second
        assert impact.last(db, 8) is None


def test_what_has_changed_since_is_named_and_the_difference_shown(house: House) -> None:
    one, two = fetch(0, "c-1/4-1"), fetch(100, "c-2/4-1", ip=OFFICE)
    first = house.run(one, also=[two])

    def outdated(*events: Event) -> tuple[str, ...]:
        with house.store.read() as db:
            return impact.outdated(db, house.archive, case(*events), first)

    assert outdated(one) == ()
    assert outdated(one, two) == ("the incident's events",)
    house.put(fetch(130, "c-1/4-9"))
    assert outdated(one) == ("the archive of the window",)
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2)), MAP.replace('"some"', '"record"'))
    assert outdated(one)[1:] == ("the data map", "the registers")
    second = house.again(one, two)
    assert [str(change) for change in impact.difference(first, second)] == [
        f"c-1: confirmed; {CALLS}, records: 1–1–1 → 2–2–2",  # noqa: RUF001
        f"c-2: possible → confirmed; {CALLS}, records: 0–?–1 → 1–1–1; "  # noqa: ISC003, RUF001
        + f"{CALLS}, subjects: 0–?–1 → 1–1–1",  # noqa: RUF001
        "c-3: excluded → not there",
    ]


def test_a_customer_is_first_shown_when_a_run_first_showed_it(house: House) -> None:
    one, two = fetch(0, "c-1/4-1"), fetch(100, "c-2/4-1", ip=OFFICE)
    first = house.run(one, also=[two])
    with house.store.begin() as db:
        second = impact.run(
            db, house.archive, case(one, two), 7, principal=BOB, now=NOW + timedelta(hours=5)
        )
    shown = impact.first_shown([first, second])
    assert shown["c-1"] == (first, first)
    assert shown["c-2"] == (first, second)
    assert "c-3" not in shown


def test_the_operators_own_data_is_one_more_party(house: House) -> None:
    text = MAP.replace(
        'store = "database"\ncustomer = "all"', 'store = "database"\ncustomer = "operator"'
    )
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)), text)
    run = house.run(event(0 * S, "rds", "ModifyDBSnapshotAttribute", resource="crm"))
    assert standings(run)["operator"][0] == "confirmed"
    assert standings(run)["c-1"][1] in {Reason.UNTOUCHED, Reason.NOT_COVERED}
