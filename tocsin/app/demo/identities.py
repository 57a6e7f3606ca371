"""Who calls AWS, in the shapes CloudTrail writes: accounts, roles, users and their sessions.

A :class:`Caller` is an identity ready to be written (encoded once, used by every record of its
session), with the address and the user agent it calls from.

Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element"; AWS IAM User Guide,
"IAM identifiers" (the prefixes of unique ids).
"""

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from tocsin.app.demo.dice import roll
from tocsin.app.demo.hours import stamp

PROD = "381946720554"
VAULT = "694017283341"  # log archive and backups
REGION = "eu-west-3"
GLOBAL = "us-east-1"  # where IAM and the global endpoints are recorded
SEED = "clochette"  # ids of roles and users are the same in every month

SSO_PATH = f"aws-reserved/sso.amazonaws.com/{REGION}/"
SAML_PROVIDER = f"arn:aws:iam::{PROD}:saml-provider/AWSSSO_5c2f0d7be1a94c36_DO_NOT_DELETE"
OIDC_PROVIDER = f"arn:aws:iam::{PROD}:oidc-provider/token.actions.githubusercontent.com"
REPOSITORY = "repo:clochette-telecom/platform:ref:refs/heads/main"


def unique_id(prefix: str, name: str) -> str:
    """Return the unique id AWS gave a role or user."""
    return prefix + roll(SEED, prefix, name).base32(17)


