"""Acts of an attack of which the data map says nothing: whom they may concern all the same.

What counts as unmapped is what ``tocsin check`` calls so: every action of an application, and of
AWS's services that keep data those that may show it, which stands in no action of the data map,
not even with effect ``none``. What such an act did is not known, so it proves nothing and has no
number. But a customer that its record names, or that the patterns of the data map read in its
object, may be touched; and where it names a store, or in an application anything at all, everybody
there may be. What names nothing is counted and said: whoever is excluded is so as far as the data
map goes, and no store that it may have reached is claimed unread.

Pure.

Source: AWS Service Authorization Reference (access level "List" and what describes); Amazon S3 User
Guide, "Access points" (their aliases).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from incidents.impact.copies import BUCKETS
from incidents.impact.result import Unmapped
from tocsin.datamap import UNKNOWN, Action, Matcher, Place, Touch
from tocsin.model.columns import ABSENT, Bools, Columns
from tocsin.model.events import Outcome

CLOUD = "cloudtrail"

KEEPS_DATA = frozenset(
    {
        *("athena", "backup", "dynamodb", "ebs", "elasticache", "elasticfilesystem", "es", "fsx"),
        *("glacier", "kinesis", "neptune-db", "opensearch", "rds", "rds-data", "redshift"),
        *("redshift-data", "s3", "s3express", "timestream", "transcribe"),
    }
)
"""AWS services whose actions may touch customers' data."""

_LEADS_ON = ("-s3alias", "--ol-s3", "--xa-s3")
"""How the names of access points end where a bucket's may stand."""

NAME = "not in the data map"
"""Of the action that stands for one the data map does not have."""


_OF_SETTINGS = re.compile(
    r"Describe|List(?!Object|Multipart|Part)|GetBucket|HeadBucket$|Get(Account)?PublicAccessBlock$"
)
"""How those of their actions begin that tell what there is and how it is set up, never content.
Listing objects is none of them: their names may be personal data."""

_TELLS_CONTENT = frozenset({"redshift-data", "transcribe"})
"""Services in which such actions give the text of queries, or name recordings."""


def may_concern_data(source: str, service: str, action: str) -> bool:
    """Return whether a data map should say something of an action."""
    if source != CLOUD:
        return True
    is_of_settings = service not in _TELLS_CONTENT and _OF_SETTINGS.match(action)
    return service in KEEPS_DATA and not is_of_settings


class Found(NamedTuple):
    """What of events is unmapped.

    Attributes:
        acts: The actions, with how often each happened.
        touches: What they may have touched; customer, stores and outcome only.
        doubted: Stores that those may have touched which name nothing → when first, µs since 1970
            UTC.
    """

    acts: tuple[Unmapped, ...] = ()
    touches: tuple[Touch, ...] = ()
    doubted: Mapping[str, int] = {}


def look(matcher: Matcher, events: Columns, *, doubtful: bool = False) -> Found:
    """Return what of these events the data map does not know, and whom that may concern.

    ``doubtful``: Somebody else than the attack may have done them.
    """
    acts, doubted = Counter[tuple[str, str, str, str]](), dict[str, int]()
    touches: dict[tuple[str, ...], list[int]] = {}
    for row in np.flatnonzero(_rows(matcher, events)).tolist():
        act = _of(events, row)
        acts[act.source, act.service, act.action, act.resource] += 1
        whom = _whom(matcher, act)
        for store in _anywhere(matcher, act) if not whom else ():
            at = int(events.at[row])
            doubted[store] = min(at, doubted.get(store, at))
        for store, customer in whom:
            key = (act.source, act.service, act.action, store, customer, act.outcome)
            touches.setdefault(key, []).append(row)
    return Found(
        tuple(Unmapped(*act, count, doubtful) for act, count in sorted(acts.items())),
        tuple(_touch(key, events, rows) for key, rows in sorted(touches.items())),
        doubted,
    )


def together(parts: Iterable[tuple[Unmapped, ...]]) -> tuple[Unmapped, ...]:
    """Return the acts of several looks, each action once; what may be somebody else's, apart."""
    counts = Counter[tuple[bool, tuple[str, str, str, str]]]()
    for one in (one for part in parts for one in part):
        counts[one.doubtful, (one.source, one.service, one.action, one.resource)] += one.events
    return tuple(
        Unmapped(*act, count, doubtful) for (doubtful, act), count in sorted(counts.items())
    )


