"""Whose fault a refusal is: the recipient's fails at once, ours is tried again."""

import pytest

from notifiers.base import told
from tests.notifiers.support import hand_over
from tests.servers.relay import Lever, Relay
from tocsin.errors import RetryLater, TocsinError, Undeliverable


@pytest.mark.parametrize(
    "said",
    [
        "550 5.7.233 Your message can't be sent because your tenant exceeded its daily limit",
        "550 5.7.1 tenant external recipient rate limit",
        "550 5.7.232 exceeded: no such recipient of this trial tenant",
        "554 5.7.1 Your account is suspended",
        "554 5.7.1 Account disabled",
        "554 5.7.1 Too many recipients today for your plan",
        "550 5.7.1 recipient limit exceeded",
        "550 5.7.1 Recipient address rejected: outgoing rate exceeded",
        "550 5.7.1 user not allowed to send to external domains",
        "550 5.7.1 User not authorized",
        "550 5.7.1 user unknown: authentication required",
        "550 5.4.5 Daily user sending limit exceeded",
        "550 5.1.8 <avis@x>: Sender address rejected: Domain not found",
        "550 Relaying denied",
        "554 Your account is suspended",
    ],
)
def test_a_refusal_of_our_own_account_fails_no_notice(said: str, relay: Relay) -> None:
    relay.levers = [Lever("RCPT", said)]
    with pytest.raises(RetryLater) as raised:
        hand_over(relay)
    assert "not the address" in raised.value.hint
    assert relay.inbox == []


@pytest.mark.parametrize(
    "said",
    [
        "550 5.1.1 no such user",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; your relay knows no such recipient",
        "550 5.2.1 mailbox disabled, over quota",
        "550 5.4.1 Recipient address rejected: Access denied",
        "550 5.7.1 User unknown",
        "550 5.7.1 unknown user: helene@customer.example",
        "550 5.7.1 Recipient <helene@customer.example> does not exist",
        "550 5.7.1 mailbox has been disabled",
        "550 no such user here",
        "550 helene@customer.example: not here",
    ],
)
def test_a_refusal_of_the_recipient_fails_at_once(said: str, relay: Relay) -> None:
    relay.levers = [Lever("RCPT", said)]
    with pytest.raises(Undeliverable) as raised:
        hand_over(relay)
    assert "with the customer" in raised.value.hint
    assert relay.inbox == []


def test_a_rule_about_the_recipient_is_told_with_both_things_it_can_mean(relay: Relay) -> None:
    relay.levers = [Lever("RCPT", "550 5.7.1 <x>: Recipient address rejected: Access denied")]
    with pytest.raises(Undeliverable) as raised:
        hand_over(relay)
    assert "with the customer" in raised.value.hint
    assert "whoever runs the relay" in raised.value.hint


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Undeliverable("no such user", hint="Check it."), "no such user. Check it."),
        (Undeliverable("No such user.", hint="Check it."), "No such user. Check it."),
        (Undeliverable("who is that?", hint="Check it."), "who is that? Check it."),
        (RetryLater("busy"), "busy"),
        (RetryLater("", hint="Wait."), "Wait."),
    ],
)
def test_what_happened_and_what_to_do_are_two_sentences(error: TocsinError, said: str) -> None:
    assert told(error) == said


def test_what_a_relay_said_and_what_to_do_are_two_sentences(relay: Relay) -> None:
    relay.levers = [Lever("RCPT", "550 5.1.1 no such user")]
    with pytest.raises(Undeliverable) as raised:
        hand_over(relay)
    assert "no such user. Check the recipient's address" in told(raised.value)
    assert relay.inbox == []
