"""What every command has in common: errors, exit codes, who asks, the time, the desk.

A command is a function whose parameters are what a person types. It loads what it needs when it
runs, calls one function below the command line with who asks and ``now``, and shows what came of
it. It decides nothing itself.

To add one: write the function in the room of its subject and enter it in the table of
``tocsin.app.cli``.
"""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from tocsin.errors import TocsinError
from tocsin.model.principals import Principal

if TYPE_CHECKING:
    from tocsin.app.casework.desk import Desk

FOUND, UNREADABLE, FAULT, STOPPED = 1, 2, 70, 130
"""Exit codes beside 0."""


class Commands(TyperGroup):
    """Turns our errors into a message, what to do about it, and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except TocsinError as error:
            typer.echo(f"tocsin: {error}", err=True)
            if error.hint:
                typer.echo(f"  {error.hint}", err=True)
            raise typer.Exit(UNREADABLE) from None
        except KeyboardInterrupt:
            typer.echo("tocsin: stopped", err=True)
            raise typer.Exit(STOPPED) from None


def principal() -> Principal:
    """Return who asks: the account of the shell."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        name = str(os.getuid())
    return Principal("shell", name)


def now() -> datetime:
    """Return the time; nothing below the command line reads it."""
    return datetime.now(UTC)


@contextmanager
def desk_of(config: Path) -> "Iterator[Desk]":
    """Yield the desk of a configuration."""
    from tocsin.app.casework.desk import opened  # noqa: PLC0415 - start-up
    from tocsin.app.config import load  # noqa: PLC0415 - start-up

    with opened(load(config)) as desk:
        yield desk
