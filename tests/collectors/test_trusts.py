"""Which accounts a role's trust policy lets in."""

import json
from typing import Any

import pytest

from collectors.cloudtrail_fields import rows_of
from collectors.trusts import MOST, let_in
from tests.collectors.logs import Reads, cloudtrail_record, trail
from tocsin.model.rows import EVENT

OWN, OTHER, THIRD = "111122223333", "667788990011", "909090111222"
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole"}
WORD = {"StringEquals": {"sts:ExternalId": "x"}}


OF_ORGANISATION: tuple[Any, ...] = (
    ({"StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}}, "*@o-1,*@o-2"),
    ({"stringequals": {"AWS:principalorgid": "o-1"}}, "*@o-1"),
    ({"StringEqualsIgnoreCase": {"aws:PrincipalOrgID": "o-1"}}, "*@o-1"),
    ({"StringLike": {"aws:PrincipalOrgID": "o-1*"}}, "*@o-1*"),
    ({"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-1/r-2/ou-3/"}}, "*@o-1"),
    ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-1/*"]}}, "*@o-1"),
    (
        {
            "Bool": {"aws:SecureTransport": "true"},
            "StringEquals": {"aws:PrincipalOrgID": "o-1,667788990011"},
        },
        "*@o-1?667788990011",
    ),
)
OF_ACCOUNT: tuple[Any, ...] = (
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:*"}},
    {"ArnEquals": {"aws:principalarn": [f"arn:aws:iam::{OTHER}:role/a", f"arn:aws:iam::{OWN}:x"]}},
    {"StringEquals": {"aws:PrincipalAccount": OTHER}},
)
OF_NO_ACCOUNT: tuple[Any, ...] = (
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}},
    {"ArnLike": {"aws:PrincipalArn": [f"arn:aws:iam::{OTHER}:*", "arn:aws:iam::*:x"]}},
    {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:*"}},
    {"StringLike": {"aws:PrincipalAccount": "66778899*"}},
    {"StringEquals": {"aws:SourceAccount": OTHER}},
)
TAKING: tuple[Any, ...] = (
    *("sts:AssumeRole", "STS:assumerole", "sts:?ssumeRole", "sts:Assume?ole", "s??:*", "*", "**"),
    ["sts:TagSession", "sts:*Role"],
)
NOT_TAKING: tuple[Any, ...] = (
    *("sts:Tag*", "sts:AssumeRoleWith*", "sts:[Aa]ssumeRole", "sts:AssumeRole?", "sts:?", "?"),
    *("iam:*", "*" * 50_000 + "?" * 50_000, [7, None], []),
)
OF_NO_ORGANISATION: tuple[Any, ...] = (
    {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
    {"StringNotLike": {"aws:PrincipalOrgID": "o-*"}},
    {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
    {"StringLike": {"aws:PrincipalOrgID": "*"}},
    {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
    {"StringLike": {"aws:PrincipalOrgID": "o*"}},
    {"StringLike": {"aws:PrincipalOrgID": ["o-1", "?*"]}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-*/*"}},
    {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}},
    {"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-1/*"}},
    {"Null": {"aws:PrincipalOrgID": "false"}},
    {"StringEquals": {"aws:PrincipalOrgID": []}},
    {"StringEquals": {"aws:PrincipalTag/x": "aws:PrincipalOrgID"}},
    {"StringEquals": "aws:PrincipalOrgID"},
    "aws:PrincipalOrgID",
)
WITH_WORD: tuple[Any, ...] = (
    {"StringLike": {"sts:ExternalId": ["a*", "b"]}},
    {"ForAnyValue:StringEquals": {"sts:ExternalId": ["a"]}},
    {"StringEquals": {"STS:ExternalID": 7}},
    {"StringEquals": {"sts:ExternalId": "o-"}},
)
WITHOUT_WORD: tuple[Any, ...] = (
    {"StringNotEquals": {"sts:ExternalId": "x"}},
    {"StringLike": {"sts:ExternalId": "*"}},
    {"StringLike": {"sts:ExternalId": ["x", "*"]}},
    {"StringEqualsIfExists": {"sts:ExternalId": "x"}},
    {"ForAllValues:StringEquals": {"sts:ExternalId": "x"}},
    {"Null": {"sts:ExternalId": "false"}},
)


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusts(principal: Any, **more: Any) -> dict[str, Any]:
    return {**ASSUME, "Principal": principal, **more}


def trusts_but(principal: Any, actions: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "NotAction": actions}


