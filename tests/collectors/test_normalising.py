"""CloudTrail records, normalised: outcome, identity, target, what was issued, and the rest."""

from typing import Any

import pytest

from collectors.cloudtrail_fields import rows_of
from collectors.identity import who
from collectors.outcome import judge
from collectors.targets import targets
from tests.collectors.logs import Reads, cloudtrail_record, trail
from tocsin.lineage import Lineage
from tocsin.model.rows import EVENT


def read(reads: Reads, *records: dict[str, Any]) -> Any:
    (reads.folder / "a.json").write_bytes(trail(records))
    batch = reads()
    assert batch.rejects == ()
    return batch.columns


@pytest.mark.parametrize(
    ("action", "code", "message", "answer", "outcome", "reason"),
    [
        ("ConsoleLogin", None, False, "Success", "success", ""),
        ("ConsoleLogin", None, True, "Failure", "failure", "auth"),
        ("ConsoleLogin", "AccessDenied", True, "Success", "success", ""),
        ("SwitchRole", None, False, "Failure", "failure", "auth"),
        ("ExitRole", None, False, "Success", "success", ""),
        ("ConsoleLogin", None, False, None, "unknown", ""),
        ("ConsoleLogin", None, True, None, "failure", "auth"),
        ("GetObject", None, False, None, "success", ""),
        ("GetObject", "", False, None, "success", ""),
        ("GetObject", "AccessDenied", True, None, "failure", "denied"),
        ("GetSecretValue", "AccessDeniedException", True, None, "failure", "denied"),
        ("RunInstances", "UnauthorizedOperation", True, None, "failure", "denied"),
        ("RunInstances", "Client.UnauthorizedOperation", True, None, "failure", "denied"),
        ("GetObject", "Forbidden", True, None, "failure", "denied"),
        ("X", "RequestForbidden", True, None, "failure", "denied"),
        ("RunInstances", "Client.DryRunOperation", True, None, "failure", "dry_run"),
        ("X", "ThrottlingException", True, None, "failure", "throttled"),
        ("X", "Client.RequestLimitExceeded", True, None, "failure", "throttled"),
        ("X", "TooManyRequestsException", True, None, "failure", "throttled"),
        ("X", "SlowDown", True, None, "failure", "throttled"),
        ("X", "ProvisionedThroughputExceededException", True, None, "failure", "throttled"),
        ("X", "ValidationException", True, None, "failure", "invalid"),
        ("X", "NoSuchBucket", True, None, "failure", "invalid"),
        ("X", "EntityAlreadyExistsException", True, None, "failure", "invalid"),
        ("CreateUser", "LimitExceededException", True, None, "failure", "invalid"),
        ("X", None, True, None, "failure", "auth"),
    ],
)
def test_an_outcome_is_decided_once(
    action: str, code: str | None, message: bool, answer: str | None, *, outcome: str, reason: str
) -> None:
    assert judge(action, code, message, answer) == (outcome, reason)


ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pipeline"
SSO = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"


def assumed(role: str, session: str, **context: Any) -> dict[str, Any]:
    name = role.rpartition("/")[2]
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIA1",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role}, **context},
    }


