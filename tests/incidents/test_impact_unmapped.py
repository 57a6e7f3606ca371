"""What the attack did and the data map does not know: whom it may concern, and how it is said."""

import msgspec
import pytest

from incidents.impact import ImpactRun
from tests.detectors.streams import ELSEWHERE, HOUR, OFFICE, event
from tests.incidents.archives import CUSTOMERS, MAP, House, S, fetch, standings
from tocsin.model.events import ActorKind, Event, Outcome

CRM = r"""
[[store]]
name = "contacts"
categories = ["contact"]
reads_logged_by = ["crm"]

[[action]]
name = "contacts are read"
source = "crm"
service = "crm"
actions = ["contacts.read"]
store = "contacts"
customer = "event"
effect = "read"
count = "event"

[[action]]
name = "signing in"
source = "crm"
service = "crm"
actions = ["session.*"]
effect = "none"
why = "no data"
"""
UNTOUCHED = ("excluded", "untouched")
UNMAPPED = ("possible", "unmapped")


@pytest.fixture
def crm(house: House) -> House:
    registers = "".join(CUSTOMERS.format(n) for n in (1, 2, 3))
    for n in (1, 2):
        registers += f"""
[[inventory]]
store = "contacts"
customer = "c-{n}"
category = "contact"
records = {n * 70}
on = 2026-03-01
"""
    house.take(registers, MAP + CRM)
    house.put(*(event(n * HOUR + 9 * S, "crm", "session.begin", **JOB) for n in range(-24, 49)))
    return house


JOB = {"credential": "job", "actor": "job", "ip": "192.0.2.9"}


def act(second: int, action: str, /, **more: object) -> Event:
    fields = {"credential": "eve-1", "actor": "eve", "ip": ELSEWHERE, **more}
    return event(second * S, "crm", action, **fields)


def said(run: ImpactRun) -> list[tuple[str, int]]:
    return [(str(one), one.events) for one in run.unmapped]


def test_a_customer_that_an_unmapped_act_names_is_possible_with_unknown_numbers(
    crm: House,
) -> None:
    acts = [act(n, "download_all", customer="c-2", count=5_000) for n in range(1, 11)]
    run = crm.run(act(0, "contacts.read", customer="c-1", count=5), *acts)
    assert standings(run) == {"c-1": ("confirmed", "touched"), "c-2": UNMAPPED, "c-3": UNTOUCHED}
    two, three = run.of("c-2"), run.of("c-3")
    assert two is not None
    assert three is not None
    (category,) = two.categories
    # What an act did that nobody describes has no number: only the inventory bounds it.
    assert (category.records.min, category.records.best, category.records.max) == (0, None, 140)
    assert category.stores == ("contacts",)
    assert "the data map does not know" in two.why
    assert said(run) == [("download_all in crm", 10)]
    assert three.why == (
        "No event of the attack touched data of this customer. That is as far as the data map "
        "goes: 10 acts of the attack are not in it."
    )


def test_without_an_inventory_nothing_bounds_an_unmapped_act(crm: House) -> None:
    run = crm.run(act(0, "contacts.read", customer="c-1", count=5), act(1, "wipe", customer="c-3"))
    three = run.of("c-3")
    assert three is not None
    assert (three.standing, three.subjects.max) == ("possible", None)


def test_where_it_names_nobody_but_something_everybody_there_is_possible(crm: House) -> None:
    run = crm.run(act(0, "contacts.read", customer="c-1", count=5), act(1, "dump", count=9))
    assert standings(run)["c-2"] == UNMAPPED
    assert standings(run)["c-3"] == UNMAPPED
    (negative,) = [one for one in run.of("c-2").negatives if one.store == "recordings"]  # type: ignore[union-attr] # the register has it
    assert negative.accessed is False


def test_what_names_nothing_at_all_is_said_and_claims_no_store_unread(crm: House) -> None:
    run = crm.run(act(0, "contacts.read", customer="c-1", count=5), act(1, "page.open"))
    assert standings(run)["c-2"] == UNTOUCHED
    assert said(run) == [("page.open in crm", 1)]
    two = run.of("c-2")
    assert two is not None
    (negative,) = [one for one in two.negatives if one.store == "contacts"]
    assert negative.accessed is None
    assert negative.basis.endswith(CAVEAT)


CAVEAT = "of the data map: 1 act of the attack is not in it"


def claims(run: ImpactRun, customer: str) -> dict[str, bool | None]:
    """Return what is claimed of stores, all of it with the map's caveat."""
    one = run.of(customer)
    assert one is not None
    assert all(CAVEAT in negative.basis for negative in one.negatives)
    return {negative.store: negative.accessed for negative in one.negatives}


