"""Killed at any moment of put, claim, send and settle: nothing is lost, nothing half-recorded."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from notifiers import outbox
from notifiers.attempts import LEASE
from notifiers.base import Channel
from notifiers.email import EmailNotifier
from notifiers.tables import attempt
from notifiers.tables import outbox as table
from tests.notifiers.killed import BAD, PER_ROUND, message, settings
from tests.notifiers.support import NOW
from tests.servers.relay import Lever, Relay
from tocsin import ledger
from tocsin.model.principals import SERVICE
from tocsin.store import Store
from tocsin.store.tables import position

KILLS = 110
ROUND_S = LEASE.total_seconds() * 3
TROUBLE = (
    None,
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


def kill_workers(path: Path, relay: Relay, chance: random.Random) -> None:
    command = [sys.executable, "-m", "tests.notifiers.killed", str(path), str(relay.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for turn in range(1, KILLS + 1):
            nursery.stdin.write(f"{turn} {turn * ROUND_S}\n".encode())
            nursery.stdin.flush()
            worker = int(nursery.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.15))
            os.kill(worker, signal.SIGKILL)
            nursery.stdin.write(b"\n")
            nursery.stdin.flush()
            assert nursery.stdout.readline() == b"ended\n"
        nursery.stdin.close()


def test_workers_killed_at_random_moments_lose_nothing_and_repeat_nothing_under_another_name(
    tmp_path: Path, relay: Relay
) -> None:
    chance = random.Random(4711)
    relay.by_recipient[BAD] = Lever("RCPT", "550 5.1.1 no such user")
    relay.choose = lambda: chance.choice(TROUBLE)
    path = tmp_path / "state.db"
    Store(path).close()
    kill_workers(path, relay, chance)

    relay.choose = None  # the relay recovers
    store = Store(path)
    notifiers = {Channel.EMAIL: EmailNotifier(settings(relay.port))}
    for late in range(1, 5):
        now = NOW + timedelta(seconds=(KILLS + late) * ROUND_S)
        outbox.deliver(store, notifiers, worker=SERVICE, now=now)

    with store.read() as db:
        decided = set(db.scalars(select(position.c.name)))
        queued = list(db.scalars(select(table.c.key)))
        standings = outbox.standings(db)
        tries = db.execute(select(attempt)).mappings().all()
        contents = {key: {one.content for one in outbox.attempts(db, key)} for key in queued}
        entries = list(ledger.entries(db))
    assert ledger.verify(entries) == []

    # A decision and its message stand or fall together, and what was decided was queued once.
    assert {key.replace("notice", "decision") for key in queued} == decided
    assert len(queued) > KILLS * PER_ROUND / 2

    # Everything ended: accepted, or refused for good by its own recipient.
    ends = {one.key: one.word for one in standings}
    assert ends == {
        f"notice/{n}": "failed" if message(n).to == BAD else "accepted" for n in range(len(queued))
    }

    # Each came under one name and with the same bytes, however often; no attempt, no mail.
    good = {f"<{key}@tocsin.example>" for key, end in ends.items() if end == "accepted"}
    assert {one.message_id for one in relay.inbox} == good
    for one in relay.inbox:
        assert contents[one.message_id[1:].partition("@")[0]] == {one.raw}
    references = {row["reference"] for row in tries}
    left = [one.mail_options[1].removeprefix("ENVID=") for one in relay.inbox]
    assert set(left) <= references
    assert max(Counter(left).values()) == 1

    # Every step has its entry, and no entry stands without its step.
    said = Counter(one.kind for one in entries)
    done = Counter(row["outcome"] for row in tries)
    assert said["message.queued"] == len(queued)
    assert said["attempt.begun"] == len(tries)
    assert said["attempt.accepted"] == done["accepted"] == len(good)
    assert said["attempt.refused"] == done["refused"]
    assert said["message.failed"] == len(queued) - len(good)
    died = sum(row["settled_at"] is None for row in tries)
    assert said["attempt.unknown"] == done["unknown"] - died
    assert died > KILLS / 10  # many were struck between the attempt and its outcome
    store.close()
