"""An impact that a person states."""

from pathlib import Path

import pytest

from incidents import impact
from incidents.impact import CategoryImpact, Named, Range, Reason, Standing
from tests.incidents.archives import BOB, NOW, House
from tocsin.errors import Refusal
from tocsin.store import Store

MAIL = CategoryImpact(
    category="contact",
    records=Range(12, 12, 12, "lines of the file"),
    subjects=Range(12, 12, 12, "lines of the file"),
    confidentiality=True,
    integrity=False,
    availability=False,
    stores=(),
    people=("customers and prospects",),
)


def test_what_a_person_states_is_a_run_like_any_other(store: Store, tmp_path: Path) -> None:
    House(store, tmp_path)
    said = [
        Named("c-2", Standing.EXCLUDED, "The file holds no line of it."),
        Named("c-1", Standing.CONFIRMED, "The mail went to another customer.", (MAIL,), first_at=5),
    ]
    with store.begin() as db:
        run = impact.declare(db, 3, said, principal=BOB, now=NOW)
        assert impact.last(db, 3) == run
    assert [one.customer for one in run.customers] == ["c-1", "c-2"]
    assert run.customers[0].reason == Reason.NAMED
    assert run.first_at == 5
    assert impact.first_shown([run]) == {"c-1": (run.at, run.at)}


def test_what_cannot_be_kept_is_refused_with_all_faults(store: Store, tmp_path: Path) -> None:
    House(store, tmp_path)

    said = [
        Named("c-1", Standing.CONFIRMED, " ", (MAIL,)),
        Named("c-1", Standing.CONFIRMED, "Again."),
        Named("c-7", Standing.EXCLUDED, "Nobody knows it."),
    ]
    with store.begin() as db:
        with pytest.raises(Refusal) as caught:
            impact.declare(db, 3, said, principal=BOB, now=NOW)
        assert impact.runs(db, 3) == []
    assert str(caught.value).splitlines() == [
        "customer c-1, why: expected a sentence",
        "customer c-1: named twice; name it once",
        "customer c-1, categories: expected some unless excluded",
        "customer c-7: no register knows it; import it first",
    ]
    with store.begin() as db, pytest.raises(Refusal, match="at least one customer"):
        impact.declare(db, 3, [], principal=BOB, now=NOW)
