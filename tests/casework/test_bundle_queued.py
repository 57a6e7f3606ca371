"""A letter that left is the one that was queued and approved, or `evidence verify` names it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from incidents.notices.tables import manifest
from notifiers import attempts, outbox
from notifiers.base import Attachment, Channel, Dispatch, Message, Outcome, Receipt
from notifiers.tables import outbox as box
from tests.casework import office
from tests.casework.office import ALICE, CONTACTS, HOUR, MINUTE
from tests.casework.test_bundle_words import delivered
from tests.casework.test_lost_notices import queued
from tests.casework.test_ticking import C1, SENT, letter
from tocsin import ledger
from tocsin.app.casework import bundling, ticking
from tocsin.app.casework.desk import Desk
from tocsin.model.principals import SERVICE

At = Callable[..., Desk]
STEP = "What left was queued so, and approved so, and to whom"
WHOLE = 8
"""So many steps say that the bundle is as it was made, whatever left."""

THIEF = "thief@evil.example"


def verified(desk: Desk, folder: Path, customer: str = "") -> tuple[str, ...]:
    """Export and verify; return the faults of this step. Signature and ledger have passed."""
    now = SENT + 3 * HOUR
    bundling.export(desk, 1, folder, customer=customer, principal=ALICE, now=now)
    steps = bundling.verify(folder, None).steps
    assert all(one.passed for one in steps[:WHOLE])
    (of_it,) = (one for one in steps if one.title == STEP)
    return of_it.faults


def left_altered(desk: Desk, channel: Channel, **altered: Any) -> str:
    """Let something else leave than was queued, as a worker would that compares nothing.

    The others leave as they are. Returns the message's key.
    """
    queued(desk)
    key = letter(desk, C1, channel)
    ticking.deliver(desk, SENT)
    with desk.store.begin() as db:
        again = {"state": "waiting", "attempts": 1, "leased_until": 0, "due_at": 0}
        db.execute(update(box).where(box.c.key == key).values(**again))
    only = attempts.Room(frozenset(), frozenset({channel}))
    now = SENT + MINUTE
    held = attempts.lease(desk.store, due_by=now, now=now, room=only)
    assert held is not None
    assert held.message.key == key
    held = held._replace(message=held.message.model_copy(update=altered))
    dispatch = Dispatch(held.message, 2, "another", held.queued_at, now)
    notifier = desk.notifiers()[channel]
    dispatch = dispatch._replace(content=notifier.render(dispatch))
    assert attempts.begin(desk.store, held, dispatch, worker=SERVICE, now=now)
    taken = Outcome.ACCEPTED
    said = Receipt("", "250 OK")
    attempts.settle(desk.store, held, 2, taken, said, worker=SERVICE, now=now)
    return key


@pytest.mark.parametrize("customer", ["", C1])
def test_what_left_as_it_was_approved_has_no_fault(at: At, tmp_path: Path, customer: str) -> None:
    desk = delivered(at)
    assert verified(desk, tmp_path / "bundle", customer) == ()
    whole = not customer
    index = (tmp_path / "bundle/notices/index.json").read_text()
    assert ("as it lay in the outbox" in index) == whole
    assert ("a manifest" in index) == whole
    office.intact(desk)


@pytest.mark.parametrize(
    ("altered", "what"),
    [
        ({"to": THIEF}, "its recipient"),
        ({"subject": "Nothing"}, "its subject"),
        ({"body_text": "Nothing happened.\n"}, "its text/plain"),
        ({"body_html": "<p>Nothing happened.</p>\n"}, "its text/html"),
        ({"attachments": ()}, "what is attached"),
        (
            {
                "attachments": (
                    Attachment(name="a.pdf", media_type="application/pdf", content=b"%"),
                )
            },
            "what is attached",
        ),
    ],
)
def test_a_mail_that_is_not_as_it_was_queued_is_named_and_no_other(
    at: At, tmp_path: Path, altered: dict[str, Any], what: str
) -> None:
    desk = at("assessed")
    key = left_altered(desk, Channel.EMAIL, **altered)
    (fault,) = verified(desk, tmp_path / "bundle")
    name, _, said = fault.partition(": ")
    assert said.startswith(f"{what} is not as message {key} was queued (entry ")
    content = (tmp_path / "bundle" / name).read_bytes()
    with desk.store.read() as db:
        assert content == outbox.attempts(db, key)[1].content


def test_a_call_to_another_number_is_named(at: At, tmp_path: Path) -> None:
    desk = at("assessed")
    key = left_altered(desk, Channel.PHONE, to="+33611111111")
    (fault,) = verified(desk, tmp_path / "bundle")
    assert f": its number is not as message {key} was queued" in fault


def test_a_message_that_was_altered_in_the_store_is_named(at: At, tmp_path: Path) -> None:
    desk = delivered(at)
    key = letter(desk, C1)
    with desk.store.begin() as db:
        said = outbox.stored(db, key).decode().replace(CONTACTS[C1][0], THIEF)
        db.execute(update(box).where(box.c.key == key).values(message=said))
    (fault,) = verified(desk, tmp_path / "bundle")
    assert f"message {key} is not here as it was queued (entry " in fault


def test_a_manifest_that_was_altered_in_the_store_is_named(at: At, tmp_path: Path) -> None:
    desk = delivered(at)
    with desk.store.begin() as db:
        body = str(db.scalar(manifest.select().with_only_columns(manifest.c.body)))
        db.execute(update(manifest).values(body=body.replace(CONTACTS[C1][0], THIEF)))
    found = verified(desk, tmp_path / "bundle")
    assert "the manifest approved in entry" in found[0]
    assert all("no approved manifest names its recipient" in one for one in found[1:])
    assert len(found) == 3  # and the notice of each customer


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"to": THIEF}, "no approved manifest names its recipient"),
        ({"customer": "c-9"}, "no approved manifest names its recipient"),
        ({"body_text": "Nothing happened.\n"}, "body.txt is in no approved manifest"),
        ({"attachments": ()}, "BREACH-2026-0001-1-dossier.pdf is in no approved manifest"),
    ],
)
def test_a_notice_that_nobody_approved_is_named(
    at: At, tmp_path: Path, change: dict[str, Any], what: str
) -> None:
    desk = delivered(at)
    with desk.store.begin() as db:
        said: Message = outbox.message(db, letter(desk, C1))
        other = said.model_copy(update={"key": "notice-of-nobody", **change})
        assert outbox.put(db, other, principal=SERVICE, now=SENT + MINUTE)
    (fault,) = verified(desk, tmp_path / "bundle")
    assert fault.endswith(f".json: {what}")


def test_what_was_erased_is_no_fault(at: At, tmp_path: Path) -> None:
    desk = delivered(at)
    kinds = {"message.queued", "approval.given"}
    erased = [one.number for one in office.intact(desk) if one.kind in kinds]
    with desk.store.begin() as db:
        ledger.erase(db, erased, "They asked.", principal=ALICE, at=SENT + HOUR)
    assert verified(desk, tmp_path / "bundle") == ()
