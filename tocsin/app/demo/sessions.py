"""How identities get their credentials: every session begins with a record that issues its key.

A machine's credentials are renewed every six hours at instants that follow from its name, so
any day knows the key of any hour without asking the day before. A person's or a build's begin
when they sign in. The key in the response is the key of the session's later records.

Source: AWS STS API Reference (AssumeRole, AssumeRoleWithSAML, AssumeRoleWithWebIdentity); AWS
CloudTrail User Guide, "AWS Management Console sign-in events".
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tocsin.app.demo.dice import roll
from tocsin.app.demo.hours import HOUR_S
from tocsin.app.demo.identities import (
    BASTION,
    DASHBOARD,
    DEPLOY,
    OIDC_PROVIDER,
    PROD,
    REGION,
    REPOSITORY,
    SAML_PROVIDER,
    SEED,
    Caller,
    Role,
    assumed,
    aws_service,
    key_id,
    other_account,
    saml_user,
    web_user,
)
from tocsin.app.demo.trail import Trail

RENEWED_S = 6 * HOUR_S
_TOKEN_LENGTH = 356


def written_date(at: int) -> str:
    """Return an instant as it stands in responses of STS and IAM: ``Mar 13, 2026, 3:02:11 PM``."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%b} {moment.day}, {moment:%Y}, {moment.hour % 12 or 12}:{moment:%M:%S %p}"


def credentials(trail: Trail, key: str, at: int, seconds: int) -> dict[str, Any]:
    """Return the credentials of a response that issues ``key``."""
    return {
        "accessKeyId": key,
        "sessionToken": "IQoJb3JpZ2luX2VjE" + trail.dice.base64(_TOKEN_LENGTH),
        "expiration": written_date(at + seconds),
    }


def role_resource(role: Role) -> tuple[dict[str, str], ...]:
    """Return a role as it stands among a record's resources."""
    return ({"accountId": role.account, "type": "AWS::IAM::Role", "ARN": role.arn},)


def _renewals(label: str) -> int:
    return roll(SEED, "renewal", label).randrange(40, RENEWED_S - 600)


def machine(role: Role, label: str, at: int, ip: str, agent: str) -> Caller:
    """Return the session a machine of ``role`` has at the instant ``at``.

    Args:
        role: The role.
        label: Which of the machines, tasks or functions that have this role.
        at: Epoch seconds.
        ip: Where it calls from.
        agent: What its client calls itself.
    """
    phase = _renewals(label)
    since = (at - phase) // RENEWED_S * RENEWED_S + phase
    name = machine_name(role, label)
    compute = role in {DASHBOARD, BASTION}
    key = key_id("ASIA", label, since)
    return assumed(role, name, key, since, ip, agent=agent, in_compute=compute)


def machine_name(role: Role, label: str) -> str:
    """Return the role-session name AWS gives a machine: a task, an instance, a function."""
    dice = roll(SEED, "machine", label)
    if role in {DASHBOARD, BASTION}:
        return f"i-{dice.hex(17)}"
    return dice.hex(32) if role.name.endswith(("-task", "Role")) else label


def renew(trail: Trail, role: Role, label: str, start: int, by: str) -> None:
    """Add the day's records in which AWS's service ``by`` renews a machine's credentials."""
    phase = _renewals(label)
    for since in _between(start, phase):
        trail.call(
            aws_service(by, role.account),
            since,
            "sts",
            "AssumeRole",
            {"roleArn": role.arn, "roleSessionName": machine_name(role, label)},
            response={
                "credentials": credentials(
                    trail, key_id("ASIA", label, since), since, RENEWED_S + HOUR_S
                )
            },
            account=role.account,
            resources=role_resource(role),
            shared=trail.dice.uuid(),
        )


def _between(start: int, phase: int) -> Iterator[int]:
    first = (start - phase) // RENEWED_S * RENEWED_S + phase
    for since in range(first, start + 24 * HOUR_S, RENEWED_S):
        if since >= start:
            yield since


