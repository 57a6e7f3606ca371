"""The rules we ship: each loads, finds what it is for, leaves near misses, and reads well."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from collectors.cloudtrail_fields import rows_of
from detectors.sigma.check import run_tests
from detectors.sigma.load import OWN_RULES, load
from detectors.sigma.match import Matcher
from detectors.sigma.rule import BRACES, UNKNOWN, Rule, RuleTest
from tocsin.model.findings import Level
from tocsin.model.rows import Rows, single

PLACES = {
    "contract_regions": ["eu-west-3"],
    "contract_countries": ["FR", "IL"],
    "own_accounts": ["444455556666"],
}
PACK = load([OWN_RULES], placeholders=PLACES, contract=("regions", "countries"))
BY_NAME = {Path(rule.where).stem: rule for rule in PACK.rules}
FILES = {str(path): yaml.safe_load(path.read_text()) for path in sorted(OWN_RULES.rglob("*.yml"))}

TEST_TOOLS = re.compile(r"stratus|pacu|cloudgoat|prowler|scoutsuite|leonidas|invictus|malicious")
"""Names that a thief does not have: a rule that knows them only knows the exercise."""

TACTICS = frozenset(
    {
        "reconnaissance",
        "resource-development",
        "initial-access",
        "execution",
        "persistence",
        "privilege-escalation",
        "defense-evasion",
        "credential-access",
        "discovery",
        "lateral-movement",
        "collection",
        "command-and-control",
        "exfiltration",
        "impact",
    }
)
SENTENCE = re.compile(r"^[A-Z{].*[a-z0-9)}]\.$")


def rows_of_test(record: Mapping[str, Any], event: Mapping[str, Any]) -> Rows:
    """Return a test's record, normalised as a collector would, and its own fields over that."""
    if not record:
        fields = {"source": "crm", "service": "crm", "agent": "browser", **event}
        source = {"category": "application", "product": "crm", "service": "crm"}
        return single({}, fields, source="crm", logsource=source)
    return rows_of(record, event)


def findings(record: Mapping[str, Any]) -> dict[str, Level]:
    """Return which rules find a record, and at which level."""
    rules = {rule.id: rule for rule in PACK.rules}
    hits = Matcher(PACK.rules)(rows_of_test(record, {}))
    return {Path(rules[hit.rule].where).stem: rules[hit.rule].level for hit in hits}


def sentences(rule: Rule) -> list[tuple[RuleTest, str]]:
    """Return what a rule says of each of its positive tests."""
    matcher = Matcher([rule])
    return [
        (test, hit.why)
        for test in rule.tests
        if test.finds
        for hit in matcher(rows_of_test(test.record or {}, test.event or {}))
    ]


every_rule = pytest.mark.parametrize("name", sorted(BY_NAME))


def test_every_rule_loads() -> None:
    assert [str(error) for error in PACK.errors] == []
    assert len(PACK.rules) == len(FILES)


def test_there_are_enough_rules_for_every_part() -> None:
    folders = Counter(Path(where).parent.name for where in FILES)
    assert folders["cloudtrail"] >= 90
    assert folders["application"] >= 15
    assert folders["contract"] >= 5


def test_contract_rules_are_silent_without_a_contract() -> None:
    pack = load([OWN_RULES], placeholders=PLACES)
    assert {Path(rule.where).parent.name for rule in pack.silent} == {"contract"}
    assert not [rule for rule in pack.rules if "/contract/" in rule.where]


@every_rule
def test_a_rule_finds_what_its_tests_say(name: str) -> None:
    assert [str(failure) for failure in run_tests(BY_NAME[name], rows_of_test)] == []


@every_rule
def test_a_rule_has_something_to_find_and_a_near_miss(name: str) -> None:
    finds = Counter(test.finds for test in BY_NAME[name].tests)
    assert finds[True]
    assert finds[False]


@every_rule
def test_a_near_miss_is_about_the_same_service(name: str) -> None:
    tests = BY_NAME[name].tests
    wanted = {(test.record or {}).get("eventSource") for test in tests if test.finds}
    missed = {(test.record or {}).get("eventSource") for test in tests if not test.finds}
    assert missed & wanted


@every_rule
def test_tests_of_cloudtrail_rules_look_like_cloudtrail(name: str) -> None:
    for test in BY_NAME[name].tests:
        if test.record:
            assert {"eventSource", "eventName", "userIdentity"} <= test.record.keys()


