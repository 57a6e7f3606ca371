"""A notice says of each store of a customer what its logs can say, and nothing of other stores."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from incidents.documents import NoticeFacts
from incidents.impact import CustomerImpact, Negative, SourceCoverage
from incidents.impact.result import StoreCoverage
from tests.casework.office import HOUR, NOW
from tests.casework.worlds import At, dossier, in_english, with_impact, words, world
from tocsin.app.casework import filling
from tocsin.app.casework.known import World
from tocsin.model.instants import to_us

GAP = ((to_us(NOW - 3 * HOUR), to_us(NOW)),)
SOURCES = (
    SourceCoverage("app", 9, 8, 1, ()),
    SourceCoverage("gappy", 9, 6, 0, GAP),
    SourceCoverage("torn", 9, 9, 0, (), unread=2),
)
STORES = {"files": ("app",), "lists": ("app", "gappy"), "notes": ("torn",), "base": ()}
OTHERS = "books"
"""A store of the data map with data of other customers alone."""


@pytest.fixture
def base(at: At) -> World:
    """A case of which c-1's recordings were read; the data map knows further stores."""
    known = world(at("assessed"))
    (recordings,) = known.data_map.store
    stores = (
        recordings.model_copy(
            update={
                "name": name,
                "title": {"en": f"the {name}", "fr": f"les {name}"},
                "categories": ("billing",),
                "reads_logged_by": STORES.get(name, ("app",)),
            }
        )
        for name in (*STORES, OTHERS)
    )
    data_map = known.data_map.model_copy(update={"store": (recordings, *stores)})
    covered = msgspec.structs.replace(
        known.run.coverage,
        sources=(*known.run.coverage.sources, *SOURCES),
        stores=(
            *known.run.coverage.stores,
            *(StoreCoverage(name, by, by == ("app",)) for name, by in STORES.items()),
            StoreCoverage(OTHERS, ("app",), complete=True),
        ),
    )
    run = msgspec.structs.replace(known.run, coverage=covered)
    return known.model_copy(update={"data_map": data_map, "run": run})


def notice(base: World, negatives: Iterable[Negative]) -> NoticeFacts:
    told = with_impact(base, "c-1", negatives=tuple(negatives))
    return filling.facts(told, "c-1", version=1, now=NOW + HOUR)


def negatives(**accessed: bool | None) -> list[Negative]:
    return [Negative(name, said, "") for name, said in accessed.items()]


ALL = {"files": False, "lists": None, "notes": None, "base": None}


def findings(facts: NoticeFacts) -> dict[str, Any]:
    return {one.store: one.finding for one in facts.negative_findings}


def rows(facts: NoticeFacts) -> dict[str, Any]:
    return {row["source"]: row for row in dossier(facts)["coverage"]["value"]}


def test_each_store_of_a_customer_has_what_its_logs_can_say(base: World) -> None:
    facts = in_english(notice(base, negatives(**ALL)))
    assert findings(facts) == {
        "les base": "not_logged",
        "les files": "not_accessed",
        "les lists": "hours_missing",
        "les notes": "partly_unread",
    }
    (files,) = (one for one in facts.negative_findings if one.store == "les files")
    assert [tuple(log.model_dump().values()) for log in files.logs] == [("app", 9, 9)]
    assert files.may_hold == ("billing",)
    text = words(facts)
    assert "les files: not accessed in this incident" in text
    assert "les base: we cannot tell whether it was accessed, as reads of it are not" in text
    assert "(app, 9 of 9 hours held; gappy, 6 of 9 hours held)" in text


def test_what_an_unknown_act_may_have_reached_is_not_ruled_out(base: World) -> None:
    assert findings(notice(base, negatives(files=None))) == {"les files": "unmapped"}


def test_no_store_is_ruled_out_without_logs_of_its_reads(base: World) -> None:
    claimed = negatives(base=False, lists=False, notes=False)
    assert "not_accessed" not in findings(notice(base, claimed)).values()


def test_a_source_speaks_of_this_customers_stores_alone(base: World) -> None:
    facts = notice(base, negatives(**ALL))
    app = rows(facts)["app"]
    assert (app["object_level"], app["only_some"]) == (False, True)
    assert app["reads_of"] == ["les files", "les lists"]
    assert rows(facts)["torn"]["object_level"] is False
    assert OTHERS not in "".join((words(facts), str(dossier(facts))))


def test_a_source_that_logs_every_store_of_the_customer_logs_each_read(base: World) -> None:
    (recordings,) = (one for one in base.run.coverage.stores if one.store == "recordings")
    (source,) = recordings.logged_by
    row = rows(notice(base, ()))[source]
    assert (row["object_level"], row["only_some"], row["reads_of"]) == (True, False, [])
    row = rows(notice(base, negatives(base=None)))[source]
    assert (row["object_level"], row["only_some"]) == (False, True)
    assert len(row["reads_of"]) == 1  # the recordings, as documents call them
    assert rows(notice(base, ()))["app"]["only_some"] is False  # others' data are none of its


def test_systems_that_are_not_told_yet_are_not_named_among_logs(base: World) -> None:
    people = base.given.facts.model_copy(update={"not_yet": ("systems",)})
    given = msgspec.structs.replace(base.given, facts=people)
    (recordings,) = (one for one in base.run.coverage.stores if one.store == "recordings")
    (source,) = recordings.logged_by
    facts = notice(base.model_copy(update={"given": given}), negatives(base=None))
    row = rows(facts)[source]
    assert (row["only_some"], row["reads_of"]) == (True, [])
    assert "each read is logged only for part of the systems" in words(in_english(facts))


def test_what_a_run_says_of_nobody_is_not_said(base: World) -> None:
    none: tuple[CustomerImpact, ...] = ()
    run = msgspec.structs.replace(base.run, customers=none)
    nobody = base.model_copy(update={"run": run})
    assert filling.facts(nobody, "c-1", version=1, now=NOW + HOUR).negative_findings == ()
