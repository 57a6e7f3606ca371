"""The second half of ``tocsin demo``: from the incident to the letters and the proof.

The same commands as a person would give, one after the other, at instants of the simulated month's
last morning. Mail and phone go into files. The decision is simulated and says so.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path

from rich.console import Console
from rich.text import Text

from incidents.obligations import NOTICE
from notifiers.base import Channel
from tocsin.app.casework import (
    acts,
    books,
    bundling,
    letters,
    measuring,
    people,
    sending,
    ticking,
    views,
)
from tocsin.app.casework.desk import Desk
from tocsin.app.config import Config
from tocsin.app.demo.company import Company
from tocsin.app.demo.compare_impact import beside
from tocsin.app.demo.generate import World
from tocsin.app.demo.registers import write as write_registers
from tocsin.app.house import House
from tocsin.app.passes import one_pass
from tocsin.model.principals import Principal

LEAD = Principal("shell", "simulated-lead")
FACTS = "facts.toml"
MORNING, DAY = date(2026, 4, 8), timedelta(days=1)
"""The morning that the facts file speaks of."""

Tell = Callable[[str], None]


def tell(out: Path, world: World, config: Config, company: Company, console: Console) -> None:
    """Go the whole way with the most urgent incident, and print each step.

    Args:
        out: The demo's folder.
        world: What was generated.
        config: The demo's configuration.
        company: Whose registers are imported.
        console: Where to print.
    """

    def say(text: str) -> None:
        console.print(Text(text))

    start = datetime.fromisoformat(world.truth.end).replace(tzinfo=UTC) + timedelta(days=1, hours=5)
    console.print(Text("\nFrom the incident to the letters, and the proof\n", "bold"))
    house = House(config)
    try:
        desk = house.desk
        _registers(out, desk, company, start - timedelta(hours=1), say)
        _collect(house, start, say)
        number = _most_urgent(desk)
        title = acts.show(desk, number).history.case.title
        say(f"4. Impact of incident {number}, {title}: events by data map by inventory")
        at = start + timedelta(minutes=20)
        made = measuring.measure(desk, number, principal=LEAD, now=at)
        views.show_impact(made)
        incident = acts.show(desk, number).detected
        assert incident is not None  # the most urgent one has findings
        say("")
        for line in beside(world.truth, incident, made.run):
            say(line)
        _decide(desk, number, at, say)
        sha256 = _notices(out, desk, number, at + timedelta(minutes=40), say)
        _send(desk, number, sha256, at + timedelta(hours=1), say)
        _prove(out, desk, number, at + timedelta(hours=2), say)
    finally:
        house.close()


def _registers(out: Path, desk: Desk, company: Company, at: datetime, say: Tell) -> None:
    folder = write_registers(out, company)
    for diff in books.plans(desk, folder, at):
        books.take(desk, diff, principal=LEAD, now=at)
    known = books.customers(desk)
    say(f"1. Registers and data map imported: {len(known)} customers, their contracts and contacts")


def _collect(house: House, at: datetime, say: Tell) -> None:
    for error in one_pass(house, now=at).values():
        raise error
    ticking.tend(house.desk, at)
    found = acts.listed(house.desk)
    say(f"2. One pass of the service: {len(found)} incidents opened, their raw records captured.")
    say("   From here on they go by these numbers, whatever the scan above called them:")
    views.show_list(found)
    say("3. The team is told of those at high and above (demo-out/sent)")


def _most_urgent(desk: Desk) -> int:
    stored = [one for one, _ in acts.listed(desk)]
    return max(stored, key=lambda one: (one.incident.level, one.incident.score)).number


def _decide(desk: Desk, number: int, at: datetime, say: Tell) -> None:
    say("\n5. SIMULATED decision: a person judges it to be a breach; the clocks start")
    why = "A stranger copied recordings and contact lists; the logs show which."
    owed = acts.confirm(desk, number, aware_at=at, why=why, principal=LEAD, now=at)
    views.show_owed([one for one in owed if one.is_open], at)


def _notices(out: Path, desk: Desk, number: int, at: datetime, say: Tell) -> str:
    text = resources.files("tocsin.app.demo").joinpath(FACTS).read_text()
    # It is written for the morning after a whole month; a shorter one ends earlier.
    text = text.replace(str(MORNING + DAY), str(at.date() + DAY)).replace(
        str(MORNING), str(at.date())
    )
    (out / FACTS).write_text(text)
    acts.assess(desk, number, people.read(out / FACTS), principal=LEAD, now=at)
    made = sending.preview(desk, number, out / "notices", principal=LEAD, now=at)
    say(
        f"\n6. {len(made.notices)} notices rendered, one for each customer: mail, and dossier (PDF)"
    )
    sending.approve(desk, made.sha256, principal=LEAD, now=at)
    say(f"7. SIMULATED approval of exactly these bytes: {made.sha256[:16]}…")
    return made.sha256


def _send(desk: Desk, number: int, sha256: str, at: datetime, say: Tell) -> None:
    keys = sending.send(desk, sha256, principal=LEAD, now=at)
    ticking.deliver(desk, at)
    accepted = letters.accepted(desk, keys)
    ticking.tick(desk, at)
    found = sending.standings(desk, number)
    mails = [one for one in found if one.channel == Channel.EMAIL and one.customer]
    say(f"8. {len(keys)} messages queued, {accepted} handed over: {len(mails)} letters, the rest")
    say("   calls that say an urgent notice waits. Handed over is not delivered: clocks run on")
    owed = [one for one in acts.show(desk, number).owed if one.clause == NOTICE and one.is_open]
    say(f"   Notices that still wait for their delivery or acknowledgement: {len(owed)}")


def _prove(out: Path, desk: Desk, number: int, at: datetime, say: Tell) -> None:
    bundle = bundling.export(desk, number, out / "evidence", principal=LEAD, now=at)
    verified = bundling.verify(bundle, None)
    passed = sum(step.passed for step in verified.steps)
    say(f"\n9. Evidence exported to {bundle}; verified: {passed} of {len(verified.steps)} steps")
    views.show_verification(verified)
