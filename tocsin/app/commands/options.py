"""Options that several commands take, and how what a person types is read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.model.findings import Level

HERE = Path("config.toml")
"""The configuration, unless another is named."""


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
    return at.replace(tzinfo=UTC) if at.tzinfo is None else _in_utc(at, text)


def exact(text: str) -> datetime:
    """Return the instant a person typed; it names its zone, as an hour counts."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no instant; write it like 2026-11-24T10:15+01:00"
        ) from None
    if at.tzinfo is None:
        raise typer.BadParameter(
            f"{text}: in which zone? Write it like 2026-11-24T10:15+01:00, or with Z in UTC"
        )
    return _in_utc(at, text)


def _in_utc(at: datetime, text: str) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:  # years 1 and 9999 have no room for every zone
        raise typer.BadParameter(f"{text}: no such instant in UTC; check the year") from None


def when(about: str) -> Any:
    """Return an option that takes an exact instant."""
    return typer.Option(parser=exact, metavar="WHEN", help=about)


ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings; see config.toml.")
]
"""Of commands that can do without."""

Config = Annotated[
    Path, typer.Option("--config", metavar="FILE", help="Settings; see config.toml.")
]
Number = Annotated[
    int, typer.Argument(metavar="INCIDENT", help="Its number; `incident list` shows it.")
]
Why = Annotated[str, typer.Option(metavar="TEXT", help="Your reasons; they stay on record.")]
Rules = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="DIR", help="Further Sigma rules, beside ours. Repeatable."),
]
NoOwnRules = Annotated[bool, typer.Option("--no-own-rules", help="Leave our own rules out.")]
Processes = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        show_default=False,
        help="How many processes read at most; one where there is little. [default: one a core]",
    ),
]

Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow", metavar="WORD", help="May be read, as the refusal shows it. Repeatable."
    ),
]
AllowedBecause = Annotated[
    str, typer.Option("--why", metavar="TEXT", help="Why that may be read; it stays on record.")
]
