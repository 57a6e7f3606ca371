"""Lineage: back from whatever acts to whoever began."""

from datetime import timedelta
from typing import Any

from tests.detectors.streams import ALICE, DAY, HOUR, columns, event
from tocsin.lineage import Lineage
from tocsin.model.columns import EPOCH
from tocsin.model.events import MICROSECOND, ActorKind, Event

BOB, ROLE = "arn:aws:iam::111122223333:user/bob", "arn:aws:iam::999988887777:role/reader"


def learned(*events: Event) -> Lineage:
    lineage = Lineage()
    lineage.learn(columns(events))
    return lineage


def at(after: timedelta) -> int:
    return (event(after, "s3", "GetObject").at - EPOCH) // MICROSECOND


def makes(what: str, after: timedelta = timedelta(0), **more: Any) -> Event:
    return event(after, "sts", "AssumeRole", issued=what, **more)


def test_a_chain_leads_back_over_identities_and_accounts() -> None:
    lineage = learned(
        makes("key:AKIABOB"),
        makes("key:ASIA1", HOUR, actor=BOB, credential="AKIABOB"),
        makes("key:ASIA2", 2 * HOUR, actor=ROLE, credential="ASIA1"),
    )
    assert lineage.origin(ROLE, "ASIA2", at(3 * HOUR)) == ALICE
    assert lineage.origin(ROLE, "ASIA2", at(HOUR)) == ROLE  # not before it was made
    assert lineage.origin(ROLE, "ASIA9", at(3 * HOUR)) == ROLE


def test_a_user_that_was_made_leads_back_to_its_maker_for_a_week() -> None:
    lineage = learned(makes(BOB))
    assert lineage.origin(BOB, "", at(DAY)) == ALICE
    assert lineage.origin(BOB, "", at(8 * DAY)) == BOB


def test_a_user_is_one_whatever_path_a_record_says_of_it() -> None:
    staff, other = BOB.replace("/bob", "/staff/eu/bob"), BOB.replace("/bob", "/bob/eve")
    for made, acts in ((BOB, staff), (staff, BOB), (staff, staff)):
        lineage = learned(event(timedelta(0), "iam", "CreateUser", issued=made))
        assert lineage.origin(acts, "", at(HOUR)) == ALICE
        assert lineage.is_issued(acts, "")
        assert lineage.maker(acts, at(HOUR), DAY // MICROSECOND) is not None
        assert lineage.origin(other, "", at(HOUR)) == other
        assert lineage.origin(staff.replace(":iam:", ":iam:1"), "", at(HOUR)) != ALICE


def test_who_stands_behind_a_roles_name_is_no_role_of_that_name() -> None:
    lineage = learned(makes("arn:aws:iam::999988887777:role/bob"))
    assert lineage.origin(f"{ROLE}/bob", "", at(HOUR)) == f"{ROLE}/bob"


def test_what_aws_itself_issues_begins_a_chain() -> None:
    lineage = learned(makes("key:ASIA1", actor="aws:ec2", actor_kind=ActorKind.SERVICE))
    assert lineage.origin(ROLE, "ASIA1", at(HOUR)) == ROLE


def test_the_issuing_accounts_record_names_the_actor() -> None:
    outside: dict[str, Any] = {"actor": "account:111122223333", "actor_kind": "account"}
    for order in ((0, 1), (1, 0)):
        both = [makes("key:ASIA1"), makes("key:ASIA1", **outside)]
        assert learned(*(both[n] for n in order)).origin(ROLE, "ASIA1", at(HOUR)) == ALICE


def test_a_loop_ends() -> None:
    lineage = learned(
        makes("key:1", credential="2"), makes("key:2", credential="1"), makes("key:1", HOUR)
    )
    assert lineage.origin(ALICE, "1", at(2 * HOUR)) == ALICE


def test_old_acts_are_forgotten() -> None:
    lineage = learned(makes("key:ASIA1"), makes("key:ASIA2", 5 * DAY))
    lineage.forget(at(8 * DAY))
    assert list(lineage.issued) == ["key:ASIA2"]
