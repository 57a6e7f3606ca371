"""Is it a breach? The case record of an incident, by two doors, and people's decisions about it.

    states      the judgements, and the table of moves between them
    bodies      what an entry says, one class per kind
    entries     written with the ledger's, in one transaction
    case        what a case is after its entries
    opening     from detection, and from what people report
    deciding    take, confirm, dismiss, close, reopen
    correcting  awareness earlier (one person), later or void (two)
    noting      notes; contained, restored, notified
    showing     as it stands, and as it was known at an instant
    local       instants as people type them

Everything that changes something takes the caller's transaction, a principal and ``now``.
"""

from incidents.assessment.bodies import Report
from incidents.assessment.case import Awareness, Case, Correction
from incidents.assessment.correcting import agree, correct
from incidents.assessment.deciding import close, confirm, dismiss, reopen, take
from incidents.assessment.entries import Entry
from incidents.assessment.local import instant
from incidents.assessment.noting import note, note_texts, record
from incidents.assessment.opening import (
    Attached,
    Told,
    add_report,
    open_report,
    original_bytes,
    take_up,
)
from incidents.assessment.showing import History, show
from incidents.assessment.states import Assessment

__all__ = [
    "Assessment",
    "Attached",
    "Awareness",
    "Case",
    "Correction",
    "Entry",
    "History",
    "Report",
    "Told",
    "add_report",
    "agree",
    "close",
    "confirm",
    "correct",
    "dismiss",
    "instant",
    "note",
    "note_texts",
    "open_report",
    "original_bytes",
    "record",
    "reopen",
    "show",
    "take",
    "take_up",
]
