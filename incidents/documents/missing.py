"""Which facts a notice cannot do without, whose they are, and how to give them.

``ASKS`` is the whole list. Who computes a fact and fails hands over ``missing(...)``; ``check``
collects these, and adds what only the document can see: a text nobody wrote in the customer's
language, a list without a line, a late notice without its reason.

Source: GDPR Art. 33(3); the processor's contract, clause on breach notice.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel

from incidents.documents.fact import Known, Language, Missing, NotYet, Words
from incidents.documents.facts import NoticeFacts
from incidents.documents.withdrawal import Facts, WithdrawalFacts, lacking
from tocsin.errors import Refusal


class Ask(NamedTuple):
    """How to come by a fact.

    Attributes:
        whose: Who can give it.
        how: The command or file; ``{incident}``, ``{customer}`` and ``{language}`` are filled in.
    """

    whose: str
    how: str


_LEAD, _HOUSE = "the incident lead", "who keeps config.toml"
_REGISTERS, _MAP = "who keeps the registers", "who keeps the data map"

_CONFIRM = "`tocsin incident confirm {incident} --aware-at … --why …`"
_IMPACT = (
    "`tocsin incident impact {incident}`, or `tocsin incident declare {incident} FILE.toml` where "
    "no event tells it"
)
_BOOKS = "a corrected file, `tocsin customer import FILE`"
_TEXT = ", in {language}"


def or_not_yet(fact: str, incident: int | str) -> str:
    """Return how to say instead that a number of an incident is still being looked into."""
    name = "subjects" if "subjects" in fact else "records"
    how = f"`tocsin incident assess {incident} --facts FILE.toml`"
    return f', or not_yet = ["{name}"] in a file, {how}'


def _file(says: str) -> str:
    return f"{says} in a file, `tocsin incident assess {{incident}} --facts FILE.toml`"


def _number(name: str) -> Ask:
    instead = or_not_yet(name, "{incident}")
    return Ask(_REGISTERS, f"the inventory of {{customer}}, with {_BOOKS}{instead}")


ASKS = {
    "processor.name": Ask(_HOUSE, "[operator] name in config.toml"),
    "processor.location": Ask(_HOUSE, "[operator] location in config.toml, where the stores are"),
    "processor.contact": Ask(_HOUSE, "[operator.contact] in config.toml"),
    "processor.dpo": Ask(_HOUSE, "[operator.dpo] in config.toml, or dpo = false"),
    "clock": Ask(_LEAD, _CONFIRM),
    "clock.aware_at": Ask(_LEAD, _CONFIRM),
    "clock.late_reason": Ask(_LEAD, _file("[late_reason]") + _TEXT),
    "standing": Ask(_LEAD, _IMPACT),
    "period": Ask(_LEAD, _file('[period] or not_yet = ["period"]')),
    "nature": Ask(_LEAD, _file("[nature]")),
    "narrative": Ask(_LEAD, _file("[narrative]") + _TEXT),
    "systems": Ask(_MAP, f"the stores, with {_BOOKS}"),
    "affected": Ask(_LEAD, _IMPACT),
    "affected.records": _number("records"),
    "affected.subjects": _number("subjects"),
    "subject_categories": Ask(_MAP, f"whose data the stores hold, with {_BOOKS}"),
    "subjects": _number("subjects"),
    "records": _number("records"),
    "coverage": Ask(_LEAD, _IMPACT),
    "consequences": Ask(_LEAD, _file("[consequences]")),
    "measures": Ask(_LEAD, _file("[[measures]]")),
    "actions": Ask(_LEAD, _file("[[actions]]")),
    "next_update_at": Ask(_LEAD, _file("next_update_at")),
    "timeline": Ask(_LEAD, _file("[[timeline]]") + _TEXT),
    "changes": Ask(_LEAD, _file("[changes]") + _TEXT),
    "note": Ask(_LEAD, _file("the note") + _TEXT),
    "withdrawal": Ask(_LEAD, _file("[withdrawal], why there was none,") + _TEXT),
}
"""Facts without which nothing is sent. What else is missing is left to the customer to fill in."""


WRITTEN = {
    "narrative": "narrative",
    "changes": "changes",
    "timeline": "timeline",
    "clock": "clock.late_reason",
    "withdrawal": "withdrawal",
}
"""Facts that are a text; any other text is a note beside one."""

FACT = (Known, NotYet, Missing)


class MissingFacts(Refusal):
    """A notice lacks facts; nothing was rendered.

    Made with ``others``: how to go on with the customers of which nothing is missing.

    Attributes:
        facts: What is missing, whose, and how to give it.
    """

    def __init__(
        self,
        facts: tuple[Missing, ...],
        *,
        reference: str,
        customer: str,
        lines: Sequence[str] = (),
        others: str = "",
    ) -> None:
        said = lines or [f"{one.fact}: from {one.whose}, by {one.how}" for one in facts]
        many = f"{len(said)} fact{'' if len(said) == 1 else 's'} missing"
        super().__init__(
            "\n  ".join((f"{reference}, customer {customer}: {many}", *said)),
            hint=f"Give each as said, then preview again. {others}".rstrip(),
        )
        self.facts = facts


def missing(fact: str, *, incident: int, customer: str = "", language: Language = "en") -> Missing:
    """Return what to say of a fact nobody gave.

    Args:
        fact: Its name in ``ASKS``; ``affected.records.billing`` is asked like
            ``affected.records``.
        incident: Number of the incident.
        customer: Id of the customer.
        language: In which a text is wanted.
    """
    ask = ASKS.get(fact) or ASKS[fact.rpartition(".")[0]]
    how = ask.how.format(incident=incident, customer=customer, language=language)
    return Missing(fact=fact, whose=ask.whose, how=how)


def check(facts: Facts, language: Language) -> None:
    """Return if the facts suffice for a notice in this language.

    Raises:
        MissingFacts: They do not.
        Refusal: They say that nothing left, and the logs have gaps.
    """
    found = tuple(dict.fromkeys(_lacking(facts, language)))
    if found:
        raise MissingFacts(found, reference=facts.reference, customer=facts.customer.id)
    if isinstance(facts, WithdrawalFacts):
        return
    nature, coverage = facts.nature, facts.coverage
    assert nature.state == "known"
    if nature.value.exfiltration == "not_exfiltrated_evidence":
        undecided = 'that it cannot be determined: exfiltration = "not_assessable" under [nature]'
        how = f"{undecided}, `tocsin incident assess {facts.incident} --facts FILE.toml`."
        if coverage is None:
            raise Refusal(
                f"{facts.reference}: nothing is said not to have left where no log tells it",
                hint=f"Say {how}",
            )
        assert coverage.state == "known"
        for each in coverage.value:
            if each.present < each.hours:
                raise Refusal(
                    f"{facts.reference}: nothing is said not to have left while {each.source} is "
                    f"held for {each.present} of {each.hours} hours",
                    hint=f"Fill the gap and run the impact again, or say {how}",
                )


def _lacking(facts: Facts, language: Language) -> Iterator[Missing]:
    def ask(fact: str) -> Missing:
        return missing(fact, incident=facts.incident, customer=facts.customer.id, language=language)

    if isinstance(facts, WithdrawalFacts):
        yield from (ask(one) if isinstance(one, str) else one for one in lacking(facts, language))
        return
    for name, value in _named(facts):
        if isinstance(value, Missing):
            yield value
            continue
        not_even_now = isinstance(value, NotYet) and facts.kind == "final" and name in ASKS
        if not_even_now or getattr(value, "value", None) == ():
            yield ask(name)
    for row in facts.affected.value if facts.affected.state == "known" else ():
        for part in ("records", "subjects"):
            value = getattr(row, part)
            if isinstance(value, Missing):
                yield value
            elif isinstance(value, NotYet) and facts.kind == "final":
                yield ask(f"affected.{part}.{row.category}")
    for fact, words in _words(facts):
        wanted = words.fr or words.en or fact == "narrative"
        if wanted and not words.read(language):
            yield ask(WRITTEN.get(fact, "note"))
    if facts.kind != "initial" and not facts.changes.read(language):
        yield ask("changes")
    if facts.clock.state == "known":
        clock = facts.clock.value
        if facts.status == "established" and clock.aware_at is None:
            yield ask("clock.aware_at")
        if facts.is_told_late and not clock.late_reason.read(language):
            yield ask("clock.late_reason")
    if not facts.processor.name:
        yield ask("processor.name")
    if any(not (each.what.fr or each.what.en) for each in facts.timeline):
        yield ask("timeline")
    if any(part.kind == "other" and not part.note.read(language) for part in _parts(facts)):
        yield ask("note")


def _named(facts: NoticeFacts) -> Iterator[tuple[str, Any]]:
    for name in type(facts).model_fields:
        value = getattr(facts, name)
        if isinstance(value, FACT) and not (name == "next_update_at" and facts.kind == "final"):
            yield name, value
    yield "processor.contact", facts.processor.contact
    yield "processor.dpo", facts.processor.dpo


def _words(part: Any, fact: str = "") -> Iterator[tuple[str, Words]]:
    """Yield what people wrote, with the name of the fact it belongs to.

    A contact's function is left out: it is printed in the languages it is there in.
    """
    if isinstance(part, Words):
        yield fact, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            if name != "function":
                yield from _words(getattr(part, name), fact or name)
    elif isinstance(part, tuple):
        for each in part:
            yield from _words(each, fact)


def _parts(facts: NoticeFacts) -> Iterator[Any]:
    for listed in (facts.measures, facts.actions):
        if listed.state == "known":
            yield from listed.value
    yield from facts.open_points
