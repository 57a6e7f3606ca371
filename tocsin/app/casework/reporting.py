"""What a person types about a report or a note, checked before anything is opened."""

import mimetypes
import textwrap
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from incidents.assessment import Attached, Told
from incidents.assessment.bodies import Channel, NoteClass, Reporter
from tocsin.errors import ConfigError


def told(
    *,
    title: str,
    what: str,
    received_at: datetime,
    reporter: str,
    name: str,
    channel: str,
    establishes: bool,
    originals: Iterable[Path],
) -> Told:
    """Return a report as the case takes it.

    Raises:
        ConfigError: A word is none of those there are, or a file cannot be read.
    """
    return Told(
        title=title or textwrap.shorten(what, 80, placeholder="…"),
        what=what,
        received_at=received_at,
        reporter=_word("reporter", reporter, Reporter),
        name=name or reporter,
        channel=_word("channel", channel, Channel),
        establishes=establishes,
        originals=tuple(map(_attached, originals)),
    )


def note_class(word: str) -> NoteClass:
    """Return what sort of note a word names."""
    found: NoteClass = _word("kind", word, NoteClass)
    return found


def _word(option: str, word: str, words: Any) -> Any:
    if word not in get_args(words):
        raise ConfigError(f"--{option} {word}: expected one of {', '.join(get_args(words))}")
    return word


def _attached(path: Path) -> Attached:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    kind, _ = mimetypes.guess_type(path.name)
    return Attached(path.name, kind or "application/octet-stream", body)
