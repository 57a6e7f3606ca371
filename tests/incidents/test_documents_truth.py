"""Documents say what the facts say: no more, no less, and nothing beside it that denies it."""

import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from incidents.documents import NoticeFacts, render
from incidents.documents import annex as annex_b
from incidents.documents.answers import answers
from incidents.documents.blocks import Table
from incidents.documents.speech import Speech
from tests.incidents.reading import text_of
from tests.incidents.samples import NOT_YET, at, count, facts, known, said

LANGUAGES = ("fr", "en")


def words(given: NoticeFacts, name: str = "body.txt") -> str:
    return re.sub(r"\s+", " ", render(given)[name].decode())


def dossier(given: NoticeFacts) -> dict[str, Any]:
    (text,) = (content for name, content in render(given).items() if name.endswith(".json"))
    entries: dict[str, Any] = json.loads(text)["entries"]
    return entries


def with_records(found: dict[str, Any], language: str = "en") -> NoticeFacts:
    """Return facts of one category, counted so."""
    row = {
        "category": "conversations",
        "effects": ("confidentiality",),
        "records": known(found),
        "subjects": known(found),
    }
    number = known(found)
    return facts(language, affected=known((row,)), records=number, subjects=number)


# ---- where numbers come from


def test_a_number_counted_in_logs_is_not_said_to_be_the_inventorys() -> None:
    text = words(with_records(count(98, 98, 98, "counted")))
    assert "98, counted one by one in the logs." in text
    assert "the inventory holds" not in text
    assert "inventory of 1" not in text


def test_a_number_of_the_inventory_is_said_with_its_day() -> None:
    found = count(40, 412, 412, "inventory") | {"least_by": "volume"}
    text = words(with_records(found))
    assert "at least 40, by the volume of data in the logs" in text
    assert "probably and at most 412" in text
    assert "all that the inventory of 1 November 2026 holds" in text
    assert "inventaire du 1er novembre 2026" in words(with_records(found, "fr"))
    value = dossier(with_records(found))["records"]["value"]
    assert (value["min_by"], value["max_by"]) == ("volume", "inventory")
    assert value["as_of"] == "2026-11-01"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_notice_names_the_versions_its_numbers_were_made_of(language: str) -> None:
    given = facts(language)
    for number in ("12", "9"):
        assert re.search(rf"version {number} (of|de|des)", words(given))
    assert dossier(given)["versions"]["value"] == {"run": 3, "data_map": 12, "registers": 9}


# ---- what is open


def nature(**changes: Any) -> Any:
    base = facts("en").nature
    assert base.state == "known"
    return said(base.value.model_dump() | {"exfiltration": "exfiltrated"} | changes)


OPEN: dict[str, tuple[dict[str, Any], str]] = {
    "the period": ({"period": NOT_YET}, "When exactly it began and ended."),
    "a number": ({"subjects": NOT_YET}, "The exact numbers of people and records."),
    "the systems": ({"systems": NOT_YET}, "Which systems are concerned."),
    "the severity": ({"severity": NOT_YET}, "How severe it is by ENISA\u2019s measure."),
    "the cause": ({"nature": nature(cause="e")}, "What caused it."),
    "what left": ({"nature": nature(exfiltration="tbd")}, "Whether data left our systems."),
    "what can be read": (
        {"nature": nature(intelligibility="tbd")},
        "Whether the data could be read.",
    ),
    "consequences": (
        {"consequences": said({"impacts": ("o",)})},
        "What may follow for the people concerned; this is being assessed.",
    ),
    "an end": (
        {"period": said({"begun_at": at(20, 1), "ended_at": None})},
        "When it ends: it goes on.",
    ),
}


def all_known(**changes: Any) -> NoticeFacts:
    """Return facts in which nothing is left open but what ``changes`` leave so."""
    row = {
        "category": "contact",
        "effects": ("confidentiality",),
        "records": known(count(1, 1, 1)),
        "subjects": known(count(1, 1, 1)),
    }
    settled = {"affected": known((row,)), "nature": nature(), "open_points": ()}
    return facts("en", **(settled | changes))


@pytest.mark.parametrize("case", OPEN)
def test_what_is_not_known_yet_is_an_open_point(case: str) -> None:
    changes, point = OPEN[case]
    text = words(all_known(**changes))
    assert "Nothing is open" not in text
    assert f"- {point}" in text
    assert point in dossier(all_known(**changes))["open_points"]["text"]


def test_nothing_is_open_where_everything_is_known() -> None:
    assert "Nothing is open on our side at present." in words(all_known())