@every_rule
def test_a_rules_sentence_names_who_and_is_complete(name: str) -> None:
    rule = BY_NAME[name]
    said = sentences(rule)
    assert said
    for _, sentence in said:
        assert UNKNOWN not in sentence, sentence
        assert "  " not in sentence
    assert BRACES.search(rule.why)
    assert SENTENCE.match(rule.why), rule.why


@every_rule
def test_a_rule_says_what_to_do_about_a_false_alarm(name: str) -> None:
    data = FILES[BY_NAME[name].where]
    assert all(line.endswith(".") for line in data["falsepositives"])
    assert data["description"].strip().endswith(".")
    assert data["author"] == "Tocsin"
    assert data["references"]


@every_rule
def test_a_rule_names_a_tactic_and_a_technique(name: str) -> None:
    rule = BY_NAME[name]
    assert rule.tactics
    assert set(rule.tactics) <= TACTICS
    assert rule.techniques


@every_rule
def test_no_rule_knows_a_test_tool(name: str) -> None:
    data = FILES[BY_NAME[name].where]
    assert not TEST_TOOLS.search(Path(BY_NAME[name].where).read_text().lower())
    # A deployment tool is known by its family alone: a user agent is what anybody may write.
    tools = [key for key, value in fields(data["detection"]) if "terraform" in str(value).lower()]
    assert set(tools) <= {"event.agent"}


@every_rule
def test_no_rule_lets_off_who_calls_itself_a_deployment_tool(name: str) -> None:
    detection = FILES[BY_NAME[name].where]["detection"]
    tools = [key for key, part in detection.items() if "terraform" in str(part).lower()]
    assert not [key for key in tools if f"not {key}" in str(detection["condition"])]


@every_rule
def test_a_rule_asks_for_the_outcome(name: str) -> None:
    text = str(FILES[BY_NAME[name].where]["detection"])
    attempts_too = name in OUTCOME_IN_THE_SENTENCE
    assert attempts_too or "event.outcome" in text or "event.reason" in text


OUTCOME_IN_THE_SENTENCE = frozenset(
    {
        "buckets_listed_by_program",
        "guards_looked_at",
        "mail_identities_listed",
        "mail_sending_probed",
        "model_called_by_key",
        "models_looked_for",
        "organization_looked_at",
        "people_listed_by_program",
        "root_password_recovery",
        "seen_outside_regions",
        "text_messages_probed",
        "workload_credentials_on_a_desktop",
    }
)
"""Rules about asking: the question is the sign, whatever the answer."""


def fields(part: Any) -> list[tuple[str, Any]]:
    """Return the fields of a detection with their values."""
    if isinstance(part, list):
        return [pair for member in part for pair in fields(member)]
    if not isinstance(part, dict):
        return []
    pairs: list[tuple[str, Any]] = []
    for key, value in part.items():
        pairs.extend(fields(value) if isinstance(value, dict) else [(key, value)])
    return pairs


def test_titles_are_told_apart() -> None:
    titles = Counter(rule.title.lower() for rule in PACK.rules)
    assert [title for title, times in titles.items() if times > 1] == []


USER = {
    "type": "IAMUser",
    "arn": "arn:aws:iam::111122223333:user/alice",
    "userName": "alice",
    "accountId": "111122223333",
}
PIPELINE = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::111122223333:assumed-role/pipeline/release-42",
    "accountId": "111122223333",
}
SIGNED_IN = {**PIPELINE, "sessionContext": {"webIdFederationData": {"federatedProvider": "oidc"}}}
REGISTRY = {**PIPELINE, "invokedBy": "ecr.amazonaws.com"}
SCALING = {**PIPELINE, "invokedBy": "autoscaling.amazonaws.com"}
PERSON = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_0a1b2c3d/lea@example.com",
    "accountId": "111122223333",
}


def record(identity: Mapping[str, Any], api: str, /, **asked: Any) -> dict[str, Any]:
    """Return a successful call of ``api``, written as service:action."""
    service, action = api.split(":")
    return {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": action,
        "userIdentity": identity,
        "requestParameters": asked,
        "recipientAccountId": "111122223333",
        "awsRegion": "eu-west-3",
    }


def typed(identity: Mapping[str, Any], api: str, /, **asked: Any) -> dict[str, Any]:
    """Return such a call, made on the command line."""
    return {
        **record(identity, api, **asked),
        "userAgent": "aws-cli/2.15.30 Python/3.11.8 Linux/6.5",
    }


