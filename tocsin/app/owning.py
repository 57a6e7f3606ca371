"""Whose our top-level packages are: another distribution may bring one of the same name.

Source: Python documentation, ``importlib.metadata.packages_distributions``.
"""

from collections.abc import Mapping
from importlib import metadata

OURS = "tocsin"
NAMES = (OURS, "collectors", "detectors", "incidents", "notifiers", "runbooks")


def strangers() -> Mapping[str, tuple[str, ...]]:
    """Return our packages that other distributions have as well, and which do; {} for none."""
    owners = metadata.packages_distributions()
    found = {name: tuple(sorted({*owners.get(name, ())} - {OURS})) for name in NAMES}
    return {name: others for name, others in found.items() if others}
