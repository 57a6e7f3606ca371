"""What belongs together becomes one incident, and nothing else gets into it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.detectors.judging import ABROAD, BOB, READER, rules_of, run
from tests.detectors.streams import ALICE, DAY, ELSEWHERE, HOUR, daily, event
from tocsin.model.events import ActorKind


def test_all_that_a_stolen_key_does_belongs_to_the_incident() -> None:
    known = daily(10, "s3", "ListObjects")
    acts = [
        event(11 * DAY + n * timedelta(minutes=7), "s3", "GetObject", ip=ELSEWHERE)
        for n in range(40)
    ]
    _, incidents = run([*known, *acts])
    assert len(incidents) == 1
    assert set(incidents[0].event_ids) >= {act.id for act in acts}
    assert not set(incidents[0].event_ids) & {e.id for e in known}


def test_a_chain_of_identities_is_one_incident() -> None:
    late, bob = 11 * DAY, {"actor": BOB, "credential": "AKIANEW", "ip": ELSEWHERE}
    chain = [
        event(late, "iam", "CreateAccessKey", ip=ELSEWHERE, issued="key:AKIANEW", resource="bob"),
        event(late + HOUR, "sts", "AssumeRole", issued="key:ASIAROLE", **bob),
        event(late + 2 * HOUR, "s3", "GetObject", actor=READER, credential="ASIAROLE", ip=ABROAD),
    ]
    _, incidents = run([*daily(10, "s3", "ListObjects"), *chain])
    assert [set(incident.event_ids) for incident in incidents] == [{act.id for act in chain}]
    assert set(incidents[0].actors) == {ALICE, BOB, READER}


@pytest.mark.parametrize("path", ["", "staff/", "staff/eu/"])
def test_a_user_whose_password_is_set_is_one_incident_with_who_set_it(path: str) -> None:
    bob = {"actor": BOB.replace("bob", f"{path}bob"), "credential": "", "ip": ELSEWHERE}
    exposed = event(0 * HOUR, "s3", "PutBucketPolicy", ip=ELSEWHERE)
    given = event(1 * HOUR, "iam", "UpdateLoginProfile", ip=ELSEWHERE, issued=BOB, resource="bob")
    late = [event(n * HOUR, "s3", "PutBucketPolicy", **bob) for n in (30, 60)]
    _, incidents = run([exposed, given, *late])
    assert len(incidents) == 1
    assert {exposed.id, *(act.id for act in late)} <= set(incidents[0].event_ids)
    assert set(incidents[0].actors) == {ALICE, bob["actor"]}


def test_what_a_stolen_key_gives_a_password_to_is_followed_whatever_its_path() -> None:
    bob = {"actor": BOB.replace("bob", "staff/bob"), "credential": "", "ip": ABROAD}
    taken = event(0 * HOUR, "s3", "ListBuckets", ip=ELSEWHERE)
    given = event(1 * HOUR, "iam", "UpdateLoginProfile", ip=ELSEWHERE, issued=BOB)
    after = event(2 * HOUR, "s3", "GetObject", **bob)
    _, incidents = run([taken, given, after])
    assert [set(i.event_ids) for i in incidents] == [{taken.id, given.id, after.id}]


def test_a_new_key_used_elsewhere_ties_maker_and_user() -> None:
    bob = {"actor": BOB, "credential": "AKIANEW", "ip": ELSEWHERE}
    found, incidents = run(
        [
            event(0 * HOUR, "iam", "CreateAccessKey", issued="key:AKIANEW", resource="bob"),
            event(1 * HOUR, "s3", "ListObjects", **bob),
            event(2 * HOUR, "s3", "GetObject", **bob),
        ]
    )
    assert "new-credential-elsewhere" in rules_of(found)
    assert len(incidents) == 1
    assert set(incidents[0].actors) == {ALICE, BOB}
    assert len(incidents[0].event_ids) == 3


def test_an_exposed_bucket_and_its_readers_are_one_incident() -> None:
    nobody = {"actor": "anonymous", "actor_kind": ActorKind.ANONYMOUS, "credential": ""}
    opened = event(0 * HOUR, "s3", "PutBucketPolicy", resource="exports")
    read = event(5 * HOUR, "s3", "GetObjectAcl", resource="exports", ip=ABROAD, **nobody)
    other = event(5 * HOUR, "s3", "GetObjectAcl", resource="website", ip=ABROAD, **nobody)
    _, incidents = run([opened, read, other])
    assert [set(i.event_ids) for i in incidents] == [{opened.id, read.id}]


def test_what_a_rule_calls_stolen_is_followed_from_there() -> None:
    before = event(0 * HOUR, "s3", "GetObject", actor=READER, credential="ASIA1")
    first = event(1 * HOUR, "s3", "ListBuckets", actor=READER, credential="ASIA1")
    after = event(2 * HOUR, "s3", "GetObject", actor=READER, credential="ASIA1")
    other = event(2 * HOUR, "s3", "GetObject", actor=READER, credential="ASIA2")
    _, incidents = run([before, first, after, other])
    assert [set(i.event_ids) for i in incidents] == [{first.id, after.id}]


def test_a_federated_user_is_its_maker_whatever_key_it_signs_with() -> None:
    helper = "arn:aws:sts::111122223333:federated-user/helper"
    made = event(0 * HOUR, "iam", "CreateAccessKey", resource="bob")
    token = event(1 * HOUR, "sts", "GetFederationToken", issued=helper)
    console = event(2 * HOUR, "s3", "PutBucketPolicy", actor=helper, credential="ASIACONSOLE")
    _, incidents = run([made, token, console])
    assert [set(incident.event_ids) for incident in incidents] == [{made.id, console.id}]


def test_what_somebody_does_by_hand_with_a_machines_session_is_followed() -> None:
    def held(agent: str) -> int:
        machine: dict[str, Any] = {
            "actor": READER,
            "actor_kind": ActorKind.WORKLOAD,
            "user_agent": agent,
        }
        acts = [
            event(1 * HOUR, "iam", "CreateAccessKey", credential="ASIA1", **machine),
            event(2 * HOUR, "s3", "ListObjects", credential="ASIA1", **machine),
            event(2 * HOUR, "s3", "ListObjects", credential="ASIA2", **machine),
        ]
        _, (incident,) = run(acts)
        return len(incident.event_ids)

    assert held("curl/8.5.0") == held("aws-cli/2.15.0") == 2
    assert held("Boto3/1.34 Botocore/1.34") == 1