@pytest.mark.parametrize(
    ("document", "accounts"),
    [
        (policy(trusts({"AWS": OTHER})), OTHER),
        (policy(trusts({"AWS": f"arn:aws:iam::{OTHER}:root"})), OTHER),
        (policy(trusts({"AWS": [f"arn:aws-us-gov:iam::{OTHER}:role/a/b"]})), OTHER),
        (policy(trusts({"AWS": f"arn:aws:sts::{OTHER}:assumed-role/a/b"})), OTHER),
        (policy(trusts({"AWS": [OTHER, f"arn:aws:iam::{OWN}:root", THIRD]})), f"{OTHER},{THIRD}"),
        (policy(trusts({"AWS": THIRD}), trusts({"AWS": OTHER})), f"{OTHER},{THIRD}"),
        (json.dumps({"Statement": trusts({"AWS": OTHER})}), OTHER),
        (policy(trusts("*")), "*"),
        (policy(trusts({"AWS": "*"}, Condition=WORD)), "*"),
        (policy(trusts({"AWS": ["*"]}, Action=["sts:TagSession", "sts:*"])), "*"),
        (policy({**ASSUME, "NotPrincipal": {"AWS": OTHER}}), "*"),
        (policy(trusts({"AWS": OTHER}, Condition=WORD)), f"{OTHER}:word"),
        (policy(trusts({"AWS": OTHER}, Condition=WORD), trusts({"AWS": OTHER})), OTHER),
        *((policy(trusts("*", Condition=one)), found) for one, found in OF_ORGANISATION),
        (policy(trusts("*"), trusts("*", Condition=OF_ORGANISATION[0][0])), "*,*@o-1,*@o-2"),
        *((policy(trusts("*", Condition=one)), OTHER) for one in OF_ACCOUNT),
        *((policy(trusts("*", Condition=one)), "*") for one in OF_NO_ACCOUNT),
        (policy(trusts("*", Condition={"StringEquals": {"aws:PrincipalAccount": OWN}})), ""),
        *((policy(trusts({"AWS": OTHER}, Action=one)), OTHER) for one in TAKING),
        *((policy(trusts({"AWS": OTHER}, Action=one)), "") for one in NOT_TAKING),
        *((policy(trusts_but({"AWS": OTHER}, one)), "") for one in TAKING),
        *((policy(trusts_but({"AWS": OTHER}, one)), OTHER) for one in NOT_TAKING),
        *((policy(trusts("*", Condition=one)), "*") for one in OF_NO_ORGANISATION),
        *((policy(trusts({"AWS": OTHER}, Condition=one)), f"{OTHER}:word") for one in WITH_WORD),
        *((policy(trusts({"AWS": OTHER}, Condition=one)), OTHER) for one in WITHOUT_WORD),
        (policy(trusts({"AWS": OWN})), ""),
        (policy(trusts({"Service": "ec2.amazonaws.com"})), ""),
        (policy(trusts({"AWS": OTHER}, Effect="Deny")), ""),
        (policy(trusts({"AWS": OTHER}, Action="sts:TagSession")), ""),
        (policy(trusts({"AWS": "AIDACKCEVSQ6C2EXAMPLE"})), ""),
        (policy(trusts({"AWS": 7}), "odd", None, {"Effect": ["Allow"]}), ""),
        ({"Statement": [trusts({"AWS": OTHER})]}, OTHER),
        ("[" * 100_000, ""),
        ("no policy", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_another_account_that_is_let_in(document: Any, accounts: str) -> None:
    assert let_in("CreateRole", OWN, {"assumeRolePolicyDocument": document}) == accounts
    assert let_in("UpdateAssumeRolePolicy", OWN, {"policyDocument": document}) == accounts


def test_a_policy_may_name_any_number_of_accounts_and_some_are_kept() -> None:
    document = policy(trusts({"AWS": [f"{number:012}" for number in range(1_000)]}))
    assert len(let_in("CreateRole", OWN, {"assumeRolePolicyDocument": document}).split(",")) == MOST


def test_whom_a_role_lets_in_is_the_object_of_the_event(reads: Reads) -> None:
    record = cloudtrail_record(
        1,
        eventSource="iam.amazonaws.com",
        eventName="UpdateAssumeRolePolicy",
        requestParameters={"roleName": "reader", "policyDocument": policy(trusts({"AWS": OTHER}))},
    )
    (reads.folder / "a.json").write_bytes(trail([record, cloudtrail_record(2)]))
    columns = reads().columns
    assert [columns.text("object", row) for row in (0, 1)] == [OTHER, "call-2.ogg"]
    assert [columns.text("resource", row) for row in (0, 1)] == ["reader", "recordings"]
    assert rows_of(record, {}).row(0)[EVENT]["object"] == OTHER
