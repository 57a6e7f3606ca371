"""A developer's old key leaks: two nights from a foreign network, over three identities.

It looks around and is mostly refused, gives itself rights, makes a key for a service user, with
it takes the role of support, and with that takes call recordings and contact lists. Switching the
log off fails.

What there is to see: a long-term key from a new network; a burst of refusals; a user that grants
itself; a new key, used from elsewhere than its user ever was; a role taken from there; hundreds of
objects of a few customers by a role that reads half a dozen a week; attempts on the trail.
"""

from typing import NamedTuple

from tocsin.app.demo import devices
from tocsin.app.demo.attacks.scene import Planted, Scene
from tocsin.app.demo.company import Company, Recording, export_key
from tocsin.app.demo.deploys import allow
from tocsin.app.demo.hours import DAY_S, FRANCE, SUNDAY, local
from tocsin.app.demo.identities import (
    BREAK_GLASS,
    DEVELOPER_USER,
    PROD,
    REGION,
    REPORTING_USER,
    SUPPORT_DATA,
    Caller,
    iam_user,
    key_id,
    long_term_key,
)
from tocsin.app.demo.machines import MAIN_KEY, decrypt, secret_arn
from tocsin.app.demo.people import Customer
from tocsin.app.demo.sessions import assume, issue_key
from tocsin.app.demo.trail import EXPORTS, RECORDINGS, bucket_arn
from tocsin.app.demo.truth import Attack

ID = "leaked-key"
FIRST_NIGHT, SECOND_NIGHT = "198.19.12.104", "198.19.24.66"
SESSIONS = ("quality-sample", "quality-sample-2")
TRAIL_ARN = f"arn:aws:cloudtrail:{REGION}:{PROD}:trail/organisation"

# Customer, and how many days of recordings are taken: first night, second night.
HEARD = ((("c-0011", 7), ("c-0004", 5)), (("c-0033", 6),))
LISTED = ("c-0001", "c-0006", "c-0009", "c-0013", "c-0016", "c-0033", "c-0041")
MOST = 250
_WEEKS = 2
_KMS_SHARE = 0.12

_ASKED: tuple[tuple[str, str, bool], ...] = (
    ("s3", "ListBuckets", True),
    ("iam", "ListUsers", False),
    ("iam", "ListRoles", False),
    ("iam", "GetAccountAuthorizationDetails", False),
    ("iam", "GetAccountSummary", False),
    ("iam", "GetUser", True),
    ("iam", "ListAttachedUserPolicies", True),
    ("iam", "ListUserPolicies", True),
    ("iam", "GetUserPolicy", True),
    ("iam", "ListGroupsForUser", True),
    ("iam", "ListAccessKeys", True),
    ("iam", "ListMFADevices", True),
    ("organizations", "DescribeOrganization", False),
    ("organizations", "ListAccounts", False),
    ("ec2", "DescribeInstances", False),
    ("ec2", "DescribeSnapshots", False),
    ("ec2", "DescribeSecurityGroups", False),
    ("ec2", "DescribeRegions", False),
    ("rds", "DescribeDBInstances", False),
    ("rds", "DescribeDBSnapshots", False),
    ("lambda", "ListFunctions20150331", False),
    ("ecs", "ListClusters", False),
    ("dynamodb", "ListTables", False),
    ("dynamodb", "DescribeTable", False),
    ("secretsmanager", "ListSecrets", False),
    ("ssm", "DescribeParameters", False),
    ("kms", "ListAliases", False),
    ("sqs", "ListQueues", True),
    ("sqs", "GetQueueAttributes", True),
    ("logs", "DescribeLogGroups", False),
    ("cloudtrail", "DescribeTrails", False),
    ("guardduty", "ListDetectors", False),
    ("ses", "GetSendQuota", False),
)
_OWN = frozenset(
    {
        "GetUser",
        "ListAttachedUserPolicies",
        "ListUserPolicies",
        "GetUserPolicy",
        "ListGroupsForUser",
        "ListAccessKeys",
        "ListMFADevices",
    }
)


class Loot(NamedTuple):
    """Whom the thief is, and where the loot is counted."""

    scene: Scene
    caller: Caller


