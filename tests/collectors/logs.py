"""Records made for tests, and what reads them: the real collector, to which all is new."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from collectors.base import Batch, Needs, SourceObject
from collectors.files import Files, FilesSettings
from tocsin.geo import Geo
from tocsin.model.rows import Match, no_rules

DIGEST = {
    "awsAccountId": "111122223333",
    "digestStartTime": "2026-03-09T10:00:00Z",
    "digestEndTime": "2026-03-09T11:00:00Z",
    "logFiles": [],
}
INSIGHT = {
    "eventVersion": "1.11",
    "eventTime": "2026-03-09T10:00:00Z",
    "eventID": "00000000-0000-4000-8000-000000000099",
    "eventType": "AwsCloudTrailInsight",
    "insightDetails": {"state": "Start"},
    "eventCategory": "Insight",
}


def cloudtrail_record(number: int, **fields: Any) -> dict[str, Any]:
    """Return a whole CloudTrail record; a field given as ``...`` is left out."""
    record = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE",
            "arn": "arn:aws:iam::111122223333:user/lea",
            "accountId": "111122223333",
            "accessKeyId": "AKIAEXAMPLE",
            "userName": "lea",
        },
        "eventTime": f"2026-03-09T10:00:{number:02}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "eu-west-3",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15.0",
        "requestParameters": {"bucketName": "recordings", "key": f"call-{number}.ogg"},
        "responseElements": None,
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": "111122223333",
        "eventCategory": "Data",
    } | fields
    return {name: value for name, value in record.items() if value is not ...}


def application_record(number: int, **fields: Any) -> dict[str, Any]:
    """Return a whole record of an application; a field given as ``...`` is left out."""
    record = {
        "time": f"2026-03-09T11:00:{number:02}.250+01:00",
        "id": f"10000000-0000-4000-8000-{number:012}",
        "actor": "lea",
        "action": "contacts.read",
        "outcome": "ok",
        "object": f"contact/{number}",
        "count": 3,
        "bytes": 512,
        "ip": "198.51.100.7",
        "session": "s-1",
        "user_agent": "Mozilla/5.0",
        "customer": "c-17",
    } | fields
    return {name: value for name, value in record.items() if value is not ...}


def trail(records: Sequence[Any]) -> bytes:
    return json.dumps({"Records": records}).encode()


def lines(records: Sequence[Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


class NothingKnown:
    """A ledger to which everything is new."""

    def unseen(self, found: Sequence[SourceObject]) -> Collection[SourceObject]:
        return found


class Reads:
    """Reads a folder of files as a source would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *, needs: Needs | None = None, match: Match = no_rules, **settings: Any
    ) -> Batch:
        found = FilesSettings(paths=(self.folder,), **settings)
        files = Files(found, needs or Needs(), Geo())
        objects = [one for page in files.find(NothingKnown()) for one in page]
        return files.read(objects, match)


RECORDS = [cloudtrail_record(number) for number in range(3)]
SHAPES = {
    "as delivered": trail(RECORDS),
    "with other fields first": b'{"x": 1, "Records": ' + json.dumps(RECORDS).encode() + b"}",
    "an array": json.dumps(RECORDS).encode(),
    "written over many lines": json.dumps({"Records": RECORDS}, indent=2).encode(),
    "an array over many lines": json.dumps(RECORDS, indent=2).encode(),
    "JSON lines": lines(RECORDS),
    "JSON lines without an end": lines(RECORDS).rstrip(),
    "JSON lines of Windows": lines(RECORDS).replace(b"\n", b"\r\n"),
    "JSON lines with gaps": lines(RECORDS).replace(b"\n", b"\n\n"),
    "an envelope a line": lines([{"Records": RECORDS[:2]}, {"Records": RECORDS[2:]}]),
    "an answer of LookupEvents": json.dumps(
        {"Events": [{"EventId": "x", "CloudTrailEvent": json.dumps(r)} for r in RECORDS]}
    ).encode(),
    "EventBridge, a line each": lines(
        [{"detail-type": "AWS API Call via CloudTrail", "detail": r} for r in RECORDS]
    ),
}
