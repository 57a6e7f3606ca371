"""Changes to the platform: the build system's runs, and Terraform and CloudFormation within them.

Several times a week the main branch goes live: a plan full of questions, then new code for a
function or two, new task definitions, sometimes a security group, a role or a role's policy.
"""

import json
from datetime import date
from typing import Any

from tocsin.app.demo import devices
from tocsin.app.demo.company import Company
from tocsin.app.demo.hours import FRANCE, FRIDAY, OFFICE, SATURDAY, local, moments
from tocsin.app.demo.identities import DEPLOY, PROD, REGION, Caller, assumed
from tocsin.app.demo.networks import runner
from tocsin.app.demo.sessions import build
from tocsin.app.demo.trail import Trail

FUNCTIONS = ("transcription-worker", "weekly-export", "billing-job", "webhook-fanout")
SERVICES = ("crm-api", "call-recorder", "campaign-mailer")
_PLAN = (
    ("iam", "GetRole"),
    ("iam", "ListRolePolicies"),
    ("iam", "ListAttachedRolePolicies"),
    ("iam", "GetRolePolicy"),
    ("ec2", "DescribeSecurityGroups"),
    ("ec2", "DescribeVpcs"),
    ("ec2", "DescribeSubnets"),
    ("ecs", "DescribeTaskDefinition"),
    ("ecs", "DescribeServices"),
    ("lambda", "GetFunction20150331v2"),
    ("s3", "GetBucketPolicy"),
    ("s3", "GetBucketVersioning"),
    ("kms", "DescribeKey"),
    ("logs", "DescribeLogGroups"),
    ("sqs", "GetQueueAttributes"),
)


def assume_policy(service: str) -> str:
    """Return the trust policy of a role for one of AWS's services."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def allow(actions: list[str], resource: str) -> str:
    """Return a policy that allows ``actions`` on ``resource``."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def put_role_policy(
    trail: Trail, caller: Caller, at: int, role: str, name: str, *, policy: str
) -> str:
    """Add a change of a role's inline policy."""
    request = {"roleName": role, "policyName": name, "policyDocument": policy}
    return trail.call(caller, at, "iam", "PutRolePolicy", request, write=True)


def run(trail: Trail, at: int, number: int, *, hotfix: bool = False) -> None:
    """Add one run of the build system that brings the main branch live."""
    dice = trail.dice
    caller = build(trail, at, runner(dice), devices.TERRAFORM, number)
    trail.call(caller, at + 2, "sts", "GetCallerIdentity")
    at += 6
    for service, name in dice.choices(_PLAN, k=8 if hotfix else dice.randrange(18, 45)):
        at += dice.randrange(2)
        trail.call(caller, at, service, name, _asked(name, dice.choice(FUNCTIONS)))
    at += 45
    for function in dice.sample(FUNCTIONS, 1 if hotfix else dice.randrange(1, 4)):
        at += dice.randrange(2, 9)
        _new_code(trail, caller, at, function)
    for service in dice.sample(SERVICES, 1 if hotfix else dice.randrange(1, 3)):
        at += dice.randrange(5, 20)
        _new_tasks(trail, caller, at, service)
    if hotfix or dice.chance(0.12):
        actions = ["sqs:SendMessage", "sqs:GetQueueAttributes"]
        queue = f"arn:aws:sqs:{REGION}:{PROD}:transcription"
        put_role_policy(
            trail, caller, at + 3, "transcription-worker", "queue", policy=allow(actions, queue)
        )
    if dice.chance(0.1):
        _open_inside(trail, caller, at + 8)
    if dice.chance(0.07):
        _new_role(trail, caller, at + 12, f"webhook-fanout-{dice.hex(4)}")
    if dice.chance(0.3):
        _stack(trail, caller, at + 20)


def regular(company: Company, day: date, trail: Trail) -> None:
    """Add the day's planned runs; nothing goes live on a Friday afternoon or a Saturday."""
    dice = trail.dice
    if day.weekday() == SATURDAY or not dice.chance(0.65):
        return
    first = (day - company.start).days * 7 + 2_310
    last = local(day, 12, FRANCE) if day.weekday() == FRIDAY else local(day, 18, FRANCE)
    for number, at in enumerate(moments(dice, day, dice.choice((1, 1, 2)), FRANCE, OFFICE)):
        run(trail, min(at, last), first + number)


