"""A bundle's mails are those that left, and carry what was prepared and approved."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from incidents.evidence.contents import Contents
from incidents.evidence.sent import faults
from tests.casework.office import ALICE, HOUR, NOW
from tests.casework.test_bundle_words import delivered
from tests.casework.test_ticking import C1
from tocsin.app.casework import bundling
from tocsin.app.casework.desk import Desk

At = Callable[..., Desk]
Files = dict[str, bytes]
PDF = "BREACH-2026-0001-1-dossier.pdf"


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
    assert any("what left in attempt 1" in one for one in found) == (not customer)
    assert len(found) == (1 if customer else 2)


@pytest.mark.parametrize("part", ["subject.txt", "body.txt", "body.html", PDF])
def test_a_part_that_was_not_prepared_is_named(exported: Callable[..., Files], part: str) -> None:
    files = exported()

    def change(row: dict[str, Any]) -> None:
        if row["fact"]["customer"] == C1:
            assert part in row["fact"]["files"]
            row["fact"]["files"][part] = "0" * 64

    found = said(rewritten(files, "notice.prepared", change))
    (of_mail,) = (one for one in found if ".eml" in one)
    assert of_mail.endswith(f"carries what was not prepared: {part}")
    others = [one for one in found if one != of_mail]
    assert all("no entry says that it was prepared" in one for one in others)
    assert len(others) == part.endswith((".html", ".pdf"))


def test_what_was_prepared_and_not_approved_is_named(exported: Callable[..., Files]) -> None:
    files = exported()
    found = said(
        rewritten(files, "approval.given", lambda row: row["fact"].update(manifest="0" * 64))
    )
    assert found == [
        f"{name}: what it carries was prepared and not approved" for name in sorted(mails(files))
    ]


def test_what_was_erased_says_nothing_and_is_no_fault(exported: Callable[..., Files]) -> None:
    files = exported()
    for kind in ("notice.prepared", "attempt.begun"):
        files = rewritten(files, kind, lambda row: row.update(fact=None, withheld="erased"))
    assert said(files) == []
