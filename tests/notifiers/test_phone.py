"""A call says little, is placed once, and reaches a person only when the person proves it.

The peer holds every request against Twilio's own description of its API.
"""

import json
import re
from datetime import timedelta

import pytest

from notifiers import outbox
from notifiers.base import Channel, Kind, Notifier, Purpose
from notifiers.phone import PhoneNotifier
from notifiers.schedule import Schedule
from notifiers.secret import SecretFrom
from notifiers.speech import WORDS, spoken
from tests.notifiers.support import (
    NOW,
    TOO_LATE_S,
    call,
    dispatch,
    kinds,
    phone_settings,
    put,
    send,
    standing,
)
from tests.servers.twilio_peer import Person, Twilio
from tests.servers.web import Lever
from tocsin.errors import OutcomeUnknown, RetryLater, Undeliverable
from tocsin.store import Store

KEY = "call/12/acme/1"
ANSWER = "https://tocsin.example/call"


def phone(twilio: Twilio, **more: object) -> dict[Channel, Notifier]:
    return {Channel.PHONE: PhoneNotifier(phone_settings(twilio, **more))}


def said(twilio: Twilio, number: int = -1) -> str:
    return twilio.twiml[twilio.calls[number]["sid"]]


def place(twilio: Twilio, **more: object) -> None:
    notifier = PhoneNotifier(phone_settings(twilio, **more))
    notifier.send(dispatch(call(), notifier))


# --- what is said


@pytest.mark.parametrize(("language", "locale"), [("fr", "fr-FR"), ("en", "en-GB")])
def test_a_call_says_who_calls_and_where_to_look_in_the_recipients_language(
    language: str, locale: str, store: Store, twilio: Twilio
) -> None:
    put(store, call(language=language))
    assert send(store, phone(twilio)) == 1
    text = said(twilio)
    assert f'language="{locale}"' in text
    assert text.count("Tocsin Télécom") == 1
    assert ("messagerie" in text) == (language == "fr")
    assert ("e-mail" in text) == (language == "en")
    assert twilio.calls[0]["to"] == "+33123456789"


@pytest.mark.parametrize("purpose", [Purpose.CALL, Purpose.REMINDER])
def test_a_call_names_us_where_no_vowel_shortens_the_word_before(purpose: Purpose) -> None:
    said = spoken("fr", purpose, operator="Exemple Télécom")
    assert said.startswith("Bonjour, ici Exemple Télécom. ")
    assert "de Exemple" not in said


def test_nothing_of_the_message_is_said(store: Store, twilio: Twilio) -> None:
    words = ("Geheimnis", "ACME", "Hélène")
    put(store, call(subject=words[0], body_text=words[1], to_name=words[2], customer="acme"))
    send(store, phone(twilio))
    assert not any(word.lower() in said(twilio).lower() for word in (*words, "12", "breach"))


def test_the_team_is_told_something_else_than_a_customer(store: Store, twilio: Twilio) -> None:
    put(store, call(purpose=Purpose.REMINDER, customer=""))
    send(store, phone(twilio))
    assert "astreinte" in said(twilio)


def test_the_code_is_another_one_in_each_call_and_never_said_without_an_address() -> None:
    assert all("{code}" in words.code for words in WORDS.values())
    twilio = Twilio()
    notifier = PhoneNotifier(
        phone_settings(twilio, base_url="http://127.0.0.1:1", answer_url=ANSWER)
    )
    codes = {json.loads(dispatch(call(), notifier).content)["code"] for _ in range(30)}
    assert len(codes) > 20
    assert all(re.fullmatch(r"\d{4}", code) for code in codes)
    silent = PhoneNotifier(phone_settings(twilio, base_url="http://127.0.0.1:1"))
    assert b"Gather" not in dispatch(call(), silent).content


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_call_ahead_of_its_mail_says_so_and_asks_for_no_code(language: str) -> None:
    settings = phone_settings(Twilio(), base_url="http://127.0.0.1:1", answer_url=ANSWER)
    notifier = PhoneNotifier(settings)
    one = dispatch(call(language=language), notifier)
    assert b"Gather" in one.content
    ahead = json.loads(notifier.render(one._replace(ahead=True)))
    assert (ahead["code"], "Gather" in ahead["twiml"]) == ("", False)
    assert ("sans y parvenir" if language == "fr" else "have not succeeded") in ahead["twiml"]
    assert "breach" not in ahead["twiml"]