def plant(company: Company) -> Planted:
    """Return the attack."""
    scene = Scene(company, ID)
    day = company.day(0.72, weekdays=(0, 1, 2))
    start = local(day, 21.7, FRANCE)
    own = iam_user(DEVELOPER_USER, long_term_key(DEVELOPER_USER), FIRST_NIGHT, devices.CLI_LINUX)
    new_key = key_id("AKIA", company.seed, REPORTING_USER, 2)
    at = _look_around(scene, own, start)
    at = _grant_itself(scene, own, at + 840, new_key)
    service = iam_user(REPORTING_USER, new_key, FIRST_NIGHT, devices.CLI_LINUX)
    scene.trail.call(service, at + 1_140, "sts", "GetCallerIdentity")
    lent = assume(scene.trail, service, SUPPORT_DATA, SESSIONS[0], at + 1_210)
    scene.credentials.append(lent.key)
    first = Loot(scene, lent)
    at = _list_everything(first, at + 1_260)
    for name, days in HEARD[0]:
        at = _recordings(first, company.customer(name), at + 75, days)
    at = _contact_lists(first, at + 240)
    at = _blind_the_trail(scene, (lent, own), at + 320)
    at = _second_night(scene, service, start + DAY_S + 2_400)
    _tidy_up(scene, own.at(SECOND_NIGHT), at + 300, new_key)
    return scene.planted(
        Attack(
            id=ID,
            title="A developer's leaked key becomes support's role and takes recordings",
            kind="external",
            actors=[own.arn, service.arn, SUPPORT_DATA.arn],
            credentials=[own.key, new_key, *scene.credentials],
            networks=[FIRST_NIGHT, SECOND_NIGHT],
        )
    )


def _look_around(scene: Scene, caller: Caller, at: int) -> int:
    """Ask for everything; most of it is refused."""
    trail, dice = scene.trail, scene.dice
    trail.call(caller, at, "sts", "GetCallerIdentity")
    for service, name, allowed in _ASKED:
        at += 4 + int(dice.expovariate(1 / 22))
        request = {"userName": DEVELOPER_USER} if name in _OWN else None
        if name == "GetUserPolicy":
            request = {"userName": DEVELOPER_USER, "policyName": "usage-files"}
        if allowed:
            trail.call(caller, at, service, name, request)
        else:
            trail.denied(caller, at, service, name)
    for name in ("prod/crm/database", "prod/telephony/sip-trunk", "prod/mail/relay"):
        at += dice.randrange(5, 30)
        trail.denied(caller, at, "secretsmanager", "GetSecretValue", secret_arn(name))
    for bucket, prefix in ((RECORDINGS, ""), (EXPORTS, ""), (EXPORTS, "contacts/")):
        at += dice.randrange(5, 30)
        trail.listing(caller, at, bucket, prefix, sent=0, error="AccessDenied")
    trail.listing(caller, at + 9, EXPORTS, "usage/", sent=88_214)
    return at + 9


def _grant_itself(scene: Scene, own: Caller, at: int, key: str) -> int:
    """The old inline policy lets its user change it: rights, then a key for somebody else."""
    trail = scene.trail
    actions = ["iam:Get*", "iam:List*", "iam:CreateAccessKey", "iam:DeleteAccessKey"]
    request = {
        "userName": DEVELOPER_USER,
        "policyName": "usage-files-2",
        "policyDocument": allow(actions, "*"),
    }
    trail.call(own, at, "iam", "PutUserPolicy", request, write=True)
    for pause, name, asked in (
        (20, "ListUsers", None),
        (31, "ListRoles", None),
        (58, "GetRole", {"roleName": SUPPORT_DATA.name}),
        (71, "ListRolePolicies", {"roleName": SUPPORT_DATA.name}),
        (77, "GetRolePolicy", {"roleName": SUPPORT_DATA.name, "policyName": "support-data"}),
        (95, "ListAccessKeys", {"userName": REPORTING_USER}),
    ):
        trail.call(own, at + pause, "iam", name, asked)
    trail.denied(own, at + 140, "iam", "CreateAccessKey", f"arn:aws:iam::{PROD}:user/{BREAK_GLASS}")
    issue_key(trail, own, at + 190, REPORTING_USER, key)
    return at + 190


