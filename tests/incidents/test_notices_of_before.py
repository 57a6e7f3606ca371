"""A notice that was approved under another version of the program is refused, not broken."""

from sqlalchemy import func, update

from incidents.notices import send_plan
from incidents.notices.kept import written_in
from incidents.notices.tables import notice
from tests.incidents.test_notices import NOW, approved, both, refused, state
from tocsin.store import Store


def test_facts_that_no_longer_read_need_a_new_approval(store: Store) -> None:
    manifest = approved(store)
    with store.begin() as db:
        db.execute(update(notice).values(facts='{"kind":"initial","method":"inventory"}'))
    text = refused(store, lambda db: send_plan(db, manifest.sha256, both(), now=NOW))
    assert "another version of this program" in text


def test_what_people_wrote_in_facts_that_no_longer_read_is_still_looked_through(
    store: Store,
) -> None:
    approved(store)
    with store.read() as db:
        written = {text for _, _, text in written_in(db, 7, "c-042") if text}
    assert written
    with store.begin() as db:
        facts = func.replace(notice.c.facts, '"shown_by":"object_log"', '"shown_by":"within_reach"')
        db.execute(update(notice).values(facts=facts))
    before = state(store)
    with store.read() as db:
        found = {text for _, _, text in written_in(db, 7, "c-042")}
    assert "within_reach" in found
    assert written <= found
    assert both()[1].facts.customer.name not in found  # whom the notice is for is not looked for
    assert state(store) == before
