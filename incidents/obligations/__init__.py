"""What we owe to whom by when, and how the clocks stand.

    clock       both readings, standing, reminders: pure
    periods     hours, days, months: pure
    law         duties as dated configuration; law.toml is what ships
    obligation  one obligation, and what counts as meeting it
    customers   who is touched, confirmed or possible, and since when that counts
    answering   what a person decides on a possible customer
    waiving     what a person judged not to be owed, and what takes that back
    showing     what a run or a statement shows of them
    owed        what a case owes as it stands: pure
    keep        brought in line with the case, met, explained, waived
    registering customers that no register knew when their clocks began
    settling    what keeps an incident from being closed
    ticking     reminders, each exactly once

Case first, then ``follow`` in the same transaction: it makes, moves and voids obligations.
"""

from incidents.obligations.answering import decide
from incidents.obligations.clock import Clock, Reminders, Standing, read_clock
from incidents.obligations.customers import Touched, touched
from incidents.obligations.keep import (
    explain,
    follow,
    obligations,
    of_clause,
    open_obligations,
    take_receipt,
    waive,
)
from incidents.obligations.law import IMPACT, NOTICE, OWN_FILING, POSSIBLE, Law, load_law
from incidents.obligations.obligation import Obligation, Receipt
from incidents.obligations.owed import Duties, ObligationSettings, Terms
from incidents.obligations.registering import follow_registered
from incidents.obligations.settling import is_uncounted, unsettled
from incidents.obligations.showing import Shown, since_fault, take_count, take_run
from incidents.obligations.ticking import Due, tick
from incidents.obligations.waiving import waived

__all__ = [
    "IMPACT",
    "NOTICE",
    "OWN_FILING",
    "POSSIBLE",
    "Clock",
    "Due",
    "Duties",
    "Law",
    "Obligation",
    "ObligationSettings",
    "Receipt",
    "Reminders",
    "Shown",
    "Standing",
    "Terms",
    "Touched",
    "decide",
    "explain",
    "follow",
    "follow_registered",
    "is_uncounted",
    "load_law",
    "obligations",
    "of_clause",
    "open_obligations",
    "read_clock",
    "since_fault",
    "take_count",
    "take_receipt",
    "take_run",
    "tick",
    "touched",
    "unsettled",
    "waive",
    "waived",
]
