"""What was approved is what is sent, and nothing else is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from incidents.disclosure import Names
from incidents.documents import MissingFacts, missing, safe
from incidents.notices import (
    Addressed,
    Manifest,
    approvals,
    approve,
    file_of,
    next_versions,
    preview,
    send_plan,
    status,
)
from incidents.notices import tables as notices
from tests.incidents.samples import LATER, PREPARED, at, facts, said
from tocsin import ledger
from tocsin.errors import Refusal
from tocsin.ledger import tables as ledger_tables
from tocsin.model.principals import SERVICE, Principal
from tocsin.store import Store

ALICE, BOB = Principal("shell", "alice"), Principal("shell", "bob")
NOW = PREPARED + timedelta(minutes=5)
NOBODY = Names(())

TO = {"fr": ("cil@lavande.example", "dpo@lavande.example"), "en": ("privacy@finch.example",)}


def letter(language: str, **changes: Any) -> Addressed:
    return Addressed(facts(language, **changes), TO[language])


def both(**changes: Any) -> list[Addressed]:
    return [letter("fr", **changes), letter("en", **changes)]


def made(store: Store, letters: list[Addressed] | None = None) -> Manifest:
    with store.begin() as db:
        return preview(db, letters or both(), names=NOBODY, principal=ALICE, now=NOW)


def approved(store: Store, letters: list[Addressed] | None = None) -> Manifest:
    manifest = made(store, letters)
    with store.begin() as db:
        approve(db, manifest.sha256, principal=ALICE, now=NOW)
    return manifest


def state(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row that notices and ledger hold."""
    everything = (*notices.metadata.sorted_tables, *ledger_tables.metadata.sorted_tables)
    with store.read() as db:
        return {
            table.name: sorted((tuple(row) for row in db.execute(select(table))), key=repr)
            for table in everything
        }


def refused(store: Store, act: Callable[[Connection], object]) -> str:
    """Return what a refusal says, after seeing that it changed nothing."""
    before = state(store)
    with pytest.raises(Refusal) as raised, store.begin() as db:
        act(db)
    assert state(store) == before
    return str(raised.value)


def test_the_letters_are_the_approved_bytes_one_to_each_recipient(store: Store) -> None:
    manifest = approved(store)
    with store.begin() as db:
        plan = send_plan(db, manifest.sha256, both(), now=NOW)
    assert [(each.customer, each.to) for each in plan] == [
        ("c-017", "cil@lavande.example"),
        ("c-017", "dpo@lavande.example"),
        ("c-042", "privacy@finch.example"),
    ]
    assert len({each.key for each in plan}) == 3
    with store.read() as db:
        for each in plan:
            (listed,) = (one for one in manifest.notices if one.customer == each.customer)
            kept = {name: file_of(db, sha256) for name, sha256 in listed.files.items()}
            assert kept["subject.txt"] == each.subject.encode()
            assert kept["body.txt"] == each.body_text.encode()
            assert kept["body.html"] == each.body_html.encode()
            assert each.attachments == tuple(
                (name, "application/pdf", content)
                for name, content in kept.items()
                if name.endswith(".pdf")
            )


def test_the_manifest_is_one_hash_for_every_byte_and_every_recipient(store: Store) -> None:
    first = made(store)
    assert first == Manifest.parse(first.body.decode())
    assert made(store, [letter("en"), letter("fr")]) == first
    others = (
        [letter("fr")],
        [letter("fr")._replace(to=("other@lavande.example",)), letter("en")],
        both(prepared_at=PREPARED + timedelta(minutes=1)),
        both(acknowledgement_code="AAAA-BBBB"),
    )
    assert len({made(store, other).sha256 for other in others} | {first.sha256}) == 5


def test_preview_and_approval_are_in_the_ledger_with_nothing_personal_in_the_entry(
    store: Store,
) -> None:
    manifest = approved(store)
    with store.read() as db:
        found = list(ledger.entries(db))
        assert ledger.verify(found) == []
    assert [entry.kind for entry in found] == ["notice.prepared"] * 2 + ["approval.given"]
    assert all(entry.incident == 7 for entry in found)
    assert manifest.sha256 in str(found[-1].body)
    assert all(b"lavande" not in entry.canonical().lower() for entry in found)
    with store.read() as db:
        assert [(each.principal, each.at) for each in approvals(db, manifest.sha256)] == [
            ("shell:alice", NOW)
        ]


def test_a_pdf_that_cannot_be_made_is_refused_with_its_customer_and_holds_up_no_other_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the table promised letters that the fonts do not have.
    monkeypatch.setattr(safe, "_DRAWN", (*safe._DRAWN, (0x4E00, 0x9FFF)))
    bad = letter("fr", narrative=said({"fr": "你好", "en": "你好"}))
    text = refused(
        store,
        lambda db: preview(db, [bad, letter("en")], names=NOBODY, principal=ALICE, now=NOW),
    )
    assert "customer c-017" in text
    assert "c-042" not in text
    assert "[U+4F60]" in text
    assert "你" not in text
    assert [one.customer for one in made(store, [letter("en")]).notices] == ["c-042"]


