"""Runbooks: found from what matters, every command and link in them holds."""

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from botocore import xform_name
from botocore.session import Session
from typer.main import get_command

import runbooks
from detectors.aftermath import ALARMS, HAULS
from detectors.rights import DENIED_THEN_ALLOWED, GRANTED_THEN_USED
from runbooks.table import CREDENTIAL, EXPORT, EXPOSED, OF_TACTIC, RUNBOOKS
from tocsin.app.cli import app
from tocsin.model.findings import Level

FOLDER = Path(runbooks.__file__).parent
RULES = sorted((FOLDER.parent / "detectors" / "rules").glob("*/*.yml"))
ALL = runbooks.names()

BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
READS = ("get-", "list-", "describe-", "head-", "lookup-")
KEEPS = ("create-snapshots",)  # makes a copy as evidence; there is nothing to undo
GLOBAL = {"region": 1, "no-sign-request": 0, "max-items": 1}
PROGRAMS = {"aws", "tocsin", "curl", "sha256sum", "export"}


def rule(path: Path) -> dict[str, object]:
    content: dict[str, object] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def blocks(name: str) -> list[tuple[str, str, str]]:
    return [(m[1], m[2] or "", m[3]) for m in BLOCK.finditer(runbooks.text(name))]


def commands(name: str, *roles: str) -> list[list[str]]:
    return [
        shlex.split(line)
        for language, role, body in blocks(name)
        if language == "sh" and (not roles or role in roles)
        for line in body.splitlines()
    ]


def aws(name: str, *roles: str) -> list[list[str]]:
    return [words for words in commands(name, *roles) if words[0] == "aws"]


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


# ---- found


def test_each_runbook_of_the_table_is_a_file_and_each_file_in_the_table() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(RUNBOOKS)
    assert [runbooks.title(name) for name in ALL] == [
        "Compromised credential",
        "Exposed bucket",
        "Bulk export by a colleague",
    ]


def test_the_table_names_rules_that_are_there_by_their_file() -> None:
    there_are = {str(rule(path)["id"]): path.stem for path in RULES}
    detectors = {
        *ALARMS,
        *HAULS,
        GRANTED_THEN_USED,
        DENIED_THEN_ALLOWED,
        "aftermath",
        *(f"search-for-rights-{level}" for level in Level),
    }
    for rules in RUNBOOKS.values():
        for rule_id, stem in rules.items():
            assert (there_are.get(rule_id) == stem) if stem else (rule_id in detectors), rule_id


def test_no_finding_asks_for_two_runbooks_by_its_rule() -> None:
    named = [rule_id for rules in RUNBOOKS.values() for rule_id in rules]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_every_rule_from_medium_up_leads_to_a_runbook(path: Path) -> None:
    content = rule(path)
    if Level.parse(str(content["level"])) < Level.MEDIUM:
        return
    tags = content["tags"]
    assert isinstance(tags, list)
    tactics = [tag.removeprefix("attack.") for tag in tags]
    if set(tactics) & {"discovery"} and not set(tactics) & set(OF_TACTIC):
        return  # who only looks around is watched
    assert runbooks.find([(str(content["id"]), tactics)])


@pytest.mark.parametrize("found", sorted({*ALARMS, GRANTED_THEN_USED, DENIED_THEN_ALLOWED}))
def test_a_credential_elsewhere_leads_to_its_runbook(found: str) -> None:
    assert runbooks.find([(found, ())]) == (CREDENTIAL,)


@pytest.mark.parametrize("level", ["low", "medium", "high", "critical"])
def test_a_haul_leads_to_the_export(level: str) -> None:
    assert runbooks.find([(f"volume-{level}", ("collection",))]) == (EXPORT,)


def test_what_goes_on_is_stopped_first() -> None:
    exposed = next(rule_id for rule_id, stem in RUNBOOKS[EXPOSED].items() if stem)
    found = [("volume-high", ()), (exposed, ()), ("credential-elsewhere", ())]
    assert runbooks.find(found) == (CREDENTIAL, EXPOSED, EXPORT)
    assert runbooks.find(reversed(found)) == (CREDENTIAL, EXPOSED, EXPORT)


def test_a_rule_nobody_named_is_asked_for_its_tactics() -> None:
    assert runbooks.find([("new", ("impact", "exfiltration"))]) == (CREDENTIAL, EXPORT)
    assert runbooks.find([("new", ("discovery",))]) == ()
    assert runbooks.find([]) == ()


def test_a_runbook_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="no runbook flood; there are compromised-credential"):
        runbooks.text("flood")


# ---- their commands


@pytest.mark.parametrize("name", ALL)
def test_every_line_is_a_command_of_a_program_we_mean(name: str) -> None:
    found = commands(name)
    assert len(found) > 15
    assert {words[0] for words in found} <= PROGRAMS
    for _, role, _ in blocks(name):
        assert role in {"", "do", "undo", "verify"}


@pytest.mark.parametrize("name", ALL)
def test_every_aws_command_exists_with_every_option_it_is_given(name: str) -> None:
    session = Session()
    for words in aws(name):
        service = {"s3api": "s3"}.get(words[1], words[1])
        model = session.get_service_model(service)
        operations = {xform_name(op, "-"): op for op in model.operation_names}
        assert words[2] in operations, words
        shape = model.operation_model(operations[words[2]]).input_shape
        options = {xform_name(member, "-") for member in (shape.members if shape else ())}
        # `--groups` is how the command line writes the groups of an instance.
        options |= {"groups"} if words[2] == "modify-instance-attribute" else set()
        required = {xform_name(member, "-") for member in (shape.required_members if shape else ())}
        given = {word.removeprefix("--") for word in words[3:] if word.startswith("--")}
        assert given <= options | GLOBAL.keys(), words
        assert required <= given, words


