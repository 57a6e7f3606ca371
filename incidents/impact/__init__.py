"""The impact of an incident: whose data, how much, and how we know.

result      what a run says
reach       whose acts count: the attack's own credentials, and those it shared
counting    touches into ranges
judging     one customer's standing
coverage    which hours and stores the logs cover
run         events by data map by inventory, kept
"""

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
from incidents.impact.run import MARGIN, Window, outdated, run
from incidents.impact.runs import Change, Shown, difference, first_shown, last, runs

__all__ = [
    "MARGIN",
    "CategoryImpact",
    "Change",
    "Coverage",
    "CustomerImpact",
    "ImpactRun",
    "Negative",
    "Query",
    "Range",
    "Reason",
    "Shown",
    "Standing",
    "Window",
    "difference",
    "first_shown",
    "last",
    "outdated",
    "run",
    "runs",
]