@pytest.mark.parametrize(
    ("service", "action", "fields", "unread"),
    [
        # An application the map does not have may write to any store.
        ("billing", "export_all", {"count": 5_000, "object": "all.csv"}, set()),
        # A service it does not have may hold or lead to any; one that it has, what it has of it.
        ("dynamodb", "ExecuteStatement", {}, set()),
        ("athena", "StartQueryExecution", {"resource": "primary"}, set()),
        ("rds-data", "BatchExecuteStatement", {}, {"contacts", "recordings"}),
        ("s3", "SelectObjectContent", {}, {"contacts"}),
        # A bucket that the map does not have is none of its stores; an access point leads to any.
        ("s3", "SelectObjectContent", {"resource": "website"}, {"contacts", "recordings"}),
        ("s3", "GetObject", {"resource": "ap-7h2-s3alias", "object": "c-2/4-1"}, {"contacts"}),
        ("s3", "GetObject", {"resource": "arn:aws:s3:eu-west-3:1:accesspoint/ap"}, {"contacts"}),
    ],
)
def test_no_store_is_claimed_unread_that_an_act_without_a_name_may_have_reached(
    crm: House, service: str, action: str, fields: dict[str, object], unread: set[str]
) -> None:
    export = event(1 * S, service, action, **{"ip": ELSEWHERE, **fields})
    if service == "billing":
        export = msgspec.structs.replace(export, source=service)
    run = crm.run(act(0, "contacts.read", customer="c-1", count=5), export)
    assert standings(run) == {
        "c-1": ("confirmed", "touched"),
        "c-2": UNTOUCHED,
        "c-3": UNTOUCHED,
    }
    assert {store for store, accessed in claims(run, "c-2").items() if accessed is False} == unread
    assert claims(run, "c-1").get("recordings") is (False if "recordings" in unread else None)


def test_a_count_made_after_an_act_without_a_name_bounds_nothing_where_it_may_have_been(
    crm: House,
) -> None:
    events = [
        fetch(0, "c-1/4-1"),
        event(1 * S, "rds-data", "ExecuteStatement", count=12),
        event(2 * S, "rds-data", "BatchExecuteStatement", ip=ELSEWHERE),
    ]
    crm.run(*events)
    counted = "records = 50\nsubjects = 50\non = 2026-03-01"
    nothing = "records = 0\nsubjects = 0\non = 2026-03-11"
    registers = "".join(CUSTOMERS.format(n) for n in (1, 2, 3))
    crm.take(registers.replace(counted, nothing), MAP + CRM)
    assert standings(crm.again(*events))["c-3"] == ("possible", "unattributed")


def test_the_patterns_of_the_map_tell_whose_object_an_unmapped_act_names(house: House) -> None:
    torrent = event(
        1 * S, "s3", "GetObjectTorrent", resource="recordings", object="c-2/4-1", ip=ELSEWHERE
    )
    run = house.run(fetch(0, "c-1/4-1"), torrent)
    assert standings(run) == {"c-1": ("confirmed", "touched"), "c-2": UNMAPPED, "c-3": UNTOUCHED}
    assert said(run) == [("GetObjectTorrent of s3 in cloudtrail on recordings", 1)]


def test_an_unmapped_act_on_a_store_makes_all_there_possible(house: House) -> None:
    run = house.run(
        fetch(0, "c-1/4-1"),
        event(1 * S, "s3", "ReplicateObjects", resource="recordings", ip=ELSEWHERE),
    )
    assert standings(run)["c-2"] == standings(run)["c-3"] == UNMAPPED


SHARED_BUCKET = r"""
[[store]]
name = "ops"
categories = ["billing"]

[[action]]
name = "our own invoices"
source = "cloudtrail"
service = "s3"
actions = ["GetObject"]
resource = 'recordings'
object = 'ops/.*'
store = "STORE"
customer = "operator"
effect = "read"
"""


@pytest.mark.parametrize("lies_in", ["ops", "recordings"])
@pytest.mark.parametrize(
    ("key", "possible"),
    [
        ("", {"operator", "c-2", "c-3"}),
        ("elsewhere/4-1", {"operator", "c-2", "c-3"}),
        ("c-2/4-1", {"c-2"}),
        ("ops/4-1", {"operator"}),
    ],
)
def test_what_else_lies_in_a_bucket_says_nothing_of_whom_an_act_on_it_concerns(
    house: House, lies_in: str, key: str, possible: set[str]
) -> None:
    registers = "".join(CUSTOMERS.format(n) for n in (1, 2, 3))
    house.take(registers, MAP + SHARED_BUCKET.replace("STORE", lies_in))
    select = event(
        1 * S, "s3", "SelectObjectContent", resource="recordings", object=key, ip=ELSEWHERE
    )
    run = house.run(fetch(0, "c-1/4-1"), select)
    there = {name for name, standing in standings(run).items() if standing == UNMAPPED}
    assert there == possible
    assert standings(run)["c-1"] == ("confirmed", "touched")


