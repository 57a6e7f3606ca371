"""Paths in settings: what must be a file or a folder of this machine."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator


def _local(given: Any) -> Any:
    if isinstance(given, str | Path) and ":/" in str(given):
        raise ValueError("must be a path on this machine, this is an address")
    return given


LocalPath = Annotated[Path, BeforeValidator(_local)]
"""A path; an address (``s3://…``) would otherwise become a folder of that name."""
