"""What kind of deed an action is: looking, taking data, changing, granting, destroying.

Several detectors ask the same: is this a read of somebody's data, is this a right given away. It
is decided once per distinct action, by its words. Source: AWS Service Authorization Reference
(access levels List, Read, Write, Permissions management); the verbs of application logs.
"""

import re
from enum import StrEnum
from functools import lru_cache


class Deed(StrEnum):
    """Kinds of action."""

    LOOK = "look"
    TAKE = "take"
    CHANGE = "change"
    GRANT = "grant"
    DESTROY = "destroy"
    SIGN_IN = "sign-in"


CLOUD = "cloudtrail"

_TAKES = {
    "s3": re.compile(r"^(GetObject|GetObjectTorrent|SelectObjectContent|CopyObject)$"),
    "dynamodb": re.compile(r"^(GetItem|BatchGetItem|Query|Scan|ExecuteStatement|PartiQL\w*)$"),
    "rds-data": re.compile(r"^(ExecuteStatement|BatchExecuteStatement)$"),
    "secretsmanager": re.compile(r"^(GetSecretValue|BatchGetSecretValue)$"),
    "ssm": re.compile(r"^GetParameter"),
    "athena": re.compile(r"^(StartQueryExecution|GetQueryResults)$"),
    "redshift-data": re.compile(r"^(ExecuteStatement|GetStatementResult)$"),
    "ebs": re.compile(r"^GetSnapshotBlock$"),
    "codecommit": re.compile(r"^(GitPull|GetFile|GetBlob)$"),
    "ecr": re.compile(r"^(BatchGetImage|GetDownloadUrlForLayer)$"),
}
_GRANTS = re.compile(
    r"^(Put|Attach|Add|Set|Update)\w*(Policy|Permission|ToGroup|RoleToInstanceProfile|Acl)\w*$"
    r"|^Create(AccessKey|LoginProfile|PolicyVersion|AccessEntry|AccountAssignment|Grant)$"
    r"|^UpdateLoginProfile$|^Modify\w*SnapshotAttribute$|^ModifyImageAttribute$"
    r"|^AssociateAccessPolicy$|^UpdateAssumeRolePolicy$"
)
_SIGN_INS = re.compile(
    r"^(ConsoleLogin|AssumeRole\w*|GetSessionToken|GetFederationToken|GetSigninToken|SwitchRole"
    r"|ExitRole|CheckMfa|GetCallerIdentity|CredentialVerification|CredentialChallenge"
    r"|UserAuthentication|Authenticate|Federate|Logout)$"
)
_DESTROYS = re.compile(r"^(Delete|Terminate|Remove|Purge|Schedule\w*Deletion|Deregister|Disable)")
_LOOKS = re.compile(
    r"^(Get|List|Describe|Head|Lookup|Search|BatchGet|Check|Simulate|Generate\w*Report|View|Select"
    r"|Query|Scan|Preview|Test|Validate|Estimate|Filter)"
)

_APP_SIGN_IN = re.compile(
    r"log[-_.]?(in|out)|sign[-_.]?(in|out)|session|auth|impersonat", re.IGNORECASE
)
_APP_TAKES = re.compile(
    r"export|download|read|play|listen|view|get|fetch|dump|extract", re.IGNORECASE
)
_APP_LOOKS = re.compile(r"search|list|query|count", re.IGNORECASE)
_APP_DESTROYS = re.compile(r"delete|remove|purge|erase", re.IGNORECASE)
_APP_GRANTS = re.compile(
    r"role|permission|grant|token|apikey|api_key|webhook|admin|mfa|user\.", re.IGNORECASE
)

_CARRIES = re.compile(r"export|download|dump|extract", re.IGNORECASE)


@lru_cache(maxsize=16_384)
def deed(source: str, service: str, action: str) -> Deed:
    """Return what kind of deed an action is."""
    return _in_cloud(service, action) if source == CLOUD else _in_application(action)


def carries_off(action: str) -> bool:
    """Return whether an application's action hands out data in one piece."""
    return _CARRIES.search(action) is not None


def _in_cloud(service: str, action: str) -> Deed:
    takes = _TAKES.get(service)
    if takes is not None and takes.match(action):
        return Deed.TAKE
    for kind, words in (
        (Deed.SIGN_IN, _SIGN_INS),
        (Deed.GRANT, _GRANTS),
        (Deed.DESTROY, _DESTROYS),
        (Deed.LOOK, _LOOKS),
    ):
        if words.match(action):
            return kind
    return Deed.CHANGE


def _in_application(action: str) -> Deed:
    for kind, words in (
        (Deed.SIGN_IN, _APP_SIGN_IN),
        (Deed.DESTROY, _APP_DESTROYS),
        (Deed.TAKE, _APP_TAKES),
        (Deed.LOOK, _APP_LOOKS),
        (Deed.GRANT, _APP_GRANTS),
    ):
        if words.search(action):
            return kind
    return Deed.CHANGE
