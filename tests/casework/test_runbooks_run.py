"""The commands of each runbook, typed on a case in the order they stand there."""

import re
import shutil
from collections.abc import Callable

import pytest

import runbooks
from tests.casework.office import AWARE
from tests.casework.person import Person
from tests.test_runbooks import commands

EXAMPLE = re.compile(r"^20\d\d-\d\d-\d\dT.*")
"""The instants in a runbook are examples; a case has its own."""


def typed(name: str) -> list[list[str]]:
    """Return our commands in a runbook, for incident 1."""
    ours = [words[1:] for words in commands(name) if words[0] == "tocsin"]
    own = [[EXAMPLE.sub(AWARE.isoformat(), word) for word in words] for words in ours]
    return [[word.replace("$INCIDENT", "1") for word in words] for words in own]


@pytest.mark.parametrize("name", runbooks.names())
def test_a_breach_goes_from_the_first_step_to_the_notices(
    name: str, alice_at: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = alice_at("opened")
    monkeypatch.chdir(alice.config.parent)
    facts = alice.config.parent / "facts.toml"
    stated = re.sub(r"(?m)^contained_at = .*\n", "", facts.read_text())
    # When access was stopped is recorded by a step of its own. It is typed long after awareness.
    facts.write_text(f'{stated}\n[late_reason]\nfr = "Exercice."\nen = "An exercise."\n')
    for words in typed(name):
        if words[1] != "dismiss":
            alice.types(*words)
    assert list((alice.config.parent / "notices-1").rglob("*.pdf"))
    assert (alice.config.parent / "evidence-1" / "VERIFY.md").exists()


@pytest.mark.parametrize("name", runbooks.names())
def test_no_breach_can_be_said_where_a_runbook_says_so(
    name: str, alice_at: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = typed(name)
    places = [place for place, words in enumerate(steps) if words[1] == "dismiss"]
    assert places
    alice = alice_at("opened")
    monkeypatch.chdir(alice.config.parent)
    for last in places:
        judging = next(place for place, words in enumerate(steps) if words[1] == "confirm")
        for words in steps[: min(last, judging)]:
            if words[1] != "dismiss":
                alice.types(*words)
        assert "no breach" in alice.types(*steps[last])
        alice.types("incident", "reopen", 1, "--why", "for the next place")
        shutil.rmtree(alice.config.parent / "evidence-1", ignore_errors=True)


def test_where_no_rule_says_which_runbook_all_are_named(alice_at: Callable[[str], Person]) -> None:
    alice = alice_at("opened")
    assert "tags:" not in (alice.config.parent / "rules" / "bad.yml").read_text()
    said = alice.types("incident", "show", 1)
    assert [
        name for name in runbooks.names() if f"tocsin incident runbook {name}" not in said
    ] == []
