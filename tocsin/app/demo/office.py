"""What colleagues do at AWS on their working days: sign in, look around, work on a command line.

Platform and engineering work most, security and support leads look in, finance reads the bill.
Everyone signs in through Identity Center; one developer still has a key of his own.
"""

from datetime import date
from typing import Any

from tocsin.app.demo import devices
from tocsin.app.demo.company import Company
from tocsin.app.demo.dice import Dice
from tocsin.app.demo.hours import OFFICE, moments
from tocsin.app.demo.identities import (
    ADMIN,
    AUDIT,
    BILLING_VIEW,
    DEVELOPER,
    DEVELOPER_USER,
    PROD,
    REGION,
    SUPPORT_VIEW,
    Caller,
    Role,
    iam_user,
    long_term_key,
)
from tocsin.app.demo.networks import LISBON, staff_home, staff_mobile, staff_office
from tocsin.app.demo.people import LEAVER, NEWCOMERS, Staff
from tocsin.app.demo.sessions import sign_in
from tocsin.app.demo.trail import EXPORTS, Trail

TRAVELLER, NEW_LAPTOP = "yael.abramson", "mathieu.delorme"
LEADS = frozenset({"julien.peyrat", "shira.levanon"})
ROLES: dict[str, Role] = {
    "platform": ADMIN,
    "engineering": DEVELOPER,
    "security": AUDIT,
    "support": SUPPORT_VIEW,
    "finance": BILLING_VIEW,
}
_PRESENCE = {"platform": 0.9, "engineering": 0.7, "security": 0.6, "support": 0.35, "finance": 0.15}
TRIP_DAYS = 5
_FUNCTIONS = ("transcription-worker", "weekly-export", "billing-job", "webhook-fanout")

# What a look around asks, by permission set: service, name, weight.
_LOOKS: dict[str, tuple[tuple[str, str, int], ...]] = {
    "platform": (
        ("ec2", "DescribeInstances", 9),
        ("ec2", "DescribeSecurityGroups", 6),
        ("ecs", "DescribeServices", 9),
        ("ecs", "ListTasks", 6),
        ("logs", "FilterLogEvents", 8),
        ("logs", "DescribeLogGroups", 5),
        ("rds", "DescribeDBInstances", 5),
        ("cloudformation", "DescribeStacks", 4),
        ("iam", "ListRoles", 2),
        ("iam", "GetRole", 2),
        ("iam", "ListUsers", 1),
        ("monitoring", "DescribeAlarms", 5),
        ("s3", "ListBuckets", 3),
        ("s3", "GetBucketPolicy", 1),
        ("s3", "GetBucketPublicAccessBlock", 1),
        ("secretsmanager", "ListSecrets", 1),
        ("dynamodb", "DescribeTable", 3),
        ("kms", "ListAliases", 2),
    ),
    "engineering": (
        ("logs", "FilterLogEvents", 12),
        ("logs", "DescribeLogGroups", 6),
        ("logs", "StartQuery", 6),
        ("logs", "GetQueryResults", 8),
        ("ecs", "DescribeServices", 8),
        ("ecs", "ListTasks", 5),
        ("lambda", "ListFunctions20150331", 4),
        ("lambda", "GetFunction20150331v2", 4),
        ("dynamodb", "DescribeTable", 4),
        ("sqs", "GetQueueAttributes", 5),
        ("cloudformation", "DescribeStacks", 3),
        ("monitoring", "DescribeAlarms", 4),
        ("s3", "ListBuckets", 2),
    ),
    "security": (
        ("cloudtrail", "DescribeTrails", 4),
        ("cloudtrail", "GetTrailStatus", 4),
        ("cloudtrail", "GetEventSelectors", 3),
        ("cloudtrail", "LookupEvents", 8),
        ("iam", "ListUsers", 4),
        ("iam", "ListAccessKeys", 4),
        ("iam", "GetAccountSummary", 2),
        ("iam", "GenerateCredentialReport", 1),
        ("guardduty", "ListFindings", 5),
        ("config", "DescribeComplianceByConfigRule", 4),
        ("ec2", "DescribeSecurityGroups", 3),
        ("s3", "GetBucketPolicyStatus", 3),
    ),
    "support": (
        ("logs", "FilterLogEvents", 6),
        ("monitoring", "DescribeAlarms", 4),
        ("ecs", "DescribeServices", 3),
        ("health", "DescribeEvents", 2),
    ),
    "finance": (("ce", "GetCostAndUsage", 6), ("ce", "GetCostForecast", 2), ("ce", "GetTags", 1)),
}
_WITH_NAME: dict[str, dict[str, Any]] = {
    "DescribeServices": {"cluster": "telephony", "services": ["call-recorder"]},
    "ListTasks": {"cluster": "telephony", "serviceName": "crm-api"},
    "FilterLogEvents": {"logGroupName": "/ecs/crm-api", "interleaved": False},
    "DescribeTable": {"tableName": "contacts"},
    "DescribeStacks": {"stackName": "platform-prod"},
    "GetTrailStatus": {"name": f"arn:aws:cloudtrail:{REGION}:{PROD}:trail/organisation"},
    "GetEventSelectors": {"trailName": f"arn:aws:cloudtrail:{REGION}:{PROD}:trail/organisation"},
    "GetBucketPolicy": {"bucketName": EXPORTS, "policy": ""},
    "GetBucketPolicyStatus": {"bucketName": EXPORTS, "policyStatus": ""},
    "GetBucketPublicAccessBlock": {"bucketName": EXPORTS, "publicAccessBlock": ""},
    "GetQueueAttributes": {
        "queueUrl": f"https://sqs.{REGION}.amazonaws.com/{PROD}/transcription",
        "attributeNames": ["All"],
    },
}