@pytest.mark.parametrize("to", ["0123456789", "x", "+33", "+3312345678901234567", "112"])
def test_what_is_no_number_is_refused_without_repeating_it(to: str, twilio: Twilio) -> None:
    with pytest.raises(Undeliverable, match="no phone number") as raised:
        dispatch(call(to=to), PhoneNotifier(phone_settings(twilio)))
    assert raised.value.hint
    assert to not in str(raised.value) or to == "x"
    assert twilio.seen == []


# --- what comes back decides what is done


@pytest.mark.parametrize(
    ("lever", "error"),
    [
        (Lever(429, b'{"code": 20429, "message": "Too many requests"}'), RetryLater),
        (Lever(503, b'{"message": "later"}'), RetryLater),
        (Lever(401, b'{"code": 20003, "message": "Authenticate"}'), RetryLater),
        (Lever(404, b'{"code": 20404, "message": "no such account"}'), RetryLater),
        (Lever(302, headers=(("Location", "http://127.0.0.1:1/"),)), RetryLater),
        (Lever(400, b'{"code": 21212, "message": "Invalid From"}'), RetryLater),
        (Lever(400, b'{"code": 21211, "message": "+33123456789 is wrong"}'), Undeliverable),
        (Lever(400, b'{"code": 21215, "message": "geography"}'), Undeliverable),
        (Lever(500, b'{"message": "broken"}'), OutcomeUnknown),
        (Lever(502, b"<html>"), OutcomeUnknown),
        (Lever(201, b"not json"), OutcomeUnknown),
        (Lever(201, b"{}"), OutcomeUnknown),
        (Lever(drop=True), OutcomeUnknown),
        (Lever(drop=True, done=True), OutcomeUnknown),
        (Lever(wait_s=TOO_LATE_S), OutcomeUnknown),
    ],
)
def test_an_answer_decides_whether_trying_again_can_help(
    lever: Lever, error: type[Exception], twilio: Twilio
) -> None:
    twilio.levers = [lever]
    with pytest.raises(error) as raised:
        place(twilio)
    assert type(raised.value) is error
    assert "33123456789" not in str(raised.value)


def test_without_a_connection_nothing_went_out(twilio: Twilio) -> None:
    with pytest.raises(RetryLater, match="no connection"):
        place(twilio, base_url="http://127.0.0.1:1")


def test_a_token_that_is_not_there_says_where_it_should_be(twilio: Twilio) -> None:
    with pytest.raises(RetryLater, match="NOT_SET"):
        place(twilio, token=SecretFrom(env="NOT_SET"))
    assert twilio.seen == []


def test_a_number_that_cannot_be_called_fails_and_is_seen(store: Store, twilio: Twilio) -> None:
    twilio.refused["+33123456789"] = 21211
    put(store, call())
    assert send(store, phone(twilio)) == 0
    assert standing(store, KEY).word == "failed"
    assert "21211" in standing(store, KEY).why


# --- an unknown call is looked for before it is placed again


def test_a_call_whose_answer_was_lost_is_found_and_not_placed_again(
    store: Store, twilio: Twilio
) -> None:
    put(store, call())
    twilio.levers = [Lever(drop=True, done=True)]
    assert send(store, phone(twilio)) == 0
    assert standing(store, KEY).word == "unknown"
    assert send(store, phone(twilio), 100) == 1
    assert len(twilio.calls) == 1
    with store.read() as db:
        (one,) = outbox.attempts(db, KEY)
    assert (one.outcome, one.provider_id) == ("accepted", twilio.calls[0]["sid"])
    assert kinds(store)[-2:] == ["attempt.unknown", "attempt.accepted"]


def test_a_call_that_was_never_placed_is_placed(store: Store, twilio: Twilio) -> None:
    put(store, call())
    twilio.levers = [Lever(drop=True)]
    assert [send(store, phone(twilio), s) for s in (0, 100)] == [0, 1]
    assert len(twilio.calls) == 1


def test_a_call_that_cannot_be_looked_for_waits(store: Store, twilio: Twilio) -> None:
    put(store, call())
    twilio.levers = [Lever(drop=True, done=True), Lever(500)]
    assert [send(store, phone(twilio), s) for s in (0, 100, 220)] == [0, 0, 1]
    assert len(twilio.calls) == 1