NARROW = '{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}'
FOR_LAMBDA = (
    '{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"lambda.amazonaws.com"}}]}'
)
OF_THE_ACCOUNT = (
    '{"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*","Principal":'
    '{"AWS":"arn:aws:iam::111122223333:root"}},{"Effect":"Allow","Action":"kms:Decrypt",'
    '"Principal":{"AWS":["arn:aws:iam::111122223333:role/a","arn:aws:iam::444455556666:role/b"]}}]}'
)
OF_OUR_REPOSITORY = (
    '{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":'
    '{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},'
    '"Condition":{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/crm:*"}}}]}'
)
WEB = {"fromPort": 443, "toPort": 443, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}


@pytest.mark.parametrize(
    "everyday",
    [
        record(PIPELINE, "lambda:UpdateFunctionCode20150331v2", functionName="hooks"),
        record(PIPELINE, "lambda:UpdateFunctionConfiguration20150331v2", functionName="hooks"),
        record(PIPELINE, "iam:CreateRole", roleName="hooks", assumeRolePolicyDocument=FOR_LAMBDA),
        record(PIPELINE, "iam:PutRolePolicy", roleName="hooks", policyDocument=NARROW),
        record(PIPELINE, "secretsmanager:GetSecretValue", secretId="sip"),
        record(PIPELINE, "ec2:AuthorizeSecurityGroupIngress", ipPermissions={"items": [WEB]}),
        record(SCALING, "ec2:RunInstances", instanceType="m6i.large"),
        record(SCALING, "ec2:TerminateInstances", instancesSet={"items": [{"instanceId": "i-1"}]}),
        record(USER, "iam:CreateUser", userName="bob"),
        record(USER, "iam:AddUserToGroup", userName="bob", groupName="Sales"),
        record(PERSON, "ec2:DescribeInstances"),
        record(PERSON, "s3:ListBuckets"),
        record(PERSON, "secretsmanager:GetSecretValue", secretId="sip"),
        record(PIPELINE, "ec2:CreateSnapshot", volumeId="vol-1"),
        typed(SIGNED_IN, "secretsmanager:GetSecretValue", secretId="deploy"),
        typed(SIGNED_IN, "lambda:UpdateFunctionCode20150331v2", functionName="hooks"),
        typed(SIGNED_IN, "s3:DeleteObject", bucketName="web", key="old.js"),
        record(PIPELINE, "kms:PutKeyPolicy", keyId="k", policy=OF_THE_ACCOUNT),
        record(
            PIPELINE, "iam:CreateRole", roleName="ci", assumeRolePolicyDocument=OF_OUR_REPOSITORY
        ),
        record(PIPELINE, "ecs:UpdateService", service="crm", desiredCount=40),
        record(REGISTRY, "ecr:PutImage", repositoryName="crm", imageTag="42"),
        record(SCALING, "autoscaling:SetDesiredCapacity", desiredCapacity=40),
        record(PIPELINE, "bedrock:InvokeModel", modelId="m"),
        record(PIPELINE, "cognito-idp:ListUsers", userPoolId="p"),
    ],
    ids=lambda everyday: f"{everyday['eventName']}{'-typed' * ('userAgent' in everyday)}",
)
def test_everyday_work_raises_nothing_above_low(everyday: dict[str, Any]) -> None:
    assert {
        name: str(level) for name, level in findings(everyday).items() if level > Level.LOW
    } == {}


@pytest.mark.parametrize(
    "sharp",
    [
        record(USER, "organizations:LeaveOrganization"),
        record(USER, "cloudtrail:StopLogging", name="main"),
        record(USER, "guardduty:DeleteDetector", detectorId="d"),
        record(USER, "iam:CreateAccessKey", userName="bob"),
        record(USER, "ssm:StartSession", target="i-0a1b2c3d4e5f60718"),
        record(USER, "sts:GetFederationToken", name="x"),
        record(USER, "kms:ScheduleKeyDeletion", keyId="k"),
        typed(PIPELINE, "secretsmanager:GetSecretValue", secretId="sip"),
        typed(PIPELINE, "s3:DeleteObjects", bucketName="recordings"),
        {**record(USER, "ec2:GetPasswordData"), "errorCode": "Client.UnauthorizedOperation"},
        {**record(USER, "organizations:LeaveOrganization"), "errorCode": "AccessDenied"},
        {**record(USER, "cloudtrail:DeleteTrail"), "errorCode": "TrailNotFoundException"},
    ],
    ids=lambda sharp: f"{sharp['eventName']}-{sharp.get('errorCode', 'done')}",
)
def test_one_sharp_call_is_enough(sharp: dict[str, Any]) -> None:
    assert max(findings(sharp).values()) >= Level.MEDIUM