def place(company: Company, person: Staff, day: date, dice: Dice) -> str:
    """Return where a colleague works from on a day: office, home, the phone, or abroad."""
    trip = company.day(0.52, weekdays=(6, 0, 1))
    if person.id == TRAVELLER and 0 <= (day - trip).days < TRIP_DAYS:
        return LISBON
    if dice.chance(0.03):
        return staff_mobile(person, dice)
    home = day.weekday() in {(person.home * 2) % 5, 4}
    return staff_home(person) if home or not person.week.works(day) else staff_office(person)


def device(company: Company, person: Staff, day: date) -> str:
    """Return the user agent of a colleague's browser on a day."""
    kind = person.device
    if person.id == NEW_LAPTOP and day >= company.day(0.6):
        kind = "mac-chrome"
    return devices.browser(kind, day, person.home)


def employed(company: Company, person: Staff, day: date) -> bool:
    """Return whether a colleague works for us on ``day``."""
    if person.id == LEAVER:
        return day <= last_day(company)
    return person.id not in NEWCOMERS or day >= company.day(0.45, weekdays=(0,))


def last_day(company: Company) -> date:
    """Return the last working day of the colleague who leaves."""
    return company.day(0.8, weekdays=(1, 2, 3))


def look(
    trail: Trail, caller: Caller, at: int, team: str, count: int, *, pause_s: int = 25
) -> None:
    """Add ``count`` questions of the sort a team asks, beginning at ``at``."""
    dice = trail.dice
    table = _LOOKS[team]
    weights = [weight for _, _, weight in table]
    for service, name, _ in dice.choices(table, weights, k=count):
        at += int(dice.expovariate(1 / pause_s)) + 1
        request = _WITH_NAME.get(name)
        if name == "GetFunction20150331v2":
            request = {"functionName": dice.choice(_FUNCTIONS)}
        if name == "GetRole":
            request = {"roleName": dice.choice(("crm-api-task", "ci-deploy", "backup-job"))}
        if dice.chance(0.012):
            trail.call(
                caller,
                at,
                service,
                name,
                request,
                error="ThrottlingException",
                message="Rate exceeded",
            )
            at += 2
        trail.call(caller, at, service, name, request)


def staff_at_aws(company: Company, day: date, trail: Trail) -> None:
    """Add the working day of everyone who uses AWS."""
    dice = trail.dice
    for person in company.staff:
        presence = _PRESENCE.get(person.team, 0.0)
        if person.team == "support" and person.id not in LEADS:
            continue
        if not person.week.works(day) or not employed(company, person, day):
            presence *= 0.04 if employed(company, person, day) else 0
        if not dice.chance(presence):
            continue
        ip, agent = place(company, person, day, dice), device(company, person, day)
        for at in moments(dice, day, dice.choice((1, 1, 2)), person.week, OFFICE):
            session = sign_in(trail, person.id, ROLES[person.team], at, ip, agent=agent)
            look(trail, session, at + 8, person.team, dice.about(14 * company.scale))
        if person.team in {"platform", "engineering"} and dice.chance(0.6):
            _command_line(company, day, trail, person, ip)
    _own_key(company, day, trail)


def _command_line(company: Company, day: date, trail: Trail, person: Staff, ip: str) -> None:
    dice = trail.dice
    agent = devices.CLI_MAC if person.device.startswith("mac") else devices.CLI_LINUX
    at = moments(dice, day, 1, person.week, OFFICE)[0]
    session = sign_in(trail, person.id, ROLES[person.team], at, ip, agent=agent, console=False)
    trail.call(session, at + 2, "sts", "GetCallerIdentity")
    look(trail, session, at + 5, person.team, dice.about(10 * company.scale), pause_s=40)
    if person.team == "engineering" and dice.chance(0.15):
        trail.denied(session, at + 300, "secretsmanager", "GetSecretValue", "prod/crm/database")


def _own_key(company: Company, day: date, trail: Trail) -> None:
    """Add the developer who tests against usage files with a key on his own machine."""
    dice = trail.dice
    person = company.person(DEVELOPER_USER)
    if not person.week.works(day) or not dice.chance(0.75):
        return
    ip = place(company, person, day, dice)
    caller = iam_user(DEVELOPER_USER, long_term_key(DEVELOPER_USER), ip, devices.CLI_MAC)
    for at in moments(dice, day, dice.randrange(1, 4), person.week, OFFICE):
        trail.call(caller, at, "sts", "GetCallerIdentity")
        trail.listing(
            caller, at + 3, EXPORTS, f"usage/{day:%Y/%m}/", sent=dice.randrange(900, 5000)
        )
        for number in range(dice.randrange(1, 5)):
            key = f"usage/{day:%Y/%m/%d}/part-{dice.randrange(12):04d}.parquet"
            size = dice.randrange(80_000, 900_000)
            trail.object(caller, at + 9 + 4 * number, "GetObject", EXPORTS, key, sent=size)
        trail.call(caller, at + 40, "sqs", "GetQueueAttributes", _WITH_NAME["GetQueueAttributes"])
