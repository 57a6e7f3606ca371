"""How fast a scan is, from ``.json.gz`` to incidents, beside the least it could take.

The floor is what cannot be avoided: reading the same files, gunzip (isal) and decoding into a typed
struct whose nested parts stay raw (msgspec), in one process, in the same run. Absolute figures say
more about the machine than about us; read the ratios. Processes are what is asked for: where there
is little to read, one does it, as for whoever types the command.

    python bench/scan.py                        10^5 and 10^6 events, 1 and 2 processes
    python bench/scan.py --events 100000 --repeat 5
"""

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from isal import igzip

from tocsin.app.demo.generate import generate
from tocsin.app.output import SummaryLine

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "tocsin" / "app" / "demo" / "config.toml"
AT_REST, PER_SCALE = 64_500, 81_500
"""CloudTrail's events of the generated month that do not depend on its scale, and those that do."""

LOGS = {"CloudTrail": "logs/AWSLogs", "both logs": "logs"}

SAMPLE_S = 0.02
MIB = 1 << 20


class Typed(msgspec.Struct, gc=False):
    """A CloudTrail record as the floor decodes it."""

    eventID: str = ""  # noqa: N815 - CloudTrail's names
    eventTime: str = ""  # noqa: N815
    eventSource: str = ""  # noqa: N815
    eventName: str = ""  # noqa: N815
    eventType: str = ""  # noqa: N815
    awsRegion: str = ""  # noqa: N815
    sourceIPAddress: str = ""  # noqa: N815
    userAgent: str | None = None  # noqa: N815
    errorCode: str | None = None  # noqa: N815
    errorMessage: str | None = None  # noqa: N815
    recipientAccountId: str | None = None  # noqa: N815
    readOnly: bool | None = None  # noqa: N815
    userIdentity: msgspec.Raw = msgspec.Raw()  # noqa: N815
    requestParameters: msgspec.Raw = msgspec.Raw()  # noqa: N815
    responseElements: msgspec.Raw = msgspec.Raw()  # noqa: N815


class Records(msgspec.Struct):
    """A file of CloudTrail records."""

    Records: list[Typed] = []


class TypedLine(msgspec.Struct, gc=False):
    """A line of the application's log as the floor decodes it."""

    id: str = ""
    time: Any = None
    actor: str = ""
    action: str = ""
    outcome: str = ""
    object: str | None = None
    customer: str | None = None
    session: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    count: int | None = None
    bytes: int | None = None


class Measured(NamedTuple):
    """One run: events per second and peak memory of all its processes, in MiB."""

    per_second: float
    peak: float


def floor(logs: Path) -> None:
    """Print how many records a second can be read, gunzipped and decoded."""
    records = msgspec.json.Decoder(Records)
    lines = msgspec.json.Decoder(TypedLine)
    gc.disable()
    began, count = time.perf_counter(), 0
    for path in sorted(logs.rglob("*.gz")):
        stored = path.read_bytes()
        text: bytes = igzip.decompress(stored)  # type: ignore[no-untyped-call] # it has no types
        if path.name.endswith(".json.gz"):
            count += len(records.decode(text).Records)
        else:
            count += len(lines.decode_lines(text))
    print(count / (time.perf_counter() - began))


def scan(logs: Path, processes: int, out: Path) -> None:
    """Scan as the command does."""
    command = [sys.executable, "-m", "tocsin.app.cli", "scan", str(logs), "--config", str(CONFIG)]
    command += ["--processes", str(processes), "--output", str(out)]
    os.execv(sys.executable, command)  # noqa: S606 - so that it is measured and not we


def measured(arguments: list[str], read: Any) -> Measured:
    """Run ourselves with these arguments and watch its memory."""
    command = [sys.executable, __file__, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, env=environment)
        peak = 0
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(SAMPLE_S)
        if process.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
        said.seek(0)
        return Measured(read(said.read()), peak / MIB)


def resident(pid: int) -> int:
    """Return the resident bytes of a process and of all its children."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(resident(int(child)) for child in children)


def summary(out: Path) -> SummaryLine:
    """Return the last line of a scan's output."""
    return msgspec.json.decode(out.read_bytes().splitlines()[-1], type=SummaryLine)


def row(logs: Path, processes: int, repeat: int, out: Path) -> tuple[Measured, float, int]:
    """Return the median of a scan's runs, that of the floor between them, and the events."""
    scans, floors = list[Measured](), list[float]()
    for _ in range(repeat):
        floors.append(measured(["--floor", str(logs)], float).per_second)
        arguments = ["--scan", str(logs), "--processes", str(processes), "--out", str(out)]

        def speed(_: bytes) -> float:
            line = summary(out)
            return (line.events + line.duplicates) / line.seconds

        scans.append(measured(arguments, speed))
    return (
        Measured(
            statistics.median(one.per_second for one in scans), max(one.peak for one in scans)
        ),
        statistics.median(floors),
        summary(out).events,
    )


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--events", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--logs", type=Path, help="keep generated logs here, and use them again")
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--scan", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.floor:
        floor(asked.floor)
        return
    if asked.scan:
        scan(asked.scan, asked.processes[0], asked.out)
    with tempfile.TemporaryDirectory() as name:
        folder = asked.logs or Path(name)
        print(
            f"{'':>10} {'events':>9} {'processes':>9} {'events/s':>9} {'floor/s':>9} {'share':>6} "
            f"{'MiB':>6}"
        )
        for (what, logs), events in product(LOGS.items(), asked.events):
            made = folder / str(events)
            if not made.exists():
                generate(made, scale=max(0.02, (events - AT_REST) / PER_SCALE))
            for processes in asked.processes:
                out = Path(name) / "scan.jsonl"
                scanned, least, count = row(made / logs, processes, asked.repeat, out)
                share = scanned.per_second / least
                print(
                    f"{what:>10} {count:>9,} {processes:>9} {scanned.per_second:>9,.0f} "
                    f"{least:>9,.0f} {share:>6.2f} {scanned.peak:>6,.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
