"""The mails of a bundle are those that left, in a customer's as well."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from incidents.evidence.contents import Contents
from incidents.evidence.queued import faults
from tests.casework.office import ALICE, HOUR, NOW
from tests.casework.test_bundle_words import delivered
from tests.casework.test_ticking import C1
from tocsin.app.casework import bundling
from tocsin.app.casework.desk import Desk

At = Callable[..., Desk]
Files = dict[str, bytes]


@pytest.fixture
def exported(at: At, tmp_path: Path) -> Callable[..., Files]:
    """Export, and return the files by name."""
    desk = delivered(at)

    def export(customer: str = "") -> Files:
        folder = tmp_path / f"bundle-{customer}"
        bundling.export(desk, 1, folder, customer=customer, principal=ALICE, now=NOW + 2 * HOUR)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }

    return export


def said(files: Files) -> list[str]:
    return list(faults(Contents(files.__getitem__, sorted(files))))


def rewritten(files: Files, kind: str, change: Callable[[dict[str, Any]], None]) -> Files:
    """Return the files with what the entries of a kind say changed."""

    def lines() -> Iterator[bytes]:
        for line in files["decisions.jsonl"].splitlines():
            row = json.loads(line)
            if row["kind"] == kind:
                change(row)
            yield json.dumps(row).encode()

    return {**files, "decisions.jsonl": b"\n".join(lines())}


def mails(files: Files) -> list[str]:
    return [
        name
        for name, content in files.items()
        if name.endswith(".eml") and b"multipart/mixed" in content
    ]


@pytest.mark.parametrize("customer", ["", C1])
def test_a_bundle_as_it_was_made_has_no_fault(
    exported: Callable[..., Files], customer: str
) -> None:
    files = exported(customer)
    assert len(mails(files)) == (1 if customer else 2)
    assert said(files) == []


@pytest.mark.parametrize("customer", ["", C1])
def test_a_mail_that_did_not_leave_like_this_is_named(
    exported: Callable[..., Files], customer: str
) -> None:
    files = exported(customer)
    name = mails(files)[0]
    found = said({**files, name: files[name].replace(b"MIME-Version", b"Mime-Version")})
    assert f"{name}: no entry says that it left" in found
    assert any("is not here" in one for one in found) == (not customer)
    assert len(found) == (1 if customer else 2)


def test_what_was_erased_says_nothing_and_is_no_fault(exported: Callable[..., Files]) -> None:
    files = exported()
    for kind in ("approval.given", "attempt.begun", "message.queued"):
        files = rewritten(files, kind, lambda row: row.update(fact=None, withheld="erased"))
    assert said(files) == []
