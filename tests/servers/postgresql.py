"""A throw-away PostgreSQL cluster on a free port of 127.0.0.1.

The server is the system's own (on Debian: ``apt-get install postgresql``). It refuses to run as
root, so as root it runs as the account ``postgres``. Durability is off: the cluster is thrown away.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY_S = 30.0
OPTIONS = (
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
)


def programs() -> Path | None:
    """Return the folder of the server's programs; None where it is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    return versions[-1].parent if versions else None


@contextmanager
def running(programs: Path) -> Iterator[str]:
    """Start a cluster, yield the URL of an empty database in it, and throw it away."""
    with tempfile.TemporaryDirectory(prefix="tocsin-pg-", ignore_cleanup_errors=True) as name:
        data = Path(name)
        who = "postgres" if os.geteuid() == 0 else None  # the server refuses root
        if who is not None:
            shutil.chown(data, who, who)
        initdb = [programs / "initdb", "-D", data / "db", "-U", "postgres", "-A", "trust"]
        _run([str(word) for word in initdb], who)
        port = _free_port()
        options = [f"-c{option}" for option in (*OPTIONS, f"unix_socket_directories={data}")]
        command = [str(programs / "postgres"), "-D", str(data / "db"), "-p", str(port)]
        log = (data / "server.log").open("wb")
        server = subprocess.Popen(
            [*command, *options], stdout=log, stderr=log, cwd="/", user=who, group=who
        )
        try:
            _wait(server, port, data / "server.log")
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # does not wait for clients
            server.wait(READY_S)
            log.close()


def _run(command: list[str], who: str | None) -> None:
    done = subprocess.run(
        command, capture_output=True, check=False, cwd="/", user=who, group=who, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr}")


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + READY_S
    while server.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            probe.settimeout(1)
            if (
                probe.connect_ex(("127.0.0.1", port)) == 0
                and b"ready to accept" in log.read_bytes()
            ):
                return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _version(path: Path) -> float:
    return float(path.parents[1].name)
