"""Objects in a bucket: CloudTrail's tree, or anything below a prefix.

What is new is told by the ledger, object by object, and never by the last key read: objects are
delivered late and out of order. Everything below the prefix is listed at first and once a day; in
between, a tree of CloudTrail's only from a few days ago on, region by region.

Source: Amazon S3 API Reference, ListObjectsV2 and GetObject (If-Match, error codes); AWS CloudTrail
User Guide, "Finding your CloudTrail log files".
"""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from collectors.base import Batch, Known, Needs, SourceObject
from collectors.mapping import Mapping_, mapping_of
from collectors.reading import (
    SKIPPED,
    Fetched,
    Reader,
    Trouble,
    no_events,
    over_cap,
    within_memory,
)
from collectors.unpack import CAP_BYTES
from tocsin.errors import CollectError, ConfigError
from tocsin.geo import Geo
from tocsin.model.rows import Match

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_s3 import S3Client

FETCHING = 8
"""How many objects are fetched at once."""

_ATTEMPTS = 5

_LOGS = "AWSLogs/"
_REGION = re.compile(r"(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?\d{12}/CloudTrail/[a-z0-9-]+/$")
_ON_THE_WAY = re.compile(r"(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?(?:\d{12}/(?:CloudTrail/)?)?$")
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[\w-]+")
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_CHANGED = frozenset({"PreconditionFailed", "412"})
_ARCHIVED = "InvalidObjectState"
_DENIED = frozenset({"AccessDenied", "403", "Forbidden", "AllAccessDisabled"})