def key_id(prefix: str, *labels: object) -> str:
    """Return an access key id: ``AKIA…`` for a long-term key, ``ASIA…`` for a session's."""
    return prefix + roll("key", *labels).base32(16)


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role."""

    name: str
    path: str = ""
    account: str = PROD

    @property
    def arn(self) -> str:
        """Return its ARN."""
        return f"arn:aws:iam::{self.account}:role/{self.path}{self.name}"

    @property
    def id(self) -> str:
        """Return its unique id."""
        return unique_id("AROA", f"{self.account}/{self.name}")


@dataclass(frozen=True, slots=True)
class Caller:
    """An identity, encoded, and where it calls from.

    Attributes:
        identity: The record's ``userIdentity``.
        ip: The record's ``sourceIPAddress``.
        agent: The record's ``userAgent``; may hold ``{api}`` for the service called.
        account: The account it belongs to.
        arn: Whom error messages name.
        key: Access key id, "" where none is shown.
        console: Whether a browser session makes the calls.
        tls: Whether the call came over the network (AWS's own calls show no TLS).
    """

    identity: msgspec.Raw
    ip: str
    agent: str
    account: str = PROD
    arn: str = ""
    key: str = ""
    console: bool = False
    tls: bool = True

    def at(self, ip: str, agent: str = "") -> "Caller":
        """Return the same identity calling from elsewhere."""
        return replace(self, ip=ip, agent=agent or self.agent)


def _raw(identity: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(identity))


def aws_service(name: str, account: str = PROD) -> Caller:
    """Return AWS itself, acting as one of its services."""
    host = f"{name}.amazonaws.com"
    identity = _raw({"type": "AWSService", "invokedBy": host})
    return Caller(identity, host, host, account, tls=False)


def anonymous(ip: str, agent: str) -> Caller:
    """Return somebody who signed nothing."""
    identity = _raw({"type": "AWSAccount", "principalId": "", "accountId": "anonymous"})
    return Caller(identity, ip, agent, "anonymous")


def other_account(account: str, principal: str) -> Caller:
    """Return a caller of another account as the receiving account sees it."""
    identity = _raw({"type": "AWSAccount", "principalId": principal, "accountId": account})
    return Caller(identity, "", "", account)


def iam_user(name: str, key: str, ip: str, agent: str, *, login_at: int = 0) -> Caller:
    """Return an IAM user with a long-term key, or in the console since ``login_at``."""
    arn = f"arn:aws:iam::{PROD}:user/{name}"
    identity: dict[str, Any] = {
        "type": "IAMUser",
        "principalId": unique_id("AIDA", name),
        "arn": arn,
        "accountId": PROD,
        "accessKeyId": key,
        "userName": name,
    }
    if not key:
        del identity["accessKeyId"]
    if login_at:
        attributes = {"creationDate": stamp(login_at), "mfaAuthenticated": "true"}
        identity["sessionContext"] = {"attributes": attributes}
    return Caller(_raw(identity), ip, agent, PROD, arn, key, console=login_at > 0)


def signing_in(name: str, ip: str, agent: str) -> Caller:
    """Return an IAM user that does not get in: AWS writes no ARN and an empty key."""
    identity = _raw(
        {
            "type": "IAMUser",
            "principalId": unique_id("AIDA", name),
            "accountId": PROD,
            "accessKeyId": "",
            "userName": name,
        }
    )
    return Caller(identity, ip, agent)


def assumed(
    role: Role,
    session: str,
    key: str,
    since: int,
    ip: str,
    *,
    agent: str,
    invoked_by: str = "",
    console: bool = False,
    web: bool = False,
    in_compute: bool = False,
) -> Caller:
    """Return the session of a role.

    Args:
        role: The role.
        session: Role-session name.
        key: Access key id of the session's credentials.
        since: When they were issued.
        ip: Where it calls from.
        agent: What its client calls itself.
        invoked_by: The AWS service that calls on its behalf, "" for its own client.
        console: Whether it is a browser session.
        web: Whether it came by web identity (the build system).
        in_compute: Whether a machine of AWS's holds the credentials.
    """
    arn = f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{session}"
    context: dict[str, Any] = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": role.id,
            "arn": role.arn,
            "accountId": role.account,
            "userName": role.name,
        },
        "attributes": {"creationDate": stamp(since), "mfaAuthenticated": "false"},
    }
    if web:
        context["webIdFederationData"] = {
            "federatedProvider": OIDC_PROVIDER,
            "attributes": {},
        }
    if in_compute:
        context["ec2RoleDelivery"] = "2.0"
    identity: dict[str, Any] = {
        "type": "AssumedRole",
        "principalId": f"{role.id}:{session}",
        "arn": arn,
        "accountId": role.account,
        "accessKeyId": key,
        "sessionContext": context,
    }
    if invoked_by:
        host = f"{invoked_by}.amazonaws.com"
        identity["invokedBy"] = host
        ip = agent = host
    tls = not invoked_by
    return Caller(_raw(identity), ip, agent, role.account, arn, key, console, tls)


def saml_user(person: str, ip: str, agent: str) -> Caller:
    """Return a colleague whom Identity Center vouches for, before the role is assumed."""
    provider = roll(SEED, "saml").base64(27) + "="
    identity = {
        "type": "SAMLUser",
        "principalId": f"{provider}:{person}",
        "userName": person,
        "identityProvider": provider,
    }
    return Caller(_raw(identity), ip, agent)


def web_user(ip: str, agent: str) -> Caller:
    """Return the build system, before the role is assumed."""
    identity = {
        "type": "WebIdentityUser",
        "principalId": f"{OIDC_PROVIDER}:sts.amazonaws.com:{REPOSITORY}",
        "userName": REPOSITORY,
        "identityProvider": OIDC_PROVIDER,
    }
    return Caller(_raw(identity), ip, agent)


def permission_set(name: str) -> Role:
    """Return the role Identity Center made for a permission set."""
    return Role(f"AWSReservedSSO_{name}_{roll(SEED, 'sso', name).hex(16)}", SSO_PATH)


ADMIN = permission_set("AdministratorAccess")
DEVELOPER = permission_set("DeveloperAccess")
SUPPORT_VIEW = permission_set("SupportReadOnly")
AUDIT = permission_set("SecurityAudit")
BILLING_VIEW = permission_set("Billing")

CRM_API = Role("crm-api-task")
CALL_RECORDER = Role("call-recorder-task")
CAMPAIGNS = Role("campaign-mailer-task")
TASK_EXECUTION = Role("ecsTaskExecutionRole")
TRANSCRIPTION = Role("transcription-worker")
EXPORTER = Role("weekly-export")
INVOICING = Role("billing-job")
BACKUP = Role("backup-job")
DEPLOY = Role("ci-deploy")
DASHBOARD = Role("grafana-dashboard")
BASTION = Role("bastion-instance")
SUPPORT_DATA = Role("support-data")
VAULT_COPY = Role("backup-vault-copy", account=VAULT)
SIEM = Role("log-reader", account=VAULT)
CONFIG = Role("AWSServiceRoleForConfig", "aws-service-role/config.amazonaws.com/")
ADVISOR = Role("AWSServiceRoleForTrustedAdvisor", "aws-service-role/trustedadvisor.amazonaws.com/")
SCALING = Role("AWSServiceRoleForAutoScaling", "aws-service-role/autoscaling.amazonaws.com/")
ECS = Role("AWSServiceRoleForECS", "aws-service-role/ecs.amazonaws.com/")

REPORTING_USER, TELCO_USER, DEVELOPER_USER = "svc-reporting", "svc-telco-import", "thomas.garnier"
BREAK_GLASS = "breakglass-admin"


def long_term_key(user: str) -> str:
    """Return the access key a user has had for years."""
    return key_id("AKIA", SEED, user, 1)
