"""What the commands of the command line have in common: errors, exit codes, who asks, instants."""

import getpass
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tocsin.errors import TocsinError
from tocsin.model.findings import Level
from tocsin.model.principals import Principal

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


def level(word: str) -> Level:
    """Return the level a person typed."""
    try:
        return Level.parse(word)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def instant(text: str) -> datetime:
    """Return the date or instant a person typed; UTC unless it names a zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no date or instant; write 2026-03-09 or 2026-03-09T14:00:00Z"
        ) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings; see config.toml.")
]


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
