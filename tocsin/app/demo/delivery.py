"""How records reach the bucket: CloudTrail's files, its digests and its Insights.

Files hold what arrived within some minutes for one account and region, in no order. A few records
come twice in different files, and a few files come hours late. What a file is called and which
records come twice follows from names and ids alone, so a record more changes nothing else.

Source: AWS CloudTrail User Guide, "CloudTrail log file name format", "CloudTrail digest file
structure", "CloudTrail record contents for Insights events".
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from isal import igzip

from tocsin.app.demo.applog import SOURCE, Line
from tocsin.app.demo.company import Company
from tocsin.app.demo.dice import roll
from tocsin.app.demo.hours import HOUR_S, stamp
from tocsin.app.demo.identities import PROD, REGION, SEED
from tocsin.app.demo.records import Written, encode
from tocsin.app.demo.trail import LOGS

TRAIL = "organisation"
SLOT_S = {REGION: 600}
QUIET_SLOT_S = 900
_TWICE, _LATE = 1_200, 0.0012
_LEVEL = 1


class LogFile(NamedTuple):
    """A file of records that was delivered.

    Attributes:
        key: Its key in the bucket.
        account: Whose records.
        region: From where.
        at: When it was delivered, epoch seconds.
        oldest: Instant of its oldest record.
        newest: Instant of its newest record.
        sha256: Hash of its uncompressed bytes.
    """

    key: str
    account: str
    region: str
    at: int
    oldest: int
    newest: int
    sha256: str


class Delivered(NamedTuple):
    """What one day put into the bucket.

    Attributes:
        files: CloudTrail's files.
        records: Distinct CloudTrail records.
        copies: How many of them came a second time.
        lines: Lines of the application's log.
        bytes: Bytes written.
    """

    files: tuple[LogFile, ...]
    records: int
    copies: int
    lines: int
    bytes: int


def deliver(
    logs: Path, company: Company, day: date, records: Sequence[Written], lines: Sequence[Line]
) -> Delivered:
    """Write a day's records and lines below ``logs``."""
    slots: defaultdict[tuple[str, str, int], list[Written]] = defaultdict(list)
    copies = 0
    for record in records:
        width = SLOT_S.get(record.region, QUIET_SLOT_S)
        slot = record.arrives // width
        slots[record.account, record.region, slot].append(record)
        number = int(record.id[:8], 16)
        if number % _TWICE == 0:
            copies += 1
            slots[record.account, record.region, slot + 1 + number // _TWICE % 3].append(record)
    files, written = [], 0
    for (account, region, slot), held in sorted(slots.items()):
        file, size = _write_records(logs, company, (account, region, slot, day), held)
        files.append(file)
        written += size
    text = b"".join([line.line + b"\n" for line in sorted(lines)])
    written += _write(logs / SOURCE / f"{SOURCE}-{day.isoformat()}.jsonl.gz", text)
    return Delivered(tuple(files), len(records), copies, len(lines), written)


def _write_records(
    logs: Path, company: Company, place: tuple[str, str, int, date], held: list[Written]
) -> tuple[LogFile, int]:
    account, region, slot, day = place
    dice = company.dice("file", account, region, day, slot)
    at = (slot + 1) * SLOT_S.get(region, QUIET_SLOT_S)
    if dice.chance(_LATE):
        at += dice.randrange(2 * HOUR_S, 5 * HOUR_S)
    moment = datetime.fromtimestamp(at, UTC)
    name = f"{account}_CloudTrail_{region}_{moment:%Y%m%dT%H%MZ}_{dice.base62(16)}.json.gz"
    key = f"{_prefix(account, 'CloudTrail', region, moment)}/{name}"
    held.sort(key=lambda record: (record.arrives, record.id))
    body = b'{"Records":[' + b",".join([record.line for record in held]) + b"]}"
    times = [record.at for record in held]
    digest = hashlib.sha256(body).hexdigest()
    size = _write(logs / key, body)
    return LogFile(key, account, region, at, min(times), max(times), digest), size


def write_digests(logs: Path, company: Company, files: Iterable[LogFile]) -> int:
    """Write the hourly digests of the month's files; return how many bytes they take.

    On disk a digest has no signature: AWS keeps that in the object's metadata.
    """
    hours: defaultdict[tuple[str, str, int], list[LogFile]] = defaultdict(list)
    for file in files:
        hours[file.account, file.region, file.at // HOUR_S].append(file)
    before: dict[tuple[str, str], dict[str, Any]] = {}
    written = 0
    for (account, region, hour), held in sorted(hours.items()):
        dice = company.dice("digest", account, region, hour)
        end = (hour + 1) * HOUR_S
        moment = datetime.fromtimestamp(end + dice.randrange(60, 900), UTC)
        kind = "CloudTrail-Digest"
        name = f"{account}_{kind}_{region}_{TRAIL}_{REGION}_{moment:%Y%m%dT%H%M%SZ}.json.gz"
        key = f"{_prefix(account, kind, region, moment)}/{name}"
        body = encode(
            {
                "awsAccountId": account,
                "digestStartTime": stamp(end - HOUR_S),
                "digestEndTime": stamp(end),
                "digestS3Bucket": LOGS,
                "digestS3Object": key,
                "digestPublicKeyFingerprint": roll(SEED, "fingerprint", region).hex(32),
                "digestSignatureAlgorithm": "SHA256withRSA",
                "newestEventTime": stamp(max(file.newest for file in held)),
                "oldestEventTime": stamp(min(file.oldest for file in held)),
                **before.get((account, region), _NOTHING_BEFORE),
                "logFiles": [
                    {
                        "s3Bucket": LOGS,
                        "s3Object": file.key,
                        "hashValue": file.sha256,
                        "hashAlgorithm": "SHA-256",
                        "newestEventTime": stamp(file.newest),
                        "oldestEventTime": stamp(file.oldest),
                    }
                    for file in held
                ],
            }
        )
        written += _write(logs / key, body)
        before[account, region] = {
            "previousDigestS3Bucket": LOGS,
            "previousDigestS3Object": key,
            "previousDigestHashValue": hashlib.sha256(body).hexdigest(),
            "previousDigestHashAlgorithm": "SHA-256",
            "previousDigestSignature": dice.hex(512),
        }
    return written


_NOTHING_BEFORE: dict[str, Any] = {
    "previousDigestS3Bucket": None,
    "previousDigestS3Object": None,
    "previousDigestHashValue": None,
    "previousDigestHashAlgorithm": None,
    "previousDigestSignature": None,
}


def write_insight(logs: Path, company: Company) -> int:
    """Write the month's one Insight: more log streams made than usual, for nine minutes."""
    dice = company.dice("insight")
    day = company.day(0.4)
    at = int(datetime(day.year, day.month, day.day, 10, 14, tzinfo=UTC).timestamp())
    shared, records = dice.uuid(), []
    for state, when in (("Start", at), ("End", at + 9 * 60)):
        statistics: dict[str, Any] = {"baseline": {"average": 0.08}, "insight": {"average": 1.4}}
        records.append(
            {
                "eventVersion": "1.11",
                "eventTime": stamp(when),
                "awsRegion": REGION,
                "eventID": dice.uuid(),
                "eventType": "AwsCloudTrailInsight",
                "recipientAccountId": PROD,
                "sharedEventID": shared,
                "insightDetails": {
                    "state": state,
                    "eventSource": "logs.amazonaws.com",
                    "eventName": "CreateLogStream",
                    "insightType": "ApiCallRateInsight",
                    "insightContext": {"statistics": statistics},
                },
                "eventCategory": "Insight",
            }
        )
    moment = datetime.fromtimestamp(at + 1_800, UTC)
    kind = "CloudTrail-Insight"
    name = f"{PROD}_{kind}_{REGION}_{moment:%Y%m%dT%H%MZ}_{dice.base62(16)}.json.gz"
    key = f"{_prefix(PROD, kind, REGION, moment)}/{name}"
    return _write(logs / key, encode({"Records": records}))


def _prefix(account: str, kind: str, region: str, moment: datetime) -> str:
    return f"AWSLogs/{account}/{kind}/{region}/{moment:%Y/%m/%d}"


def _write(path: Path, body: bytes) -> int:
    packed = igzip.compress(body, _LEVEL, mtime=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed)
    return len(packed)
