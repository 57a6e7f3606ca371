"""What a person can do next about an incident: the commands, in the order they make sense."""

from collections.abc import Iterator

from incidents.assessment import Assessment
from tocsin.app.casework.overview import Overview


def commands(shown: Overview) -> Iterator[str]:
    """Yield the commands that take an incident further, the first one first."""
    case, run = shown.history.case, shown.run
    number = case.number
    if case.merged_into is not None:
        yield f"tocsin incident show {case.merged_into}"
        return
    if case.assessment == Assessment.CLOSED:
        return
    to_read = [f"tocsin incident runbook {name}" for name in shown.runbooks]
    if shown.detected:
        yield from to_read
    if case.is_undecided and not case.owner:
        yield f"tocsin incident take {number}"
    if not shown.detected:  # which of them fits, whoever takes it decides
        yield from to_read
    if run is None and case.assessment != Assessment.NO_BREACH:
        counts = f"tocsin incident impact {number}"
        first = counts if shown.findings else f"tocsin incident declare {number} FILE.toml"
        if not any(one.startswith(first) for one in shown.settled_by):  # it says so below
            yield first
    if case.is_undecided:
        yield f"tocsin incident confirm {number} --aware-at … --why …"
        yield f"tocsin incident dismiss {number} --why …"
    for one in case.proposals:
        yield f"tocsin incident agree {number} {one.entry}   (a second person)"
    yield from dict.fromkeys(shown.outlook.ready.values())
    yield from shown.settled_by
    if not case.is_undecided and shown.is_settled:
        yield f"tocsin incident close {number} --why …   (another person than who judged it)"
