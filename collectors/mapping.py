"""Which field of an application's log is which field of an event: the operator's description.

A path is dotted: ``user.id`` is found as ``{"user": {"id": …}}`` and as ``{"user.id": …}``. Where
several are given, the first that a record has counts.

What a record that says nothing of its outcome means: where the mapping names no field for it, the
application writes down what was done, so it succeeded. Where there is a field, its absence may mean
either (ECS leaves it out of whatever "an outcome does not make logical sense" for), so it is
unknown until ``outcome_missing`` says more. To take that for success unasked would put refused
attempts into notices; a source whose records never have it is therefore named to the operator.

Source: Elastic Common Schema (ECS) field reference; OCSF schema browser, classes "API Activity"
and "Web Resources Activity", and its ``status_id``, ``time`` (ms) and ``user`` objects.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tocsin.model.events import ActorKind, Outcome, Reason

Paths = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...],
    BeforeValidator(lambda given: (given,) if isinstance(given, str) else given),
]
"""One path, or several of which the first present counts."""


def _outcome(word: str) -> str:
    outcome, _, reason = word.partition(":")
    allowed = {*map(str, Outcome)}, {*map(str, Reason)}
    if outcome not in allowed[0] or reason not in allowed[1] or (reason and outcome == "success"):
        raise ValueError(
            f"{word!r} is no outcome; write success, failure, unknown, or failure:reason with "
            f"one of {', '.join(filter(None, allowed[1]))}"
        )
    return word


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"no time zone {name!r}; write one like Europe/Paris") from None
    return name


OutcomeWord = Annotated[str, AfterValidator(_outcome)]
USUAL_OUTCOMES: Mapping[str, str] = {
    "success": "success",
    "failure": "failure",
    "unknown": "unknown",
    "true": "success",
    "false": "failure",
}
"""Words that need no table."""


class Mapping_(BaseModel):  # noqa: N801 - Mapping is Python's own
    """How one application's records are read.

    Attributes:
        name: What the source is called: ``event.source``, ``event.service``, rules' ``logsource``.
        time: RFC 3339, or a number since 1970.
        zone: Zone of times that name none; without it such a time is rejected.
        unit: Unit of numbers; left out, told by their size, for the years 1990 to 2099.
        actor, action, object, resource, ip, session, user_agent, customer, credential: Texts.
        outcome: A word, number or boolean.
        outcomes: Word → ``success``, ``failure``, ``failure:reason`` or ``unknown``; a word that
            is neither here nor one of ``USUAL_OUTCOMES`` is unknown.
        outcome_missing: What a record without an outcome means, as in ``outcomes``; left out, see
            above.
        actor_kind: What sort every actor is (``person``), or the path of a word that says it.
        actor_kinds: That word → what sort; with it ``actor_kind`` is always a path.
        count: Records touched.
        bytes: Bytes moved.
        id: The record's own id; without, one is made of its bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")] = "application"
    time: Paths
    zone: Annotated[str, AfterValidator(_zone)] | None = None
    unit: Literal["s", "ms", "us", "ns"] | None = None
    actor: Paths
    action: Paths
    outcome: Paths = ()
    outcomes: dict[str, OutcomeWord] = {}
    outcome_missing: OutcomeWord | None = None
    object: Paths = ()
    resource: Paths = ()
    count: Paths = ()
    bytes: Paths = ()
    ip: Paths = ()
    session: Paths = ()
    user_agent: Paths = ()
    customer: Paths = ()
    credential: Paths = ()
    id: Paths = ()
    actor_kind: Paths = ("person",)
    actor_kinds: dict[str, ActorKind] = {}

    @model_validator(mode="after")
    def _sound(self) -> "Mapping_":
        if self.actor_kinds and self.fixed_kind is not None:
            raise ValueError("actor_kinds needs actor_kind: the path of the word that it explains")
        return self

    @property
    def must_say_outcome(self) -> bool:
        """Whether nobody said what a record without an outcome means, though others have one."""
        return bool(self.outcome) and self.outcome_missing is None

    @property
    def fixed_kind(self) -> ActorKind | None:
        """What sort every actor is; None where the record says it."""
        fixed = len(self.actor_kind) == 1 and self.actor_kind[0] in [*ActorKind]
        named = "actor_kind" in self.model_fields_set and self.actor_kinds
        return ActorKind(self.actor_kind[0]) if fixed and not named else None

    def paths(self) -> dict[str, tuple[str, ...]]:
        """Return the paths of every field that has some, by field."""
        return {field: found for field in FIELDS if (found := self._paths_of(field))}

    def _paths_of(self, field: str) -> tuple[str, ...]:
        if field == "actor_kind" and self.fixed_kind is not None:
            return ()
        found: tuple[str, ...] = getattr(self, field)
        return found


FIELDS = (
    "time",
    "id",
    "actor",
    "actor_kind",
    "action",
    "outcome",
    "resource",
    "object",
    "count",
    "bytes",
    "ip",
    "session",
    "user_agent",
    "customer",
    "credential",
)
"""The fields of a mapping that are paths."""

ECS = Mapping_(
    name="ecs",
    time=("@timestamp",),
    actor=("user.id", "user.name", "user.email", "client.user.name"),
    actor_kind=("person",),
    action=("event.action",),
    outcome=("event.outcome",),
    object=("file.path", "url.path", "url.original"),
    resource=("service.name", "event.dataset"),
    bytes=("http.response.body.bytes", "http.response.bytes", "destination.bytes"),
    ip=("source.ip", "client.ip"),
    user_agent=("user_agent.original",),
    customer=("organization.id",),
    id=("event.id",),
)
OCSF = Mapping_(
    name="ocsf",
    time=("time",),
    actor=("actor.user.uid", "actor.user.name", "user.uid", "user.name"),
    actor_kind=("person",),
    action=("api.operation", "activity_name"),
    outcome=("status", "status_id"),
    outcomes={"Success": "success", "Failure": "failure", "1": "success", "2": "failure"},
    resource=("api.service.name", "dst_endpoint.svc_name"),
    object=("http_request.url.path", "resource.uid", "web_resource.uid"),
    count=("count",),
    bytes=("http_response.body_length", "traffic.bytes_out"),
    ip=("src_endpoint.ip",),
    session=("actor.session.uid", "session.uid"),
    credential=("actor.session.uid",),
    user_agent=("http_request.user_agent",),
    customer=("actor.user.org.uid",),
    id=("metadata.uid",),
)
PRESETS = {"ecs": ECS, "ocsf": OCSF}
"""Mappings by name that need no describing."""


def mapping_of(given: Any) -> Any:
    """Return the preset that a word names, or a table's ``preset`` with what the table says.

    Anything else is returned as it is; for pydantic.
    """
    if isinstance(given, dict) and "preset" in given:
        own = {field: value for field, value in given.items() if field != "preset"}
        return mapping_of(str(given["preset"])).model_dump(exclude_unset=True) | own
    if isinstance(given, str) and given not in PRESETS:
        raise ValueError(f"a table, or one of {', '.join(PRESETS)}: {given!r} is none of them")
    return PRESETS[given] if isinstance(given, str) else given
