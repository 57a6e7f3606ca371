"""Commands on impact: compute a run and keep it, show one that was kept."""

from datetime import datetime

from incidents import assessment, impact
from incidents.impact import Scope
from incidents.impact.scope import Asked, check, widened
from tocsin.app.casework import beside, impacts, overview
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.known import detected
from tocsin.errors import Refusal
from tocsin.model.principals import Principal

NOTHING = Asked()


def measure(
    desk: Desk, number: int, *, asked: Asked = NOTHING, principal: Principal, now: datetime
) -> impacts.Impacted:
    """Compute whose data an incident touched, keep it, and start the clocks it shows.

    Args:
        desk: The desk.
        number: Of the incident.
        asked: How much further to look than usual; it holds for later runs as well.
        principal: Who asks.
        now: When.

    Raises:
        Refusal: There is no such incident, no event of it or no data map, it cannot look as far
            as is asked, somebody else had it look further meanwhile, or others kept runs of it
            faster than it could be computed; nothing was changed.
    """
    scope: Scope | None = None
    for _ in range(impacts.TRIES):
        with desk.store.read() as db:
            assessment.show(db, number)
            found = detected(db, number)
            if found is None:
                raise Refusal(
                    f"incident {number} was reported by a person: no event of it is known",
                    hint=f"Say whose data it touched: tocsin incident declare {number} FILE.toml",
                )
            last = impact.last(db, number)
            looks = widened(last, asked, now)
            if scope not in (None, looks):
                raise Refusal(
                    f"somebody had the impact of incident {number} look further meanwhile",
                    hint="Run it again.",
                )
            scope = looks
            told = impact.compute(
                db, desk.archive, found, number, principal=principal, now=now, scope=scope
            )
            check(told, asked)
        with desk.store.begin() as db:
            before = impact.last(db, number)
            if not impacts.is_same(last, before):
                continue  # what it would be kept over may know more
            made = beside.together(told, beside.stated(before))
            made = impact.keep(db, made, principal=principal, now=now)
            return impacts.take(desk, db, made, before, principal=principal, now=now)
    raise impacts.outrun(number)


def measured(desk: Desk, number: int, run: int | None = None) -> impacts.Impacted:
    """Return an impact run that was kept, with what it says differently from the one before.

    Args:
        desk: The desk.
        number: Of the incident.
        run: Number of the run; None for the newest.

    Raises:
        Refusal: There is no such incident, or no such run of it.
    """
    with desk.store.read() as db:
        assessment.show(db, number)
        made = overview.runs(db, number)
        there_are = [one.number for one in made]
        if not made or (run is not None and run not in there_are):
            raise Refusal(
                f"incident {number} has no impact run{'' if run is None else f' {run}'}",
                hint=f"It has {', '.join(map(str, there_are))}."
                if made
                else f"`tocsin incident impact {number}` makes the first.",
            )
        place = -1 if run is None else there_are.index(run)
        before = made[:place][-1:]
        return impacts.impacted(db, made[place], before[0] if before else None)
