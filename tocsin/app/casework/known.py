"""Everything known of an incident, as one transaction sees it."""

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection

from incidents import assessment, impact, obligations
from incidents.assessment import Case
from incidents.assessment.entries import entries
from incidents.impact import ImpactRun, Shown
from incidents.obligations import Touched
from tocsin import datamap, ledger, registers
from tocsin.app.casework import people
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.people import Given
from tocsin.app.casework.settings import OperatorSettings
from tocsin.app.casework.signing import Ours, ours
from tocsin.datamap import DataMap
from tocsin.errors import Refusal
from tocsin.ledger import Checkpoint as Ledgered
from tocsin.model.findings import Incident
from tocsin.store.cases import incidents as stored


class World(BaseModel, arbitrary_types_allowed=True, frozen=True):
    """Everything known of an incident, as it was read in one transaction.

    Attributes:
        case: What people judged.
        run: The newest impact run.
        shown: Per customer, the runs that first showed it.
        touched: Per customer, what runs and people said of it.
        owed: What is owed to whom.
        given: What people said.
        customers: The register.
        data_map: Which store holds what.
        operator: Us.
        checkpoint: The state of the ledger.
        has_phone: Whether calls can be made.
        ours: Our signing key, as letters print it.
    """

    case: Case
    run: ImpactRun
    shown: dict[str, Shown]
    touched: dict[str, Touched]
    owed: tuple[obligations.Obligation, ...]
    given: Given
    customers: dict[str, registers.Customer]
    data_map: DataMap
    operator: OperatorSettings
    checkpoint: Ledgered
    has_phone: bool
    ours: Ours

    @property
    def contained_at(self) -> datetime | None:
        """When access was stopped, as recorded of the whole incident; None while it is not."""
        return self.case.where("contained").get("")


def world(desk: Desk, db: Connection, number: int) -> World:
    """Return everything known of an incident, as one transaction sees it.

    Raises:
        Refusal: There is no such incident, or nobody has computed its impact yet.
    """
    case = assessment.show(db, number).case
    runs = impact.runs(db, number)
    if not runs:
        raise Refusal(
            f"incident {number}: nobody has computed yet whose data it touched",
            hint=f"tocsin incident impact {number}"
            if detected(db, number)
            else f"Say whose: tocsin incident declare {number} FILE.toml",
        )
    return World(
        case=case,
        run=runs[-1],
        shown=impact.first_shown(runs),
        touched=obligations.touched(entries(db, number)),
        owed=tuple(obligations.obligations(db, number)),
        given=people.given(db, number),
        customers=dict(registers.customers(db)),
        data_map=datamap.load(db).datamap,
        operator=desk.config.operator,
        checkpoint=ledger.newest(db),
        has_phone=desk.config.notifiers.has_phone,
        ours=ours(desk, db),
    )


def detected(db: Connection, number: int) -> Incident | None:
    """Return what detection knows of an incident; None for a person's report."""
    found = next((one.incident for one in stored(db) if one.number == number), None)
    return found if found is not None and found.event_ids else None


def told(world: World) -> list[str]:
    """Return the customers that get a notice: to whom one is owed."""
    return sorted(
        one.customer
        for one in world.owed
        if one.clause == obligations.NOTICE and one.customer and not one.is_void and not one.waived
    )
