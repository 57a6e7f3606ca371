"""One user is one actor, whether its record has an ARN or not."""

from typing import Any

import pytest

from collectors.cloudtrail_fields import rows_of
from tests.collectors.logs import Reads, cloudtrail_record, trail
from tocsin.model.rows import EVENT

ACCOUNT = "111122223333"


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-isob-east-1", "aws-iso-b"),
        (..., "aws"),
    ],
)
def test_who_does_not_get_in_is_who_gets_in(reads: Reads, region: Any, partition: str) -> None:
    sign_in = {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin"}
    user = {"type": "IAMUser", "accountId": ACCOUNT, "userName": "lea"}
    arn = f"arn:{partition}:iam::{ACCOUNT}:user/lea"
    failed = cloudtrail_record(
        1,
        **sign_in,
        awsRegion=region,
        userIdentity={**user, "accessKeyId": ""},
        responseElements={"ConsoleLogin": "Failure"},
        errorMessage="Failed authentication",
    )
    works = cloudtrail_record(
        2,
        **sign_in,
        awsRegion=region,
        userIdentity={**user, "arn": arn},
        responseElements={"ConsoleLogin": "Success"},
    )
    (reads.folder / "a.json").write_bytes(trail([failed, works]))
    columns = reads().columns
    assert [columns.text("actor", row) for row in (0, 1)] == [arn, arn]
    assert [columns.text("reason", row) for row in (0, 1)] == ["auth", ""]
    assert rows_of(failed, {}).row(0)[EVENT]["actor"] == arn
