"""What a CloudTrail record acted on, and which identity or credential it brought into being.

``resource`` is coarse enough to repeat (a bucket, role, table), ``object`` is finer (a key, a
secret, an instance). ``issued`` is what the lineage is made of: ``key:<access key id>`` for
credentials (an event's own ``credential`` is the bare id), an ARN for identities. A key that is
switched on again is brought into being by who does so. The console's
SwitchRole issues nothing: its record does not name the session's key.

EC2 writes newer requests into one parameter called after them, with capitals:
``{"ModifySecurityGroupRulesRequest": {"GroupId": …}}``. They are looked at as if they were not.

Source: the API references of the services named here, for the names of request parameters.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

COARSE = (
    "bucketName",
    "tableName",
    "tableArn",
    "roleArn",
    "roleName",
    "userName",
    "functionName",
    "instanceProfileName",
    "groupName",
    "policyArn",
    "snapshotId",
    "imageId",
    "volumeId",
    "groupId",
    "dBSnapshotIdentifier",
    "dBClusterSnapshotIdentifier",
    "dBInstanceIdentifier",
    "dBClusterIdentifier",
    "sourceDBSnapshotIdentifier",
    "sourceDBClusterSnapshotIdentifier",
    "sourceDBInstanceIdentifier",
    "sourceDBClusterIdentifier",
    "trailName",
    "keyId",
    "detectorId",
    "topicArn",
    "queueUrl",
    "modelId",
    "stackName",
    "logGroupName",
    "repositoryName",
    "domainName",
    "resourceArn",
    "sourceArn",
    "arn",
    "identifier",
    "name",
)
"""Request parameters that name what is acted on, the most telling first."""

FINE = (
    "key",
    "secretId",
    "accessKeyId",
    "instanceId",
    "instancesSet",
    "names",
    "groupName",
    "role",
)
"""Those that name which thing in it, or the role that is handed to it; where none does, ``name``
beside something coarser does."""

CREDENTIALS = frozenset(
    {
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "GetSessionToken",
        "GetFederationToken",
        "GetRoleCredentials",
        "CreateAccessKey",
        "UpdateAccessKey",
        "CreateSession",
        "GetSigninToken",
    }
)
"""Actions whose answer holds a new credential, or which switch one on."""

IDENTITIES = {
    "CreateUser": ("user", "userName"),
    "CreateRole": ("role", "roleName"),
    "CreateLoginProfile": ("user", "userName"),
    "UpdateLoginProfile": ("user", "userName"),
    "UpdateAssumeRolePolicy": ("role", "roleName"),
    "CreateServiceSpecificCredential": ("user", "userName"),
}
"""Actions that create an identity or a way into one: action → kind of identity, parameter."""


class _Shapes(dict[tuple[str, ...], tuple[str, str, tuple[str, ...], tuple[str, ...]]]):
    """By the names of a request's parameters, which of them name what is acted on.

    Requests of one kind have the same parameters, so this is found out once: the first to look
    at for each of both, and all.
    """

    def __missing__(
        self, names: tuple[str, ...]
    ) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
        coarse = tuple(name for name in COARSE if name in names)
        fine = tuple(name for name in (*FINE, "name") if name in names)
        shape = coarse[0] if coarse else "", fine[0] if fine else "", coarse, fine
        if len(self) < _MOST_SHAPES:
            self[names] = shape
        return shape


_MOST_SHAPES = 10_000
_WRAPPED = "Request"
_REFUSED_ON = re.compile(r" on resource: (arn:[^\s\"]+)")
_shapes = _Shapes()


def targets(asked: Iterable[Any]) -> tuple[list[str], list[str]]:
    """Return what several decoded ``requestParameters`` name: resources, objects; "" for none."""
    resources, objects, shapes = list[str](), list[str](), _shapes
    for parameters in asked:
        resource = found = ""
        if type(parameters) is dict:
            if len(parameters) == 1:
                parameters = _unwrapped(parameters)  # noqa: PLW2901 - the same, as others write it
            coarse, fine, all_coarse, all_fine = shapes[tuple(parameters)]
            if coarse:
                resource = parameters[coarse]
                if type(resource) is not str or not resource:
                    resource = _first(parameters, all_coarse)
            if fine:
                found = parameters[fine]
                if type(found) is not str or not found:
                    found = _first(parameters, all_fine)
                if found == resource:
                    found = ""
        resources.append(resource)
        objects.append(found)
    return resources, objects


def _unwrapped(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what a request's only parameter holds if it is the request itself."""
    ((name, inside),) = parameters.items()
    if type(inside) is not dict or not name.endswith(_WRAPPED):
        return parameters
    return {key[:1].lower() + key[1:]: value for key, value in inside.items()}


def refused_on(message: str) -> str:
    """Return the resource that a refusal's message names; "" where it names none.

    The record of a refused call often lacks its parameters.
    """
    found = _REFUSED_ON.search(message)
    return found.group(1).rstrip(".,") if found else ""


def _first(parameters: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        if text := words(parameters[name]):
            return text
    return ""


def words(value: Any) -> str:
    """Return a parameter as text: lists and AWS's ``{"items": […]}`` joined by commas."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, dict):  # not Mapping: to ask that takes longer than all the rest
        items = value.get("items")
        if not isinstance(items, list):
            return ""
        parts = [part for item in items if isinstance(item, dict) for part in item.values()]
        return ",".join(str(part) for part in parts if isinstance(part, str | int))
    if isinstance(value, list):
        return ",".join(str(part) for part in value if isinstance(part, str | int))
    return str(value)


def issued(action: str, account: str, asked: Any, answer: Any, partition: str = "aws") -> str:
    """Return the credential or identity that a successful record brought into being.

    Args:
        action: The record's ``eventName``.
        account: The account it happened in.
        asked: Decoded ``requestParameters``, or None.
        answer: Decoded ``responseElements``, or None.
        partition: Where the account lies, as it stands in ARNs.

    Returns:
        ``key:<access key id>`` for a credential, an ARN for an identity, "" for neither. An ARN
        that the answer does not say lacks the identity's path; ``tocsin.lineage`` knows that.
    """
    if action == "GetFederationToken":
        # The federated user, and not only this key: its console session gets another one.
        made = answer.get("federatedUser") if isinstance(answer, Mapping) else None
        arn = made.get("arn") if isinstance(made, Mapping) else None
        return arn if isinstance(arn, str) and arn else _credential(answer)
    if action == "UpdateAccessKey" and isinstance(asked, Mapping):
        key, status = asked.get("accessKeyId"), asked.get("status")
        return f"key:{key}" if status == "Active" and isinstance(key, str) and key else ""
    if action in CREDENTIALS:
        return _credential(answer)
    if action in IDENTITIES and isinstance(asked, Mapping):
        kind, parameter = IDENTITIES[action]
        name = asked.get(parameter)
        made = answer.get(kind) if isinstance(answer, Mapping) else None
        if isinstance(made, Mapping) and isinstance(made.get("arn"), str):
            return str(made["arn"])
        made_of = f"arn:{partition}:iam::{account}:{kind}/{name}"
        return made_of if isinstance(name, str) and name else ""
    return ""


def _credential(answer: Any) -> str:
    if not isinstance(answer, Mapping):
        return ""
    for holder in ("credentials", "accessKey", "roleCredentials"):
        inside = answer.get(holder)
        if isinstance(inside, Mapping) and isinstance(inside.get("accessKeyId"), str):
            return f"key:{inside['accessKeyId']}"
    return ""