def test_somebody_elses_call_to_the_number_is_not_taken_for_ours(
    store: Store, twilio: Twilio
) -> None:
    put(store, call(), call("call/13/acme/1"))
    twilio.levers = [Lever(drop=True), Lever(wait_s=0)]
    assert send(store, phone(twilio)) == 1
    assert send(store, phone(twilio), 100) == 1
    assert len(twilio.calls) == 2
    twilio.clock = NOW - timedelta(hours=1)
    put(store, call("call/14/acme/1"))
    twilio.levers = [Lever(drop=True, done=True)]
    assert [send(store, phone(twilio), s) for s in (5000, 5100)] == [0, 1]
    assert len(twilio.calls) == 4


# --- a call that was placed has not yet reached anybody


def through(store: Store, twilio: Twilio, person: Person, **more: object) -> outbox.Standing:
    put(store, call())
    twilio.people["+33123456789"] = person
    for s in (0, 5, 10):
        send(store, phone(twilio, **more), s)
    return standing(store, KEY)


def test_a_completed_call_is_not_yet_a_reached_person(store: Store, twilio: Twilio) -> None:
    one = through(store, twilio, Person())
    assert (one.word, one.notified) == ("answered", False)
    assert kinds(store)[-1] == "receipt.answered"
    seen = len(twilio.seen)
    send(store, phone(twilio), 100)
    assert len(twilio.seen) == seen  # it has ended: nothing more is asked


@pytest.mark.parametrize(
    ("person", "word"),
    [
        (Person(keys="code"), "acknowledged"),
        (Person(keys="0"), "answered"),
        (Person(), "answered"),
        (Person(answered_by=None, keys="code"), "acknowledged"),
        (Person(answered_by="machine_start", keys="code"), "waiting"),
        (Person(answered_by="machine_end_beep"), "waiting"),
        (Person(answered_by="fax"), "waiting"),
        (Person("busy"), "waiting"),
        (Person("no-answer"), "waiting"),
        (Person("failed"), "waiting"),
        (Person("canceled"), "waiting"),
    ],
)
def test_only_the_calls_own_code_keyed_in_by_no_machine_acknowledges(
    person: Person, word: str, store: Store, twilio: Twilio
) -> None:
    one = through(store, twilio, person, answer_url=ANSWER)
    assert one.word == word
    assert one.notified == (word == "acknowledged")


def test_the_code_of_another_call_does_not_acknowledge(store: Store, twilio: Twilio) -> None:
    twilio.people["+33123456789"] = Person("busy")
    put(store, call())
    send(store, phone(twilio, answer_url=ANSWER))
    for s in (5, 10, 400):
        send(store, phone(twilio, answer_url=ANSWER), s)
    assert len(twilio.calls) == 2
    first, second = (one["sid"] for one in twilio.calls)
    twilio.people["+33123456789"] = Person(keys="code")
    twilio.twiml[second] = twilio.twiml[first]  # whoever answers keys in what the first call said
    for s in (410, 420):
        send(store, phone(twilio, answer_url=ANSWER), s)
    assert standing(store, KEY).word == "answered"


def test_what_twilio_said_is_kept_as_evidence(store: Store, twilio: Twilio) -> None:
    through(store, twilio, Person(keys="code"), answer_url=ANSWER)
    with store.read() as db:
        (one,) = outbox.attempts(db, KEY)
    ((kind, detail, raw, _),) = one.news
    assert kind == Kind.ACKNOWLEDGED
    assert "code" in detail
    kept = json.loads(raw)
    assert kept["call"]["sid"] == twilio.calls[0]["sid"]
    assert kept["events"][0]["request"]["parameters"]["digits"]
    assert b"33123456789" not in raw


def test_nobody_reached_is_called_again_so_many_times_and_then_seen(
    store: Store, twilio: Twilio
) -> None:
    put(store, call())
    twilio.people["+33123456789"] = Person("no-answer")
    schedule = Schedule(lanes=1, calls=3)
    for s in range(0, 20_000, 200):
        send(store, phone(twilio), s, schedule=schedule)
    assert len(twilio.calls) == 3
    assert (standing(store, KEY).word, standing(store, KEY).why) == ("failed", "no-answer")
    assert kinds(store).count("receipt.unreached") == 3


def test_an_outcome_that_cannot_be_read_for_hours_counts_as_nobody_reached(
    store: Store, twilio: Twilio
) -> None:
    put(store, call())
    send(store, phone(twilio))
    twilio.levers = [Lever(500)] * 2
    send(store, phone(twilio), 100)
    assert standing(store, KEY).word == "accepted"
    send(store, phone(twilio), 5 * 3600)
    assert standing(store, KEY).word == "waiting"
    assert "could not be read" in standing(store, KEY).why
