"""What a copy within S3 read, beside what it wrote."""

from typing import Any

import pytest

from collectors.cloudtrail_fields import rows_of
from collectors.copies import copied_from
from tests.collectors.logs import Reads, cloudtrail_record, trail
from tocsin.model.rows import EVENT

POINT = "arn:aws:s3:eu-west-3:111122223333:accesspoint/ap"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("recordings/c-4/1.wav", "recordings/c-4/1.wav"),
        ("/recordings/c-4/1.wav", "recordings/c-4/1.wav"),
        ("recordings%2Fc-4%2Fa%20b%3F.wav", "recordings/c-4/a b?.wav"),
        ("/recordings/c-4/1.wav?versionId=L4kq.X", "recordings/c-4/1.wav"),
        ("recordings/c-4/100%.wav", "recordings/c-4/100%.wav"),
        ("recordings//c-4", "recordings//c-4"),
        (f"{POINT}/object/c-4/1.wav", f"{POINT}/object/c-4/1.wav"),
        (f"{POINT}/object/c-4/1.wav".replace(":", "%3A"), f"{POINT}/object/c-4/1.wav"),
        ("", ""),
        (None, ""),
        (7, ""),
        (["recordings/a"], ""),
    ],
)
def test_what_was_copied_is_named_as_a_fetch_would_name_it(given: Any, read: str) -> None:
    assert copied_from({"bucketName": "b", "key": "k", "x-amz-copy-source": given}) == read


@pytest.mark.parametrize("asked", [None, "text", [1], {}])
def test_a_request_that_names_no_source_names_none(asked: Any) -> None:
    assert copied_from(asked) == ""


@pytest.mark.parametrize("action", ["CopyObject", "UploadPartCopy"])
def test_resource_and_object_of_a_copy_are_what_it_wrote_as_before(
    reads: Reads, action: str
) -> None:
    asked = {"bucketName": "theirs", "key": "loot/1", "x-amz-copy-source": "recordings/c-4/1.wav"}
    record = cloudtrail_record(1, eventName=action, requestParameters=asked)
    other = cloudtrail_record(2, requestParameters=asked)  # of a GetObject it means nothing
    (reads.folder / "a.json").write_bytes(trail([record, other, cloudtrail_record(3)]))
    events = [reads().columns.event(row) for row in range(3)]
    assert [one.copied_from for one in events] == ["recordings/c-4/1.wav", "", ""]
    assert [(one.resource, one.object) for one in events] == [
        ("theirs", "loot/1"),
        ("theirs", "loot/1"),
        ("recordings", "call-3.ogg"),
    ]
    assert rows_of(record, {}).row(0)[EVENT]["copied_from"] == "recordings/c-4/1.wav"
    assert "copied_from" not in rows_of(other, {}).row(0)[EVENT]
