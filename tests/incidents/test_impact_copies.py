"""Copies within S3: what was read counts, wherever it went, beside what was written."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.copies import copied_from
from incidents.impact import ImpactRun, Range
from incidents.impact.copies import place_of, reads
from tests.detectors.streams import ELSEWHERE, OFFICE, columns, event
from tests.incidents.archives import CUSTOMERS, MAP, House, S, fetch, standings
from tocsin.model.events import ActorKind, Event, Outcome

TOUCHED, UNTOUCHED = ("confirmed", "touched"), ("excluded", "untouched")
THEIRS = {"resource": "attackers-bucket", "object": "loot/1.wav"}


def copy(second: int, what: str, /, action: str = "CopyObject", **more: object) -> Event:
    fields = {**THEIRS, "copied_from": what, "ip": ELSEWHERE, **more}
    return event(second * S, "s3", action, **fields)


def claims(run: ImpactRun, customer: str) -> dict[str, bool | None]:
    one = run.of(customer)
    assert one is not None
    return {negative.store: negative.accessed for negative in one.negatives}


def records(run: ImpactRun, customer: str) -> Range:
    one = run.of(customer)
    assert one is not None
    (category,) = one.categories
    return category.records


@pytest.mark.parametrize("action", ["CopyObject", "UploadPartCopy"])
def test_whose_object_was_copied_away_is_touched_though_the_map_has_but_reads(
    house: House, action: str
) -> None:
    copies = [copy(n, f"recordings/c-2/{n % 3}-1", action) for n in range(1, 7)]
    run = house.run(fetch(0, "c-1/4-1"), *copies)
    assert standings(run) == {"c-1": TOUCHED, "c-2": TOUCHED, "c-3": UNTOUCHED}
    two = run.of("c-2")
    assert two is not None
    assert (two.subjects.min, two.subjects.max) == (3, 3)
    (category,) = two.categories
    assert (category.records.min, category.records.best, category.records.max) == (3, 3, 3)
    assert (category.confidentiality, category.integrity) == (True, False)
    assert "recordings" not in claims(run, "c-2")
    # Where it went stays unknown, and is none of the map's stores.
    assert [(str(one), one.events) for one in run.unmapped] == [
        (f"{action} of s3 in cloudtrail on attackers-bucket", 6)
    ]
    assert claims(run, "c-3")["recordings"] is False


def test_what_was_read_and_copied_is_one_record(house: House) -> None:
    run = house.run(fetch(0, "c-1/4-1"), copy(1, "recordings/c-1/4-1"))
    assert (records(run, "c-1").min, records(run, "c-1").max) == (1, 1)


def test_a_copy_into_a_bucket_of_the_map_counts_there_as_before(house: House) -> None:
    into = {"resource": "recordings", "object": "c-2/4-1"}
    run = house.run(fetch(0, "c-1/4-1"), copy(1, "website/index.html", **into))
    assert standings(run) == {"c-1": TOUCHED, "c-2": ("possible", "unmapped"), "c-3": UNTOUCHED}
    mapped = MAP.replace('actions = ["DeleteObject"]', 'actions = ["CopyObject"]')
    mapped = mapped.replace('effect = "deleted"', 'effect = "changed"')
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)), mapped)
    run = house.run(fetch(0, "c-1/4-1"), copy(1, "recordings/c-3/4-1", **into))
    assert set(standings(run).values()) == {TOUCHED}
    written, read = run.of("c-2"), run.of("c-3")
    assert written is not None
    assert read is not None
    assert written.categories[0].effects == {"integrity"}
    assert read.categories[0].effects == {"confidentiality"}


@pytest.mark.parametrize(
    ("what", "unread"),
    [
        ("website/index.html", True),
        ("", None),  # the record does not say
        ("arn:aws:s3:eu-west-3:111122223333:accesspoint/ap/object/c-2/4-1", None),
        ("ap-7h2-s3alias/c-2/4-1", None),
    ],
)
def test_no_bucket_is_claimed_unread_that_a_copy_may_have_been_made_of(
    house: House, what: str, unread: bool | None
) -> None:
    run = house.run(fetch(0, "c-1/4-1"), copy(1, what))
    assert standings(run) == {"c-1": TOUCHED, "c-2": UNTOUCHED, "c-3": UNTOUCHED}
    assert claims(run, "c-2")["recordings"] is (False if unread else None)
    assert sorted(one.action for one in run.unmapped) == ["CopyObject", "GetObject"]


def test_a_copy_of_what_the_patterns_do_not_know_leaves_all_in_that_bucket_possible(
    house: House,
) -> None:
    run = house.run(fetch(0, "c-1/4-1"), copy(1, "recordings/index.csv"))
    assert standings(run) == {
        "c-1": TOUCHED,
        "c-2": ("possible", "unmapped"),
        "c-3": ("possible", "unmapped"),
    }


def test_a_copy_that_was_refused_touched_nothing(house: House) -> None:
    denied = copy(1, "recordings/c-2/4-1", outcome=Outcome.FAILURE)
    run = house.run(fetch(0, "c-1/4-1"), denied)
    assert standings(run) == {"c-1": TOUCHED, "c-2": ("excluded", "refused"), "c-3": UNTOUCHED}
    assert claims(run, "c-2")["recordings"] is False


def test_a_copy_that_its_owner_may_have_made_leaves_a_customer_possible(house: House) -> None:
    run = house.run(fetch(0, "c-1/4-1"), also=[copy(90, "recordings/c-2/4-1", ip=OFFICE)])
    assert standings(run)["c-2"] == ("possible", "shared-credential")
    assert standings(run)["c-3"] == UNTOUCHED


def test_what_was_copied_from_outside_while_a_bucket_stood_open_was_read(house: House) -> None:
    another = {"actor": "222233334444", "actor_kind": ActorKind.ACCOUNT, "credential": "AKIAOTHER"}
    opened = event(10 * S, "s3", "PutBucketPolicy", resource="recordings")
    run = house.run(opened, also=[copy(600, "recordings/c-2/4-1", ip="192.0.2.1", **another)])
    assert standings(run)["c-2"] == ("confirmed", "open-and-read")
    assert standings(run)["c-3"] == ("excluded", "open-unread")


def test_the_bytes_of_a_copys_answer_are_not_those_of_what_it_copied(house: House) -> None:
    weighed = MAP.replace(
        'effect = "read"\nsubjects = "some"',
        'effect = "read"\ncount = "bytes"\nbytes_per_record = [100, 150, 200]',
    )
    house.take("".join(CUSTOMERS.format(n) for n in (1, 2, 3)), weighed)
    run = house.run(fetch(0, "c-1/4-1", bytes=3_000), copy(1, "recordings/c-2/4-1", bytes=234))
    assert (records(run, "c-1").min, records(run, "c-1").max) == (15, 30)
    said = records(run, "c-2")
    assert (said.min, said.best, said.max) == (1, None, 100)  # by the inventory


BUCKETS = st.from_regex(r"[a-z0-9][a-z0-9.-]{1,20}[a-z0-9]", fullmatch=True)
KEYS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@given(BUCKETS, KEYS, st.sampled_from(["", "/"]), st.sampled_from(["", "?versionId=3/L4k"]))
def test_however_the_source_of_a_copy_is_written_it_is_the_object_that_a_fetch_would_name(
    bucket: str, key: str, slash: str, version: str
) -> None:
    asked = {"bucketName": "b", "x-amz-copy-source": slash + quote(f"{bucket}/{key}") + version}
    found = copied_from(asked)
    service = "s3express" if bucket.endswith("--x-s3") else "s3"
    assert place_of(found) == (service, bucket, key)
    seen = reads(columns([copy(1, found), fetch(2, "c-1/4-1"), copy(3, "other/thing")]))
    one, other = (seen.event(row) for row in range(2))
    assert (one.action, one.service, one.resource, one.object) == (
        "GetObject",
        service,
        bucket,
        key,
    )
    assert (other.resource, other.object) == ("other", "thing")
