"""What logs can say is said store by store: not accessed, or that we cannot tell, and why."""

import re
from typing import Any

import pytest

from incidents.documents import NoticeFacts
from tests.incidents.reading import LANGUAGES, documents, flat, tags
from tests.incidents.samples import at, facts, known
from tests.incidents.test_documents_truth import dossier, words

HELD = ({"source": "CloudTrail", "hours": 564, "present": 564},)
GAPS = ({"source": "CloudTrail", "hours": 564, "present": 500},)
CANNOT = {
    "en": "files: we cannot tell whether it was accessed, as",
    "fr": "files : nous ne pouvons pas dire s\u2019il y a eu un accès, car",
}
SHOWN = "as the logs of each read of it show (CloudTrail, 564 of 564 hours held)"
SHOWN_FR = (
    "comme le montrent les journaux qui en enregistrent chaque lecture "
    "(CloudTrail, 564 heures conservées sur 564)"
)
MISSING = (
    "logs of its reads are missing for some of these hours (CloudTrail, 500 of 564 hours held)"
)
SAID: tuple[tuple[str, str, Any, str], ...] = (
    ("en", "not_accessed", HELD, f"files: not accessed in this incident, {SHOWN}."),
    ("fr", "not_accessed", HELD, f"files : pas d\u2019accès lors de cet incident, {SHOWN_FR}."),
    ("en", "not_logged", (), f"{CANNOT['en']} reads of it are not logged."),
    ("fr", "not_logged", (), f"{CANNOT['fr']} les lectures n\u2019en sont pas enregistrées."),
    ("en", "hours_missing", GAPS, f"{CANNOT['en']} {MISSING}."),
    ("fr", "hours_missing", GAPS, f"{CANNOT['fr']} les journaux de ses lectures manquent"),
    ("en", "partly_unread", HELD, f"{CANNOT['en']} part of the logs of its reads could not be"),
    ("fr", "partly_unread", HELD, f"{CANNOT['fr']} une partie des journaux de ses lectures"),
    ("en", "unmapped", HELD, f"{CANNOT['en']} something was done that may have reached it"),
    ("fr", "unmapped", HELD, f"{CANNOT['fr']} une opération a pu l\u2019atteindre"),
)


def found(*findings: dict[str, Any], language: str = "en", **changes: Any) -> NoticeFacts:
    return facts(language, negative_findings=findings, **changes)


@pytest.mark.parametrize(("language", "finding", "logs", "text"), SAID)
def test_each_store_is_named_with_what_logs_can_say_of_it(
    language: str, finding: str, logs: Any, text: str
) -> None:
    given = found({"store": "files", "finding": finding, "logs": logs}, language=language)
    said = documents(given)
    # Letter, page and dossier agree; a table names the store in a cell of its own.
    of_store = re.split(r" ?: ", text.rstrip("."), maxsplit=1)[1]
    assert flat(text) in flat(said["body.txt"])
    assert flat(text) in flat(tags(said["body.html"]).text)
    assert flat(f"files{of_store[0].upper()}{of_store[1:]}") in flat(said["pdf"])
    entry = dossier(given)["negative_findings"]
    assert flat(text) in flat(entry["text"])
    (value,) = entry["value"]
    is_sure = finding == "not_accessed"
    assert (value["store"], value["accessed"]) == ("files", False if is_sure else None)
    assert value["logs"] == list(logs)
    assert value["confidence"] == ("certain" if is_sure else "not_assessable")
    assert entry["confidence"] == ("certain" if is_sure else "possible")


def test_one_store_that_nobody_can_tell_of_keeps_the_whole_from_being_certain() -> None:
    given = found(
        {"store": "files", "finding": "not_accessed", "logs": HELD},
        {"store": "database", "finding": "not_logged"},
    )
    entry = dossier(given)["negative_findings"]
    assert [each["accessed"] for each in entry["value"]] == [False, None]
    assert entry["confidence"] == "possible"


def test_where_no_store_is_spoken_of_nothing_is_certain() -> None:
    entry = dossier(found())["negative_findings"]
    assert (entry["value"], entry["text"], entry["confidence"]) == ([], "", "possible")
    assert "No log shows that the incident reached" not in words(found())


def logged(language: str = "en", **more: Any) -> NoticeFacts:
    row = {"source": "CloudTrail", "since": at(1, 0), "until": at(2, 0), "hours": 24, "present": 24}
    return facts(language, coverage=known(({**row, "object_level": False, **more},)))


def test_a_source_says_of_which_stores_it_logs_each_read() -> None:
    some: dict[str, Any] = {"only_some": True, "reads_of": ("files", "lists")}
    said = "each read is logged only for these systems with data of yours: files and lists"
    assert said in words(logged(**some))
    assert "que pour ces systèmes contenant de vos données : files et lists" in words(
        logged("fr", **some)
    )
    (row,) = dossier(logged(**some))["coverage"]["value"]
    assert (row["object_level"], row["reads_of"]) == (False, ["files", "lists"])
    assert said + "; part of these logs could not be read" in words(
        logged(**some, partly_unread=True)
    )
    assert "each read of your data is logged" not in words(logged(**some))


def test_it_says_so_too_where_the_stores_cannot_be_named_yet() -> None:
    said = "each read is logged only for part of the systems with data of yours"
    assert said in words(logged(only_some=True))
    assert "que pour une partie des systèmes contenant de vos" in words(
        logged("fr", only_some=True)
    )


def test_a_source_that_logs_all_or_none_of_it_says_that() -> None:
    assert "hours held; each read of your data is logged" in words(logged(object_level=True))
    assert "hours held; reads of your data are not logged one by one" in words(logged())


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_data_were_touched_is_not_said_of_logs_of_each_read(language: str) -> None:
    given = facts(language, coverage=logged().coverage, negative_findings=())
    assert "each single read" not in words(given)
    assert "enregistrent chaque lecture" not in words(given)
