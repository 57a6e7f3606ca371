"""The impact of an incident: whose data, how much, and how we know.

    result      what a run says
    reach       whose acts count: the attack's own credentials, and those it shared
    counting    touches into ranges
    evidence    touches, how they come to count, and what all customers are judged by
    judging     one customer's standing
    coverage    which hours and stores the logs cover
    run         events by data map by inventory
    declared    what a person states where no event tells it
    runs        the runs that were kept, and what changed between two
    checks      what would keep a run from saying whose data was touched

All but ``run``, ``runs``, ``declared`` and ``checks`` is pure.
"""

from incidents.impact.counting import Ground, ground
from incidents.impact.declared import Named, declare, stated
from incidents.impact.result import (
    CategoryImpact,
    Coverage,
    CustomerImpact,
    ImpactRun,
    Negative,
    Query,
    Range,
    Reason,
    Standing,
)
from incidents.impact.run import ARCHIVE, EVENTS, MARGIN, Window, compute, outdated, present
from incidents.impact.runs import Change, Shown, difference, first_shown, keep, last, runs

__all__ = [
    "ARCHIVE",
    "EVENTS",
    "MARGIN",
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
    "Shown",
    "Standing",
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
]
