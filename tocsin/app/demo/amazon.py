"""AWS acting by itself, and the nightly backup into the other account.

Config, Trusted Advisor, scaling, log delivery and agents make a good part of a quiet account's
records, under names that are services and not people, from addresses that are not addresses.
"""

from datetime import date
from typing import Any

from tocsin.app.demo import devices
from tocsin.app.demo.company import Company
from tocsin.app.demo.dice import roll
from tocsin.app.demo.hours import DAY_S, FRANCE, HOUR_S, MACHINE, every, midnight, moments
from tocsin.app.demo.identities import (
    ADVISOR,
    BACKUP,
    BASTION,
    CONFIG,
    ECS,
    PROD,
    REGION,
    SCALING,
    SEED,
    SIEM,
    TRANSCRIPTION,
    VAULT,
    VAULT_COPY,
    Role,
    assumed,
    aws_service,
    key_id,
)
from tocsin.app.demo.networks import NAT
from tocsin.app.demo.sessions import assume, credentials, machine, renew, role_resource
from tocsin.app.demo.trail import LOGS, Trail, bucket_arn

_ASKED = (
    ("ec2", "DescribeSecurityGroups"),
    ("ec2", "DescribeVpcs"),
    ("ec2", "DescribeSubnets"),
    ("iam", "ListRoles"),
    ("iam", "ListUsers"),
    ("iam", "GetAccountSummary"),
    ("s3", "ListBuckets"),
    ("rds", "DescribeDBInstances"),
    ("lambda", "ListFunctions20150331"),
    ("kms", "ListKeys"),
)
_VOLUMES = tuple(f"vol-{roll(SEED, 'volume', n).hex(17)}" for n in range(4))
_DATABASES = ("crm-prod", "billing-prod")
_INSTANCES = tuple(f"i-{roll(SEED, 'instance', n).hex(17)}" for n in range(3))


def _as_service(trail: Trail, role: Role, by: str, session: str, at: int) -> None:
    """Add a service taking its own role, then asking a few questions with it."""
    key = key_id("ASIA", by, session, at)
    trail.call(
        aws_service(by),
        at,
        "sts",
        "AssumeRole",
        {"roleArn": role.arn, "roleSessionName": session, "durationSeconds": 900},
        response={"credentials": credentials(trail, key, at, 900)},
        resources=role_resource(role),
        shared=trail.dice.uuid(),
    )
    caller = assumed(role, session, key, at, "", agent="", invoked_by=by)
    for service, name in trail.dice.sample(_ASKED, trail.dice.randrange(3, 7)):
        trail.call(caller, at + trail.dice.randrange(1, 9), service, name)


def background(company: Company, day: date, trail: Trail) -> None:
    """Add what AWS's services do by themselves."""
    dice = trail.dice
    for at in every(dice, day, 2 * HOUR_S, 900, 300):
        _as_service(trail, CONFIG, "config", "AWSConfig-Describe", at)
    for at in every(dice, day, 8 * HOUR_S, 1800, 3000):
        _as_service(trail, ADVISOR, "trustedadvisor", "TrustedAdvisor", at)
    for at in moments(dice, day, dice.about(7), FRANCE, MACHINE):
        _scale(trail, at)
    for at in every(dice, day, HOUR_S, 1200, 60):
        _deliver_logs(trail, at)
    for at in moments(dice, day, dice.about(110 * company.scale), FRANCE, MACHINE):
        name = TRANSCRIPTION.name
        caller = machine(TRANSCRIPTION, name, at, NAT[0], devices.PYTHON_LAMBDA)
        stream = f"{day:%Y/%m/%d}/[$LATEST]{dice.hex(32)}"
        request = {"logGroupName": f"/aws/lambda/{name}", "logStreamName": stream}
        trail.call(caller, at, "logs", "CreateLogStream", request, write=True)
    start = midnight(day)
    renew(trail, BASTION, "bastion", start, "ec2")
    for at in every(dice, day, 300, 30, 15):
        caller = machine(BASTION, "bastion", at, NAT[2], devices.SSM_AGENT)
        request = {
            "instanceId": _INSTANCES[0],
            "agentVersion": "3.3.3572.0",
            "agentStatus": "Active",
            "platformType": "Linux",
        }
        trail.call(caller, at, "ssm", "UpdateInstanceInformation", request, write=True)
    for at in every(dice, day, 3 * HOUR_S, 600, 900):
        caller = machine(SIEM, "log-reader", at, NAT[2], devices.PYTHON_LAMBDA)
        request = {"bucketName": LOGS, "Host": f"{LOGS}.s3.{REGION}.amazonaws.com", "acl": ""}
        trail.call(caller, at, "s3", "GetBucketAcl", request, account=VAULT)
    renew(trail, SIEM, "log-reader", start, "lambda")


