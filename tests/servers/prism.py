"""Prism: a proxy that holds every request and every answer against Twilio's own description.

    python tests/servers/prism.py       fetches it (90 MB, npm) if it is not there

The peer behind it checks requests too, for machines without Node; this is the judge that is not
ours. What breaks the description is answered 4xx or 5xx with the violation, and never passes.

Source: Stoplight Prism 5, "Validation Proxy"; ``twilio_calls.json``.
"""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
LIB = HERE / "node_modules"
PROGRAM = LIB / ".bin" / "prism"
PACKAGE = "@stoplight/prism-cli@5.14.2"
DESCRIPTION = HERE / "twilio_calls.json"
READY = "Prism is listening"


def fetched() -> bool:
    """Return whether it can run here without a network."""
    return PROGRAM.exists() and shutil.which("node") is not None


def fetch() -> None:
    """Fetch it.

    Raises:
        RuntimeError: Node or npm is not installed.
        subprocess.CalledProcessError: npm could not fetch it.
    """
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise RuntimeError(f"Prism needs {tool}: apt-get install nodejs npm")
    if PROGRAM.exists():
        return
    quiet = ("--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
    subprocess.run(["npm", "install", *quiet, "--prefix", HERE, PACKAGE], check=True)


@contextmanager
def proxy(behind: str) -> Iterator[str]:
    """Run it before a server, and yield its address.

    Args:
        behind: The server's address.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(PROGRAM), "proxy", "--errors", "-p", str(port), str(DESCRIPTION), behind]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            said = list[str]()
            for line in process.stdout:
                said.append(line)
                if READY in line:
                    break
            else:
                raise RuntimeError(f"Prism did not start: {''.join(said)}")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=10)


if __name__ == "__main__":
    fetch()