def test_an_open_point_that_a_person_named_is_not_named_twice() -> None:
    points = ({"kind": "period", "note": {"en": "We look at the logs of March."}},)
    text = words(all_known(period=NOT_YET, open_points=points))
    assert text.count("When exactly it began and ended.") == 1


# ---- when it was


def annex(given: NoticeFacts) -> str:
    (pdf,) = (content for name, content in render(given).items() if name.endswith(".pdf"))
    return re.sub(r"\s+", " ", text_of(pdf))


def when(begun: Any, ended: Any, language: str = "en", **more: Any) -> NoticeFacts:
    found = known({"begun_at": begun, "ended_at": ended, **more}, "log", "CloudTrail")
    return facts(language, period=found)


def test_a_breach_that_goes_on_has_a_beginning_and_no_end() -> None:
    given = when(at(23, 22, 4), None)
    text = words(given)
    assert "Since Monday 23 November 2026 at 22:04 (22:04 UTC), still going on." in text
    assert "That is the first event in our logs that touched your data." in text
    entries = dossier(given)
    assert entries["occurrence_mode"]["value"] == "ongoing"
    assert (entries["t_end"]["value"], entries["t_end"]["text"]) == (None, "")
    said_in_form = annex(given)
    assert "From a date and is still ongoing" in said_in_form
    assert "Ending date and time" not in said_in_form
    assert "toujours en cours" in words(when(at(23, 22, 4), None, "fr"))


def test_a_single_event_has_one_instant() -> None:
    one = at(23, 22, 58)
    text = words(when(one, one))
    assert "The breach: On Monday 23 November 2026 at 22:58 (22:58 UTC)." in text
    assert "All events in our logs that surely touched your data fall in that minute." in text
    french = words(when(one, one, "fr"))
    assert "La violation : Le lundi 23 novembre 2026 à 23 h 58 (22 h 58 UTC)." in french
    assert dossier(when(one, one))["occurrence_mode"]["value"] == "day"


def test_what_may_have_touched_it_besides_is_dated_and_looked_for() -> None:
    may: dict[str, Any] = {"possible_from": at(23, 4, 12), "possible_until": at(24, 4, 12)}
    text = words(when(at(23, 22, 4), at(23, 22, 59), **may))
    assert (
        "What may have touched your data, though that is not sure: "
        "from Monday 23 November 2026 at 04:12 (04:12 UTC) to Tuesday 24 November 2026 at 04:12"
    ) in text
    assert "your own logs since Monday 23 November 2026 at 04:12 (04:12 UTC)" in text
    assert "you cannot explain" in text
    may |= {"possible_from": at(24, 4, 12)}
    later = words(when(at(23, 22, 4), at(23, 22, 59), **may))
    assert "your own logs since Monday 23 November 2026 at 22:04 (22:04 UTC)" in later
    french = words(when(at(23, 22, 4), at(23, 22, 59), "fr", **may))
    assert "Ce qui a pu toucher vos données, sans que cela soit certain" in french
    assert "surely" not in words(when(at(23, 22, 4), at(23, 22, 59)))


@pytest.mark.parametrize(
    "may",
    [
        {"possible_from": at(23, 4)},
        {"possible_until": at(23, 4)},
        {"possible_from": at(24, 4), "possible_until": at(23, 4)},
    ],
)
def test_what_may_have_touched_it_has_a_beginning_and_an_end(may: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="expected with possible_until, and not after it"):
        when(at(23, 22, 4), at(23, 22, 59), **may)


def test_a_day_that_begin_and_end_share_is_named_once() -> None:
    text = words(when(at(23, 10, 5), at(23, 11, 30), "fr"))
    assert "Le lundi 23 novembre 2026 de 11 h 05 à 12 h 30 (de 10 h 05 à 11 h 30 UTC)." in text
    text = words(when(at(23, 22, 4), at(24, 2, 58)))
    assert "From Monday 23 November 2026 at 22:04" in text


def test_what_comes_from_a_report_is_said_of_the_instants() -> None:
    assert "Ces instants proviennent du signalement reçu." in words(
        when(at(23, 1), at(24, 1), "fr", method="report")
    )
    assert "Cet instant provient du signalement reçu." in words(
        when(at(23, 1), at(23, 1), "fr", method="report")
    )
    assert "This instant is an estimate." in words(when(at(23, 1), None, estimated=True))


# ---- what we promise


def test_a_call_is_promised_only_where_one_can_be_made() -> None:
    promise = "Without one we will telephone you."
    assert promise in words(facts("en", calls=True))
    assert "telephone you" not in words(facts("en", calls=False))
    assert "nous vous téléphonerons" not in words(facts("fr", calls=False))


