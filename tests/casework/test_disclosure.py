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


@pytest.mark.parametrize("customer", NAMES)
def test_a_customers_timeline_has_its_own_course_and_what_is_everybodys(
    sent: Desk, tmp_path: Path, customer: str
) -> None:
    why = "Maison Lavande, Harbour Finch and Zephyrine Optique asked bob."
    acts.contain(sent, 1, at=NOW, where="", why=why, principal=BOB, now=LATER)
    acts.contain(sent, 1, at=NOW, where=NAMES["c-1"], why=why, principal=BOB, now=LATER)
    folder = tmp_path / "bundle"
    bundling.export(sent, 1, folder, customer=customer, principal=ALICE, now=LATER + 3 * HOUR)
    assert holding(customer, below(folder)) == []
    rows = json.loads((folder / "timeline.json").read_bytes())
    assert {one["customer"] for one in rows} == {"", customer}
    assert {one["principal"] for one in rows} <= {"", "service:tocsin"}
    said = [one["what"] for one in rows]
    for what in (
        "Recordings read from a known bad address",
        "opened: it was detected",
        "judged a breach, aware at 2026-03-09 13:30:00",
        "whose data it touched was counted, run 1",
        "contained since 2026-03-09 14:00:00",
        f"shown as {'possible' if customer == 'c-3' else 'confirmed'} by run 1",
    ):
        assert said.count(what) == 1, what
    told = any("notice by email, attempt 1 accepted" in what for what in said)
    assert told == (customer in TOLD)
    assert any(what.startswith("approved the notice") for what in said) == told
    for alike in ("alert", "6 findings", "2 confirmed", "bob", "0001-01", "reminded"):
        assert alike not in "\n".join(said)


def test_the_timeline_of_the_whole_is_the_course_of_the_case_in_sentences(
    sent: Desk, tmp_path: Path
) -> None:
    acts.note(sent, 1, text="Leo is ill.", kind="working", principal=BOB, now=LATER)
    folder = bundling.export(sent, 1, tmp_path / "b", principal=ALICE, now=LATER + 3 * HOUR)
    rows = json.loads((folder / "timeline.json").read_bytes())
    assert [one["at"] for one in rows] == sorted(one["at"] for one in rows)
    with sent.store.read() as db:
        kinds = {one.number: one.kind for one in ledger.entries(db, about=1)}
    assert {one["entry"]: one["kind"] for one in rows if one["entry"]} == kinds
    by_kind = {one["kind"]: one for one in rows}
    assert kinds.values() & by_kind.keys() == by_kind.keys() - {"finding"}
    assert not [one for one in rows if one["what"] == one["kind"]]  # sentences, not kinds
    approval = by_kind["approval.given"]
    assert approval["what"].startswith("approved 2 notices, ")
    assert (approval["principal"], approval["customer"]) == ("shell:alice", "")
    assert by_kind["breach.confirmed"]["what"].endswith("Why: The logs show it.")
    assert by_kind["customer.added"]["customer"] == "c-3"
    said = "\n".join(one["what"] for one in rows)
    for what in ("facts given: actions", "attempt 1 begun", "2 confirmed, 1 possible, 0 excluded"):
        assert what in said
    assert "Leo is ill" not in said
    shown = acts.show(sent, 1).course
    assert {step.what for step in shown} <= {one["what"].partition(". Why: ")[0] for one in rows}


def test_what_was_erased_stands_in_no_timeline(sent: Desk, tmp_path: Path) -> None:
    with sent.store.begin() as db:
        (entry,) = (e.number for e in ledger.entries(db) if e.kind == "breach.confirmed")
        ledger.erase(db, [entry], "asked for", principal=ALICE, at=LATER)
    folder = bundling.export(sent, 1, tmp_path / "b", principal=ALICE, now=LATER + 3 * HOUR)
    text = (folder / "timeline.json").read_text()
    assert "breach.confirmed: what it said was erased" in text
    assert "The logs show it." not in text
    assert bundling.verify(folder, None).passed


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