class S3Settings(BaseModel):
    """A source of objects in a bucket.

    Attributes:
        name: What the source is called.
        bucket: The bucket.
        prefix: Where in it to look; "" for all of it.
        region: The bucket's region; None for the environment's.
        endpoint_url: Another server that speaks S3; None for AWS.
        mappings: Descriptions of application logs that may lie there, or names of presets.
        overlap_days: In a tree of CloudTrail's everything is listed once a day; in between, only
            today and this many days before it.
        max_object_bytes: How large an object may be once inflated.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1)] = "s3"
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    prefix: str = ""
    region: str | None = None
    endpoint_url: str | None = None
    mappings: tuple[Annotated[Mapping_, BeforeValidator(mapping_of)], ...] = ()
    overlap_days: Annotated[int, Field(ge=1)] = 3
    max_object_bytes: Annotated[int, Field(gt=0)] = CAP_BYTES


def parse_s3_url(url: str) -> tuple[str, str]:
    """Return bucket and prefix of ``s3://bucket/prefix``.

    Raises:
        ConfigError: It is no such address.
    """
    found = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", url, re.DOTALL)
    if found is None:
        raise ConfigError(f"{url!r} is no bucket", hint="Write s3://bucket or s3://bucket/prefix.")
    return found.group(1), found.group(2) or ""


def today() -> date:
    """Return the day it is in UTC."""
    return datetime.now(UTC).date()


class S3:
    """Reads objects in a bucket; see :class:`collectors.base.Collector`."""

    def __init__(
        self, settings: S3Settings, needs: Needs, geo: Geo, day: Callable[[], date] = today
    ) -> None:
        """Prepare to read; nothing is asked of the bucket yet.

        Args:
            settings: Where.
            needs: What rules ask for.
            geo: Where addresses are.
            day: Says which day it is, in UTC.
        """
        self.settings, self.name = settings, settings.name
        self._made_of = (settings, needs, geo, day)
        self._reader = Reader(needs, geo, settings.mappings, settings.max_object_bytes)
        self._day = day
        self._listed_on: date | None = None
        self._connected: S3Client | None = None

    def __reduce__(self) -> tuple[type["S3"], tuple[Any, ...]]:
        return S3, self._made_of  # a connection belongs to its process

    def find(self, known: Known) -> Iterator[list[SourceObject]]:
        """Yield what is new, a page of a listing at a time.

        Raises:
            CollectError: The bucket cannot be listed; pages already yielded stand.
        """
        day = self._day()
        whole = self._listed_on != day
        pages = self._pages(self.settings.prefix) if whole else self._recent(day)
        for page in pages:
            if new := list(known.unseen(page)):
                yield new
        if whole:
            self._listed_on = day

    def read(self, objects: Sequence[SourceObject], match: Match) -> Batch:
        """Fetch, decode and match these objects.

        Raises:
            CollectError: The bucket cannot be reached.
        """
        with ThreadPoolExecutor(FETCHING) as pool:
            wanted = [o for o in objects if not no_events(o.address)]
            fetched = pool.map(partial(within_memory, self.fetch), wanted)
            order = (
                Fetched(o, SKIPPED) if no_events(o.address) else next(fetched) for o in objects
            )
            return self._reader.batch(order, match)

    def confirm(self, batch: Batch) -> None:
        """Do nothing: a bucket is not told, the ledger remembers."""

    def _recent(self, day: date) -> Iterator[list[SourceObject]]:
        """Yield what is listed between whole listings."""
        prefix, begin = self.settings.prefix, day - timedelta(days=self.settings.overlap_days)
        top = not prefix or (prefix.endswith("/") and _LOGS not in prefix)
        if top and self._holds(f"{prefix}{_LOGS}"):
            yield from self._below(prefix, begin)
        else:
            yield from self._days(prefix, begin)

    def _days(self, prefix: str, begin: date) -> Iterator[list[SourceObject]]:
        """Yield what lies below a prefix; in each account's and region's folder from a day on."""
        if _REGION.search(prefix):
            # Keys go by day, so a listing that begins at a day has all days after it.
            yield from self._pages(prefix, StartAfter=f"{prefix}{begin:%Y/%m/%d}")
        elif _ON_THE_WAY.search(prefix):
            yield from self._below(prefix, begin)
        elif not no_events(prefix):
            yield from self._pages(prefix)

    def _below(self, prefix: str, begin: date) -> Iterator[list[SourceObject]]:
        """Yield the objects that lie directly at a prefix, then what lies in its folders."""
        folders = list[str]()
        yield from self._pages(prefix, folders, Delimiter="/")
        for folder in folders:
            yield from self._days(folder, begin)

    def _holds(self, prefix: str) -> bool:
        """Return whether anything lies below a prefix."""
        ask = self._client().get_paginator("list_objects_v2").paginate
        found = self._asked(
            ask,
            Bucket=self.settings.bucket,
            Prefix=prefix,
            PaginationConfig={"MaxItems": 1, "PageSize": 1},
        )
        return any(page.get("Contents") for page in found)

    def _pages(
        self, prefix: str, folders: list[str] | None = None, **how: str
    ) -> Iterator[list[SourceObject]]:
        """Yield a listing by pages; with a delimiter, ``folders`` are told the folders in it."""
        pages = self._asked(
            self._client().get_paginator("list_objects_v2").paginate,
            Bucket=self.settings.bucket,
            Prefix=prefix,
            **how,
        )
        for page in pages:
            if folders is not None:
                folders += [found["Prefix"] for found in page.get("CommonPrefixes", [])]
            yield [
                SourceObject(
                    f"s3://{self.settings.bucket}/{found['Key']}",
                    found["ETag"].strip('"'),
                    found["Size"],
                )
                for found in page.get("Contents", [])
                if not found["Key"].endswith("/")
            ]

    def _asked(self, ask: Callable[..., Any], **words: Any) -> Iterator[Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - start-up

        try:
            yield from ask(**words)
        except ClientError as error:
            raise self._refusal(error) from error
        except BotoCoreError as error:
            raise self._unreachable(error) from error

    def fetch(self, found: SourceObject) -> Fetched:
        """Return an object's bytes, or why there are none; without a version the newest.

        Raises:
            CollectError: The bucket cannot be reached.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - start-up

        if too_large := over_cap(found, self.settings.max_object_bytes):
            return Fetched(found, too_large)
        key = found.address.removeprefix(f"s3://{self.settings.bucket}/")
        try:
            client, bucket = self._client(), self.settings.bucket
            answer = (
                client.get_object(Bucket=bucket, Key=key, IfMatch=f'"{found.version}"')
                if found.version
                else client.get_object(Bucket=bucket, Key=key)
            )
            return Fetched(found, answer["Body"].read())
        except ClientError as error:
            return Fetched(found, self._trouble(error, key))
        except BotoCoreError as error:
            raise self._unreachable(error) from error

    def _trouble(self, error: "ClientError", key: str) -> Trouble:
        code, text = _said(error)
        if code in _MISSING:
            return Trouble("missing", "the object is gone: it was deleted after it was listed")
        if code in _CHANGED:
            said = "the object changed after it was listed; the next listing has its new version"
            return Trouble("missing", said)
        if code.startswith("KMS.") or (code in _DENIED and "kms" in text.lower()):
            named = _KEY_ARN.search(text)
            key_arn = named.group() if named else "the key that encrypts the object"
            return Trouble("denied", f"no permission to decrypt it; allow kms:Decrypt on {key_arn}")
        if code in _DENIED:
            arn = f"arn:aws:s3:::{self.settings.bucket}/{key}"
            return Trouble("denied", f"no permission to read it; allow s3:GetObject on {arn}")
        if code == _ARCHIVED:
            said = "the object lies in an archive class; restore it, then it will be read"
            return Trouble("denied", said)
        raise self._refusal(error) from error

    def _client(self) -> "S3Client":
        if self._connected is None:
            import boto3  # noqa: PLC0415 - start-up
            from botocore.config import Config  # noqa: PLC0415 - start-up

            self._connected = boto3.session.Session().client(
                "s3",
                region_name=self.settings.region,
                endpoint_url=self.settings.endpoint_url,
                config=Config(
                    retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
                    max_pool_connections=FETCHING,
                ),
            )
        return self._connected

    def _refusal(self, error: "ClientError") -> CollectError:
        code, _ = _said(error)
        bucket = self.settings.bucket
        hint = "Try again later; if it stays, ask AWS what the code means."
        if code in _DENIED:
            hint = f"Allow s3:ListBucket on arn:aws:s3:::{bucket}."
        elif code == "NoSuchBucket":
            hint = "Check the bucket's name."
        elif code in ("PermanentRedirect", "AuthorizationHeaderMalformed", "301"):
            hint = "Set region to the bucket's own."
        elif code in ("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"):
            hint = "Check the credentials in the environment."
        return CollectError(f"s3://{bucket} answered {code}", hint=hint)

    def _unreachable(self, error: Exception) -> CollectError:
        kind = type(error).__name__
        hint = "Check network, region and endpoint_url; it is tried again at the next pass."
        if "Credentials" in kind:
            hint = "Give credentials as AWS's tools take them: a role, a profile or variables."
        return CollectError(f"s3://{self.settings.bucket} cannot be reached: {kind}", hint=hint)


def _said(error: "ClientError") -> tuple[str, str]:
    said = error.response.get("Error", {})
    return str(said.get("Code", "an error")), str(said.get("Message", ""))