@pytest.mark.parametrize(
    ("identity", "actor", "kind"),
    [
        ({"type": "Root", "accountId": ACCOUNT}, f"root:{ACCOUNT}", "root"),
        (
            {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root"},
            f"arn:aws:iam::{ACCOUNT}:root",
            "root",
        ),
        ({"type": "IAMUser", "arn": "arn:u", "userName": "u"}, "arn:u", "user"),
        (
            {"type": "IAMUser", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"},
            "HIDDEN_DUE_TO_SECURITY_REASONS",
            "user",
        ),
        (
            {"type": "IAMUser", "accountId": ACCOUNT, "accessKeyId": "", "userName": "lea"},
            f"arn:aws:iam::{ACCOUNT}:user/lea",
            "user",
        ),
        (
            {
                "type": "IAMUser",
                "accountId": ACCOUNT,
                "userName": "HIDDEN_DUE_TO_SECURITY_REASONS",
            },
            "HIDDEN_DUE_TO_SECURITY_REASONS",
            "user",
        ),
        ({"type": "IAMUser", "accountId": ACCOUNT, "userName": "a/b c"}, "a/b c", "user"),
        ({"type": "IAMUser", "accountId": "1", "userName": "lea"}, "lea", "user"),
        (assumed(ROLE, "release-42"), ROLE, "role"),
        (assumed(ROLE, "i-0a1b2c3d4e5f60718"), ROLE, "workload"),
        (assumed(ROLE, "x", ec2RoleDelivery="2.0"), ROLE, "workload"),
        (assumed(ROLE, "x", sourceIdentity="lea"), f"{ROLE}/lea", "person"),
        (assumed(SSO, "lea@example.com"), f"{SSO}/lea@example.com", "person"),
        (assumed(ROLE, "lea@example.com"), f"{ROLE}/lea@example.com", "person"),
        (
            assumed(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x/AWSServiceRoleForX", "x"),
            f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x/AWSServiceRoleForX",
            "service",
        ),
        (
            {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/pipeline/s"},
            ROLE,
            "role",
        ),
        ({"type": "AssumedRole"}, "unknown", "role"),
        ({"type": "Role", "arn": ROLE}, ROLE, "role"),
        ({"type": "FederatedUser", "arn": "arn:f"}, "arn:f", "user"),
        (
            {"type": "AWSService", "invokedBy": "backup.amazonaws.com"},
            "aws:backup.amazonaws.com",
            "service",
        ),
        ({"invokedBy": "backup.amazonaws.com"}, "aws:backup.amazonaws.com", "service"),
        (
            {"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDA:x"},
            "account:444455556666",
            "account",
        ),
        (
            {"type": "AWSAccount", "accountId": "anonymous", "principalId": ""},
            "anonymous",
            "anonymous",
        ),
        ({"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL"}, "anonymous", "anonymous"),
        ({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}}, "u-1", "person"),
        ({"type": "SAMLUser", "userName": "lea", "principalId": "p"}, "lea", "person"),
        ({"type": "WebIdentityUser", "principalId": "p:aud:sub"}, "p:aud:sub", "person"),
        ({"type": "Directory", "principalId": "d-1"}, "d-1", "unknown"),
        ({"type": "Unknown"}, "unknown", "unknown"),
        ({}, "unknown", "unknown"),
        ({"type": ["odd"], "arn": {"odd": 1}}, "unknown", "unknown"),
    ],
)
def test_an_identity_has_one_stable_key(identity: dict[str, Any], actor: str, kind: str) -> None:
    found = who(identity)
    assert (found.actor, str(found.kind)) == (actor, kind)


@pytest.mark.parametrize(
    ("asked", "resource", "thing"),
    [
        ({"bucketName": "b", "key": "k"}, "b", "k"),
        ({"tableName": "contacts", "key": {"id": "x"}}, "contacts", ""),
        ({"userName": "bob"}, "bob", ""),
        ({"policyArn": "p", "roleName": "r"}, "r", ""),
        ({"secretId": "s"}, "", "s"),
        ({"name": "main"}, "main", ""),
        ({"names": ["a", "b"]}, "", "a,b"),
        (
            {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}},
            "",
            "i-1,i-2",
        ),
        ({"functionName": "f", "role": "arn:r"}, "f", "arn:r"),
        ({"bucketName": None, "roleName": "r"}, "r", ""),
        ({"bucketName": "", "roleName": "r"}, "r", ""),
        ({"groupId": 17}, "17", ""),
        ({"other": "x"}, "", ""),
        ({}, "", ""),
        (None, "", ""),
        ("text", "", ""),
        ([1], "", ""),
        ({"ModifySecurityGroupRulesRequest": {"GroupId": "sg-1"}}, "sg-1", ""),
        ({"OddRequest": "text"}, "", ""),
        ({"OddRequest": {"": 1, "Odd": {"GroupId": "sg-1"}}}, "", ""),
        ({"notes": {"GroupId": "sg-1"}}, "", ""),
        ({"exportTaskIdentifier": "x", "sourceArn": "arn:s", "s3BucketName": "b"}, "arn:s", ""),
        ({"sourceDBSnapshotIdentifier": "arn:s", "targetDBSnapshotIdentifier": "t"}, "arn:s", ""),
        ({"sourceDBClusterSnapshotIdentifier": "arn:s", "kmsKeyId": "k"}, "arn:s", ""),
        ({"sourceDBInstanceIdentifier": "crm", "targetDBInstanceIdentifier": "t"}, "crm", ""),
        ({"sourceDBInstanceIdentifier": "crm", "dBInstanceIdentifier": "copy"}, "copy", ""),
    ],
)
def test_a_target_is_coarse_and_fine(asked: Any, resource: str, thing: str) -> None:
    assert targets([asked]) == ([resource], [thing])


CREDENTIALS = {"credentials": {"accessKeyId": "ASIA2", "expiration": "…"}}
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/support"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"


@pytest.mark.parametrize(
    ("action", "asked", "answer", "issued"),
    [
        ("AssumeRole", {"roleArn": ROLE}, CREDENTIALS, "key:ASIA2"),
        ("AssumeRoleWithSAML", {}, CREDENTIALS, "key:ASIA2"),
        ("AssumeRoleWithWebIdentity", {}, CREDENTIALS, "key:ASIA2"),
        ("AssumeRoot", {}, CREDENTIALS, "key:ASIA2"),
        ("GetSessionToken", None, CREDENTIALS, "key:ASIA2"),
        ("GetFederationToken", {"name": "x"}, CREDENTIALS, "key:ASIA2"),
        (
            "GetFederationToken",
            {"name": "x"},
            {**CREDENTIALS, "federatedUser": {"arn": FEDERATED}},
            FEDERATED,
        ),
        ("UpdateAccessKey", {"accessKeyId": "AKIA4", "status": "Active"}, None, "key:AKIA4"),
        ("UpdateAccessKey", {"accessKeyId": "AKIA4", "status": "Inactive"}, None, ""),
        ("UpdateAccessKey", {"status": "Active"}, None, ""),
        ("GetSigninToken", None, CREDENTIALS | {"GetSigninToken": "Success"}, "key:ASIA2"),
        (
            "CreateAccessKey",
            {"userName": "bob"},
            {"accessKey": {"accessKeyId": "AKIA3"}},
            "key:AKIA3",
        ),
        ("CreateUser", {"userName": "bob"}, {"user": {"arn": BOB}}, BOB),
        ("CreateUser", {"userName": "bob"}, None, BOB),
        ("CreateRole", {"roleName": "pipeline"}, {"role": {"arn": ROLE}}, ROLE),
        ("CreateLoginProfile", {"userName": "bob"}, {"loginProfile": {"userName": "bob"}}, BOB),
        ("UpdateLoginProfile", {"userName": "bob"}, None, BOB),
        ("UpdateAssumeRolePolicy", {"roleName": "pipeline"}, None, ROLE),
        ("CreateAccessKey", {}, None, ""),
        ("GetObject", {}, CREDENTIALS, ""),
    ],
)
def test_what_an_action_brings_into_being_is_what_its_user_acts_with(
    reads: Reads, action: str, asked: Any, answer: Any, issued: str
) -> None:
    record = cloudtrail_record(
        1, eventName=action, requestParameters=asked, responseElements=answer, managementEvent=True
    )
    assert read(reads, record).event(0).issued == issued


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eu-west-3", "aws")],
)
def test_an_identity_that_the_answer_does_not_name_lies_in_its_partition(
    reads: Reads, region: str, partition: str
) -> None:
    asked = {"userName": "bob"}
    record = cloudtrail_record(
        1, eventName="UpdateLoginProfile", awsRegion=region, requestParameters=asked
    )
    assert read(reads, record).event(0).issued == BOB.replace("arn:aws:", f"arn:{partition}:")


def test_nothing_is_issued_by_what_failed(reads: Reads) -> None:
    record = cloudtrail_record(
        1,
        eventName="CreateUser",
        requestParameters={"userName": "bob"},
        errorCode="EntityAlreadyExistsException",
        errorMessage="User with name bob already exists.",
    )
    event = read(reads, record).event(0)
    assert (event.issued, event.reason) == ("", "invalid")


def test_a_chain_of_identities_leads_back_to_its_beginning(reads: Reads) -> None:
    def step(number: int, identity: dict[str, Any], action: str, answer: Any) -> dict[str, Any]:
        return cloudtrail_record(
            number,
            userIdentity=identity,
            eventName=action,
            responseElements=answer,
            requestParameters={"userName": "bob"},
        )

    lea = {"type": "IAMUser", "arn": "arn:lea", "accessKeyId": "AKIALEA", "accountId": ACCOUNT}
    bob = {"type": "IAMUser", "arn": BOB, "accessKeyId": "AKIABOB", "accountId": ACCOUNT}
    session = assumed(ROLE, "s") | {"accessKeyId": "ASIA2"}
    columns = read(
        reads,
        step(1, lea, "AssumeRole", CREDENTIALS),
        step(2, session, "CreateAccessKey", {"accessKey": {"accessKeyId": "AKIABOB"}}),
        step(3, bob, "GetObject", None),
    )
    lineage = Lineage()
    lineage.learn(columns)
    last = columns.event(2)
    at = int(columns.at[2])
    assert lineage.origin(last.actor, last.credential, at) == "arn:lea"


def test_a_data_event_says_how_much_was_moved(reads: Reads) -> None:
    def moved(number: int, more: Any, *, management: bool = False) -> dict[str, Any]:
        return cloudtrail_record(number, additionalEventData=more, managementEvent=management)

    columns = read(
        reads,
        moved(1, {"bytesTransferredIn": 0, "bytesTransferredOut": 4_096, "x-amz-id-2": "x"}),
        moved(2, {"bytesTransferredIn": 10.0, "bytesTransferredOut": 5.0}),
        moved(3, {"bytesTransferredIn": "many", "bytesTransferredOut": 5}),
        moved(4, None),
        moved(5, "text"),
        moved(6, {"bytesTransferredIn": 0, "bytesTransferredOut": 9}, management=True),
        moved(7, {"bytesTransferredIn": 0, "bytesTransferredOut": -9}),
    )
    assert [columns.event(row).bytes for row in range(7)] == [4_096, 15, *[None] * 5]


def test_an_api_version_is_no_part_of_an_action(reads: Reads) -> None:
    columns = read(
        reads,
        cloudtrail_record(1, eventName="UpdateFunctionCode20150331v2"),
        cloudtrail_record(2, eventName="CreateDistribution2020_05_31"),
        cloudtrail_record(3, eventName="GetObject"),
    )
    actions = [columns.event(row).action for row in range(3)]
    assert actions == ["UpdateFunctionCode", "CreateDistribution", "GetObject"]


def test_the_receiving_account_is_the_events_own(reads: Reads) -> None:
    columns = read(
        reads,
        cloudtrail_record(1, recipientAccountId="444455556666"),
        cloudtrail_record(2, recipientAccountId=...),
    )
    assert [columns.event(row).account for row in range(2)] == ["444455556666", ACCOUNT]


def test_one_record_alone_is_normalised_as_in_a_read(reads: Reads) -> None:
    record = cloudtrail_record(1, userAgent="aws-cli/2.15.0", errorCode="AccessDenied")
    event = read(reads, record).event(0)
    alone = rows_of(record, {}).row(0)[EVENT]
    for name in ("service", "action", "outcome", "reason", "actor", "ip", "region", "resource"):
        assert alone[name] == getattr(event, name)
    assert alone["agent"] == "cli"
    assert rows_of(record, {"actor": "mine"}).row(0)[EVENT]["actor"] == "mine"


def test_a_refusal_without_parameters_names_its_resource_in_words(reads: Reads) -> None:
    role = "arn:aws:iam::111122223333:role/admin"
    said = f"User: x is not authorized to perform: sts:AssumeRole on resource: {role}"
    refused = {"errorCode": "AccessDenied", "requestParameters": None}
    records = [
        cloudtrail_record(1, **refused, errorMessage=said),
        cloudtrail_record(2, **refused, errorMessage=f"{said} because no policy allows it."),
        cloudtrail_record(3, **refused, errorMessage="Access Denied"),
        cloudtrail_record(4, errorCode="AccessDenied", errorMessage=said),
    ]
    columns = read(reads, *records)
    own = columns.event(3).resource
    assert own not in ("", role)
    assert [columns.event(row).resource for row in range(4)] == [role, role, "", own]
    alone = [rows_of(record, {}).row(0)[EVENT].get("resource", "") for record in records]
    assert alone == [role, role, "", own]


def test_a_rules_test_record_may_lack_everything() -> None:
    assert rows_of({}, {}).row(0)[EVENT]["outcome"] == "success"
