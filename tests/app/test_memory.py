"""Where memory ends, the object that asked for too much is named, and all others are read."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MANY = 200_000

WITH_LITTLE = """
import resource, sys
from pathlib import Path
from tocsin.app import cli, service
from tocsin.app.engine import reading, scanning

used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (int(sys.argv.pop(1)) << 20),) * 2)
cli.main()
"""


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Three files: two of three records each, and between them one of very many tiny ones."""

    def text(first: int, records: int) -> Iterator[str]:
        for number in range(first, first + records):
            yield f'{{"eventTime":"2026-03-09T10:00:{number % 60:02}Z","eventID":"{number:032x}"}}'

    folder = tmp_path / "logs"
    folder.mkdir()
    for name, first, records in (("a", 0, 3), ("b", 10, MANY), ("c", 10**7, 3)):
        content = f'{{"Records":[{",".join(text(first, records))}]}}'.encode()
        (folder / f"{name}.json.gz").write_bytes(gzip.compress(content, 1, mtime=0))
    return folder


def summary(logs: Path, mib: int, out: Path) -> dict[str, Any]:
    options = ("--processes", "1", "--output", str(out))
    ran = subprocess.run(
        [sys.executable, "-c", WITH_LITTLE, str(mib), "scan", str(logs), *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"with {mib} MiB: {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    said = json.loads(out.read_bytes().splitlines()[-1])
    assert isinstance(said, dict)
    if said["rejected"]:
        assert "takes more memory than there is" in ran.stdout
        assert "b.json.gz" in ran.stdout
        assert "a.json.gz" not in ran.stdout
    return said


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not keep this limit")
def test_wherever_memory_ends_one_object_is_lost_at_most(logs: Path, tmp_path: Path) -> None:
    found = [
        summary(logs, mib, tmp_path / f"{mib}.jsonl") for mib in (80, 120, 150, 180, 210, 1_000)
    ]
    counts = [(one["events"], one["rejected"]) for one in found]
    assert set(counts) == {(6, 1), (MANY + 6, 0)}
    assert counts[0] == (6, 1)
    assert counts[-1] == (MANY + 6, 0)
