"""The whole way of an incident at the command line, from its opening to its closing and back."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from notifiers import outbox
from notifiers.base import Channel, Kind, News
from notifiers.following import receive
from tests.casework.office import MINUTE
from tests.casework.person import Person
from tocsin.app.casework import ticking
from tocsin.model.principals import SERVICE

AliceAt = Callable[[str], Person]
CLOSE = ("incident", "close", 1, "--why", "The key is withdrawn; all were told.")


def minutes_ago(minutes: int) -> str:
    return (datetime.now(UTC) - minutes * MINUTE).isoformat()


def notified(alice: Person) -> None:
    """Preview, approve and send what is owed."""
    alice.types("incident", "assess", 1, "--facts", alice.config.parent / "facts.toml")
    shown = alice.types("notice", "preview", 1)
    found = re.search(r"notice approve ([0-9a-f]{64})", shown)
    assert found is not None, shown
    alice.types("notice", "approve", found[1])
    assert "accepted" in alice.types("notice", "send", found[1])


def arrived(alice: Person) -> None:
    """Let the servers of all customers say that the letters arrived; the service hears of it."""
    now = datetime.now(UTC)
    with alice.desk() as desk:
        with desk.store.begin() as db:
            for one in outbox.standings(db, incident=1):
                if one.customer and one.channel == Channel.EMAIL:
                    news = News(Kind.DELIVERED, "the recipient's server said so")
                    receive(db, one.key, 1, news, principal=SERVICE, now=now)
        ticking.tick(desk, now)


def test_an_incident_is_opened_confirmed_notified_filed_and_closed(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    bob = alice.colleague("bob")
    assert "From here: take, confirm, dismiss" in bob.is_refused(*CLOSE)
    alice.types("incident", "take", 1)
    alice.types("incident", "impact", 1)
    alice.types("incident", "confirm", 1, "--aware-at", minutes_ago(30), "--why", "Logs show it.")
    said = bob.is_refused(*CLOSE)
    for left in (
        "decision-on-possible-customer to c-3 is running",
        "notice-to-customer to c-1 is running",
        "own-filing to operator is running",
        "tocsin incident decide 1 c-3 --exclude --why …",
        "tocsin notice preview 1 --customer c-1 --customer c-2 ",
        "tocsin incident filed 1 --reference … --at …",
    ):
        assert left in said
    alice.types("incident", "decide", 1, "c-3", "--exclude", "--why", "No event of it.")
    notified(alice)
    said = bob.is_refused(*CLOSE)
    assert "notice-to-customer to c-1 is running" in said  # handed over is not delivered
    assert "tocsin notice status 1 " in said
    assert "possible" not in said
    arrived(alice)
    alice.types("incident", "filed", 1, "--reference", "2026-0471", "--at", minutes_ago(1))
    assert "closing takes a second person" in alice.is_refused(*CLOSE)
    assert "incident 1 is closed" in bob.types(*CLOSE)
    assert "cannot be moved by close" in bob.is_refused(*CLOSE)
    alice.types("incident", "reopen", 1, "--why", "A customer has questions.")
    assert "reopened" in alice.types("incident", "show", 1)
    bob.types(*CLOSE)
    with alice.desk() as desk:
        ticking.tick(desk, datetime.now(UTC))  # finds nothing that would open it again
    assert "closed" in alice.types("incident", "list")


def test_what_was_late_is_explained_before_an_incident_is_closed(alice_at: AliceAt) -> None:
    alice = alice_at("judged")
    bob = alice.colleague("bob")
    alice.types("incident", "decide", 1, "c-3", "--exclude", "--why", "No event of it.")
    alice.types("incident", "waive", 1, "own-filing", "--why", "None of our own data.")
    for customer in ("c-1", "c-2"):
        command = ("incident", "waive", 1, "notice-to-customer", "--customer", customer)
        if customer == "c-1":
            said = bob.is_refused(*CLOSE)
            assert "notice-to-customer to c-1 is overdue" in said
            assert "tocsin incident explain 1 notice-to-customer --why …" in said
        alice.types(*command, "--why", "Its data were made up.")
    assert "incident 1 is closed" in bob.types(*CLOSE)


def test_an_incident_that_is_no_breach_is_closed_by_a_second_person(alice_at: AliceAt) -> None:
    alice = alice_at("opened")
    alice.types("incident", "dismiss", 1, "--why", "Our own test.")
    assert "closing takes a second person" in alice.is_refused(*CLOSE)
    assert "incident 1 is closed" in alice.colleague("bob").types(*CLOSE)