def _list_everything(loot: Loot, at: int) -> int:
    scene, dice = loot.scene, loot.scene.dice
    for bucket, prefix in ((RECORDINGS, ""), (EXPORTS, ""), (EXPORTS, "contacts/")):
        at += dice.randrange(6, 20)
        scene.trail.listing(loot.caller, at, bucket, prefix, sent=dice.randrange(40_000, 300_000))
    for customer in scene.company.customers[:36]:
        at += dice.randrange(2, 7)
        sent = dice.randrange(20_000, 200_000)
        scene.trail.listing(loot.caller, at, RECORDINGS, f"{customer.id}/", sent=sent)
    return at


def _recordings(loot: Loot, customer: Customer, at: int, days: int) -> int:
    """Copy the newest days of one customer's recordings, one object after the other."""
    scene, trail, dice = loot.scene, loot.scene.trail, loot.scene.dice
    made: list[Recording] = []
    day = scene.day_of(at)
    for n in range(1, days + 1):
        made += scene.company.recordings(customer, scene.days_before(day, n))
    trail.listing(loot.caller, at, RECORDINGS, f"{customer.id}/", sent=140_220)
    at += 4
    for recording in made[:MOST]:
        at += 1 + int(dice.expovariate(1 / 2.5))
        size = recording.size
        trail.object(loot.caller, at, "GetObject", RECORDINGS, recording.key, sent=size)
        scene.heard(at, customer, recording)
        if dice.chance(_KMS_SHARE):
            context = {"aws:s3:arn": str(bucket_arn(RECORDINGS)["ARN"])}
            scene.related.add(decrypt(trail, loot.caller, at, context))
    return at


def _contact_lists(loot: Loot, at: int) -> int:
    """Copy the last weekly contact lists of the customers that have them."""
    scene, trail, dice = loot.scene, loot.scene.trail, loot.scene.dice
    day = scene.day_of(at)
    sundays = [
        d for n in range(1, 8 * _WEEKS) if (d := scene.days_before(day, n)).weekday() == SUNDAY
    ]
    for name in LISTED:
        customer = scene.company.customer(name)
        trail.listing(loot.caller, at, EXPORTS, f"contacts/{name}/", sent=2_460)
        for sunday in sundays[:_WEEKS]:
            at += dice.randrange(2, 9)
            key, size = export_key(customer, sunday), customer.contacts * 187
            trail.object(loot.caller, at, "GetObject", EXPORTS, key, sent=size)
        scene.took(at, customer, "contacts", "downloaded", range(customer.contacts))
        at += 3
    return at


def _blind_the_trail(scene: Scene, callers: tuple[Caller, Caller], at: int) -> int:
    """Try to switch the log off; the organisation forbids it to everybody."""
    support, own = callers
    trail = scene.trail
    trail.call(support, at, "cloudtrail", "DescribeTrails", {"trailNameList": []})
    for pause, caller, name in (
        (25, support, "StopLogging"),
        (70, own, "StopLogging"),
        (96, own, "PutEventSelectors"),
        (130, own, "DeleteTrail"),
    ):
        trail.denied(caller, at + pause, "cloudtrail", name, TRAIL_ARN, write=True, scp=True)
    return at + 130


def _second_night(scene: Scene, service: Caller, at: int) -> int:
    caller = service.at(SECOND_NIGHT)
    scene.trail.call(caller, at, "sts", "GetCallerIdentity")
    lent = assume(scene.trail, caller, SUPPORT_DATA, SESSIONS[1], at + 55)
    scene.credentials.append(lent.key)
    loot = Loot(scene, lent)
    at += 120
    for name, days in HEARD[1]:
        at = _recordings(loot, scene.company.customer(name), at + 75, days)
    key = {"keyId": MAIN_KEY}
    scene.trail.denied(lent, at + 60, "kms", "DescribeKey", MAIN_KEY, request=key)
    return at + 60


def _tidy_up(scene: Scene, own: Caller, at: int, key: str) -> None:
    """Remove the key and the policy again."""
    trail = scene.trail
    request = {"userName": REPORTING_USER, "accessKeyId": key}
    trail.call(own, at, "iam", "DeleteAccessKey", request, write=True)
    request = {"userName": DEVELOPER_USER, "policyName": "usage-files-2"}
    trail.call(own, at + 35, "iam", "DeleteUserPolicy", request, write=True)
