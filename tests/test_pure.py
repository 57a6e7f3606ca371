"""Judging reads no clock: an instant is passed in. The contract on imports cannot see a call."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("detectors", "incidents", "collectors", "notifiers", "tocsin")
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "time_ns"}
OWNERS = {"datetime", "date", "time"}
ALLOWED = {
    Path("tocsin/app"): "the commands and the service ask what time it is, and hand it on",
    Path("collectors/s3.py"): "how far back a bucket is listed again",
    Path("notifiers"): "how long a connection may take",
}


def clocks(source: str) -> Iterator[int]:
    """Yield the lines on which a clock is read."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else ""
            name = owner.attr if isinstance(owner, ast.Attribute) else name
            if node.func.attr in CLOCKS and name in OWNERS:
                yield node.lineno


def test_nothing_but_the_outermost_layer_reads_a_clock() -> None:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(files) > 100
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        if not any(path.relative_to(ROOT).is_relative_to(one) for one in ALLOWED)
        for line in clocks(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("datetime.now(UTC)", [1]),
        ("x = 1\ndatetime.datetime.utcnow()", [2]),
        ("date.today()", [1]),
        ("time.time()", [1]),
        ("now(db)\nself.now()\nconn.time()", []),
    ],
)
def test_a_clock_is_seen(source: str, lines: list[int]) -> None:
    assert list(clocks(source)) == lines