class _Act(NamedTuple):
    source: str
    service: str
    action: str
    resource: str
    object: str
    customer: str
    outcome: str
    says_more: bool  # it has a resource, an object, a count or bytes


def _of(events: Columns, row: int) -> _Act:
    source, service, action, resource, name, customer, outcome = (
        events.text(field, row)
        for field in ("source", "service", "action", "resource", "object", "customer", "outcome")
    )
    counted = any(int(events.number[field][row]) not in {ABSENT, 0} for field in ("count", "bytes"))
    says_more = bool(resource or name or counted)
    return _Act(source, service, action, resource, name, customer, outcome, says_more)


def _rows(matcher: Matcher, events: Columns) -> Bools:
    """Return (n,) bool: what happened, may concern data, and stands in no action."""

    @cache
    def is_unmapped(source: str, service: str, action: str, resource: str, name: str) -> bool:
        if not may_concern_data(source, service, action):
            return False
        known = matcher.knows(source, service, action, resource)
        if known is None:
            known = matcher.knows_object(source, service, action, resource, name)
        return not known

    fields = ("source", "service", "action", "resource", "object")
    happened = events.rows_with("outcome", (Outcome.SUCCESS, Outcome.UNKNOWN))
    found = np.zeros(len(events), np.bool_)
    for row in np.flatnonzero(happened).tolist():
        found[row] = is_unmapped(*(events.text(field, row) for field in fields))
    return found


def _whom(matcher: Matcher, act: _Act) -> set[tuple[str, str]]:
    """Return (store, customer) that an act may have touched; the customer may be ``UNKNOWN``."""
    by_record = {act.customer} - {UNKNOWN}
    if places := matcher.places(act.source, act.service, act.resource, act.object):
        return set(_of_places(places, by_record))
    stores = set[str]()
    if act.source != CLOUD and (act.says_more or by_record):
        stores = matcher.stores_of(act.source)
    if not stores and by_record:  # an application that the data map does not have at all
        stores = set(matcher.datamap.stores())
    return {(store, customer) for store in stores for customer in by_record or {UNKNOWN}}


def _anywhere(matcher: Matcher, act: _Act) -> set[str]:
    """Return the stores that an act which names neither customer nor store may have reached.

    What was done in a bucket was done in no other; what a copy read is an act of its own, see
    ``copies``. Else it is what the map has of the source, or of AWS's service, whose other
    resources may be copies of it or lead there, as a snapshot does, a work group or an access point
    of a bucket; of an application or service that it has not at all, any.
    """
    if act.source == CLOUD and act.service in BUCKETS and _is_bucket(act.resource):
        return set()
    service = act.service if act.source == CLOUD else None
    return matcher.stores_of(act.source, service) or set(matcher.datamap.stores())


def _is_bucket(resource: str) -> bool:
    """Return whether a resource of S3 is a bucket by its name, and no ARN, access point or job."""
    return bool(resource) and ":" not in resource and not resource.endswith(_LEADS_ON)


def _of_places(places: Iterable[Place], by_record: set[str]) -> Iterator[tuple[str, str]]:
    """Yield whom an act concerns, store by store: whose one place is says nothing of another.

    Where the record tells whose it is, it is theirs; else each place has its own.
    """
    for store in {place.store for place in places}:
        there = [place for place in places if place.store == store]
        told = {place.customer for place in there if place.is_told} | by_record
        for customer in told or {place.customer for place in there}:
            yield store, customer


def _touch(key: tuple[str, ...], events: Columns, rows: list[int]) -> Touch:
    source, service, action, store, customer, outcome = key
    at = events.at[rows]
    return Touch(
        action=Action(
            name=NAME,
            source=source,
            service=service,
            actions=(action,),
            store=store,
            effect="read",
            count="event",
            subjects="some",
        ),
        customer=customer,
        thing="",
        subject="",
        outcome=Outcome(outcome),
        events=len(rows),
        most=ABSENT,
        sum=0,
        uncounted=len(rows),
        bytes=ABSENT,
        first_at=int(at.min()),
        last_at=int(at.max()),
    )
