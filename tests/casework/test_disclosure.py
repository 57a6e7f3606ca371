"""Least disclosure: what one customer gets holds nothing of another."""

import io
import json
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
from pypdf import PdfReader

from notifiers import outbox
from tests.casework import office
from tests.casework.office import ALICE, BOB, CONTACTS, HOUR, MINUTE, NAMES, NOW
from tocsin import ledger
from tocsin.app.casework import acts, bundling, sending, ticking
from tocsin.app.casework.desk import Desk
from tocsin.errors import Refusal

At = Callable[..., Desk]
LATER = NOW + 20 * MINUTE
TOLD = ("c-1", "c-2")


def of_others(customer: str) -> list[str]:
    """Return every other customer's name, id, addresses and numbers."""
    return [
        word
        for other in NAMES
        if other != customer
        for word in (other, NAMES[other], *CONTACTS[other], CONTACTS[other][0].partition("@")[2])
    ]


def texts(name: str, content: bytes) -> Iterator[str]:
    """Yield what a file says: as it stands, decoded, and what lies inside it."""
    yield content.decode("utf-8", "replace")
    if content.startswith(b"%PDF"):
        pdf = PdfReader(io.BytesIO(content))
        yield "\n".join(page.extract_text() for page in pdf.pages)
        yield str(pdf.metadata)
        for inner, attached in pdf.attachments.items():
            for one in attached:
                yield from texts(inner, one)
    elif name.endswith(".eml"):
        for part in message_from_bytes(content).walk():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield from texts(part.get_filename("") or "", payload)


def holding(customer: str, files: dict[str, bytes]) -> list[tuple[str, str]]:
    """Return which files hold a word of another customer."""
    words = "|".join(map(re.escape, of_others(customer)))
    wrong = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    return [
        (name, match[0])
        for name, content in files.items()
        for text in texts(name, content)
        for match in wrong.finditer(text)
    ]


def below(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def sent(at: At) -> Desk:
    """Return a desk whose letters have left."""
    desk = at("previewed")
    sha256 = office.manifest(desk)
    acts.note(desk, 1, text="c-3 is not touched, I think.", kind="fact", principal=BOB, now=LATER)
    sending.approve(desk, sha256, principal=ALICE, now=LATER)
    sending.send(desk, sha256, principal=ALICE, now=LATER)
    ticking.deliver(desk, LATER)
    ticking.tick(desk, LATER + 2 * HOUR)
    return desk


def test_the_search_finds_what_it_looks_for() -> None:
    for word in of_others("c-1"):
        assert holding("c-1", {"a.txt": f"to {word}.".encode()})
    assert not holding("c-1", {"a.txt": b"c-1, c-11, Maison Lavande, security@lavande.example"})


def test_rendered_files_hold_nothing_of_another_customer(at: At, tmp_path: Path) -> None:
    desk = at("assessed")
    sending.preview(desk, 1, tmp_path / "out", principal=ALICE, now=LATER)
    assert {one.name for one in (tmp_path / "out").iterdir()} == set(TOLD)
    for customer in TOLD:
        files = below(tmp_path / "out" / customer)
        assert {"subject.txt", "body.txt", "body.html"} < files.keys()
        assert any(name.endswith(".pdf") for name in files)
        assert NAMES[customer] in "\n".join(t for n, c in files.items() for t in texts(n, c))
        assert holding(customer, files) == []


def test_messages_that_left_hold_nothing_of_another_customer(sent: Desk) -> None:
    settings = sent.config.notifiers.files
    assert settings is not None
    for customer in TOLD:
        with sent.store.read() as db:
            keys = [
                one.key
                for one in outbox.standings(db, incident=1, customer=customer)
                if one.word == "accepted"
            ]
        files = {
            path.name: path.read_bytes() for path in settings.folder.iterdir() if path.stem in keys
        }
        assert sorted(Path(name).suffix for name in files) == [".eml", ".txt"]
        assert holding(customer, files) == []
        call = next(content for name, content in files.items() if name.endswith(".txt"))
        assert NAMES[customer] not in call.decode()  # nothing personal is said on the phone


@pytest.mark.parametrize("customer", TOLD)
def test_a_customers_bundle_holds_nothing_of_another_and_verifies(
    sent: Desk, tmp_path: Path, customer: str
) -> None:
    folder = tmp_path / "bundle"
    bundling.export(sent, 1, folder, customer=customer, principal=ALICE, now=LATER + 3 * HOUR)
    files = below(folder)
    assert holding(customer, files) == []
    assert any(name.endswith(".eml") for name in files)
    (run,) = [json.loads(text) for name, text in files.items() if name.startswith("impact/")]
    assert (run["impact"]["customer"], run["impact"]["standing"]) == (customer, "confirmed")
    assert bundling.verify(folder, None).passed
    names = "\n".join(t for n, c in files.items() for t in texts(n, c))
    for colleague in ("shell:alice", "shell:bob", "I think"):
        assert colleague not in names


def test_the_whole_bundle_verifies_and_holds_every_step(sent: Desk, tmp_path: Path) -> None:
    folder = bundling.export(sent, 1, tmp_path / "b", principal=ALICE, now=LATER + 3 * HOUR)
    verified = bundling.verify(folder, None)
    assert verified.passed
    said = "\n".join(t for n, c in below(folder).items() for t in texts(n, c))
    for word in ("breach.confirmed", "approval.given", "message.queued", "attempt.accepted"):
        assert word in said


@pytest.mark.parametrize("customer", ["c-9", ""])
def test_a_bundle_that_cannot_be_is_refused_and_the_ledger_says_nothing(
    at: At, tmp_path: Path, customer: str
) -> None:
    desk = at("opened")
    folder = tmp_path / "there"
    if not customer:
        folder.mkdir()
    before = office.everything(desk)
    with pytest.raises(Refusal) as caught:
        bundling.export(desk, 1, folder, customer=customer, principal=ALICE, now=LATER)
    assert caught.value.hint
    assert office.everything(desk) == before
    assert not customer or not folder.exists()


def test_the_ledgers_entries_hold_no_personal_data_outside_their_payloads(sent: Desk) -> None:
    with sent.store.read() as db:
        rows = db.exec_driver_sql("SELECT * FROM ledger").all()
        kinds = {one.kind for one in ledger.entries(db)}
    said = "\n".join(map(str, rows))
    assert "message.queued" in kinds
    for word in (*NAMES.values(), *(word for one in CONTACTS.values() for word in one)):
        assert word not in said
