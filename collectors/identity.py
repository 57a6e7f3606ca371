"""Who acted: one stable key for each identity in CloudTrail's ``userIdentity``.

The role-session name of most roles changes with every session, so the role is the actor. Where a
person stands behind the session (Identity Center, SAML, OpenID Connect), the session's name is
the person and belongs to the key; where a machine does (an instance, a function), it is kept
beside it.

A failed console sign-in has no ARN, the one that works has: both are one user, so the ARN is made
of account and name. It lacks the path that a user may have; ``detectors.guessing`` knows that.

Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element", "AWS Management Console
sign-in events"; AWS IAM User Guide, "IAM identifiers"; botocore's ``partitions.json``.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from tocsin.model.events import ActorKind

_INSTANCE = re.compile(r"^i-[0-9a-f]{8,17}$|^ecs-|^[0-9a-f]{32}$")
"""Session names that machines give themselves: EC2 instances and ECS tasks."""

_HUMAN_ROLE = re.compile(r"/?AWSReservedSSO_|/aws-reserved/sso\.amazonaws\.com/")
_PERSON_NAME = re.compile(r"^[^@\s]+@[^@\s]+$")
_ACCOUNT = re.compile(r"^[0-9]{12}$", re.ASCII)
_USER_NAME = re.compile(r"^[\w+=,.@-]{1,64}$", re.ASCII)

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""What AWS writes in place of the name of a user that does not exist: it may be a password."""

AWS = "aws"

_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
)
"""How the regions of a partition begin; all others are AWS's own."""


class Who(NamedTuple):
    """An identity, normalised. See :class:`tocsin.model.events.Event` for the fields."""

    actor: str
    kind: ActorKind
    credential: str
    session: str
    account: str


@lru_cache(maxsize=1_024)
def partition_of(region: str | None) -> str:
    """Return the partition a region lies in, as it stands in ARNs."""
    name = region or ""
    return next((its for start, its in _PARTITIONS if name.startswith(start)), AWS)


def who(identity: Mapping[str, Any], partition: str = AWS) -> Who:
    """Return who acted by a decoded ``userIdentity``; never fails, whatever is missing.

    Args:
        identity: It.
        partition: Where the record was written; see ``partition_of``.
    """
    kind = _text(identity, "type")
    arn, account = _text(identity, "arn"), _text(identity, "accountId")
    credential = _text(identity, "accessKeyId")
    principal, by = _text(identity, "principalId"), _text(identity, "invokedBy")
    if kind == "Root":
        return Who(arn or f"root:{account}", ActorKind.ROOT, credential, "", account)
    if kind == "IAMUser":
        name = _text(identity, "userName")
        arn = arn or _user_arn(partition, account, name)
        return Who(arn or name or principal or "unknown", ActorKind.USER, credential, "", account)
    if kind == "AssumedRole":
        return _assumed(identity, arn, account, credential)
    if kind == "Role":
        return Who(arn or principal or "unknown", ActorKind.ROLE, credential, "", account)
    if kind == "FederatedUser":
        return Who(arn or principal or "unknown", ActorKind.USER, credential, "", account)
    if kind in ("IdentityCenterUser", "SAMLUser", "WebIdentityUser"):
        behalf = identity.get("onBehalfOf")
        name = _text(behalf, "userId") if isinstance(behalf, dict) else ""
        name = name or _text(identity, "userName") or principal or "unknown"
        return Who(name, ActorKind.PERSON, credential, "", account)
    if kind == "AWSService" or (not kind and by):
        return Who(f"aws:{by or 'service'}", ActorKind.SERVICE, credential, "", account)
    if kind == "AWSAccount":
        if principal in ("ANONYMOUS_PRINCIPAL", "") and account in (
            "anonymous",
            "ANONYMOUS_PRINCIPAL",
        ):
            return Who("anonymous", ActorKind.ANONYMOUS, "", "", "")
        name = arn or (f"account:{account}" if account else principal) or "unknown"
        return Who(name, ActorKind.ACCOUNT, credential, "", account)
    return Who(arn or principal or "unknown", ActorKind.UNKNOWN, credential, "", account)


def _assumed(identity: Mapping[str, Any], arn: str, account: str, credential: str) -> Who:
    session = arn.rpartition("/")[2] if arn.count("/") > 1 else ""
    context = identity.get("sessionContext")
    issuer = context.get("sessionIssuer") if isinstance(context, dict) else None
    role = _text(issuer, "arn") if isinstance(issuer, dict) else ""
    source = _text(context, "sourceIdentity") if isinstance(context, dict) else ""
    if not role:
        # Without an issuer the session's ARN still names the role.
        role = re.sub(
            r"^arn:([^:]*):sts::([^:]*):assumed-role/([^/]+)/.*$", r"arn:\1:iam::\2:role/\3", arn
        )
    federated = isinstance(context, dict) and bool(
        _text(context.get("webIdFederationData"), "federatedProvider")
        if isinstance(context.get("webIdFederationData"), dict)
        else ""
    )
    if _HUMAN_ROLE.search(role) or _PERSON_NAME.match(session):
        return Who(f"{role}/{session}", ActorKind.PERSON, credential, session, account)
    if source:
        return Who(f"{role}/{source}", ActorKind.PERSON, credential, session, account)
    in_instance = bool(identity.get("inScopeOf")) or (
        isinstance(context, dict) and "ec2RoleDelivery" in context
    )
    if "/aws-service-role/" in role:
        kind = ActorKind.SERVICE
    elif in_instance or _INSTANCE.match(session):
        kind = ActorKind.WORKLOAD
    else:
        kind = ActorKind.ROLE
    if federated:
        kind = ActorKind.ROLE
    return Who(role or "unknown", kind, credential, session, account)


def _user_arn(partition: str, account: str, name: str) -> str:
    """Return the ARN of a user of the account itself, "" where the name is none."""
    # What was typed in a failed sign-in may be anything.
    if name == HIDDEN or not _ACCOUNT.match(account) or not _USER_NAME.match(name):
        return ""
    return f"arn:{partition}:iam::{account}:user/{name}"


def _text(fields: Any, name: str) -> str:
    value = fields.get(name) if isinstance(fields, dict) else None
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value)
