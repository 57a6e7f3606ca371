"""Workers that are killed: a process that forks one for each line it reads, and says its number.

    python -m tests.notifiers.killed DATABASE PORT

A line is ``ROUND SECONDS``: the worker puts the messages of all rounds up to that one, each in the
transaction of its decision, and delivers, again and again, from so many seconds after ``NOW`` on.
Forking spares each worker the loading of the program. An empty line waits for the last one's end.
"""

import os
import sys
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from notifiers import outbox
from notifiers.base import Channel, Message
from notifiers.email import EmailNotifier, EmailSettings
from notifiers.schedule import Schedule
from notifiers.tables import outbox as table
from tests.notifiers.support import NOW, mail
from tocsin.model.principals import Principal
from tocsin.store import Store
from tocsin.store.progress import Position, save_position

PER_ROUND = 3
BAD = "bad@customer.example"


def message(number: int) -> Message:
    """Return the message of one decision; every tenth recipient is refused for good."""
    more: dict[str, Any] = {"to": BAD} if number % 10 == 9 else {}
    return mail(f"notice/{number}", incident=number, **more)


def settings(port: int) -> EmailSettings:
    return EmailSettings(
        host="127.0.0.1",
        port=port,
        security="none",
        sender="avis@tocsin.example",
        timeout_s=0.3,
        text_timeout_s=0.3,
    )


def decide(store: Store, number: int, worker: Principal) -> None:
    """Put one message in the transaction of its decision."""
    with store.begin() as db:
        save_position(db, f"decision/{number}", Position(number, 0), NOW)
        outbox.put(db, message(number), principal=worker, now=NOW)


def work(path: str, port: int, turn: int, after_s: float) -> None:
    """Put and deliver until killed."""
    worker = Principal("service", f"worker-{turn}")
    store = Store(path)
    with store.read() as db:
        known = db.scalar(select(func.count()).select_from(table)) or 0
    say(os.getpid())  # from now on it may be killed
    for number in range(known, turn * PER_ROUND):
        decide(store, number, worker)
    notifiers = {Channel.EMAIL: EmailNotifier(settings(port))}
    schedule = Schedule(lanes=3)
    while True:
        now = NOW + timedelta(seconds=after_s)
        outbox.deliver(store, notifiers, worker=worker, now=now, schedule=schedule)
        after_s += 61


def say(what: object) -> None:
    """Tell the one who started us."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> None:
    """Fork a worker for each line."""
    path, port, child = sys.argv[1], int(sys.argv[2]), 0
    for line in sys.stdin:
        if not line.strip():
            os.waitpid(child, 0)
            say("ended")
            continue
        turn, after_s = line.split()
        child = os.fork()
        if child == 0:
            work(path, port, int(turn), float(after_s))


if __name__ == "__main__":
    main()
