"""What we say to Twilio and what it answers, judged by a proxy that has its own description."""

import os
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator

import pytest

from notifiers.base import Channel, Notifier
from notifiers.phone import PhoneNotifier
from tests.notifiers.support import call, kinds, phone_settings, put, send, standing
from tests.servers import prism
from tests.servers.twilio_peer import ACCOUNT, TOKEN, Person, Twilio
from tocsin.store import Store

KEY = "call/12/acme/1"
ANSWER = "https://tocsin.example/call"


@pytest.fixture(name="proxy")
def _proxy(twilio: Twilio) -> Iterator[str]:
    if not prism.fetched() and "CI" not in os.environ:
        pytest.skip("no Prism here: `python tests/servers/prism.py` fetches it (Node, npm)")
    with prism.proxy(twilio.url) as url:
        yield url


@pytest.fixture(name="judged")
def _judged(twilio: Twilio, proxy: str) -> dict[Channel, Notifier]:
    settings = phone_settings(twilio, base_url=proxy, answer_url=ANSWER, timeout_s=5)
    return {Channel.PHONE: PhoneNotifier(settings)}


def test_a_call_from_the_first_request_to_the_code_keyed_in(
    store: Store, twilio: Twilio, judged: dict[Channel, Notifier]
) -> None:
    twilio.people["+33123456789"] = Person(keys="code")
    put(store, call())
    assert [send(store, judged, s) for s in (0, 5, 10)] == [1, 0, 0]
    assert (standing(store, KEY).word, standing(store, KEY).notified) == ("acknowledged", True)
    methods = [request.method for request in twilio.seen]
    assert methods[0] == "POST"
    assert methods.count("POST") == 1
    assert len(methods) > 2  # its state, and what was keyed in
    asked = twilio.seen[0].body.decode()
    assert "MachineDetection=" in asked


def test_refusals_and_ends_come_through_as_they_are(
    store: Store, twilio: Twilio, judged: dict[Channel, Notifier]
) -> None:
    twilio.refused["+33123456789"] = 21211
    put(store, call())
    assert send(store, judged) == 0
    assert standing(store, KEY).word == "failed"
    assert "21211" in standing(store, KEY).why
    other = "call/13/acme/1"
    twilio.people["+33123456780"] = Person("busy")
    put(store, call(other, to="+33123456780"))
    assert [send(store, judged, s) for s in (20, 25, 30)] == [1, 0, 0]
    assert standing(store, other).word == "waiting"
    assert kinds(store)[-1] == "receipt.unreached"


def test_the_proxy_lets_nothing_pass_that_the_description_does_not_know(
    twilio: Twilio, proxy: str
) -> None:
    request = urllib.request.Request(
        f"{proxy}/2010-04-01/Accounts/{ACCOUNT}/Calls.json",
        b"To=%2B33123456789&From=%2B33987654321&Timeout=soon",
        {
            "Authorization": "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request, timeout=5)
    raised.value.close()
    assert raised.value.code == 422
    assert twilio.seen == []
    assert twilio.calls == []