def _asked(name: str, function: str) -> dict[str, Any] | None:
    if name.endswith(("Role", "Policies", "RolePolicy")):
        return {"roleName": function}
    if name.startswith("GetFunction"):
        return {"functionName": function}
    return None


def _new_code(trail: Trail, caller: Caller, at: int, function: str) -> None:
    dice = trail.dice
    arn = f"arn:aws:lambda:{REGION}:{PROD}:function:{function}"
    request = {"functionName": function, "publish": True, "dryRun": False}
    response = {
        "functionName": function,
        "functionArn": f"{arn}:{dice.randrange(40, 400)}",
        "runtime": "python3.13",
        "role": f"arn:aws:iam::{PROD}:role/{function}",
        "codeSize": dice.randrange(2_000_000, 9_000_000),
        "codeSha256": dice.base64(43) + "=",
        "lastUpdateStatus": "InProgress",
        "architectures": ["arm64"],
        "packageType": "Zip",
    }
    name = "UpdateFunctionCode20150331v2"
    trail.call(caller, at, "lambda", name, request, response=response, write=True)


def _new_tasks(trail: Trail, caller: Caller, at: int, service: str) -> None:
    revision = trail.dice.randrange(200, 900)
    request: dict[str, Any] = {
        "family": service,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "taskRoleArn": f"arn:aws:iam::{PROD}:role/{service}-task",
        "executionRoleArn": f"arn:aws:iam::{PROD}:role/ecsTaskExecutionRole",
        "cpu": "1024",
        "memory": "2048",
    }
    arn = f"arn:aws:ecs:{REGION}:{PROD}:task-definition/{service}:{revision}"
    response = {"taskDefinition": {"taskDefinitionArn": arn, "family": service}}
    trail.call(caller, at, "ecs", "RegisterTaskDefinition", request, response=response, write=True)
    request = {"cluster": "telephony", "service": service, "taskDefinition": arn}
    trail.call(caller, at + 2, "ecs", "UpdateService", request, write=True)


def _open_inside(trail: Trail, caller: Caller, at: int) -> None:
    group, rule = f"sg-{trail.dice.hex(17)}", f"sgr-{trail.dice.hex(17)}"
    ranges = {"items": [{"cidrIp": "10.20.0.0/16", "description": "metrics"}]}
    permission = {"ipProtocol": "tcp", "fromPort": 9090, "toPort": 9090, "ipRanges": ranges}
    request = {"groupId": group, "ipPermissions": {"items": [permission]}}
    rule_set = {"groupId": group, "securityGroupRuleId": rule, "cidrIpv4": "10.20.0.0/16"}
    response = {"_return": True, "securityGroupRuleSet": {"items": [rule_set]}}
    name = "AuthorizeSecurityGroupIngress"
    trail.call(caller, at, "ec2", name, request, response=response, write=True)


def _new_role(trail: Trail, caller: Caller, at: int, name: str) -> None:
    request = {
        "roleName": name,
        "assumeRolePolicyDocument": assume_policy("lambda"),
        "maxSessionDuration": 3600,
    }
    arn = f"arn:aws:iam::{PROD}:role/{name}"
    response = {"role": {"roleName": name, "arn": arn, "path": "/"}}
    trail.call(caller, at, "iam", "CreateRole", request, response=response, write=True)
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    group = f"arn:aws:logs:{REGION}:{PROD}:log-group:/aws/lambda/{name}:*"
    put_role_policy(trail, caller, at + 1, name, "logs", policy=allow(actions, group))


def _stack(trail: Trail, caller: Caller, at: int) -> None:
    """Add a CloudFormation change set, whose work CloudFormation does in the caller's name."""
    request: dict[str, Any] = {
        "stackName": "observability",
        "changeSetName": f"c{trail.dice.hex(8)}",
    }
    trail.call(caller, at, "cloudformation", "CreateChangeSet", request, write=True)
    trail.call(caller, at + 15, "cloudformation", "ExecuteChangeSet", request, write=True)
    session = caller.arn.rpartition("/")[2]
    proxy = assumed(DEPLOY, session, caller.key, at, "", agent="", invoked_by="cloudformation")
    for number in range(trail.dice.randrange(2, 5)):
        alarm = {"alarmName": f"crm-api-latency-p{90 + number}", "threshold": 1.5}
        trail.call(proxy, at + 18 + number, "monitoring", "PutMetricAlarm", alarm, write=True)