def test_a_resource_that_names_its_customer_tells_whose_an_act_on_it_is(house: House) -> None:
    map_ = MAP.replace("'recordings'", "'rec-.*'").replace(
        "'rec-.*'", r"'rec-(?P<customer>c-\d)'", 1
    )
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)), map_)
    torrent = event(1 * S, "s3", "GetObjectTorrent", resource="rec-c-2", ip=ELSEWHERE)
    run = house.run(fetch(0, "c-1/4-1", resource="rec-c-1"), torrent)
    assert standings(run) == {"c-1": ("confirmed", "touched"), "c-2": UNMAPPED, "c-3": UNTOUCHED}


def test_an_application_the_map_lacks_may_have_read_any_store(house: House) -> None:
    run = house.run(fetch(0, "c-1/4-1"), act(1, "contacts.read", customer="c-2"))
    two = run.of("c-2")
    assert two is not None
    assert (str(two.standing), str(two.reason)) == UNMAPPED
    assert {one.stores for one in two.categories} == {("recordings",), ("database",)}
    assert standings(run)["c-3"] == UNTOUCHED


def test_what_is_known_to_be_neutral_or_was_refused_is_not_unmapped(crm: House) -> None:
    run = crm.run(
        act(0, "contacts.read", customer="c-1", count=5),
        act(1, "session.begin", customer="c-2"),
        act(2, "download_all", customer="c-2", outcome=Outcome.FAILURE),
        event(3 * S, "iam", "ListUsers", ip=ELSEWHERE, credential="eve-1", actor="eve"),
    )
    assert said(run) == []
    assert standings(run)["c-2"] == UNTOUCHED


@pytest.mark.parametrize(
    ("service", "action", "counts"),
    [
        ("s3", "ListBuckets", False),
        ("s3", "GetBucketPolicy", False),
        ("rds", "DescribeDBInstances", False),
        ("dynamodb", "ListTables", False),
        ("redshift-data", "DescribeStatement", True),  # has the text of the query
        ("redshift-data", "ListStatements", True),
        ("transcribe", "ListTranscriptionJobs", True),  # named after recordings
        ("s3", "ListObjects", True),
        ("s3", "SelectObjectContent", True),
        ("rds", "StartExportTask", True),
        ("ec2", "RunInstances", False),
    ],
)
def test_looking_at_what_there_is_and_how_it_is_set_up_is_no_unmapped_act(
    service: str, action: str, counts: bool, crm: House
) -> None:
    looks = event(5 * S, service, action, credential="eve-1", actor="eve", ip=ELSEWHERE)
    run = crm.run(act(0, "contacts.read", customer="c-1", count=5), looks)
    assert [(one.service, one.action) for one in run.unmapped] == [(service, action)] * counts


def test_unmapped_acts_of_the_lineage_count_as_well(crm: House) -> None:
    first = act(0, "contacts.read", customer="c-1", count=5)
    run = crm.run(first, also=[act(700, "download_all", customer="c-2")])
    assert standings(run)["c-2"] == UNMAPPED
    assert said(run) == [("download_all in crm", 1)]


def test_unmapped_acts_of_a_credentials_owner_stay_doubtful_and_are_said_apart(
    crm: House,
) -> None:
    first, own = act(0, "contacts.read", customer="c-1", count=5), act(1, "dump", customer="c-1")
    honest = [act(700 + n, "download_all", customer="c-2", ip=OFFICE) for n in range(2)]
    run = crm.run(first, also=honest)
    assert standings(run)["c-2"] == ("possible", "shared-credential")
    assert said(run) == [("download_all in crm", 2)]
    assert [one.doubtful for one in run.unmapped] == [True]
    three = run.of("c-3")
    assert three is not None
    assert three.why.endswith("goes: 2 acts that may be the attack's are not in it.")
    both = crm.run(first, own, also=honest)
    assert [(one.action, one.doubtful) for one in both.unmapped] == [
        ("dump", False),
        ("download_all", True),
    ]
    three = both.of("c-3")
    assert three is not None
    assert three.why.endswith("1 act of the attack and 2 that may be its are not in it.")


