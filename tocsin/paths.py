"""Paths: what must be on this machine, and folders that nobody else may look into."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator


def is_address(text: str) -> bool:
    """Return whether a text means something elsewhere, not a path on this machine."""
    return ":/" in text


def _local(given: Any) -> Any:
    if isinstance(given, str | Path) and is_address(str(given)):
        raise ValueError("must be a path on this machine, this is an address")
    return given


LocalPath = Annotated[Path, BeforeValidator(_local)]
"""A path; an address (``s3://…``) would otherwise become a folder of that name."""


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, closed to everybody but us.

    What is in it (contacts, events, letters) is then out of others' reach, whatever its own mode.
    A folder that is there stays as it is: somebody has decided about it.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
