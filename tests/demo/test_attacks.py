"""The planted attacks of the default month, each by itself."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from tocsin.app.demo.attacks import ATTACKS
from tocsin.app.demo.attacks.scene import Planted
from tocsin.app.demo.company import Company
from tocsin.app.demo.crm import token_visit
from tocsin.app.demo.generate import START


@pytest.fixture(scope="module")
def month() -> dict[str, Planted]:
    company = Company(1, START, 30)
    return {name: plant(company) for name, plant in ATTACKS.items()}


def records(planted: Planted) -> list[dict[str, Any]]:
    """Return the attack's own records at AWS, in order of time."""
    own = {step.id for step in planted.attack.events}
    kept = sorted(record for record in planted.cloud if record.id in own)
    return sorted((msgspec.json.decode(r.line) for r in kept), key=lambda r: r["eventTime"])


def lines(planted: Planted) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line.line) for line in sorted(planted.lines)]


def stores(planted: Planted) -> set[tuple[str, str]]:
    return {(touched.store, touched.how) for touched in planted.attack.touched}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_comes_after_two_weeks_of_peace_and_ends_in_the_month(
    month: dict[str, Planted], name: str
) -> None:
    attack = month[name].attack
    assert attack.id == name
    assert 30 <= len(attack.events) <= 1_500
    first, last = (datetime.fromisoformat(at).date() for at in (attack.first, attack.last))
    assert START + timedelta(14) <= first <= last <= START + timedelta(29)


def test_the_leaked_key_crosses_three_identities(month: dict[str, Planted]) -> None:
    planted = month["leaked-key"]
    seen = records(planted)
    callers = {r["userIdentity"]["arn"].rpartition("/")[0] or "" for r in seen}
    assert len(callers) == 2  # users, and the role
    assert {r["userIdentity"]["accessKeyId"] for r in seen} == set(planted.attack.credentials)
    assert {r["sourceIPAddress"] for r in seen} == set(planted.attack.networks)
    names = Counter(r["eventName"] for r in seen if "errorCode" not in r)
    assert names["PutUserPolicy"] == names["CreateAccessKey"] == 1
    assert names["AssumeRole"] == 2
    assert names["GetObject"] > 400
    refused = Counter(r["eventName"] for r in seen if "errorCode" in r)
    assert refused["StopLogging"] == 2
    assert stores(planted) == {("recordings", "downloaded"), ("contacts", "downloaded")}
    assert len({touched.customer for touched in planted.attack.touched}) >= 5


def test_what_is_said_to_be_taken_was_taken(month: dict[str, Planted]) -> None:
    planted = month["leaked-key"]
    keys = Counter(
        r["requestParameters"]["key"].split("/")[0]
        for r in records(planted)
        if r["eventName"] == "GetObject" and r["requestParameters"]["key"].startswith("c-")
    )
    said = {t.customer: t.records for t in planted.attack.touched if t.store == "recordings"}
    assert keys == said


def test_the_leaver_exports_whole_books_without_a_ticket(month: dict[str, Planted]) -> None:
    planted = month["leaver"]
    exported: Counter[str] = Counter()
    for line in lines(planted):
        assert "ticket" not in line
        assert line["actor"] == "marc-antoine.ribes"
        if line["action"] == "contacts.export":
            assert line["count"] <= 2_400
            exported[line["customer"]] += line["count"]
    company = Company(1, START, 30)
    assert exported == {c.id: c.contacts for c in company.customers if c.id in exported}
    assert {t.customer: t.subjects for t in planted.attack.touched} == exported
    assert len(exported) == 10


def test_the_scraper_reads_a_whole_book_slowly(month: dict[str, Planted]) -> None:
    planted = month["scraper"]
    by_hour = Counter(line["time"][:13] for line in lines(planted))
    assert max(by_hour.values()) <= 15
    days = {line["time"][:10] for line in lines(planted)}
    assert len(days) >= 4
    (touched,) = planted.attack.touched
    book = next(c for c in Company(1, START, 30).customers if c.id == touched.customer)
    assert touched.records == touched.subjects == book.contacts
    (address,) = planted.attack.networks
    assert address.rpartition(".")[0] != token_visit(book).ip.rpartition(".")[0]


def test_nobody_reads_the_bucket_but_while_it_is_open(month: dict[str, Planted]) -> None:
    planted = month["exposed-bucket"]
    everything = sorted(
        (msgspec.json.decode(r.line) for r in planted.cloud), key=lambda r: r["eventTime"]
    )
    opened, shut = (
        next(r["eventTime"] for r in everything if r["eventName"] == name)
        for name in ("PutBucketPolicy", "DeleteBucketPolicy")
    )
    guests = [r for r in everything if r["userIdentity"].get("accountId") == "anonymous"]
    assert all(opened < r["eventTime"] < shut for r in guests)
    assert len({r["sourceIPAddress"] for r in guests if "errorCode" not in r}) == 4


def test_the_account_is_taken_over_after_many_failures_from_one_provider(
    month: dict[str, Planted],
) -> None:
    seen = lines(month["takeover"])
    actions = [line["action"] for line in seen]
    signed_in = actions.index("login")
    assert set(actions[:signed_in]) == {"login.failed"}
    assert len({line["actor"] for line in seen[:signed_in]}) >= 20
    assert {line["actor"] for line in seen[signed_in:]} == {"amandine.lecourt"}
    assert "login.failed" not in actions[signed_in:]
    assert not [line for line in seen if "ticket" in line]
    assert actions.count("recording.play") + actions.count("recording.download") >= 40
