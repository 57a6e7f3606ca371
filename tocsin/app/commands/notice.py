"""``tocsin notice preview``, ``approve``, ``send``, ``status``: a notice on its way out."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.commands.base import desk_of, now, principal
from tocsin.app.commands.options import HERE, Allow, AllowedBecause, Config, Number

Folder = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write the files there, to be looked at.")
]


def notice_preview(
    number: Number,
    *,
    out: Folder = None,
    customers: Annotated[
        list[str] | None,
        typer.Option("--customer", metavar="ID", help="Only for this one. Repeatable."),
    ] = None,
    allow: Allow = None,
    why: AllowedBecause = "",
    config: Config = HERE,
) -> None:
    """Make the notices of an incident, to be looked at.

    Shows the digest to approve. What was approved before counts no more. A missing fact is named,
    with whose it is and how to give it, and so is a word that tells a customer of another or of a
    colleague; then nothing is made. `--allow` with `--why` says that a word may be read all the
    same: for this incident from then on, in its bundles as well.
    """
    from tocsin.app.casework import (  # noqa: PLC0415 - start-up
        allowing,
        calling,
        doubts,
        sending,
        views,
    )

    with desk_of(config) as desk:
        made = sending.preview(
            desk,
            number,
            out,
            customers=customers or (),
            allow=allow or (),
            why=why,
            principal=principal(),
            now=now(),
        )
        warnings = [
            *allowing.allowed(desk, number),
            *doubts.doubts(desk, made),
            *sending.warnings(desk, number),
        ]
        views.show_manifest(made, calling.beside(desk, made), out, warnings)


def notice_approve(
    sha256: Annotated[
        str, typer.Argument(metavar="SHA256", help="All 64 digits, as the preview showed them.")
    ],
    *,
    config: Config = HERE,
) -> None:
    """Say yes to exactly these bytes and recipients.

    Nothing is sent yet.
    """
    from tocsin.app.casework import sending  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        given = sending.approve(desk, sha256, principal=principal(), now=now())
    typer.echo(f"approved by {given.principal}")


def notice_send(
    sha256: Annotated[
        str, typer.Argument(metavar="SHA256", help="All 64 digits, as they were approved.")
    ],
    *,
    config: Config = HERE,
) -> None:
    """Send approved notices, with a call beside each where a phone is configured.

    They are queued and tried at once; `tocsin run` goes on trying. Refused when anything changed
    since it was approved.
    """
    from tocsin.app.casework import letters, sending, signing, ticking  # noqa: PLC0415 - start-up
    from tocsin.app.rendering import many  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        at = now()
        keys = sending.send(desk, sha256, principal=principal(), now=at)
        ticking.send(desk, now(), put_at=at)
        typer.echo(f"{many(len(keys), 'message')} queued, {letters.accepted(desk, keys)} accepted")
        said = [*letters.warnings(desk), *signing.warnings(desk)]
        typer.echo("".join(f"{line}\n" for line in said), nl=False)


def notice_status(number: Number, *, config: Config = HERE) -> None:
    """Show how the messages of an incident stand.

    Delivered and acknowledged count as notified; accepted does not.
    """
    from tocsin.app.casework import sending, views  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        views.show_messages(sending.standings(desk, number))
        views.warn(sending.owed_again(desk, number))
