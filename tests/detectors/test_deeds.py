"""What kind of deed an action is, and what sort of client spoke."""

import pytest

from detectors.deeds import CLOUD, Deed, carries_off, deed
from tocsin.model.agents import family, hand


@pytest.mark.parametrize(
    ("service", "action", "expected"),
    [
        ("s3", "GetObject", Deed.TAKE),
        ("s3", "GetBucketPolicy", Deed.LOOK),
        ("s3", "PutBucketPolicy", Deed.GRANT),
        ("s3", "PutObject", Deed.CHANGE),
        ("s3", "DeleteObjects", Deed.DESTROY),
        ("dynamodb", "Scan", Deed.TAKE),
        ("secretsmanager", "GetSecretValue", Deed.TAKE),
        ("secretsmanager", "ListSecrets", Deed.LOOK),
        ("ssm", "GetParametersByPath", Deed.TAKE),
        ("iam", "AttachUserPolicy", Deed.GRANT),
        ("iam", "AddUserToGroup", Deed.GRANT),
        ("iam", "CreateAccessKey", Deed.GRANT),
        ("iam", "CreateUser", Deed.CHANGE),
        ("rds", "ModifyDBSnapshotAttribute", Deed.GRANT),
        ("kms", "ScheduleKeyDeletion", Deed.DESTROY),
        ("sts", "AssumeRoleWithSAML", Deed.SIGN_IN),
        ("signin", "ConsoleLogin", Deed.SIGN_IN),
        ("ec2", "DescribeInstances", Deed.LOOK),
        ("ec2", "TerminateInstances", Deed.DESTROY),
    ],
)
def test_actions_of_aws(service: str, action: str, expected: Deed) -> None:
    assert deed(CLOUD, service, action) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("contacts.export", Deed.TAKE),
        ("recording.play", Deed.TAKE),
        ("contacts.search", Deed.LOOK),
        ("contacts.delete", Deed.DESTROY),
        ("login", Deed.SIGN_IN),
        ("impersonate.start", Deed.SIGN_IN),
        ("apitoken.create", Deed.GRANT),
        ("call.start", Deed.CHANGE),
    ],
)
def test_actions_of_applications(action: str, expected: Deed) -> None:
    assert deed("crm", "crm", action) == expected


def test_an_export_carries_off_and_a_read_does_not() -> None:
    assert carries_off("contacts.export")
    assert not carries_off("contacts.read")


@pytest.mark.parametrize(
    ("user_agent", "sort", "habit"),
    [
        ("", "", ""),
        ("signin.amazonaws.com", "console", "console"),
        ("[aws-cli/2.15.0 Python/3.11 Linux/6.1]", "cli", "cli"),
        ("Boto3/1.34.0 md/Botocore#1.34.0 ua/2.0", "sdk", "sdk-python"),
        ("aws-sdk-go-v2/1.16.4 os/linux lang/go/1.18", "sdk", "sdk-go"),
        ("APN/1.0 HashiCorp/1.0 Terraform/1.5.2", "terraform", "terraform"),
        ("autoscaling.amazonaws.com", "service", "service"),
        ("Mozilla/5.0 (Macintosh) Chrome/146", "browser", "browser"),
        ("python-requests/2.32.5", "script", "script-python"),
        ("okhttp/5.3.2", "script", "script-okhttp"),
        ("something of our own", "other", "other"),
    ],
)
def test_families_of_clients(user_agent: str, sort: str, habit: str) -> None:
    assert (family(user_agent), hand(user_agent)) == (sort, habit)
