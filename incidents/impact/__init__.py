"""The impact of an incident: whose data, how much, and how we know.

    result      what a run says
    reach       whose acts count: the attack's own credentials, and those it shared
    counting    touches into ranges
    basis       where the numbers of a range come from
    evidence    touches, how they come to count, and what all customers are judged by
    judging     one customer's standing
    reasons     why it stands there, in sentences
    copies      copies within S3, as reads of what was copied
    coverage    which hours and stores the logs cover
    unmapped    acts of the attack that the data map does not know
    gathering   the evidence, from the archive
    unread      what of the window's logs could not be read
    scope       how much further a person has a run look
    run         events by data map by inventory
    declared    what a person states where no event tells it
    runs        the runs that were kept, and what changed between two
    checks      what would keep a run from saying whose data was touched

All but ``gathering``, ``unread``, ``scope``, ``run``, ``runs``, ``declared`` and ``checks`` is
pure.
"""

from incidents.impact.basis import Ground, ground
from incidents.impact.declared import Named, declare, stated
from incidents.impact.gathering import Window
from incidents.impact.result import (
    CategoryImpact,
    Coverage,
    CustomerImpact,
    ImpactRun,
    Negative,
    Query,
    Range,
    Reason,
    Scope,
    SourceCoverage,
    Standing,
    Unmapped,
)
from incidents.impact.run import (
    ARCHIVE,
    EVENTS,
    MARGIN,
    UNREAD,
    compute,
    outdated,
    present,
    watching,
)
from incidents.impact.runs import Change, Shown, difference, first_shown, keep, last, runs

__all__ = [
    "ARCHIVE",
    "EVENTS",
    "MARGIN",
    "UNREAD",
    "CategoryImpact",
    "Change",
    "Coverage",
    "CustomerImpact",
    "Ground",
    "ImpactRun",
    "Named",
    "Negative",
    "Query",
    "Range",
    "Reason",
    "Scope",
    "Shown",
    "SourceCoverage",
    "Standing",
    "Unmapped",
    "Window",
    "compute",
    "declare",
    "difference",
    "first_shown",
    "ground",
    "keep",
    "last",
    "outdated",
    "present",
    "runs",
    "stated",
    "watching",
]
