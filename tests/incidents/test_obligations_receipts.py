"""What meets an obligation, what only sounds like it, and what takes it back."""

from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.assessment import show
from incidents.obligations import NOTICE, OWN_FILING, Receipt, Standing, take_receipt
from incidents.obligations.law import STRICT
from incidents.obligations.obligation import MEETS, met_at
from tests.incidents.cases import ALICE, NAIVE, NOW, SECOND, H, everything, refused
from tests.incidents.owing import breach, receipt, told
from tocsin.model.categories import OPERATOR
from tocsin.store import Store


@pytest.mark.parametrize("kind", ["delivered", "acknowledged"])
def test_delivered_or_acknowledged_counts_as_notified(kind: str, store: Store) -> None:
    number = breach(store, "acme")
    found = told(store, number, receipt(kind))
    assert (found.met_at, found.standing(NOW)) == (NOW, Standing.MET)
    assert found.met_by == receipt(kind)
    assert not found.is_open


@pytest.mark.parametrize(
    "kind",
    ["accepted", "relayed", "delayed", "unreached", "answered", "opened", "completed", "filed", ""],
)
def test_what_sounds_good_does_not_count(kind: str, store: Store) -> None:
    number = breach(store, "acme")
    before = everything(store)
    found = told(store, number, receipt(kind))
    assert (found.met_at, found.is_open) == (None, True)
    assert everything(store) == before


def test_the_same_news_twice_is_once(store: Store) -> None:
    number = breach(store, "acme")
    told(store, number, receipt("delivered"))
    before = everything(store)
    assert told(store, number, receipt("delivered", NOW + H), NOW + H).met_at == NOW
    assert everything(store) == before


def test_a_bounce_after_delivery_opens_it_again(store: Store) -> None:
    number = breach(store, "acme")
    told(store, number, receipt("delivered"))
    found = told(store, number, receipt("bounced", NOW + H), NOW + H)
    assert (found.is_open, found.standing(NOW + H)) == (True, Standing.RUNNING)
    found = told(store, number, receipt("delivered", NOW + 2 * H, "n1/2"), NOW + 2 * H)
    assert found.met_at == NOW + 2 * H
    with store.read() as db:
        kinds = [e.kind for e in show(db, number).entries][-3:]
    assert kinds == ["obligation.met", "obligation.reopened", "obligation.met"]


def test_a_bounce_told_before_its_delivery_is_one_all_the_same(store: Store) -> None:
    number = breach(store, "acme")
    told(store, number, receipt("bounced"))
    assert told(store, number, receipt("delivered", NOW + H), NOW + H).is_open


def test_a_bounce_takes_back_no_acknowledgement_and_no_other_message(store: Store) -> None:
    number = breach(store, "acme")
    told(store, number, receipt("delivered", NOW, "n1/1"))
    told(store, number, receipt("acknowledged", NOW + H, "n1/1"), NOW + H)
    told(store, number, receipt("delivered", NOW + 2 * H, "n2/1"), NOW + 2 * H)
    found = told(store, number, receipt("bounced", NOW + 3 * H, "n1/1"), NOW + 3 * H)
    assert found.met_at == NOW + H


def test_where_the_law_wants_writing_a_call_alone_never_counts(store: Store) -> None:
    number = breach(store, "acme", "eire")
    spoken = receipt("acknowledged", channel="phone")
    assert told(store, number, spoken).met_at == NOW
    assert told(store, number, spoken, customer="eire").met_at is None
    written = receipt("delivered", NOW + H, "n2/1")
    assert told(store, number, written, NOW + H, "eire").met_at == NOW + H


@pytest.mark.parametrize(("when", "said"), [(NOW + SECOND, "to come"), (NAIVE, "time zone")])
def test_a_receipt_of_the_future_is_refused(when: datetime, said: str, store: Store) -> None:
    number = breach(store, "acme")
    news = receipt("delivered", when)
    refused(store, said, lambda db: take_receipt(db, number, NOTICE, "acme", news, now=NOW))


def test_what_is_not_owed_cannot_be_met(store: Store) -> None:
    number = breach(store, "acme")
    news = receipt("delivered")
    refused(
        store,
        f"owes no {NOTICE} to globex",
        lambda db: take_receipt(db, number, NOTICE, "globex", news, now=NOW),
    )


receipts = st.builds(
    Receipt,
    kind=st.sampled_from(["delivered", "acknowledged", "bounced", "relayed"]),
    at=st.integers(0, 50).map(lambda hours: NOW + hours * H),
    key=st.sampled_from(["a", "b", "c"]),
    channel=st.sampled_from(["email", "phone"]),
)


@given(st.lists(receipts, max_size=8), st.randoms(use_true_random=False), st.booleans())
def test_the_order_in_which_news_comes_changes_nothing(
    news: list[Receipt], chance: Random, in_writing: bool
) -> None:  # fmt: skip
    found = met_at(NOTICE, news, in_writing=in_writing)
    other = list(news)
    chance.shuffle(other)
    assert met_at(NOTICE, other, in_writing=in_writing) == found
    assert met_at(STRICT, news, in_writing=in_writing) is None
    if found is not None:
        assert any(one.at == found and one.kind in MEETS[NOTICE] for one in news)


def test_a_filing_meets_the_operators_own(store: Store) -> None:
    number = breach(store)
    filed = Receipt(kind="filed", at=NOW, proof="CNIL 2026-1")
    with store.begin() as db:
        found = take_receipt(db, number, OWN_FILING, OPERATOR, filed, principal=ALICE, now=NOW)
    assert found.met_by == filed
