"""Exceptions that are about no rule there is are named: at import, in lists and in ``check``."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

import detectors
from detectors import follow, known
from tests.casework import office
from tests.casework.office import NOW
from tocsin.app import checking
from tocsin.app.casework import books
from tocsin.app.casework.desk import Desk

At = Callable[..., Desk]
OURS = "0f5e2f0a-6a59-4f0b-9d0e-3c1f9c2f7a10"
HEAD = "id,rule,field,value,owner,reason,expires_on\n"


def excepted(desk: Desk, *rules: str) -> Path:
    path = Path(desk.config.store.path).parents[1] / "registers" / "exceptions.csv"
    lines = [f"e-{n},{one},actor,leo,Claire,test,2026-12-31\n" for n, one in enumerate(rules)]
    path.write_text(HEAD + "".join(lines))
    return path


@pytest.mark.parametrize(
    "rule", [OURS, "first-seen-service", "volume", "credential-elsewhere", "many-secrets-medium"]
)
def test_a_rule_or_a_detector_that_is_there_is_no_matter(at: At, rule: str) -> None:
    desk = at("opened")
    (diff,) = books.plans(desk, excepted(desk, rule), NOW)
    assert books.warnings(desk, diff) == []


def test_a_rule_that_is_not_there_is_named_and_by_its_title_too(at: At) -> None:
    desk = at("opened")
    before = office.everything(desk)
    title = "recordings read from a known bad address"
    path = excepted(desk, "no-such", OURS, title, "firstly")
    (diff,) = books.plans(desk, path, NOW)
    said = books.warnings(desk, diff)
    assert office.everything(desk) == before
    assert [one.split(". ")[0] for one in said] == [
        "! exception e-0 is about the rule no-such, which is not there",
        f"! exception e-2 is about the rule {title}, which is not there; {OURS} is called so",
        "! exception e-3 is about the rule firstly, which is not there",
    ]


def test_the_list_and_check_name_it_as_well(at: At) -> None:
    desk = at("opened")
    excepted(desk, "no-such")
    office.take_registers(desk, Path(desk.config.store.path).parents[1] / "registers", NOW)
    assert any("the rule no-such, which is not there" in one for one in books.faults(desk, NOW))
    later = NOW + timedelta(minutes=1)
    (answer,) = [one for one in checking.ask(desk.config, later) if one.part == "exception"]
    assert answer.works
    assert answer.lacks
    assert "the rule no-such, which is not there" in answer.said


def modules() -> Iterator[ModuleType]:
    for one in vars(follow).values():
        if isinstance(one, ModuleType) and one.__name__.startswith(detectors.__name__):
            yield one


def test_every_detector_has_its_name_among_those_that_are_known() -> None:
    found = {
        vars(one)["id"]
        for module in modules()
        for one in vars(module).values()
        if isinstance(one, type) and one.__module__ == module.__name__ and "id" in vars(one)
    }
    found = {one for one in found if isinstance(one, str)}
    assert len(found) >= 10
    # These name what they find otherwise than themselves; each word stands in the table.
    assert found - set(known.DETECTORS) == {"outsiders", "rights"}
