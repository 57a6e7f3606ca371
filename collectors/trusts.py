"""Which other accounts a role's new trust policy lets in.

They stand in ``object`` of the two events that give a role its trust, with commas between them:

    667788990011            anybody of that account with the right to
    909090111222:word       the same, with a word agreed beforehand (sts:ExternalId)
    *@o-a1b2c3d4e5          everybody of that organisation
    *                       everybody

Where a condition holds everybody to an account (aws:PrincipalAccount, aws:PrincipalArn), that one
is let in. Whose an organisation is, no record says; ``detectors.outsiders`` is told. A condition
counts where it asks for a value: one that is negated, that asks only if the key is there, or that
any value meets holds nobody back. The role's own account is left out, and so are services and
identity providers.

Source: AWS IAM User Guide, "AWS JSON policy elements: Principal", "IAM JSON policy elements:
Action" (``*`` and ``?``, in any case of letters), "IAM JSON policy elements: Condition operators",
"AWS global condition context keys", "Conditions with multiple context keys or values"
(ForAllValues is true where the key is missing), "Access to AWS accounts owned by third parties";
AWS STS API Reference, AssumeRole.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from collectors.lenient import plain, value_of
from tocsin.lineage import EVERYBODY, OF, WORD

POLICIES = {
    "CreateRole": "assumeRolePolicyDocument",
    "UpdateAssumeRolePolicy": "policyDocument",
}
"""Actions that say who may take a role → the request parameter that holds the policy."""

MOST = 50
"""So many accounts of one policy are named."""

_TAKES = "sts:assumerole"

_ASKS = re.compile(
    r"(?:foranyvalue:)?(?:string(?:equals|equalsignorecase|like)|arn(?:equals|like))", re.IGNORECASE
)
"""Operators that are met only where the key is there, with one of the values."""

_ANY = re.compile(r"[*?]+")
"""A value that any value meets."""

_ANY_ORGANISATION = re.compile(r"(?:[*?/]|(?<![a-z0-9])(?:ou|o|r)-?(?=[*?/]|$))+", re.ASCII)
"""The same where it is of an organisation: all identifiers of organisations begin alike."""

_ORGANISATION = {
    "aws:principalorgid": _ANY_ORGANISATION,
    "aws:principalorgpaths": _ANY_ORGANISATION,
}
_HELD_TO = {"aws:principalaccount": _ANY, "aws:principalarn": _ANY}
_WORD = {"sts:externalid": _ANY}
"""Context key, in lower case → values that ask for nothing."""

_NO_ID = re.compile(r"[^a-zA-Z0-9*?-]")
"""What no organisation's identifier holds."""

_LONGEST_ID = 34
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
            word = bool(_asked(statement.get("Condition"), _WORD))
            for name in _whom(statement):
                if name != account:
                    found[name] = found.get(name, True) and word and EVERYBODY not in name
    return ",".join([f"{name}{WORD * found[name]}" for name in sorted(found)[:MOST]])


def _allows(statement: Mapping[str, Any]) -> bool:
    """Return whether a statement lets somebody take the role."""
    if statement.get("Effect") != "Allow":
        return False
    if "NotAction" in statement:
        return not any(map(_is_taking, _listed(statement["NotAction"])))
    return any(map(_is_taking, _listed(statement.get("Action"))))


def _is_taking(action: Any) -> bool:
    """Return whether an action of a policy, which may hold ``*`` and ``?``, is taking a role."""
    pattern = re.sub(r"\*+", "*", plain(action).lower())
    # Brackets are letters there, and mean something to fnmatch.
    return len(pattern) <= 2 * len(_TAKES) + 1 and fnmatchcase(_TAKES, pattern.replace("[", "[[]"))


def _whom(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield whom a statement names, everybody as what a condition holds them to."""
    for name in _principals(statement):
        if name != EVERYBODY:
            yield name
            continue
        condition = statement.get("Condition")
        accounts = [_ACCOUNT.match(one) for one in _asked(condition, _HELD_TO)]
        if accounts and all(accounts):
            yield from (one.group(1) for one in accounts if one)
        elif organisations := _asked(condition, _ORGANISATION):
            for one in organisations:
                yield EVERYBODY + OF + _NO_ID.sub("?", one.partition("/")[0])[:_LONGEST_ID]
        else:
            yield EVERYBODY


def _asked(condition: Any, keys: Mapping[str, re.Pattern[str]]) -> list[str]:
    """Return the values of one of these keys with one of which alone a condition is met."""
    for operator, asked in _pairs(condition):
        for key, value in _pairs(asked) if _ASKS.fullmatch(operator) else ():
            values, nothing = [plain(one) for one in _listed(value)], keys.get(key.lower())
            if nothing and values and not any(nothing.fullmatch(one) for one in values):
                return values
    return []


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what stands in a map by its names; nothing for what is none."""
    for name, one in value.items() if isinstance(value, Mapping) else ():
        yield plain(name), one


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
