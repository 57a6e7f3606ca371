"""What machines do all day: tasks, functions, jobs, and AWS acting by itself.

call recorder     writes every recorded call to S3
transcription     a function that reads it a minute later
CRM API           reads and writes contacts on behalf of users (see :mod:`.crm`)
weekly export     writes contact lists for the customers that ordered them
billing job       reads usage and writes invoices at the beginning of a month
backup job        snapshots every night, shared with and copied to the vault account
dashboard         asks for figures every five minutes, and is denied the costs every time
legacy scripts    two IAM users with old keys in the machine room
AWS               Config, Trusted Advisor, scaling, log delivery, agents
"""

from datetime import date, timedelta

from tocsin.app.demo import devices
from tocsin.app.demo.company import Company, export_key, invoice_key
from tocsin.app.demo.dice import roll
from tocsin.app.demo.hours import FRANCE, HOUR_S, SUNDAY, every, local, midnight
from tocsin.app.demo.identities import (
    CALL_RECORDER,
    CAMPAIGNS,
    CRM_API,
    DASHBOARD,
    EXPORTER,
    INVOICING,
    PROD,
    REGION,
    REPORTING_USER,
    SEED,
    SUPPORT_DATA,
    TASK_EXECUTION,
    TELCO_USER,
    TRANSCRIPTION,
    Caller,
    Role,
    iam_user,
    long_term_key,
)
from tocsin.app.demo.networks import FAX_ROOM, MACHINE_ROOM, NAT
from tocsin.app.demo.sessions import assume, machine, renew
from tocsin.app.demo.trail import EXPORTS, RECORDINGS, Trail

S3_ENDPOINT, DYNAMO_ENDPOINT = "vpce-0b7c1d94e2f3a6058", "vpce-04f9e6a1c8d27b3f5"
MAIN_KEY = f"arn:aws:kms:{REGION}:{PROD}:key/7d1e9c34-52ab-4f06-8b1d-c09f4e3a6b27"
PRIVATE = ("10.20.1.", "10.20.2.", "10.20.3.")
SECRETS = ("prod/crm/database", "prod/telephony/sip-trunk", "prod/mail/relay", "prod/crm/signing")

TASKS: tuple[tuple[Role, str, int], ...] = (
    (CALL_RECORDER, devices.GO_TASK, 3),
    (CRM_API, devices.JAVA_TASK, 4),
    (CAMPAIGNS, devices.PYTHON_TASK, 2),
)


def inside(label: str) -> str:
    """Return the private address of a task."""
    dice = roll(SEED, "address", label)
    return dice.choice(PRIVATE) + str(dice.randrange(11, 250))


def task(role: Role, number: int, at: int, agent: str) -> Caller:
    """Return one of the tasks of a role, as it calls at ``at`` through an endpoint."""
    label = f"{role.name}/{number}"
    return machine(role, label, at, inside(label), agent)


def crm_api(at: int, number: int) -> Caller:
    """Return the CRM API's task that served a request."""
    return task(CRM_API, number % 4, at, devices.JAVA_TASK)


def secret_arn(name: str) -> str:
    """Return the ARN of a secret."""
    return f"arn:aws:secretsmanager:{REGION}:{PROD}:secret:{name}-{roll(SEED, name).base62(6)}"


def get_secret(trail: Trail, caller: Caller, at: int, name: str) -> str:
    """Add a successful read of a secret."""
    request = {"secretId": secret_arn(name)}
    return trail.call(caller, at, "secretsmanager", "GetSecretValue", request)


def decrypt(trail: Trail, caller: Caller, at: int, context: dict[str, str]) -> str:
    """Add a use of the main key."""
    return trail.call(
        caller,
        at,
        "kms",
        "Decrypt",
        {
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "keyId": MAIN_KEY,
            "encryptionContext": context,
        },
        resources=({"accountId": PROD, "type": "AWS::KMS::Key", "ARN": MAIN_KEY},),
    )


def tasks(company: Company, day: date, trail: Trail) -> None:
    """Add the tasks' renewals, start-ups and the secrets they read then."""
    start, dice = midnight(day), trail.dice
    for role, _, count in TASKS:
        for number in range(count):
            label = f"{role.name}/{number}"
            renew(trail, role, label, start, "ecs-tasks")
    renew(trail, TASK_EXECUTION, "ecsTaskExecutionRole/0", start, "ecs-tasks")
    for function in (TRANSCRIPTION, EXPORTER, INVOICING):
        renew(trail, function, function.name, start, "lambda")
    for role, agent, count in TASKS:
        for number in range(count):
            # Tasks are replaced now and then; a new one reads its secrets.
            for at in every(dice, day, 8 * HOUR_S, 5 * HOUR_S):
                caller = task(role, number, at, agent).at(dice.choice(NAT))
                for name in dice.sample(SECRETS, 2):
                    get_secret(trail, caller, at, name)
                    decrypt(trail, caller, at, {"SecretARN": secret_arn(name)})
    del company


