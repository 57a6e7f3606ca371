"""``tocsin check`` says what a breach will need and the registers lack."""

from datetime import timedelta

from tests.casework.conftest import Copy
from tests.casework.office import NOW
from tocsin.app import checking


def test_what_the_registers_lack_is_named_and_fails_nothing(at: Copy) -> None:
    desk = at("opened")
    answers = {one.part: one for one in checking.ask(desk.config, NOW)}
    assert answers["registers"].said == "3 customers"
    assert not any(one.lacks for one in answers.values() if one.part == "contacts")
    later = checking.ask(desk.config, NOW + timedelta(days=300))
    lacking = {one.part: one for one in later if one.lacks}
    assert all(one.works for one in lacking.values())
    assert "c-1 was verified in the last 6 months" in lacking["contacts"].said
    assert "the inventory of store recordings is of" in lacking["inventory"].said
