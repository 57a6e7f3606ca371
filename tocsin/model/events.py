"""One event: a record of any source, normalised once.

What an event is made of is said here and nowhere else: the segments' columns, the ``event.*``
names that rules may use and the table of ``tocsin check --sample`` all follow ``FIELDS``.

Source: AWS CloudTrail User Guide, "CloudTrail record contents"; the table of outcomes follows
the error codes in the API references of AWS's services.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec

MICROSECOND = timedelta(microseconds=1)
SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
DAY_US = 24 * HOUR_US


class Outcome(StrEnum):
    """Whether what was asked happened."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why it did not happen; only beside failure or unknown. NONE beside success."""

    NONE = ""
    DENIED = "denied"
    AUTH = "auth"
    THROTTLED = "throttled"
    INVALID = "invalid"
    DRY_RUN = "dry_run"


class ActorKind(StrEnum):
    """What sort of identity acted."""

    ROOT = "root"
    USER = "user"  # an IAM user, with a password or a long-term key
    PERSON = "person"  # a named human behind Identity Center, SAML, OIDC or the application
    ROLE = "role"  # a role assumed by somebody or something not known better
    WORKLOAD = "workload"  # a role lent to a machine or function: instance, task, Lambda
    SERVICE = "service"  # AWS itself acts
    ACCOUNT = "account"  # an identity of another account, seen from ours
    ANONYMOUS = "anonymous"  # nobody signed the request
    UNKNOWN = "unknown"


class RawRef(NamedTuple):
    """Where the raw record lies.

    Attributes:
        object: Path or ``s3://`` address of the object it was read from.
        place: Which record or line of that object, counted from 0.
    """

    object: str
    place: int


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One normalised record.

    Attributes:
        id: The source's own id; for CloudTrail ``eventID``. Where a source has none, a hash of
            the record's bytes and of how many equal ones came before it in the same object.
        at: When it happened by the source's clock, UTC, exact to the microsecond.
        source: ``cloudtrail``, or the configured name of an application log.
        service: Whose action it is: ``s3``, ``iam``, or the application's name.
        action: The source's own word: ``GetObject``, ``contacts.export``.
        outcome: Success, failure or unknown.
        reason: Why not; "" beside success.
        actor: Who acted, as one stable key: an ARN, ``aws:<service>``, an application's user.
        actor_kind: What sort of identity that is.
        credential: The access key or session it was signed with; "" where none is known.
        session: The name of the session, e.g. a role-session name; "" where there is none.
        ip: The address as the source wrote it; the service's name when AWS itself called.
        user_agent: As the source wrote it.
        region: AWS region; "" for applications.
        account: The account it happened in; "" for applications.
        resource: What was acted on, coarse enough to repeat: a bucket, role, table, user.
        object: Which thing in it, finer: a key, record, secret or instance; of a new trust policy
            the other accounts and organisations it lets in. "" when not said.
        copied_from: What a copy within S3 read, as ``bucket/key`` or an access point's ARN with
            ``/object/key`` behind it; resource and object are what it wrote.
        customer: The customer whose data it is, where the record itself says so.
        issued: The credential or identity this event brought into being; see ``tocsin.lineage``.
        count: Records touched, where the source says so.
        bytes: Bytes moved, where the source says so.
        raw: Where the raw record lies.
    """

    id: str
    at: datetime
    source: str
    service: str
    action: str
    outcome: Outcome
    reason: Reason = Reason.NONE
    actor: str = "unknown"
    actor_kind: ActorKind = ActorKind.UNKNOWN
    credential: str = ""
    session: str = ""
    ip: str = ""
    user_agent: str = ""
    region: str = ""
    account: str = ""
    resource: str = ""
    object: str = ""
    copied_from: str = ""
    customer: str = ""
    issued: str = ""
    count: int | None = None
    bytes: int | None = None
    raw: RawRef = RawRef("", 0)


WORDS = (
    "source",
    "service",
    "action",
    "outcome",
    "reason",
    "actor",
    "actor_kind",
    "credential",
    "session",
    "ip",
    "user_agent",
    "region",
    "account",
    "resource",
    "object",
    "copied_from",
    "customer",
    "issued",
)
"""The fields of an event that are text, in the order of the segments' columns."""

NUMBERS = ("count", "bytes")
"""The fields of an event that are numbers; absent is null."""
