"""How a person settles what keeps an incident from being closed: the commands, one line each."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from incidents import assessment, obligations
from incidents.obligations import NOTICE, OWN_FILING, POSSIBLE
from notifiers import outbox
from notifiers.base import Purpose
from tocsin import registers
from tocsin.app.casework import unregistered, withdrawing
from tocsin.app.casework.known import detected
from tocsin.app.casework.outlook import NOTHING, Outlook
from tocsin.app.casework.reaching import WAITS
from tocsin.app.casework.recalling import TO_CUSTOMERS
from tocsin.app.casework.withdrawing import SAYS


def settled_by(db: Connection, number: int, now: datetime, outlook: Outlook = NOTHING) -> list[str]:
    """Return the commands that settle what is still owed; [] when nothing is.

    Args:
        db: A transaction.
        number: Of the incident.
        now: When it is asked: what is late is to be explained.
        outlook: How its notices stand beside what is known now.
    """
    owed = obligations.obligations(db, number)
    standings = outbox.standings(db, incident=number)
    letters = [one for one in standings if one.purpose == Purpose.NOTICE]
    sent = {one.customer for one in letters if one.word not in ("cancelled", "failed")}
    failed = {one.customer for one in letters if one.word == "failed"} - sent
    open_to: dict[str, list[str]] = {}
    for one in owed:
        if one.is_open:
            open_to.setdefault(one.clause, []).append(one.customer)
    found = list[str]()
    if obligations.is_uncounted(assessment.show(db, number).case):
        found += _counted_by(db, number)
    if possible := open_to.get(POSSIBLE):
        ids = " ".join(possible)
        found.append(f"tocsin incident decide {number} {ids} --exclude --why …")
        found.append(f"tocsin incident decide {number} {ids} --notify --why …")
    unknown = unregistered.missing(owed, registers.customers(db))
    found += unregistered.settled_by(unknown)
    notices = [one for one in open_to.get(NOTICE, []) if one not in unknown]
    out = withdrawing.excluded(db, number, notices)
    notices = [one for one in notices if one not in out]
    if any(one in failed for one in notices):
        found.append(
            f"tocsin notice status {number}   (failed; mend it, then `tocsin notice again`)"
        )
    if unsent := [one for one in notices if one not in sent | failed | outlook.waiting]:
        chosen = "".join(f" --customer {one}" for one in unsent)
        found.append(f"tocsin notice preview {number}{chosen}   (then approve and send it)")
    if any(one in sent for one in notices):
        found.append(f"tocsin notice status {number}   (on its way; nobody has it for sure yet)")
    on_its_way = {
        one.customer
        for one in standings
        if one.purpose in TO_CUSTOMERS and one.word in WAITS and one.customer not in notices
    }
    on_its_way -= {one for one, said in outlook.untold.items() if said.on_its_way}
    if on_its_way:
        found.append(
            f"tocsin notice status {number}   (still on its way to {', '.join(sorted(on_its_way))};"
            " what need not leave: `tocsin notice cancel`)"
        )
    found += _updates(number, outlook)
    found += _withdrawals(number, outlook)
    if OWN_FILING in open_to:
        found.append(f"tocsin incident filed {number} --reference … --at …")
    late = {one.clause for one in owed if one.lacks_reason(now)}
    found += [f"tocsin incident explain {number} {clause} --why …" for clause in sorted(late)]
    found += [
        f"tocsin incident waive {number} {NOTICE} --customer {one} --why …   (it is excluded)"
        for one in out
    ]
    found += [
        f"tocsin incident waive {number} {clause} --customer … --why …   (where it is not owed)"
        for clause in (NOTICE, OWN_FILING)
        if set(open_to.get(clause, ())) - set(out)
    ]
    return found


def _updates(number: int, outlook: Outlook) -> Iterator[str]:
    """Yield how those who are owed an update get it; one line for all of whom the same holds.

    None is rendered before somebody has said what is new.
    """
    alike = dict[tuple[str, bool], list[str]]()
    for customer, why in outlook.owed.items():
        if customer not in outlook.waiting:
            alike.setdefault((why, customer in outlook.unsaid), []).append(customer)
    for (why, is_unsaid), those in alike.items():
        if is_unsaid:
            yield (
                f"tocsin incident assess {number} --facts FILE.toml   ([changes]: an update to "
                f"{', '.join(those)} is owed, as {why})"
            )
        else:
            chosen = "".join(f" --customer {one}" for one in those)
            yield f"tocsin notice preview {number}{chosen}   (an update: {why})"


def _withdrawals(number: int, outlook: Outlook) -> Iterator[str]:
    """Yield how those are told who were told of a breach that, for them, was none."""
    alike = dict[tuple[str, str], list[str]]()
    for customer, one in outlook.untold.items():
        if one.on_its_way:
            how = "status"
        elif customer in outlook.waiting:
            continue
        else:
            how = "assess" if customer in outlook.unexplained else "preview"
        alike.setdefault((how, SAYS[one.ground]), []).append(customer)
    for (how, says), those in alike.items():
        ids = ", ".join(those)
        chosen = "".join(f" --customer {one}" for one in those)
        yield {
            "status": f"tocsin notice status {number}   (on its way to {ids}: {says})",
            "assess": f"tocsin incident assess {number} --facts FILE.toml   ([withdrawal]: why; "
            f"to be told {says}, having been told of a breach: {ids})",
            "preview": f"tocsin notice preview {number}{chosen}   ({says})",
        }[how]


def _counted_by(db: Connection, number: int) -> list[str]:
    """Return how whose data it touched is said, nobody's too."""
    if detected(db, number) is not None:
        return [f"tocsin incident impact {number}"]
    nobodys = "no customer's: name whom it might have been as excluded, or `operator` for our own"
    return [
        f"tocsin incident declare {number} FILE.toml   ({nobodys})",
        f"tocsin incident correct {number} --void --why …   (nobody's at all: it was no breach)",
    ]
