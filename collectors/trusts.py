"""Which other accounts a role's new trust policy lets in.

They stand in ``object`` of the two events that give a role its trust, with commas between them:

    667788990011            anybody of that account with the right to
    909090111222:word       the same, with a word agreed beforehand (sts:ExternalId)
    *                       everybody

Where a condition holds everybody to the organisation, nobody else is let in. The role's own account
is left out, and so are services and identity providers.

Source: AWS IAM User Guide, "AWS JSON policy elements: Principal", "Access to AWS accounts owned by
third parties"; AWS STS API Reference, AssumeRole.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.lenient import plain, value_of
from tocsin.lineage import EVERYBODY, WORD

POLICIES = {
    "CreateRole": "assumeRolePolicyDocument",
    "UpdateAssumeRolePolicy": "policyDocument",
}
"""Actions that say who may take a role → the request parameter that holds the policy."""

MOST = 50
"""So many accounts of one policy are named."""

_ACCOUNT = re.compile(r"(?:arn:aws[a-z-]*:(?:iam|sts)::)?([0-9]{12})(?::|$)", re.ASCII)


def let_in(action: str, account: str, asked: Any) -> str:
    """Return the other accounts that may take a role from now on; "" for none.

    Args:
        action: The record's ``eventName``.
        account: The role's own.
        asked: Decoded ``requestParameters``.
    """
    policy = asked.get(POLICIES.get(action, "")) if isinstance(asked, Mapping) else None
    if isinstance(policy, str):
        policy = value_of(policy.encode("utf-8", "replace"))
    if not isinstance(policy, Mapping):
        return ""
    found = dict[str, bool]()  # account → whether only with a word
    for statement in _listed(policy.get("Statement")):
        if isinstance(statement, Mapping) and _allows(statement):
            condition = plain(statement.get("Condition")).lower()
            for name in _principals(statement):
                if name == account or (name == EVERYBODY and "aws:principalorg" in condition):
                    continue
                word = name != EVERYBODY and "sts:externalid" in condition
                found[name] = found.get(name, True) and word
    return ",".join([f"{name}{WORD * found[name]}" for name in sorted(found)[:MOST]])


def _allows(statement: Mapping[str, Any]) -> bool:
    """Return whether a statement lets somebody take the role."""
    actions = [plain(one).lower() for one in _listed(statement.get("Action"))]
    takes = "NotAction" in statement or any(
        "*" in one or one == "sts:assumerole" for one in actions
    )
    return statement.get("Effect") == "Allow" and takes


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal")
    if principal == EVERYBODY or "NotPrincipal" in statement:
        yield EVERYBODY
    for one in _listed(principal.get("AWS")) if isinstance(principal, Mapping) else ():
        text = one if isinstance(one, str) else ""
        if text == EVERYBODY:
            yield EVERYBODY
        elif account := _ACCOUNT.match(text):
            yield account.group(1)


def _listed(value: Any) -> list[Any]:
    """Return what may be one thing or a list of them as a list."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
