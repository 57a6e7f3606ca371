"""A hit's sentence is safe to read, whatever the record says."""

from pathlib import Path

import pytest

from detectors.sigma.match import Matcher
from tests.detectors.records import Record, one, rule
from tocsin.model.rows import EVENT

PERSON = (
    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-central-1/"
    "AWSReservedSSO_AdministratorAccess_1a2b3c4d5e6f7a8b/tomas@company.example"
)

SENTENCES: list[tuple[str | None, Record, Record, str]] = [
    (
        "{event.actor} shared {requestParameters.a}.",
        {"requestParameters": {"a": "x"}},
        {"actor": "me"},
        "me shared x.",
    ),
    ("{a} and {b}.", {"b": ""}, {}, "(unknown) and (unknown)."),
    ("{a}", {"a": [1, 2, 3, 4, 5]}, {}, "1, 2, 3, 4, 5"),
    ("{a}", {"a": [1, 1, 2, 3, 4, 5, 6, 7]}, {}, "1, 2, 3, 4, 5 and 2 more"),
    ("{a.b}", {"a": [{"b": "x"}, {"b": "y"}]}, {}, "x, y"),
    ("{a}", {"a": "x" * 200 + "y" * 300}, {}, "x" * 55 + "…" + "y" * 64),
    ("{a}", {"a": "x" * 60 + "y" * 60}, {}, "x" * 60 + "y" * 60),
    ("{a}", {"a": "x" * 119 + "\u202e\n\x1b" + "y" * 64}, {}, "x" * 55 + "…" + "y" * 64),
    (
        "{event.actor} left.",
        {},
        {"actor": PERSON},
        f"{PERSON[:55]}…{PERSON[-64:]} left.",
    ),
    ("{a}!", {"a": "one\r\n\x1b[31mtwo\u202e"}, {}, "one [31mtwo!"),
    ("{a}", {"a": {"b": [True, None]}}, {}, '{"b":[true,null]}'),
    ("{a}", {"a": "{b}", "b": "never"}, {}, "{b}"),
    ("{ a } {}", {"a": "x"}, {}, "{ a } {}"),
    (None, {}, {"actor": "me", "service": "s3", "action": "Get"}, "T: me did s3:Get."),
]


@pytest.mark.parametrize(("why", "record", "event", "expected"), SENTENCES)
def test_a_sentence_is_safe_to_read_whatever_the_record_says(
    tmp_path: Path, why: str | None, record: Record, event: Record, expected: str
) -> None:
    keys = {} if why is None else {"why": why}
    found = rule(tmp_path, {"z": None}, **keys)
    assert [hit.why for hit in Matcher([found])(one(record, event))] == [expected]
    assert found.sentence({**record, EVENT: event}) == expected