def test_nothing_is_sent_that_nobody_approved(store: Store) -> None:
    manifest = made(store)
    text = refused(store, lambda db: send_plan(db, manifest.sha256, both(), now=NOW))
    assert "0 of 1 approvals" in text
    assert "no manifest" in refused(
        store, lambda db: approve(db, manifest.sha256[:12], principal=ALICE, now=NOW)
    )


def test_four_eyes_are_two_people_and_never_the_service(store: Store) -> None:
    manifest = approved(store)
    sha256 = manifest.sha256

    def send(db: Connection) -> object:
        return send_plan(db, sha256, both(), now=NOW, approvers=2)

    assert "1 of 2 approvals" in refused(store, send)
    again = refused(store, lambda db: approve(db, sha256, principal=ALICE, now=NOW))
    assert "was approved by shell:alice already" in again
    root = Principal("root", "carol")  # whoever that is
    again = refused(store, lambda db: approve(db, sha256, principal=root, now=NOW))
    assert "root:carol may be the same" in again
    service = refused(store, lambda db: approve(db, sha256, principal=SERVICE, now=NOW))
    assert "no person" in service
    with store.begin() as db:
        approve(db, sha256, principal=BOB, now=NOW)
        assert len(send_plan(db, sha256, both(), now=NOW, approvers=2)) == 3


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "a count": ({"records": LATER["records"]}, "records"),
    "a word": ({"narrative": said({"fr": "Une clé.", "en": "A key."})}, "narrative"),
    "the code": ({"acknowledgement_code": "ZZZZ-0000"}, "acknowledgement_code"),
    "an open point": ({"open_points": ()}, "open_points"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_changed_after_the_approval_needs_a_new_one(store: Store, case: str) -> None:
    manifest = approved(store)
    changes, named = CHANGES[case]
    now_true = [letter("fr", **changes), letter("en")]
    text = refused(store, lambda db: send_plan(db, manifest.sha256, now_true, now=NOW))
    assert "c-017" in text
    assert named in text


def test_a_recipient_that_changed_needs_a_new_approval(store: Store) -> None:
    manifest = approved(store)
    moved = [letter("fr")._replace(to=("new@lavande.example",)), letter("en")]
    text = refused(store, lambda db: send_plan(db, manifest.sha256, moved, now=NOW))
    assert "recipients" in text
    for others in ([letter("fr")], [*both(), Addressed(other_customer(), ("x@y.example",))]):
        text = refused(store, lambda db, o=others: send_plan(db, manifest.sha256, o, now=NOW))  # type: ignore[misc]
        assert "other customers" in text


def other_customer() -> Any:
    base = facts("en")
    return base.model_copy(update={"customer": base.customer.model_copy(update={"id": "c-999"})})


def test_time_and_the_ledger_go_on_without_making_an_approval_void(store: Store) -> None:
    manifest = approved(store)
    later = both(
        prepared_at=PREPARED + timedelta(hours=2),
        checkpoint={"number": 99, "entry_hash": "ab" * 32},
    )
    with store.begin() as db:
        assert len(send_plan(db, manifest.sha256, later, now=NOW + timedelta(hours=2))) == 3


def test_rendering_again_makes_the_approval_before_it_void(store: Store) -> None:
    manifest = approved(store)
    made(store, [letter("fr", prepared_at=PREPARED + timedelta(minutes=3))])
    for act in (
        lambda db: approve(db, manifest.sha256, principal=BOB, now=NOW),
        lambda db: send_plan(db, manifest.sha256, both(), now=NOW),
    ):
        assert "rendered again since" in refused(store, act)


def test_a_notice_is_handed_over_once(store: Store) -> None:
    manifest = approved(store)
    with store.begin() as db:
        send_plan(db, manifest.sha256, both(), now=NOW)
    text = refused(store, lambda db: send_plan(db, manifest.sha256, both(), now=NOW))
    assert "handed over already" in text
    text = refused(store, lambda db: preview(db, both(), names=NOBODY, principal=ALICE, now=NOW))
    assert "has been handed over" in text
    update_ = both(kind="update", version=2, **LATER)
    with store.begin() as db:
        second = preview(db, update_, names=NOBODY, principal=ALICE, now=NOW + timedelta(days=1))
        approve(db, second.sha256, principal=BOB, now=NOW + timedelta(days=1))
        plan = send_plan(db, second.sha256, update_, now=NOW + timedelta(days=1))
    assert all("2" in each.attachments[0][0] for each in plan)


def test_how_each_notice_stands_is_seen_at_every_step(store: Store) -> None:
    def seen() -> list[tuple[Any, ...]]:
        with store.read() as db:
            states = status(db, 7)
            assert next_versions(db, 7)["c-017"] == (2 if states[0].handed_over_at else 1)
        return [(each.customer, each.approved_by, each.handed_over_at) for each in states]

    manifest = made(store)
    assert seen() == [("c-017", (), None), ("c-042", (), None)]
    with store.begin() as db:
        approve(db, manifest.sha256, principal=BOB, now=NOW)
    assert seen() == [("c-017", ("shell:bob",), None), ("c-042", ("shell:bob",), None)]
    with store.begin() as db:
        send_plan(db, manifest.sha256, both(), now=NOW)
    assert seen() == [("c-017", ("shell:bob",), NOW), ("c-042", ("shell:bob",), NOW)]


def test_a_rolled_back_hand_over_did_not_happen(store: Store) -> None:
    manifest = approved(store)
    before = state(store)

    def hand_over_and_fail() -> None:
        with store.begin() as db:
            send_plan(db, manifest.sha256, both(), now=NOW)
            raise RuntimeError("the outbox is full")

    with pytest.raises(RuntimeError, match="full"):
        hand_over_and_fail()
    assert state(store) == before
    with store.begin() as db:
        keys = [each.key for each in send_plan(db, manifest.sha256, both(), now=NOW)]
    assert len(keys) == 3


def test_bytes_altered_in_the_database_are_not_approved_and_not_sent(store: Store) -> None:
    manifest = approved(store)
    digest = manifest.notices[0].files["body.txt"]
    with store.begin() as db:
        db.execute(
            update(notices.notice_file)
            .where(notices.notice_file.c.sha256 == digest)
            .values(content=b"Nothing happened.")
        )
    for act in (
        lambda db: approve(db, manifest.sha256, principal=BOB, now=NOW),
        lambda db: send_plan(db, manifest.sha256, both(), now=NOW),
    ):
        assert "was altered" in refused(store, act)


def test_a_manifest_altered_in_the_database_is_noticed(store: Store) -> None:
    manifest = approved(store)
    body = manifest.body.decode().replace("cil@lavande", "eve@lavande")
    with store.begin() as db:
        db.execute(update(notices.manifest).values(body=body))
    text = refused(store, lambda db: send_plan(db, manifest.sha256, both(), now=NOW))
    assert "was altered" in text


def test_a_notice_that_has_become_late_is_not_sent_without_its_reason(store: Store) -> None:
    manifest = approved(store)
    late = at(26, 9, 16)
    text = refused(store, lambda db: send_plan(db, manifest.sha256, both(), now=late))
    assert "clock.late_reason" in text


def test_an_exercise_reaches_no_customer(store: Store) -> None:
    drill = both(exercise=True)
    manifest = approved(store, drill)
    text = refused(store, lambda db: send_plan(db, manifest.sha256, drill, now=NOW))
    assert "exercise" in text


def test_what_any_customer_lacks_is_named_at_once_and_nothing_is_kept(store: Store) -> None:
    lacking = [
        letter("fr", narrative=missing("narrative", incident=7)),
        Addressed(facts("en", measures=missing("measures", incident=7)), ()),
    ]
    before = state(store)
    with pytest.raises(MissingFacts) as raised, store.begin() as db:
        preview(db, lacking, names=NOBODY, principal=ALICE, now=NOW)
    assert [each.fact for each in raised.value.facts] == [
        "narrative of c-017",
        "recipients of c-042",
        "measures of c-042",
    ]
    assert state(store) == before


def test_who_lacks_nothing_need_not_wait_for_who_does(store: Store) -> None:
    lacking = [letter("fr"), Addressed(facts("en"), ())]
    before = state(store)
    no_address = pytest.raises(MissingFacts, match="an e-mail address of a contact")
    with no_address as raised, store.begin() as db:
        preview(db, lacking, names=NOBODY, principal=ALICE, now=NOW)
    assert "`tocsin notice preview 7 --customer c-017`" in raised.value.hint
    assert state(store) == before
    with store.begin() as db:
        made = preview(db, lacking[:1], names=NOBODY, principal=ALICE, now=NOW)
    assert [one.customer for one in made.notices] == ["c-017"]


def test_one_incident_is_previewed_at_a_time_and_each_customer_once(store: Store) -> None:
    for letters, text in (
        ([], "one incident"),
        ([letter("fr"), letter("en", incident=8)], "one incident"),
        ([letter("fr"), letter("fr")], "twice"),
    ):
        act = lambda db, one=letters: preview(db, one, names=NOBODY, principal=ALICE, now=NOW)  # noqa: E731
        assert text in refused(store, act)
