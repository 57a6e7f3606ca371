"""An update days after a first notice that was in time: its own instant is nobody's limit."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from incidents import notices
from incidents.documents import MissingFacts
from incidents.notices import Manifest
from notifiers import outbox
from notifiers.base import Kind, News
from notifiers.following import receive
from tests.casework import office
from tests.casework.office import ALICE, HOUR, MINUTE
from tests.casework.test_letters import CHANGES, preview, send, tell
from tests.casework.test_lost_notices import queued
from tests.casework.test_ticking import C1, C2, SENT, letter
from tests.servers.relay import Lever, Relay
from tocsin.app.casework import reaching, ticking
from tocsin.app.casework.desk import Desk
from tocsin.app.casework.desk import opened as desk_of
from tocsin.app.config import load

At = Callable[..., Desk]
DAYS_LATER = SENT + timedelta(days=3)
NEWS = CHANGES.replace("2026-03-11", "2026-03-16")
LATE = """
[late_reason]
fr = "Le relais de messagerie est tombé en panne."
en = "The mail relay broke down."
"""


def bodies(desk: Desk, made: Manifest) -> dict[str, str]:
    with desk.store.read() as db:
        return {
            one.customer: re.sub(r"\s+", " ", notices.file_of(db, one.files["body.txt"]).decode())
            for one in made.notices
        }


def first_told(desk: Desk) -> dict[str, tuple[int, datetime]]:
    with desk.store.read() as db:
        found = reaching.told_first(db, 1)
        return {customer: (one.version, one.at) for customer, one in found.items()}


def test_an_update_after_the_limit_asks_for_no_reason_and_confesses_nothing(at: At) -> None:
    desk = at("assessed")
    send(desk, preview(desk, now=SENT), SENT)
    with desk.store.begin() as db:
        news = News(Kind.DELIVERED, "250 2.0.0")
        receive(db, letter(desk, C1), 1, news, principal=ALICE, now=SENT + HOUR)
    tell(desk, NEWS, DAYS_LATER)
    made = preview(desk, now=DAYS_LATER + MINUTE)
    texts = bodies(desk, made)
    assert sorted(texts) == [C1, C2]
    assert "tardive" not in texts[C1]
    assert "notice is late" not in texts[C2]
    assert "ne les fait pas repartir" in texts[C1]
    # Taken by the relay when it was handed over: the report came an hour later.
    (_, told_at) = first_told(desk)[C1]
    assert SENT <= told_at < SENT + MINUTE
    send(desk, made, DAYS_LATER + HOUR)
    assert first_told(desk)[C1] == (1, told_at)


def test_a_first_notice_that_left_late_is_confessed_as_what_was_late(at: At) -> None:
    desk = at("assessed")
    tell(desk, LATE, DAYS_LATER)
    send(desk, preview(desk, now=DAYS_LATER), DAYS_LATER + MINUTE)
    later = DAYS_LATER + 5 * HOUR
    tell(desk, NEWS, later)
    texts = bodies(desk, preview(desk, now=later + MINUTE))
    assert "Notre première notification était tardive" in texts[C1]
    assert "Our first notice was late" in texts[C2]
    assert "Cette notification est tardive" not in texts[C1]
    assert "The mail relay broke down." in texts[C2]


def test_after_a_first_notice_that_came_back_the_next_one_counts(at: At) -> None:
    desk = at("assessed")
    send(desk, preview(desk, now=SENT), SENT)
    with desk.store.begin() as db:
        news = News(Kind.BOUNCED, "5.1.1 no such user")
        receive(db, letter(desk, C1), 1, news, principal=ALICE, now=SENT + MINUTE)
    tell(desk, NEWS, DAYS_LATER)
    before = office.everything(desk)
    with pytest.raises(MissingFacts, match=r"late_reason.*\(c-1"):
        preview(desk, now=DAYS_LATER + MINUTE)
    assert office.everything(desk) == before
    tell(desk, LATE, DAYS_LATER + MINUTE)
    made = preview(desk, now=DAYS_LATER + 2 * MINUTE)
    texts = bodies(desk, made)
    assert "Cette notification est tardive" in texts[C1]
    assert "notice is late" not in texts[C2]
    send(desk, made, DAYS_LATER + 3 * MINUTE)
    assert {customer: version for customer, (version, _) in first_told(desk).items()} == {
        C1: 2,
        C2: 1,
    }


def test_a_notice_that_may_never_have_gone_out_has_told_nobody(
    config_at: Callable[..., Path], relay: Relay
) -> None:
    config = config_at("assessed", office.RELAY.format(port=relay.port))
    relay.by_recipient[office.CONTACTS[C1][0]] = Lever("END", drop=True)
    with desk_of(load(config)) as desk:
        send(desk, preview(desk, now=SENT), SENT)
        assert office.words(desk)[letter(desk, C1)] == "unknown"
        assert sorted(first_told(desk)) == [C2]
        relay.by_recipient.clear()
        later = SENT + HOUR
        ticking.deliver(desk, later)
        version, told_at = first_told(desk)[C1]
        assert (version, told_at >= later) == (1, True)


def test_what_waits_has_told_nobody(at: At) -> None:
    desk = at("assessed")
    queued(desk)
    assert first_told(desk) == {}
    with desk.store.read() as db:
        assert outbox.left_at(db, letter(desk, C1)) is None