def sign_in(
    trail: Trail, person: str, role: Role, at: int, ip: str, *, agent: str, console: bool = True
) -> Caller:
    """Add a colleague's sign-in through Identity Center and return the session it opens."""
    mail = f"{person}@clochette.example"
    key = key_id("ASIA", "person", person, at)
    session = assumed(role, mail, key, at, ip, agent=agent, console=console)
    hours = 8 * HOUR_S
    trail.call(
        saml_user(mail, ip, agent),
        at,
        "sts",
        "AssumeRoleWithSAML",
        {
            "sAMLAssertionID": f"_{trail.dice.uuid()}",
            "roleSessionName": mail,
            "durationSeconds": hours,
            "roleArn": role.arn,
            "principalArn": SAML_PROVIDER,
        },
        response={
            "issuer": f"https://portal.sso.{REGION}.amazonaws.com/saml/assertion/clochette",
            "credentials": credentials(trail, key, at, hours),
            "nameQualifier": roll(SEED, "qualifier").base64(27) + "=",
            "assumedRoleUser": {"assumedRoleId": f"{role.id}:{mail}", "arn": session.arn},
            "subjectType": "persistent",
            "subject": mail,
            "audience": "https://signin.aws.amazon.com/saml",
        },
        resources=(
            *role_resource(role),
            {"accountId": PROD, "type": "AWS::IAM::SAMLProvider", "ARN": SAML_PROVIDER},
        ),
    )
    if console:
        console_login(trail, session, at + trail.dice.randrange(1, 4))
    return session


def console_login(
    trail: Trail, caller: Caller, at: int, *, mfa: str = "No", failure: str = "", region: str = ""
) -> str:
    """Add a console sign-in; ``failure`` is its error message when it did not succeed."""
    host = f"{region or REGION}.signin.aws.amazon.com"
    return trail.call(
        caller,
        at,
        "signin",
        "ConsoleLogin",
        None,
        response={"ConsoleLogin": "Failure" if failure else "Success"},
        write=True,
        message=failure,
        additional={
            "LoginTo": f"https://{REGION}.console.aws.amazon.com/console/home?region={REGION}",
            "MobileVersion": "No",
            "MFAUsed": mfa,
        },
        kind="AwsConsoleSignIn",
        host=host,
        region=region,
    )


def build(trail: Trail, at: int, ip: str, agent: str, run: int) -> Caller:
    """Add the build system's sign-in by web identity and return the session it opens."""
    name = f"deploy-{run}"
    key = key_id("ASIA", "build", run, at)
    session = assumed(DEPLOY, name, key, at, ip, agent=agent, web=True)
    trail.call(
        web_user(ip, "configure-aws-credentials-for-github-actions"),
        at,
        "sts",
        "AssumeRoleWithWebIdentity",
        {"roleArn": DEPLOY.arn, "roleSessionName": name, "durationSeconds": HOUR_S},
        response={
            "credentials": credentials(trail, key, at, HOUR_S),
            "subjectFromWebIdentityToken": REPOSITORY,
            "assumedRoleUser": {"assumedRoleId": f"{DEPLOY.id}:{name}", "arn": session.arn},
            "provider": OIDC_PROVIDER,
            "audience": "sts.amazonaws.com",
        },
        resources=role_resource(DEPLOY),
    )
    return session


def assume(
    trail: Trail,
    caller: Caller,
    role: Role,
    session: str,
    at: int,
    *,
    ip: str = "",
    agent: str = "",
) -> Caller:
    """Add ``caller`` assuming ``role`` and return the new session.

    Where caller and role are of two accounts, both receive the record, with one ``sharedEventID``.
    """
    key = key_id("ASIA", "assumed", role.name, session, at)
    result = assumed(role, session, key, at, ip or caller.ip, agent=agent or caller.agent)
    request = {"roleArn": role.arn, "roleSessionName": session, "durationSeconds": HOUR_S}
    response = {
        "credentials": credentials(trail, key, at, HOUR_S),
        "assumedRoleUser": {"assumedRoleId": f"{role.id}:{session}", "arn": result.arn},
    }
    crosses = caller.account != role.account
    shared = trail.dice.uuid() if crosses else ""
    own: dict[str, Any] = {"resources": role_resource(role), "shared": shared}
    trail.call(
        caller, at, "sts", "AssumeRole", request, response=response, account=caller.account, **own
    )
    if crosses:
        seen = other_account(caller.account, caller.key).at(caller.ip, caller.agent)
        trail.call(
            seen, at, "sts", "AssumeRole", request, response=response, account=role.account, **own
        )
    return result


def issue_key(trail: Trail, caller: Caller, at: int, user: str, key: str) -> str:
    """Add ``caller`` making a long-term access key for a user; return the record's id."""
    issued = {
        "accessKeyId": key,
        "status": "Active",
        "userName": user,
        "createDate": written_date(at),
    }
    request, response = {"userName": user}, {"accessKey": issued}
    return trail.call(caller, at, "iam", "CreateAccessKey", request, response=response, write=True)
