"""Who is confirmed, possible or excluded by what an attack did, and the reason given."""

from datetime import timedelta

from incidents import impact
from incidents.impact import Reason, Standing
from tests.detectors.streams import HOUR, START, event
from tests.incidents.archives import CUSTOMERS, MAP, House, S, fetch, standings
from tocsin.model.events import ActorKind, Outcome
from tocsin.model.events import Reason as Because
from tocsin.model.instants import to_us

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
    scope = impact.Scope(until=to_us(START + timedelta(hours=60)))
    run = house.run(opened, scope=scope)
    assert set(standings(run).values()) == {("possible", "open")}
    records = run.customers[0].categories[0].records
    assert (records.min, records.best, records.max) == (0, 0, 100)
    (source,) = run.coverage.sources
    assert (source.hours, source.covered) == (84, 73)
    assert source.missing == ((to_us(START + 49 * HOUR), to_us(START + 60 * HOUR)),)


def test_a_gap_where_the_attack_worked_leaves_others_possible(house: House) -> None:
    scope = impact.Scope(until=to_us(START + timedelta(hours=60)))
    run = house.run(fetch(0, "c-1/4-1"), scope=scope)
    assert standings(run)["c-2"] == ("possible", "not-covered")
    two = run.of("c-2")
    assert two is not None
    (category,) = two.categories
    assert (category.category, category.stores) == ("telephone conversations", ("recordings",))
    assert (category.records.min, category.records.best) == (0, None)
    # At most all that the inventory has, of the one that is confirmed as well.
    one = run.of("c-1")
    assert one is not None
    assert (one.categories[0].records.min, one.categories[0].records.max) == (1, 100)
    assert (category.records.max, category.subjects.max, two.subjects.max) == (100, 40, 40)


def test_data_of_nobody_in_particular_makes_all_with_data_there_possible(house: House) -> None:
    run = house.run(event(0 * S, "rds-data", "ExecuteStatement", count=12))
    assert set(standings(run).values()) == {("possible", "unattributed")}
    records = run.customers[0].categories[0].records
    assert (records.min, records.best, records.max) == (0, 12, 50)  # its reads are not logged
    assert run.unattributed == 1


def test_data_of_nobody_in_particular_counts_for_the_confirmed_in_another_store(
    house: House,
) -> None:
    run = house.run(fetch(0, "c-1/4-1"), event(1 * S, "rds-data", "ExecuteStatement", count=12))
    one = run.of("c-1")
    assert one is not None
    assert [(row.category, row.reason) for row in one.categories] == [
        ("contact", "unattributed"),
        ("telephone conversations", "touched"),
    ]
    assert (one.subjects.min, one.subjects.max) == (1, 51)
    assert one.negatives == ()


def test_it_is_not_counted_on_top_of_what_is_known_to_be_somebodys_there(house: House) -> None:
    anybodys = """
[[action]]
name = "copied"
source = "cloudtrail"
service = "s3"
actions = ["CopyObject"]
resource = 'recordings'
store = "recordings"
customer = "unknown"
effect = "read"
"""
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)), MAP + anybodys)
    copied = event(1 * S, "s3", "CopyObject", resource="recordings", object="a")
    run = house.run(fetch(0, "c-1/4-1"), copied)
    one = run.of("c-1")
    assert one is not None
    assert (one.categories[0].records.min, one.categories[0].records.max) == (1, 1)
    assert standings(run)["c-2"] == ("possible", "unattributed")


def test_of_what_else_it_may_be_only_that_is_counted_which_nobody_is_known_to_have(
    house: House,
) -> None:
    of_two = """
[[action]]
name = "named"
source = "crm"
service = "crm"
actions = ["contacts.read"]
store = "people"
customer = "event"
categories = ["contact"]
effect = "read"
count = "event"

[[action]]
name = "anybody's"
source = "crm"
service = "crm"
actions = ["people.read"]
store = "people"
customer = "unknown"
effect = "read"
count = "event"

[[store]]
name = "people"
categories = ["contact", "work-related"]
reads_logged_by = ["cloudtrail"]
"""
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)), MAP + of_two)
    run = house.run(
        event(0 * S, "crm", "contacts.read", customer="c-1", count=5),
        event(1 * S, "crm", "people.read", count=30),
    )
    one, two = run.of("c-1"), run.of("c-2")
    assert one is not None
    assert two is not None
    assert [(row.category, row.reason, row.records.max) for row in one.categories] == [
        ("contact", "touched", 5),
        ("work-related", "unattributed", 30),
    ]
    assert [(row.category, row.records.max) for row in two.categories] == [
        ("contact", 30),
        ("work-related", 30),
    ]


def test_not_accessed_is_said_only_of_stores_whose_reads_are_logged(house: House) -> None:
    run = house.run(fetch(0, "c-1/4-1"))
    negatives = {one.store: one for one in run.of("c-2").negatives}  # type: ignore[union-attr]
    assert negatives["recordings"].accessed is False
    assert negatives["recordings"].basis == (
        "reads of it are logged by cloudtrail (49 of 49 hours with events, 0 quiet as usual)"
    )
    assert negatives["database"].accessed is None
    assert negatives["database"].basis == "reads of it are not logged"


def test_a_customer_that_only_logs_know_is_said_too(house: House) -> None:
    run = house.run(fetch(0, "c-9/4-1"))
    nine = run.of("c-9")
    assert nine is not None
    assert nine.standing == Standing.CONFIRMED
    assert not nine.known


def test_the_operators_own_data_is_one_more_party(house: House) -> None:
    text = MAP.replace(
        'store = "database"\ncustomer = "all"', 'store = "database"\ncustomer = "operator"'
    )
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)), text)
    run = house.run(event(0 * S, "rds", "ModifyDBSnapshotAttribute", resource="crm"))
    assert standings(run)["operator"][0] == "confirmed"
    assert standings(run)["c-1"][1] == Reason.NOT_COVERED