def test_the_contract_names_our_key_only_where_it_is_said_to() -> None:
    sentence = "The annex of your contract names the same fingerprint."
    assert sentence in words(facts("en"))
    base = facts("en").processor
    text = words(facts("en", processor=base.model_copy(update={"key_in_contract": False})))
    assert "annex of your contract" not in text
    assert f"Our signing key: {base.signing_key}" in text


# ---- the dossier, to somebody who does not know our house


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_for_the_reader_is_what_annex_b_leaves_open(language: str) -> None:
    given = facts(language)
    t = Speech(given.customer.language, given.customer.time_zone)
    found = answers(given, t)
    (_, table), (_, fields) = annex_b.yours(given, found, t), annex_b.edpb_fields(given, found, t)
    assert isinstance(table, Table)
    assert isinstance(fields, Table)
    yours = {row[0]: row[2] for row in table.rows}
    annex = {row[0]: row[2] for row in fields.rows}
    assert {"76", "87", "95", "113"} <= yours.keys()
    assert yours["113"] == t("dossier.complete_if")
    for number, answer in yours.items():
        assert annex[number] == answer
    left = {number for number, answer in annex.items() if answer == t("dossier.complete")}
    assert left == {n for n, answer in yours.items() if answer == t("dossier.complete")}


def test_the_sector_of_the_register_stands_in_its_field() -> None:
    base = facts("en").customer
    given = facts("en", customer=base.model_copy(update={"sector": "travel"}))
    t = Speech("en", "Europe/London")
    found = answers(given, t)
    _, fields = annex_b.edpb_fields(given, found, t)
    assert isinstance(fields, Table)
    rows = {row[0]: row for row in fields.rows}
    assert rows["14"][2:] == ("Travel", "for you to confirm")


def test_each_of_several_parties_has_one_number_in_every_field() -> None:
    entries = dossier(facts("en"))
    assert entries["other_parties.name"]["text"] == (
        "(1) Voxline; (2) Amazon Web Services EMEA SARL"
    )
    assert entries["other_parties.role"]["text"] == "(1) processor; (2) sub-processor"
    assert "(2) eu-west-3, Paris, France" in entries["other_parties.contact"]["text"]
    whole = entries["other_parties"]["text"]
    assert "(2) Amazon Web Services EMEA SARL (sub-processor), eu-west-3, Paris" in whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_further_comments_are_sentences(language: str) -> None:
    text = dossier(facts(language))["timeline_note"]["text"]
    assert not re.search(r"\.\s*;", text)
    assert text.endswith(".")


def test_what_is_known_of_instants_stands_in_the_timeline() -> None:
    text = annex(facts("en", timeline=()))
    for what in (
        "The breach begins.",
        "Our monitoring detects it.",
        "The breach ends.",
        "The access is stopped.",
        "We become aware of the breach.",
    ):
        assert what in text, what
    begun, aware = (text.index(each) for each in ("The breach begins.", "We become aware of the"))
    assert begun < aware
    assert "No entries" not in text


def test_an_instant_that_a_person_told_stands_in_the_timeline_once() -> None:
    text = annex(facts("en"))
    assert "First use of the key from a network we do not know." in text
    assert "The breach begins." not in text  # the same minute
    assert "The breach ends." in text


def test_nothing_of_our_house_stands_as_a_source() -> None:
    given = facts("en", severity=NOT_YET)
    text = annex(given)
    assert "Severity Not yet known" in text
    assert "when this notice was approved" in text
    assert "No entries" not in annex(facts("en", systems=NOT_YET))


# ---- the mail on a phone


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_of_the_page_breaks_inside_a_word(language: str) -> None:
    page = render(facts(language))["body.html"].decode()
    labels = re.findall(r"<th [^>]*>", page)
    assert labels
    assert all("overflow-wrap:break-word" in each for each in labels)
    assert "table-layout:fixed" not in page


def test_an_officer_that_is_named_is_designated() -> None:
    officer = {"name": "Privacy desk", "email": "dpo@finch.example", "phone": "+33199002002"}
    base = facts("en").customer.model_dump()
    entries = dossier(facts("en", customer=base | {"dpo": officer}))
    assert entries["dpo.designated"]["value"] is True
    assert "dpo.designated" not in dossier(facts("en"))


def test_a_single_instant_stands_in_the_timeline_once() -> None:
    given = when(at(23, 22, 58), at(23, 22, 58)).model_copy(update={"timeline": ()})
    text = annex(given)
    assert "The breach begins." in text
    assert "The breach ends." not in text