@pytest.mark.parametrize(
    ("fields", "tie"), [({}, "shared"), ({"credential": "ASIAHONEST"}, "loose")]
)
def test_no_store_is_claimed_unread_where_a_nameless_act_may_be_somebody_elses(
    crm: House, fields: dict[str, object], tie: str
) -> None:
    results = event(700 * S, "athena", "GetQueryResults", **{"ip": OFFICE, **fields})
    bulk = [fetch(n, f"c-1/4-{n}") for n in range(40)]
    own = [*bulk, results] if tie == "loose" else bulk
    run = crm.run(*own, also=[results] if tie == "shared" else [])
    assert getattr(run.query, tie)  # so it is not the attack's for sure
    assert standings(run) == {"c-1": ("confirmed", "touched"), "c-2": UNTOUCHED, "c-3": UNTOUCHED}
    (one,) = run.unmapped
    assert (one.service, one.events, one.doubtful) == ("athena", 1, True)
    two = run.of("c-2")
    assert two is not None
    assert {negative.store: negative.accessed for negative in two.negatives} == dict.fromkeys(
        ("contacts", "database", "recordings")
    )
    assert all("1 act that may be the attack's is not" in said.basis for said in two.negatives)


def test_what_nobody_knows_from_outside_touches_a_store_that_stood_open(house: House) -> None:
    nobody = {"actor": "anonymous", "actor_kind": ActorKind.ANONYMOUS, "credential": ""}
    opened = event(10 * S, "s3", "PutBucketPolicy", resource="recordings")
    torrent = {"resource": "recordings", "object": "c-2/4-1", "ip": "192.0.2.1", **nobody}
    run = house.run(opened, also=[event(600 * S, "s3", "GetObjectTorrent", **torrent)])
    assert standings(run)["c-2"] == UNMAPPED
    assert standings(run)["c-3"] == ("excluded", "open-unread")


def test_a_count_of_nothing_made_after_an_unmapped_act_rules_nobody_out(crm: House) -> None:
    events = [
        act(0, "contacts.read", customer="c-1", count=5),
        event(1 * S, "s3", "DeleteObjects", resource="recordings", ip=ELSEWHERE),
    ]
    assert standings(crm.run(*events))["c-3"] == UNMAPPED
    counted = "records = 100\nsubjects = 40\non = 2026-03-01"
    for day, stands in (("2026-03-11", UNMAPPED), ("2026-03-01", UNTOUCHED)):
        nothing = f"records = 0\nsubjects = 0\non = {day}"
        registers = "".join(CUSTOMERS.format(n).replace(counted, nothing) for n in (2, 3))
        crm.take(CUSTOMERS.format(1) + registers, MAP + CRM)
        run = crm.again(*events)
        # Counted before, there was nothing to delete.
        assert standings(run) == {"c-1": ("confirmed", "touched"), "c-2": stands, "c-3": stands}


def test_once_the_map_knows_it_a_run_made_again_counts_it(crm: House) -> None:
    events = [
        act(0, "contacts.read", customer="c-1", count=5),
        act(1, "all", customer="c-2", count=7),
    ]
    assert standings(crm.run(*events))["c-2"] == UNMAPPED
    crm.take(
        "".join(CUSTOMERS.format(n) for n in (1, 2, 3)),
        MAP + CRM.replace('"contacts.read"', '"contacts.read", "all"'),
    )
    run = crm.again(*events)
    assert standings(run)["c-2"] == ("confirmed", "touched")
    assert run.unmapped == ()


def test_whoever_is_confirmed_elsewhere_is_possible_where_nobody_is_named(crm: House) -> None:
    dump = act(2, "dump", count=9)
    run = crm.run(fetch(0, "c-1/4-1"), fetch(1, "c-2/4-1"), dump)
    for name in ("c-1", "c-2"):
        one = run.of(name)
        assert one is not None
        assert (one.standing, one.reason) == ("confirmed", "touched")
        assert [(row.category, row.stores, row.reason) for row in one.categories] == [
            ("contact", ("contacts",), "unmapped"),
            ("telephone conversations", ("recordings",), "touched"),
        ]
        assert [row.store for row in one.negatives] == ["database"]
    assert standings(run)["c-3"] == UNMAPPED


def test_beside_what_is_known_to_be_somebodys_an_unmapped_act_may_have_touched_more(
    crm: House,
) -> None:
    read = act(0, "contacts.read", customer="c-1", count=5)
    one = crm.run(read, act(2, "dump", count=9)).of("c-1")
    assert one is not None
    (row,) = one.categories
    assert (row.reason, row.stores) == ("touched", ("contacts",))
    assert (row.records.min, row.records.best, row.records.max) == (5, 5, 70)  # by the inventory
