"""Killed at any moment of confirm, approve, send and deliver: all of it happened, or none."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, select

from incidents import notices, obligations
from incidents.obligations import NOTICE
from notifiers import outbox
from notifiers.attempts import LEASE
from notifiers.following import take_mail
from notifiers.tables import attempt
from tests.casework import office
from tests.casework.killed import REFUSED
from tests.casework.office import ALICE, NOW
from tests.notifiers.test_receipts import one as delivered_to
from tests.notifiers.test_receipts import report
from tests.servers.relay import Lever, Relay
from tocsin import ledger
from tocsin.app.casework import acts, measuring, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.config import load
from tocsin.model.principals import SERVICE

INCIDENTS = 8
KILLS = 100
"""So many workers at least die amid a decision: confirming, approving or sending."""

DELIVERIES = 30
"""So many at least die while they deliver."""

DECISIONS = ("confirm", "approve", "send")
TIMES = {**dict.fromkeys(DECISIONS, 8), "deliver": 4}
"""Attempts at killing each act of each incident. They come later and later in it, so that most are
struck down often before one gets through, and no moment of it is spared."""

ROUND_S = LEASE.total_seconds() * 3
TROUBLE = (
    None,
    Lever("RCPT", "451 4.3.0 busy"),
    Lever("MAIL", "421 4.3.2 shutting down"),
    Lever("DATA", drop=True),
    Lever("END", drop=True),
    Lever("END", drop=True, kept=True),
    Lever("END", wait_s=0.02),
    Lever("RCPT", wait_s=0.02),
    Lever("END", wait_s=0.4),
)
Strike = Callable[[str, int, str, float | None], int]


class Hand:
    """Starts workers and kills them; the time goes on with each delivery."""

    def __init__(self, nursery: "subprocess.Popen[str]") -> None:
        self.nursery, self.chance = nursery, random.Random(20_451)
        self.seconds, self.kills = 60.0, Counter[str]()
        self.takes = {"confirm": 0.05, "approve": 0.03, "send": 0.1, "deliver": 0.3}

    def do(
        self, verb: str, number: int = 0, sha256: str = "-", *, kill: bool, within: float = 1
    ) -> int:
        """Let a worker do one thing; return its exit code.

        Args:
            verb: The act.
            number: Of the incident.
            sha256: Of the manifest.
            kill: Whether it is killed.
            within: In which part of the time it usually takes.
        """
        stdin, stdout = self.nursery.stdin, self.nursery.stdout
        assert stdin is not None
        assert stdout is not None
        self.seconds += ROUND_S if verb == "deliver" else 1
        stdin.write(f"{verb} {number} {sha256} {self.seconds}\n")
        stdin.flush()
        worker = int(stdout.readline())
        began = time.monotonic()
        if kill:
            time.sleep(self.chance.uniform(0, self.takes[verb] * within))
            os.kill(worker, signal.SIGKILL)
        stdin.write("\n")
        stdin.flush()
        code = int(stdout.readline().split()[0])
        assert code in (0, REFUSED, -signal.SIGKILL)
        self.kills[verb] += code == -signal.SIGKILL
        if code == 0:  # it was quicker than we thought, or was let live
            self.takes[verb] = (self.takes[verb] + min(time.monotonic() - began, 0.5)) / 2
        return code

    def done(self, verb: str, number: int, sha256: str, check: Callable[[], bool]) -> None:
        """Strike at an act until it is done; after each blow it is done, or nothing is."""
        for blow in range(1, TIMES[verb] + 1):
            self.do(verb, number, sha256, kill=True, within=blow / TIMES[verb])
            if check():
                break
        if not check():
            assert self.do(verb, number, sha256, kill=False) == 0
        assert check()
        assert self.do(verb, number, sha256, kill=False) == REFUSED  # nothing happens twice


@contextmanager
def striking(config: Path) -> Iterator[Hand]:
    command = [sys.executable, "-m", "tests.casework.killed", str(config)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as nursery:
        yield Hand(nursery)
        assert nursery.stdin is not None
        nursery.stdin.close()


def counted(db: Connection, number: int, kind: str) -> int:
    return sum(one.kind == kind for one in ledger.entries(db, about=number))


def is_confirmed(desk: Desk, number: int) -> bool:
    with desk.store.read() as db:
        owed = [one for one in obligations.obligations(db, number) if one.clause == NOTICE]
        confirmed = counted(db, number, "breach.confirmed")
    assert len(owed) == confirmed <= 1
    return bool(owed)


def is_approved(desk: Desk, number: int, sha256: str) -> bool:
    with desk.store.read() as db:
        given = len(notices.approvals(db, sha256))
        assert counted(db, number, "approval.given") == given <= 1
    return bool(given)


def is_sent(desk: Desk, number: int) -> bool:
    with desk.store.read() as db:
        (state,) = notices.status(db, number)
        queued = [one for one in outbox.standings(db, incident=number) if one.customer]
        entries = ledger.entries(db, about=number)
        queued_of = [one.body or "" for one in entries if one.kind == "message.queued"]
        said = sum('"customer":"c-1"' in one for one in queued_of)
    assert len(queued) == said == (2 if state.handed_over_at else 0), queued_of
    return state.handed_over_at is not None


def test_killed_at_any_moment_everything_is_told_once_and_every_clock_is_met(
    tmp_path: Path, relay: Relay
) -> None:
    config = office.found(
        tmp_path / "o",
        customers=["c-1"],
        others=INCIDENTS - 1,
        extra=office.FILES + office.RELAY,
        port=relay.port,
    )
    office.opened(config)
    chance = random.Random(4711)
    relay.choose = lambda: chance.choice(TROUBLE)
    with desk_of(load(config)) as desk, striking(config) as hand:
        assert len(acts.listed(desk)) == INCIDENTS
        for number in range(1, INCIDENTS + 1):
            measuring.measure(desk, number, principal=ALICE, now=NOW)
            office.assessed(desk, number)
            _told(desk, hand, number)
        assert sum(hand.kills[one] for one in DECISIONS) >= KILLS, hand.kills
        assert all(hand.kills[one] >= INCIDENTS for one in DECISIONS), hand.kills
        while hand.kills["deliver"] < DELIVERIES:
            hand.do("deliver", kill=True)
        relay.choose = None  # the relay recovers
        for _ in range(4):
            assert hand.do("deliver", kill=False) == 0
        _nothing_lost(desk, relay)
        _met(desk, relay, hand)


def _told(desk: Desk, hand: Hand, number: int) -> None:
    hand.done("confirm", number, "-", lambda: is_confirmed(desk, number))
    sha256 = office.previewed(desk, number, NOW + (hand.seconds + 1) * office.MINUTE / 60)
    hand.done("approve", number, sha256, lambda: is_approved(desk, number, sha256))
    hand.done("send", number, sha256, lambda: is_sent(desk, number))
    for _ in range(TIMES["deliver"]):
        hand.do("deliver", kill=True)


def _nothing_lost(desk: Desk, relay: Relay) -> None:
    entries = office.intact(desk)
    with desk.store.read() as db:
        standings = outbox.standings(db)
        tries = db.execute(select(attempt)).mappings().all()
        contents = {
            f"<{one.key}@voxline.example>": {each.content for each in outbox.attempts(db, one.key)}
            for one in standings
            if one.channel == "email"
        }
    assert {one.word for one in standings} == {"accepted"}
    assert sum(one.purpose == "notice" for one in standings) == INCIDENTS
    assert {one.message_id for one in relay.inbox} == contents.keys()
    for one in relay.inbox:
        assert contents[one.message_id] == {one.raw}  # twice only under one name, byte for byte
    said = Counter(one.kind for one in entries)
    assert said["message.queued"] == len(standings)
    assert said["attempt.begun"] == len(tries)
    assert said["attempt.accepted"] == len(standings)
    assert sum(row["settled_at"] is None for row in tries) > 0  # some were struck amid the call


def _met(desk: Desk, relay: Relay, hand: Hand) -> None:
    with desk.store.read() as db:
        owed = obligations.of_clause(db, NOTICE)
    assert len(owed) == INCIDENTS
    assert all(one.is_open for one in owed)  # handed over is not delivered
    now = NOW + (hand.seconds + 3600) * office.MINUTE / 60
    for mail in relay.inbox:
        envid = mail.mail_options[1].removeprefix("ENVID=")
        raw = report(delivered_to("delivered"), envid=envid)
        with desk.store.begin() as db:
            take_mail(db, raw, domain="voxline.example", principal=SERVICE, now=now)
    ticking.tick(desk, now)
    with desk.store.read() as db:
        owed = obligations.of_clause(db, NOTICE)
    assert not any(one.is_open for one in owed)
    office.intact(desk)