def _scale(trail: Trail, at: int) -> None:
    """Add a scaling step of the call recorder's service."""
    dice = trail.dice
    caller = assumed(
        SCALING,
        "AutoScaling",
        key_id("ASIA", "scaling", at),
        at - 60,
        "",
        agent="",
        invoked_by="autoscaling",
    )
    trail.call(
        aws_service("autoscaling"),
        at - 1,
        "sts",
        "AssumeRole",
        {"roleArn": SCALING.arn, "roleSessionName": "AutoScaling"},
        response={"credentials": credentials(trail, key_id("ASIA", "scaling", at), at, 900)},
        resources=role_resource(SCALING),
    )
    request = {
        "cluster": "telephony",
        "service": "call-recorder",
        "desiredCount": dice.randrange(3, 7),
    }
    trail.call(caller, at, "ecs", "UpdateService", request, write=True)
    task = assumed(
        ECS, "ecs-service-scheduler", key_id("ASIA", "ecs", at), at, "", agent="", invoked_by="ecs"
    )
    targets = {
        "targetGroupArn": f"arn:aws:elasticloadbalancing:{REGION}:{PROD}:targetgroup/recorder/5f1c",
        "targets": [{"id": f"10.20.2.{dice.randrange(11, 250)}", "port": 8080}],
    }
    trail.call(task, at + 40, "elasticloadbalancing", "RegisterTargets", targets, write=True)


def _deliver_logs(trail: Trail, at: int) -> None:
    """Add CloudTrail looking at the bucket it delivers to, seen by both accounts."""
    shared = trail.dice.uuid()
    request = {"bucketName": LOGS, "Host": f"{LOGS}.s3.{REGION}.amazonaws.com", "acl": ""}
    for account in (PROD, VAULT):
        trail.call(
            aws_service("cloudtrail"),
            at,
            "s3",
            "GetBucketAcl",
            request,
            account=account,
            resources=(bucket_arn(LOGS),),
            request_id=trail.dice.base32(16),
            shared=shared,
        )


def backup(company: Company, day: date, trail: Trail) -> None:
    """Add the night's snapshots: made, shared with the vault's account, copied there."""
    dice = trail.dice
    at = midnight(day) + HOUR_S + dice.randrange(900)
    key = key_id("ASIA", "backup", day)
    trail.call(
        aws_service("lambda"),
        at,
        "sts",
        "AssumeRole",
        {"roleArn": BACKUP.arn, "roleSessionName": "backup-job"},
        response={"credentials": credentials(trail, key, at, HOUR_S)},
        resources=role_resource(BACKUP),
    )
    job = assumed(BACKUP, "backup-job", key, at, NAT[0], agent=devices.PYTHON_LAMBDA)
    vault = assume(trail, job, VAULT_COPY, "backup-job", at + 2)
    for volume in _VOLUMES:
        at += dice.randrange(8, 40)
        snapshot = f"snap-{dice.hex(17)}"
        made = {
            "requestId": dice.uuid(),
            "snapshotId": snapshot,
            "volumeId": volume,
            "status": "pending",
            "startTime": at * 1000,
            "progress": "0%",
            "ownerId": PROD,
            "volumeSize": "200",
            "encrypted": True,
        }
        trail.call(
            job, at, "ec2", "CreateSnapshot", {"volumeId": volume}, response=made, write=True
        )
        shared = {
            "snapshotId": snapshot,
            "createVolumePermission": {"add": {"items": [{"userId": VAULT}]}},
            "attributeType": "CREATE_VOLUME_PERMISSION",
        }
        done = {"requestId": dice.uuid(), "_return": True}
        trail.call(
            job, at + 400, "ec2", "ModifySnapshotAttribute", shared, response=done, write=True
        )
        copied = {"sourceRegion": REGION, "sourceSnapshotId": snapshot, "encrypted": True}
        done = {"requestId": dice.uuid(), "snapshotId": f"snap-{dice.hex(17)}"}
        trail.call(
            vault, at + 600, "ec2", "CopySnapshot", copied, response=done, write=True, account=VAULT
        )
    for database in _DATABASES:
        at += dice.randrange(30, 90)
        name = f"{database}-{day:%Y-%m-%d}"
        request = {"dBSnapshotIdentifier": name, "dBInstanceIdentifier": database}
        trail.call(job, at, "rds", "CreateDBSnapshot", request, response=request, write=True)
        lent: dict[str, Any] = {
            "attributeName": "restore",
            "dBSnapshotIdentifier": name,
            "valuesToAdd": [VAULT],
        }
        response = {
            "dBSnapshotIdentifier": name,
            "dBSnapshotAttributes": [{"attributeName": "restore", "attributeValues": [VAULT]}],
        }
        later = at + 900
        trail.call(
            job, later, "rds", "ModifyDBSnapshotAttribute", lent, response=response, write=True
        )
        source = f"arn:aws:rds:{REGION}:{PROD}:snapshot:{name}"
        request = {
            "sourceDBSnapshotIdentifier": source,
            "targetDBSnapshotIdentifier": f"vault-{name}",
        }
        trail.call(
            vault,
            later + 60,
            "rds",
            "CopyDBSnapshot",
            request,
            response=None,
            write=True,
            account=VAULT,
        )
    old = {"snapshotId": f"snap-{roll(SEED, 'old', day).hex(17)}"}
    trail.call(
        job, at + DAY_S // 48, "ec2", "DeleteSnapshot", old, response={"_return": True}, write=True
    )
    del company
