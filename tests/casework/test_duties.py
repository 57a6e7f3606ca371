"""What is owed is settled by people, through the command line; what is refused changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.casework.office import everything
from tocsin.app.casework.desk import Desk, opened
from tocsin.app.cli import app
from tocsin.app.config import load

ConfigAt = Callable[..., Path]


class Person:
    """Somebody at a shell.

    Attributes:
        config: Whose incidents they work on.
        monkeypatch: Of the test.
        name: Of their account.
    """

    def __init__(self, config: Path, monkeypatch: pytest.MonkeyPatch, name: str = "alice") -> None:
        self.config, self.monkeypatch, self.name = config, monkeypatch, name

    def colleague(self, name: str) -> "Person":
        return Person(self.config, self.monkeypatch, name)

    def types(self, *arguments: object) -> str:
        """Run a command that is done; return what it says."""
        code, said = self._run(arguments)
        assert code == 0, said
        return said

    def is_refused(self, *arguments: object) -> str:
        """Run a command that is refused and changes nothing; return what it says."""
        with self.desk() as desk:
            before = everything(desk)
        code, said = self._run(arguments)
        assert code == 2, said
        with self.desk() as desk:
            assert everything(desk) == before
        return said

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        with opened(load(self.config)) as desk:
            yield desk

    def _run(self, arguments: tuple[Any, ...]) -> tuple[int, str]:
        self.monkeypatch.setenv("LOGNAME", self.name)
        words = [*map(str, arguments), "--config", str(self.config)]
        result = CliRunner(env={"COLUMNS": "200"}).invoke(app, words)
        assert isinstance(result.exception, SystemExit | None), result.exception
        return result.exit_code, result.output


@pytest.fixture
def alice_at(config_at: ConfigAt, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Person]:
    """Return alice, at a copy of a stage."""
    return lambda stage: Person(config_at(stage), monkeypatch)


AliceAt = Callable[[str], Person]


# ---- taken, begun again


def test_who_takes_an_incident_stands_at_it_and_nobody_else_can_take_it(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    said = alice.types("incident", "take", 1)
    assert "incident 1 is under assessment, taken by shell:alice" in said
    shown = alice.types("incident", "show", 1)
    assert "taken by shell:alice" in shown
    assert "assessment.taken" in shown
    bob = alice.colleague("bob")
    assert "was taken by shell:alice already" in bob.is_refused("incident", "take", 1)


def test_what_was_judged_is_not_taken(alice_at: AliceAt) -> None:
    said = alice_at("judged").is_refused("incident", "take", 1)
    assert "incident 1 is breach: it cannot be moved by take" in said


def test_what_was_judged_no_breach_begins_again_with_reasons(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    assert "cannot be moved by reopen" in alice.is_refused(
        "incident", "reopen", 1, "--because", "A customer called."
    )
    alice.types("incident", "dismiss", 1, "--why", "Our own test.")
    assert "no reason given" in alice.is_refused("incident", "reopen", 1, "--because", " ")
    said = alice.types("incident", "reopen", 1, "--because", "A customer called.")
    assert "incident 1 is reopened" in said
    assert "decision-on-incident" in alice.types("incident", "show", 1)
