"""FOLLOW says the same however a stream is cut; a state of another meaning is learned anew."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.deployments import CLOUDFORMATION
from detectors.follow import Follow, decode, encode
from incidents.grouping import Grouping
from incidents.grouping import decode as decode_groups
from incidents.grouping import encode as encode_groups
from tests.detectors.judging import ABROAD, BOB, MADE, READER, RULES, run
from tests.detectors.streams import ALICE, ELSEWHERE, HOUR, OFFICE, columns, daily, event, hits_on
from tocsin.model.events import Event, Outcome, Reason


def test_late_findings_are_marked() -> None:
    follow = Follow(RULES)
    part = columns([event(0 * HOUR, "iam", "CreateAccessKey")])
    found, _ = follow.step(
        follow.start(), part, hits_on(part, MADE.id, ["CreateAccessKey"]), late=True
    )
    assert [f.late for f in found] == [True]


def test_nothing_is_said_of_nothing() -> None:
    follow = Follow(RULES)
    assert follow.step(follow.start(), columns([]), [])[0] == []


SORTS = (
    ("s3", "ListObjects"),
    ("s3", "GetObject"),
    ("s3", "PutBucketPolicy"),
    ("s3", "ListBuckets"),
    ("iam", "CreateAccessKey"),
    ("iam", "PutUserPolicy"),
    ("iam", "AttachGroupPolicy"),
    ("iam", "AddUserToGroup"),
    ("secretsmanager", "GetSecretValue"),
    ("secretsmanager", "BatchGetSecretValue"),
    ("s3", "DeleteBucket"),
    ("crm", "contacts.export"),
    ("crm", "login"),
    ("ec2", "DeleteFlowLogs"),
    ("rds", "DeleteDBInstance"),
    ("cloudformation", "CreateStack"),
)
AGENTS = ("aws-cli/2.15.0", "Terraform/1.7.5", "Boto3/1.34", "curl/8")
OUTCOMES = (
    (Outcome.SUCCESS, Reason.NONE),
    (Outcome.SUCCESS, Reason.NONE),
    (Outcome.FAILURE, Reason.DENIED),
    (Outcome.FAILURE, Reason.AUTH),
)


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    events = daily(9, "s3", "ListObjects")
    for minutes in draw(st.lists(st.integers(0, 16 * 24 * 60), min_size=1, max_size=40)):
        service, action = draw(st.sampled_from(SORTS))
        actor, key = draw(
            st.sampled_from([(ALICE, "AKIAALICE"), (BOB, "AKIANEW"), (READER, "ASIA1")])
        )
        outcome, reason = draw(st.sampled_from(OUTCOMES))
        made = {"CreateAccessKey": "key:AKIANEW"}.get(action, "")
        events.append(
            event(
                minutes * timedelta(minutes=1),
                service,
                action,
                actor=actor,
                credential=key,
                outcome=outcome,
                reason=reason,
                issued=made if outcome == Outcome.SUCCESS else "",
                ip=draw(st.sampled_from([OFFICE, ELSEWHERE, ABROAD, CLOUDFORMATION])),
                user_agent=draw(st.sampled_from(AGENTS)),
                resource=draw(st.sampled_from(["alice", "bob", "exports"])),
                object=draw(st.sampled_from(["", "exports", "second"])),
                count=draw(st.sampled_from([None, 30, 20_000])),
            )
        )
    return events


@settings(max_examples=60, deadline=None)
@given(streams(), st.lists(st.integers(0, 16 * 24 * 60), max_size=12), st.randoms())
def test_cutting_and_shuffling_the_stream_changes_nothing(
    events: list[Event], cuts: list[int], random: Any
) -> None:
    whole = run(events)
    shuffled = list(events)
    random.shuffle(shuffled)
    assert run(shuffled, [minutes * timedelta(minutes=1) for minutes in cuts]) == whole


@pytest.mark.parametrize("module", ["detectors", "incidents"])
def test_a_state_of_another_meaning_is_learned_anew(module: str) -> None:
    follow, grouping = Follow(RULES), Grouping()
    if module == "detectors":
        state = follow.start()
        state.version = 0
        assert decode(encode(state)) == follow.start()
    else:
        groups = grouping.start()
        groups.version = 0
        assert decode_groups(encode_groups(groups)) == grouping.start()
