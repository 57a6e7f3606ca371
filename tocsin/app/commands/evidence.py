"""``tocsin evidence``: what proves an incident, written out and verified."""

from pathlib import Path
from typing import Annotated

import typer

from tocsin.app.commands.base import FOUND, desk_of, now, principal
from tocsin.app.commands.options import HERE, Allow, AllowedBecause, Config, Number


def evidence_export(
    number: Number,
    out: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.")],
    *,
    customer_id: Annotated[
        str, typer.Option("--customer", metavar="ID", help="Only what this customer may see.")
    ] = "",
    leave_out: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="A file to leave out of it, as the refusal named it."),
    ] = None,
    allow: Allow = None,
    why: AllowedBecause = "",
    config: Config = HERE,
) -> None:
    """Write all that proves an incident into a folder.

    Anybody can verify it without us, with sha256sum and openssl; VERIFY.md in it says how.
    `--allow` with `--why` says that a word may be read though it is another customer's or a
    colleague's: for this incident from then on, in its notices as well.
    """
    from tocsin.app.casework import bundling  # noqa: PLC0415 - start-up

    with desk_of(config) as desk:
        made = bundling.export(
            desk,
            number,
            out,
            customer=customer_id,
            leave_out=leave_out or (),
            allow=allow or (),
            why=why,
            principal=principal(),
            now=now(),
        )
    typer.echo(f"{made}\nVERIFY.md in it says how to verify it with sha256sum and openssl.")


def evidence_rotate_key(
    *,
    lost: Annotated[
        bool, typer.Option("--lost", help="The key is gone: it cannot sign the new one in.")
    ] = False,
    why: Annotated[
        str, typer.Option(metavar="TEXT", help="Your reasons; they stay on record.")
    ] = "",
    agree: Annotated[
        int, typer.Option(metavar="ENTRY", help="Agree to --lost, as the second person.")
    ] = 0,
    config: Config = HERE,
) -> None:
    """Replace the key that signs the ledger and its bundles.

    The old key signs the new one in, and is gone then: keep a copy of the new one away from this
    machine. With `--lost` and `--why` nothing but the ledger vouches for the new key, and whoever
    verifies a bundle is told so; where two people approve notices, a second one has to agree.
    Notices that are not sent yet print another key then: preview and approve them again.
    """
    from tocsin.app.casework import rotating  # noqa: PLC0415 - start-up

    rotating.wanted(lost=lost, agree=agree, why=why)
    with desk_of(config) as desk:
        if agree:
            done = rotating.agree(desk, agree, principal=principal(), now=now())
        elif lost:
            done = rotating.replace_lost(desk, why=why, principal=principal(), now=now())
        else:
            done = rotating.rotate(desk, why=why, principal=principal(), now=now())
    if done.key is None:
        typer.echo(f"A second person has to agree: tocsin evidence rotate-key --agree {done.waits}")
        return
    typer.echo(
        f"new key {done.key.fingerprint}\n"
        "Keep a copy of its file away from this machine, and tell customers the fingerprint."
    )


def evidence_verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="As `evidence export` wrote it.")],
    *,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE.pem", help="The public key, from the contract.")
    ] = None,
    checkpoint: Annotated[
        str,
        typer.Option(
            metavar="FILE|NUMBER:HASH",
            help="A state of the ledger you had earlier: checkpoint.json, or as a dossier says.",
        ),
    ] = "",
) -> None:
    """Verify a bundle, step by step.

    Exit code 1 when a step fails. Without --key compare the key that is shown with yours.
    --checkpoint: the bundle's ledger must hold that entry with that hash: it was not cut off before
    it and written anew since you had it.
    """
    from tocsin.app.casework import bundling, views  # noqa: PLC0415 - start-up

    verified = bundling.verify(folder, key, checkpoint)
    views.show_verification(verified)
    raise typer.Exit(0 if verified.passed else FOUND)
