"""What every command has in common: errors, exit codes, who asks, the time, the desk.

A command is a function whose parameters are what a person types. It loads what it needs when it
runs, calls one function below the command line with who asks and ``now``, and shows what came of
it. It decides nothing itself.

To add one: write the function in the room of its subject and enter it in the table of
``tocsin.app.cli``.
"""

import os
import pwd
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
    """Return who asks: the account this process runs as, which the system vouches for.

    No variable of the environment says who somebody is: whoever types a command sets them. The one
    exception is what sudo tells root: a command that root runs for alice is alice's, written
    ``sudo:alice``, so that she is not taken for a second person. Root could have written that
    name itself; root can do whatever this program can.
    """
    caller = os.environ.get("SUDO_USER", "").strip()
    if os.getuid() == 0 and caller and caller != "root":
        return Principal("sudo", caller)
    return Principal("shell", account())


def account() -> str:
    """Return the name of the account this process runs as; its number when it has no name."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container's user need not have a name
        return str(number)


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