def recordings(company: Company, day: date, trail: Trail) -> None:
    """Add every recorded call: written, then read by transcription."""
    dice = trail.dice
    for customer in company.customers:
        for made in company.recordings(customer, day):
            writer = task(CALL_RECORDER, dice.randrange(3), made.at, devices.GO_TASK)
            trail.object(
                writer,
                made.at,
                "PutObject",
                RECORDINGS,
                made.key,
                got=made.size,
                endpoint=S3_ENDPOINT,
                asked={"x-amz-server-side-encryption": "aws:kms"},
            )
            at = min(made.at + dice.randrange(2, 40), midnight(day) + 24 * HOUR_S - 1)
            ip = dice.choice(NAT)
            reader = machine(TRANSCRIPTION, TRANSCRIPTION.name, at, ip, devices.PYTHON_LAMBDA)
            trail.object(reader, at, "GetObject", RECORDINGS, made.key, sent=made.size)
            if dice.chance(0.12):  # the bucket key spares most of the calls
                bucket = {"aws:s3:arn": f"arn:aws:s3:::{RECORDINGS}"}
                decrypt(trail, reader, at, bucket)


def exports(company: Company, day: date, trail: Trail) -> None:
    """Add the weekly contact lists, on the night to Sunday, and invoices on the month's first."""
    dice = trail.dice
    if day.weekday() == SUNDAY:
        at = midnight(day) + 2 * HOUR_S
        for customer in (c for c in company.customers if c.exports):
            at += dice.randrange(20, 70)
            caller = machine(EXPORTER, EXPORTER.name, at, dice.choice(NAT), devices.PYTHON_LAMBDA)
            for _ in range(customer.contacts // 1000 + 1):
                trail.item(caller, at, "Query", customer.id, "")
            key = export_key(customer, day)
            trail.object(caller, at, "PutObject", EXPORTS, key, got=customer.contacts * 187)
    at = midnight(day) + 4 * HOUR_S + dice.randrange(600)
    first = day.day == 1
    month = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
    for customer in company.customers if first else ():
        at += dice.randrange(4, 30)
        caller = machine(INVOICING, INVOICING.name, at, dice.choice(NAT), devices.PYTHON_LAMBDA)
        trail.object(
            caller,
            at,
            "PutObject",
            EXPORTS,
            invoice_key(customer, month),
            got=dice.randrange(60_000, 180_000),
        )
    for number in range(12):
        at += dice.randrange(4, 30)
        caller = machine(INVOICING, INVOICING.name, at, dice.choice(NAT), devices.PYTHON_LAMBDA)
        if number % 4 == 0:
            get_secret(trail, caller, at, "prod/billing/payment-provider")
        key = f"usage/{day:%Y/%m/%d}/part-{number:04d}.parquet"
        trail.object(caller, at, "PutObject", EXPORTS, key, got=dice.randrange(80_000, 900_000))


def dashboard(company: Company, day: date, trail: Trail) -> None:
    """Add the dashboard's questions, one of them always refused."""
    dice = trail.dice
    start = midnight(day)
    renew(trail, DASHBOARD, "grafana", start, "ec2")
    for number, at in enumerate(every(dice, day, 300, 20)):
        caller = machine(DASHBOARD, "grafana", at, NAT[1], devices.GRAFANA)
        trail.call(caller, at, "monitoring", "DescribeAlarms", {"maxRecords": 100})
        if number % 2 == 0:
            trail.call(caller, at, "rds", "DescribeDBInstances")
        if number % 3 == 0:
            trail.call(
                caller, at, "ec2", "DescribeInstances", {"instancesSet": {}, "filterSet": {}}
            )
        if number % 12 == 0:
            trail.denied(
                caller, at, "ce", "GetCostAndUsage", f"arn:aws:ce:us-east-1:{PROD}:/GetCostAndUsage"
            )
    del company


def scripts(company: Company, day: date, trail: Trail) -> None:
    """Add the two legacy users: hourly reports, and call records from the carrier."""
    dice = trail.dice
    reporting = iam_user(
        REPORTING_USER, long_term_key(REPORTING_USER), MACHINE_ROOM, devices.OLD_SCRIPT
    )
    for at in every(dice, day, HOUR_S, 40, 420):
        trail.call(reporting, at, "sts", "GetCallerIdentity")
        trail.listing(
            reporting, at + 1, EXPORTS, f"usage/{day:%Y/%m/%d}/", sent=dice.randrange(600, 9000)
        )
        if dice.chance(0.7):
            key = f"usage/{day:%Y/%m/%d}/part-{dice.randrange(12):04d}.parquet"
            trail.object(
                reporting, at + 2, "GetObject", EXPORTS, key, sent=dice.randrange(80_000, 900_000)
            )
        key = f"reports/{day:%Y-%m-%d}/{(at // HOUR_S) % 24:02d}.csv"
        trail.object(
            reporting, at + 5, "PutObject", EXPORTS, key, got=dice.randrange(4_000, 40_000)
        )
    if day.weekday() == 0:  # quality figures: a sample of last week's calls, by way of a role
        at = local(day, 6.2, FRANCE)
        session = assume(trail, reporting, SUPPORT_DATA, "quality-sample", at)
        for customer in dice.sample(company.customers, 6):
            made = company.past_recording(dice, customer, day)
            at += dice.randrange(3, 15)
            if made:
                trail.object(session, at, "GetObject", RECORDINGS, made.key, sent=made.size)
    telco = iam_user(TELCO_USER, long_term_key(TELCO_USER), FAX_ROOM, devices.OLD_PHP)
    for tick in every(dice, day, 900, 60, 120):
        at = tick
        key = f"carrier/{day:%Y/%m/%d}/{dice.hex(8)}.cdr.gz"
        if dice.chance(0.01):
            trail.object(
                telco,
                at,
                "PutObject",
                EXPORTS,
                key,
                error="SlowDown",
                message="Please reduce your request rate.",
            )
            at += 4
        trail.object(telco, at, "PutObject", EXPORTS, key, got=dice.randrange(9_000, 240_000))
