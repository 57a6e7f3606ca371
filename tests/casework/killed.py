"""Workers that are killed: a process that forks one for each line it reads, and says its number.

    python -m tests.casework.killed CONFIG

A line is ``VERB INCIDENT SHA256 SECONDS``: what a person or the service does, so many seconds after
``NOW``. Forking spares each worker the loading of the program. An empty line waits for the last
one's end and says its exit code: 0 done, 3 refused, -9 killed.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from tests.casework.office import ALICE, NOW
from tocsin.app.casework import acts, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.config import load
from tocsin.errors import Refusal

REFUSED = 3


def work(config: Path, verb: str, number: int, sha256: str, seconds: float) -> None:
    """Do one thing."""
    now = NOW + timedelta(seconds=seconds)
    desk = Desk(load(config))
    say(os.getpid())  # from now on it may be killed
    match verb:
        case "confirm":
            aware_at = now - timedelta(minutes=1)
            acts.confirm(desk, number, aware_at=aware_at, why="Logs.", principal=ALICE, now=now)
        case "approve":
            sending.approve(desk, sha256, principal=ALICE, now=now)
        case "send":
            sending.send(desk, sha256, principal=ALICE, now=now)
        case _:
            ticking.tick(desk, now)
            ticking.deliver(desk, now)


def say(what: object) -> None:
    """Tell the one who started us."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> None:
    """Fork a worker for each line."""
    config, child = Path(sys.argv[1]), 0
    for line in sys.stdin:
        if not line.strip():
            began = time.monotonic()
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            say(f"{code} {time.monotonic() - began}")
            continue
        verb, number, sha256, seconds = line.split()
        child = os.fork()
        if child == 0:
            try:
                work(config, verb, int(number), sha256, float(seconds))
            except Refusal:
                os._exit(REFUSED)
            os._exit(0)


if __name__ == "__main__":
    main()
