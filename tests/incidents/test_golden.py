"""Every notice and document in every language, word for word.

After a change that is meant: ``TOCSIN_WRITE_GOLDEN=1 make test T=tests/incidents/test_golden.py``,
then read the difference as the customer would.
"""

import hashlib
import os
from pathlib import Path
from typing import Any, get_args

import pytest

from incidents.documents import Facts, Ground, render
from tests.incidents.reading import text_of
from tests.incidents.samples import LATER, facts, withdrawal

GOLDEN = Path(__file__).parent / "golden"
WRITE = bool(os.environ.get("TOCSIN_WRITE_GOLDEN"))

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "confirmed": ("established", {}),
    "suspected": ("suspected", {}),
    "exercise": ("established", {"exercise": True}),
    "update": ("established", {"kind": "update", "version": 2, **LATER}),
    "final": ("established", {"kind": "final", "version": 3, **LATER}),
}


def shown(facts: Facts) -> dict[str, str]:
    """Return each output as text; the hash of the PDF, which the mail names, is left out."""
    files = render(facts)
    (pdf,) = (content for name, content in files.items() if name.endswith(".pdf"))
    sha256 = hashlib.sha256(pdf).hexdigest()
    named = {name: content for name, content in files.items() if not name.endswith(".pdf")}
    assert sha256 in named["body.txt"].decode()
    return {"dossier.pdf.text": text_of(pdf)} | {
        name.rpartition("-")[2]: content.decode().replace(sha256, "(SHA-256 of the PDF)")
        for name, content in named.items()
    }


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("case", CASES)
def test_each_notice_and_dossier_reads_as_it_was_read_before(case: str, language: str) -> None:
    status, changes = CASES[case]
    compare(GOLDEN / f"{case}-{language}", shown(facts(language, status, **changes)))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("ground", get_args(Ground))
def test_what_takes_a_notice_back_reads_as_it_was_read_before(ground: str, language: str) -> None:
    compare(GOLDEN / f"withdrawn-{ground}-{language}", shown(withdrawal(language, ground)))


def compare(folder: Path, found: dict[str, str]) -> None:
    if WRITE:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in found.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
    before = {path.name: path.read_bytes().decode() for path in folder.iterdir()}
    assert found.keys() == before.keys()
    for name, text in found.items():
        assert text == before[name], f"{folder.name}/{name}"
