"""What tests of FOLLOW share: rules, and what is said in the end of a stream."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from detectors.follow import Follow, decode, encode
from detectors.sigma.expr import NEVER
from detectors.sigma.rule import Rule
from incidents.grouping import Grouping
from incidents.grouping import decode as decode_groups
from incidents.grouping import encode as encode_groups
from tests.detectors.streams import HOUR, columns, hits_on
from tocsin.model.events import Event
from tocsin.model.findings import Finding, Incident, Level

BOB = "arn:aws:iam::111122223333:user/bob"
READER = "arn:aws:iam::111122223333:role/reader"
ABROAD = "192.0.2.44"


def rule(name: str, level: Level = Level.LOW, **more: Any) -> Rule:
    fields: dict[str, Any] = {
        "id": name,
        "title": name.title(),
        "author": "Somebody",
        "origin": "their rules",
        "level": level,
        "tactics": ("persistence",),
        "techniques": (),
        "logsource": {},
        "why": "",
        "habit": False,
        "contract": "",
        "joins": False,
        "stolen": False,
        "deployment": "",
        "tests": (),
        "where": "test.yml",
        "expression": NEVER,
    }
    return Rule(**{**fields, **more})


MADE = rule("key made", Level.MEDIUM)
READ = rule("secret read", habit=True)
EXPOSED = rule("exposed", Level.HIGH, joins=True)
NOBODY = rule("read by nobody", joins=True)
TAKEN = rule("taken", Level.MEDIUM, stolen=True)
TORN = rule("database deleted", Level.MEDIUM, deployment="aside")
RIGHTS = rule("rights given", Level.HIGH, deployment="aside")
BLIND = rule("flow logs deleted", Level.HIGH, deployment="medium")
PASSWORD = rule("password given", Level.MEDIUM, deployment="medium")
RULES = (MADE, READ, EXPOSED, NOBODY, TAKEN, TORN, RIGHTS, BLIND, PASSWORD)
ACTIONS = {
    MADE.id: ["CreateAccessKey"],
    READ.id: ["GetSecretValue"],
    EXPOSED.id: ["PutBucketPolicy"],
    NOBODY.id: ["GetObjectAcl"],
    TAKEN.id: ["ListBuckets"],
    TORN.id: ["DeleteDBInstance"],
    RIGHTS.id: ["AttachUserPolicy", "AttachGroupPolicy"],
    BLIND.id: ["DeleteFlowLogs"],
    PASSWORD.id: ["CreateLoginProfile"],
}


def judge(events: Sequence[Event], cuts: Sequence[timedelta] = ()) -> list[Finding]:
    """Return what is said in the end of a stream that is cut at these instants."""
    return run(events, cuts)[0]


def run(
    events: Sequence[Event], cuts: Sequence[timedelta] = ()
) -> tuple[list[Finding], list[Incident]]:
    follow, grouping = Follow(RULES), Grouping()
    state, groups = encode(follow.start()), encode_groups(grouping.start())
    found, open_now = dict[str, Finding](), dict[str, Incident]()
    ordered = sorted(events, key=lambda e: e.at)
    bounds = [*sorted({ordered[0].at + cut for cut in cuts}), ordered[-1].at + HOUR]
    for start, end in zip([ordered[0].at, *bounds], bounds, strict=False):
        part = columns([e for e in ordered if start <= e.at < end])
        hits = [hit for name, actions in ACTIONS.items() for hit in hits_on(part, name, actions)]
        said, new_state = follow.step(decode(state), part, hits)
        incidents, new_groups = grouping.step(decode_groups(groups), said)
        state, groups = encode(new_state), encode_groups(new_groups)
        found.update((finding.id, finding) for finding in said)
        for incident in incidents:
            open_now[incident.id] = incident
            for gone in incident.merged:
                open_now.pop(gone, None)
    return sorted(found.values(), key=lambda f: (f.since, f.id)), sorted(
        open_now.values(), key=lambda i: i.id
    )


def rules_of(found: Sequence[Finding]) -> list[str]:
    return [finding.rule for finding in found]
