"""``tocsin notice reply``, ``acknowledge``, ``again``, ``cancel``: what follows a sending."""

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.app.commands.base import UNREADABLE, desk_of, now, principal
from tocsin.app.commands.options import HERE, Config, Why, exact
from tocsin.errors import ConfigError

if TYPE_CHECKING:
    from tocsin.app.casework.replies import Taken


Key = Annotated[
    str, typer.Argument(metavar="KEY", help="Of the message, as `notice status` shows it.")
]


class SaidBy(StrEnum):
    """How a code reached us."""

    PHONE = "phone"
    EMAIL = "email"


def notice_reply(
    mail: Annotated[
        str, typer.Argument(metavar="FILE.eml", help="The mail as it came in; - for its input.")
    ],
    *,
    config: Config = HERE,
) -> None:
    """Take a mail that came back: a delivery report, or an answer with the code.

    What is none is refused with exit code 2, for a person to read: a mail server can pipe every
    mail to the reply address into this command. So is an answer from an address that is no contact
    of the customer; it is kept.
    """
    from tocsin.app.casework import replies  # noqa: PLC0415 - start-up

    if mail == "-":
        raw = sys.stdin.buffer.read()
    else:
        try:
            raw = Path(mail).read_bytes()
        except OSError as error:
            raise ConfigError(f"{mail}: cannot be read: {error.strerror or error}") from error
    with desk_of(config) as desk:
        taken = replies.take(desk, raw, principal=principal(), now=now())
    _show(taken)
    if taken.advice:
        typer.echo(f"tocsin: {taken.advice}", err=True)
        raise typer.Exit(UNREADABLE)


def notice_acknowledge(
    code: Annotated[str, typer.Argument(metavar="CODE", help="As the customer said it.")],
    *,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who at the customer said it.")],
    at: Annotated[
        datetime,
        typer.Option(
            parser=exact,
            metavar="INSTANT",
            help="When it was said, with its zone: 2026-11-24T10:15+01:00.",
        ),
    ],
    channel: Annotated[
        SaidBy, typer.Option(help="How it reached us: phone or email.")
    ] = SaidBy.PHONE,
    why: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help="How they can have it, if every attempt to send it was refused."
        ),
    ] = "",
    config: Config = HERE,
) -> None:
    """Take a notice's code that a customer said.

    On the phone, or in a mail that answers none of ours. Counts from when it was said. A code that
    no attempt of ours can have brought is refused, unless `--why` says how they have it.
    """
    from tocsin.app.casework import replies  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        _show(
            replies.acknowledge(
                desk,
                code,
                by=by,
                at=at,
                channel=channel.value,
                why=why,
                principal=principal(),
                now=now(),
            )
        )


def notice_again(key: Key, *, why: Why, config: Config = HERE) -> None:
    """Send a failed message again.

    After what made it fail was mended. The same bytes go to the same recipient; it is tried at
    once, and `tocsin run` goes on trying.
    """
    from tocsin.app.casework import letters, ticking  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        at = now()
        letters.again(desk, key, why=why, principal=principal(), now=at)
        ticking.send(desk, now(), put_at=at)
        one = letters.standing(desk, key)
    typer.echo(f"message {key} is {one.word}" + (f": {one.why}" if one.why else ""))


def notice_cancel(key: Key, *, why: Why, config: Config = HERE) -> None:
    """Take a message back that nobody has accepted.

    What is owed to the customer stays owed.
    """
    from tocsin.app.casework import letters  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        letters.cancel(desk, key, why=why, principal=principal(), now=now())
    typer.echo(f"message {key} is cancelled; what is owed stays owed")


def _show(taken: "Taken") -> None:
    if not taken.is_new:
        typer.echo(f"known already: message {taken.message} is {taken.kind}")
    else:
        by = f" by {taken.by}" if taken.by else ""
        typer.echo(f"{taken.kind}{by}: message {taken.message}")
    if not taken.customer:
        return
    who = f"customer {taken.customer}, incident {taken.incident}"
    if taken.met_at is None:
        typer.echo(f"{who}: does not count as notified")
    else:
        typer.echo(f"{who}: notified at {taken.met_at:%Y-%m-%d %H:%M:%S} UTC")
