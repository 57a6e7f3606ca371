"""How urgent findings are together.

Every rule counts by its level, once and a little more when it speaks again: a hundred refusals are
more than one, not a hundred times as much. Many weak signs of different sorts make one strong;
strong signs of different sorts make an emergency.
"""

import math
from collections.abc import Mapping

import msgspec

from incidents.grouping.settings import GroupingSettings, Weights
from tocsin.model.findings import Level

SEVERAL = 2
"""High needs findings at medium or above about so many tactics."""

LOOKING = frozenset({"discovery", "reconnaissance"})
"""Tactics that do not count there: scanners of the house look at everything, every night."""

AGAIN, MOST = 0.25, 2.0
"""What each doubling of a rule's findings adds, and the most a rule counts."""

WEIGHTS = Weights()


class Share(msgspec.Struct):
    """What one rule has to say in an incident.

    Attributes:
        level: Its highest level here.
        title: What it looks for.
        tactics: ATT&CK tactics.
        count: Its findings.
    """

    level: Level
    title: str
    tactics: tuple[str, ...]
    count: int = 1


def score(shares: Mapping[str, Share]) -> float:
    """Return what findings add up to."""
    return sum(
        WEIGHTS[share.level] * min(MOST, 1 + AGAIN * math.log2(share.count))
        for share in shares.values()
    )


def level(shares: Mapping[str, Share], settings: GroupingSettings) -> Level:
    """Return how urgent findings are together: at least as urgent as the most urgent of them."""
    total = score(shares)
    highest = max(share.level for share in shares.values())
    strong = [share for share in shares.values() if share.level >= Level.MEDIUM]
    tactics = {tactic for share in strong for tactic in share.tactics} - LOOKING
    if total >= settings.medium_at:
        highest = max(highest, Level.MEDIUM)
    if len(strong) >= SEVERAL and len(tactics) >= SEVERAL:
        if total >= settings.high_at:
            highest = max(highest, Level.HIGH)
        if total >= settings.critical_at and any(s.level >= Level.HIGH for s in strong):
            highest = max(highest, Level.CRITICAL)
    return highest


def is_incident(shares: Mapping[str, Share], settings: GroupingSettings) -> bool:
    """Return whether findings are enough for an incident."""
    return level(shares, settings) >= Level.MEDIUM


def title(shares: Mapping[str, Share]) -> str:
    """Return the title of the most urgent finding, the one said most often of several."""
    top = max(shares.values(), key=lambda share: (share.level, share.count, share.title))
    return top.title
