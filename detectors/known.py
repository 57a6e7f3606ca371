"""Under which names detectors find something, beside the ids of rules: an exception may name one.

A name is whole, or the first part of one: ``first-seen`` of ``first-seen-service``.
"""

from detectors.aftermath import Aftermath
from detectors.elsewhere import Elsewhere
from detectors.first_seen import ELSEWHERE, FirstSeen
from detectors.guessing import Guessing
from detectors.machines import MachineVolume
from detectors.many import Many
from detectors.outsiders import OPENED_THEN_TAKEN, TAKEN_BY_STRANGER
from detectors.passed import PassedRole
from detectors.rights import DENIED_THEN_ALLOWED, GRANTED_THEN_USED
from detectors.search import Search
from detectors.twice import Twice
from detectors.volume import Volume

DETECTORS = (
    Aftermath.id,
    Elsewhere.id,
    ELSEWHERE,
    FirstSeen.id,
    Guessing.id,
    MachineVolume.id,
    Many.id,
    OPENED_THEN_TAKEN,
    TAKEN_BY_STRANGER,
    PassedRole.id,
    DENIED_THEN_ALLOWED,
    GRANTED_THEN_USED,
    Search.id,
    Twice.id,
    Volume.id,
)


def is_detectors(rule: str) -> bool:
    """Return whether a detector finds something under this name."""
    return any(rule == one or rule.startswith(f"{one}-") for one in DETECTORS)
