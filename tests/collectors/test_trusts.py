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


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusts(principal: Any, **more: Any) -> dict[str, Any]:
    return {**ASSUME, "Principal": principal, **more}


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
        (policy(trusts("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})), ""),
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