@pytest.mark.parametrize("name", ALL)
def test_every_tocsin_command_is_one_of_ours(name: str) -> None:
    found = [words for words in commands(name) if words[0] == "tocsin"]
    assert found
    for words in found:
        command: Any = get_command(app)
        for word in words[1:3]:
            command = command.commands[word]
        required = {p.opts[0] for p in command.params if p.required and p.opts[0][0] == "-"}
        given = {word for word in words[3:] if word.startswith("--")}
        assert given <= {option for p in command.params for option in p.opts}, words
        assert required <= given, words
    assert {"show", "confirm"} <= {words[2] for words in found}


@pytest.mark.parametrize("name", ALL)
def test_what_changes_something_stands_with_its_inverse_and_how_to_verify_it(name: str) -> None:
    found = [(language, role) for language, role, _ in blocks(name)]
    for number, (_, role) in enumerate(found):
        if role == "do":
            assert [r for _, r in found[number + 1 : number + 3]] == ["undo", "verify"]
        if role == "undo":
            assert found[number - 1][1] == "do"
    for words in aws(name, "", "verify"):
        assert words[2].startswith(READS) or words[2] in KEEPS, words
    assert any(role == "do" for _, role in found)


def looked_up(words: list[str]) -> tuple[str, str]:
    """Return the region and the attribute of a lookup in CloudTrail."""
    return words[words.index("--region") + 1], words[words.index("--lookup-attributes") + 1]


@pytest.mark.parametrize("name", [CREDENTIAL, EXPORT])
def test_what_somebody_did_is_looked_for_in_each_region_and_where_global_services_are_recorded(
    name: str,
) -> None:
    found = {looked_up(words) for words in aws(name, "verify") if words[2] == "lookup-events"}
    assert any(words[2] == "describe-regions" for words in aws(name))
    for who in {attribute for _, attribute in found}:
        assert {region for region, attribute in found if attribute == who} == {
            "us-east-1",
            "$REGION",
        }


def test_quiet_is_said_of_the_key_the_user_and_the_role() -> None:
    found = {
        looked_up(words)[1] for words in aws(CREDENTIAL, "verify") if words[2] == "lookup-events"
    }
    assert {
        "AttributeKey=AccessKeyId,AttributeValue=$KEY",
        "AttributeKey=Username,AttributeValue=$PERSON",
        "AttributeKey=Username,AttributeValue=$SESSION",
    } < found


def test_links_that_an_application_signed_are_shut_at_the_file() -> None:
    text = runbooks.text(EXPORT)
    (held,) = [json.loads(body) for language, _, body in blocks(EXPORT) if language == "json"]
    (statement,) = held["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert set(statement["Action"]) == {"s3:GetObject", "s3:GetObjectVersion"}
    assert any(words[2] == "put-bucket-policy" for words in aws(EXPORT, "do"))
    # Signed for GET: asked for the head alone, an open link is refused as well.
    (fetch,) = [words for words in commands(EXPORT, "verify") if words[0] == "curl"]
    assert fetch[-1] == "$LINK"
    assert not {"-I", "-sI", "--head"} & set(fetch)
    assert "so step 5 has shut it" not in text


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_deleted_but_what_we_put_there_ourselves(name: str) -> None:
    deletes = {words[2] for words in aws(name) if words[2].startswith(("delete", "terminate"))}
    assert deletes <= {"delete-role-policy", "delete-public-access-block"}
    assert not any(words[2].startswith("delete") for words in aws(name, "do"))


@pytest.mark.parametrize("name", ALL)
def test_variables_are_set_before_they_are_used(name: str) -> None:
    set_here = {
        word.partition("=")[0]
        for words in commands(name)
        if words[0] == "export"
        for word in words[1:]
    }
    used = {v for words in commands(name) for word in words for v in re.findall(r"\$(\w+)", word)}
    assert used <= set_here


@pytest.mark.parametrize("name", ALL)
def test_every_document_in_it_parses(name: str) -> None:
    for language, _, body in blocks(name):
        assert language in {"sh", "json"}
        if language == "json":
            assert json.loads(body)["Version"] == "2012-10-17"


# ---- their form


@pytest.mark.parametrize("name", ALL)
def test_every_link_leads_somewhere(name: str) -> None:
    body = runbooks.text(name)
    links = re.findall(r"\]\(([^)\s]+)\)", body)
    assert links
    for link in links:
        if urlsplit(link).scheme:
            assert urlsplit(link).scheme == "https"
            continue
        path, _, anchor = link.partition("#")
        other = runbooks.text(path.removesuffix(".md")) if path else body
        assert not anchor or anchor in anchors(other), link


@pytest.mark.parametrize("name", ALL)
def test_each_has_the_first_hour_in_order_and_says_what_not_to_do_and_when_to_decide(
    name: str,
) -> None:
    body = runbooks.text(name)
    minutes = [int(m) for m in re.findall(r"^\| (\d+) \|", body, re.MULTILINE)]
    assert minutes == sorted(minutes)
    assert (minutes[0], minutes[-1]) == (0, 60)
    steps = re.findall(r"^## (\d+)\. ", body, re.MULTILINE)
    assert [int(step) for step in steps] == list(range(1, len(minutes) + 1))
    assert "## What must not be done" in body
    decision = body.partition("Breach or no breach\n")[2]
    assert all(f"**{word}" in decision for word in ("Breach, now", "No breach"))
    for section in re.split(r"^## ", body, flags=re.MULTILINE)[1:]:
        if section[0].isdigit():
            assert "**Who**" in section, section[:40]
            decides = "Breach or no breach" in section
            assert decides or re.search(r"\*\*Verify\*\*", section), section[:40]
