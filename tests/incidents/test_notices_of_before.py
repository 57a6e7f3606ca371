"""A notice that was approved under another version of the program is refused, not broken."""

from sqlalchemy import update

from incidents.notices import send_plan
from incidents.notices.tables import notice
from tests.incidents.test_notices import NOW, approved, both, refused
from tocsin.store import Store


def test_facts_that_no_longer_read_need_a_new_approval(store: Store) -> None:
    manifest = approved(store)
    with store.begin() as db:
        db.execute(update(notice).values(facts='{"kind":"initial","method":"inventory"}'))
    text = refused(store, lambda db: send_plan(db, manifest.sha256, both(), now=NOW))
    assert "another version of this program" in text
