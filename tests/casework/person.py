"""Somebody at a shell who types our commands."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.casework.office import everything
from tocsin.app.casework.desk import Desk, opened
from tocsin.app.cli import app
from tocsin.app.commands import base
from tocsin.app.config import load


def at_the_shell(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the system say that commands run as somebody's account; they cannot say so themselves."""
    monkeypatch.setattr(base, "login_uid", os.getuid)
    monkeypatch.setattr(base, "account", lambda _: name)


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
        at_the_shell(self.monkeypatch, self.name)
        words = [*map(str, arguments), "--config", str(self.config)]
        result = CliRunner(env={"COLUMNS": "200"}).invoke(app, words)
        assert isinstance(result.exception, SystemExit | None), result.exception
        return result.exit_code, result.output
