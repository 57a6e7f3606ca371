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

from tocsin.errors import ConfigError, TocsinError
from tocsin.model.principals import UNPROVED, Principal

if TYPE_CHECKING:
    from tocsin.app.casework.desk import Desk

FOUND, UNREADABLE, FAULT, STOPPED = 1, 2, 70, 130
"""Exit codes beside 0."""

LOGIN_UID, UNSET = Path("/proc/self/loginuid"), 2**32 - 1
"""Who signed in, and what stands there while nobody has."""


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
    """Return who asks: the account somebody signed in to, which the system vouches for.

    Linux keeps it as the login uid, through sudo and su; no variable of the environment has a say
    then. What runs as another account than that is written ``sudo:alice``. Without a login uid
    (a container, cron, a service, another system) it is the account the process runs as. Root of
    that kind may be anybody: the name that sudo left it only keeps whoever has it from being taken
    for a second person, and it is nobody's second person itself.
    """
    number, signed_in = os.getuid(), login_uid()
    if signed_in is not None:
        return Principal("shell" if signed_in == number else "sudo", account(signed_in))
    if number != 0:
        return Principal("shell", account(number))
    return Principal(UNPROVED, os.environ.get("SUDO_USER", "").strip() or account(number))


def login_uid() -> int | None:
    """Return the uid of the account that was signed in to; None where the system knows none.

    Source: proc(5), ``/proc/pid/loginuid``: 4294967295 while nobody has signed in.
    """
    try:
        number = int(LOGIN_UID.read_text())
    except (OSError, ValueError):  # another system, or a kernel that does not keep it
        return None
    return None if number == UNSET else number


def account(number: int) -> str:
    """Return the name of an account; its number when it has no name."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a container's user need not have a name
        return str(number)


def now() -> datetime:
    """Return the time; nothing below the command line reads it."""
    return datetime.now(UTC)


@contextmanager
def desk_of(config: Path, *, begins: bool = False) -> "Iterator[Desk]":
    """Yield the desk of a configuration.

    Args:
        config: Where it lies.
        begins: An installation may begin with this command. Any other asks about what is there,
            and must not answer from an empty state made this moment.

    Raises:
        ConfigError: The configuration cannot be read, or there is no state.
    """
    from tocsin.app.casework.desk import opened  # noqa: PLC0415 - start-up
    from tocsin.app.config import load  # noqa: PLC0415 - start-up

    settings = load(config)
    where = settings.store.path
    if not begins and "://" not in where and not os.path.lexists(where):
        raise ConfigError(
            f"{Path(where).absolute()}: no state is there",
            hint=f"Relative paths of {config} count from the folder you are in: go where "
            "`tocsin run` works. A new installation begins with `tocsin customer import`.",
        )
    with opened(settings) as desk:
        yield desk
