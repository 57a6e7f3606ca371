"""What the facts of one customer's notice rest on: what is known, what was said, whom to ask."""

from typing import Any, get_args

from incidents.documents import Known, Missing, NotYet, Source
from incidents.documents import breach as docs
from incidents.documents.breach import Effect, Nature
from incidents.documents.missing import missing, or_not_yet
from incidents.impact import CategoryImpact, CustomerImpact, Reason, Standing
from tocsin.app.casework.known import World
from tocsin.app.casework.people import PeoplesFacts, contained
from tocsin.model.categories import Category
from tocsin.model.instants import from_us

NUMBERS = ("affected", "records", "subjects")
"""Facts that are counted, or stated where nothing can be counted."""

OF_A_RUN = (*NUMBERS, "standing", "systems", "subject_categories")
"""Facts that a run says of a customer that it shows."""

CATEGORIES: dict[str, docs.Category] = {
    Category.IDENTIFICATION: "identification",
    Category.CONTACT: "contact",
    Category.WORK: "work",
    Category.BILLING: "billing",
    Category.CONVERSATIONS: "conversations",
}

EFFECTS: tuple[Effect, ...] = get_args(Effect)


def effects(one: CategoryImpact) -> tuple[Effect, ...]:
    """Return what happened to data of a category, as the run says."""
    return tuple(effect for effect in EFFECTS if getattr(one, effect))


def is_open_ended(one: CustomerImpact, fact: str) -> bool:
    """Return whether nothing bounds a number of a customer, named as documents name it."""
    whole, _, of_one = fact.partition(".")
    if whole == "subjects":
        return one.subjects.max is None
    name, _, category = (of_one or whole).partition(".")
    return any(
        getattr(each, name).max is None
        for each in one.categories
        if not category or CATEGORIES[each.category] == category
    )


class Grounds:
    """Everything known of an incident, seen from one customer.

    Attributes:
        world: Everything known.
        entry: The customer, from the register.
        impact: What the run says of it; None where it says nothing.
        stated: Whether a person stated it, as no event tells.
        statement: What a person stated beside events that tell of it too; None: nothing.
        told: What events alone tell of it beside what a person stated; None: nothing.
        is_confirmed: Whether the run, or a person who judged, says that its data was touched.
        people: What people said.
        nature: What people said of its kind, as far as it is this customer's; None: nothing.
        run: The impact run, as a source.
        categories: What the run says of the customer's data, by category.
    """

    def __init__(self, world: World, customer: str) -> None:
        """Look at it from one customer.

        Args:
            world: Everything known.
            customer: Its id; the register has it.
        """
        self.world = world
        self.entry = world.customers[customer]
        self.impact = world.run.of(customer)
        self.categories = self.impact.categories if self.impact is not None else ()
        self.stated = self.impact is not None and self.impact.reason == Reason.NAMED
        of_person = (one for one in world.run.stated if one.customer == customer)
        said = next((one for one in of_person if one.standing is not Standing.EXCLUDED), None)
        self.statement = None if self.stated else said
        self.told = next((one for one in world.run.told if one.customer == customer), None)
        self._said = said or (self.impact if self.stated else None)
        touched = world.touched.get(customer)
        self.is_confirmed = self.impact is not None and (
            self.impact.standing == Standing.CONFIRMED or (touched is not None and touched.is_known)
        )
        self.people: PeoplesFacts = world.given.facts
        self.nature = self._nature()
        self.run = Source(kind="impact", reference=str(world.run.number), at=from_us(world.run.at))

    def _nature(self) -> Nature | None:
        """Return the kind of breach with what is known of this customer in place of the whole's.

        When access was stopped may be recorded of the case and not in the facts. What happened to
        data is asked of the customer's own rows: another's lost data is none of its losses.
        """
        said = self.people.nature
        if said is None:
            return None
        own = {effect for one in self.categories for effect in effects(one)}
        kept: tuple[Effect, ...] = tuple(one for one in EFFECTS if one in own) or said.effects
        return said.model_copy(
            update={
                "contained_at": contained(said, self.world.contained_at, self.world.case.number),
                "effects": kept,
                "integrity_state": said.integrity_state if "integrity" in kept else None,
                "availability_state": said.availability_state if "availability" in kept else None,
            }
        )

    @property
    def is_excluded(self) -> bool:
        """The run excludes it, whatever a person who judged the breach said."""
        return self.impact is not None and self.impact.standing is Standing.EXCLUDED

    def sure(self) -> tuple[CategoryImpact, ...]:
        """Return what the run says of data that were touched for sure."""
        standing = Standing.CONFIRMED if self.is_confirmed else Standing.POSSIBLE
        return tuple(one for one in self.categories if one.standing(standing) is Standing.CONFIRMED)

    def title(self, store: str) -> str:
        """Return what the customer's documents call a store."""
        stores = self.world.data_map.stores()
        return stores[store].title.get(self.entry.language, store) if store in stores else store

    def said(self, name: str, value: Any) -> Any:
        """Return what people said, that they do not know yet, or None: they said nothing."""
        if name in self.people.not_yet:
            return self.not_yet()
        if value in (None, ()):
            return None
        at = self.world.given.at
        return Known(value=value, source=Source(kind="person", at=at), confirmed_at=at)

    def not_yet(self) -> NotYet:
        """Return that people do not know it yet, which may be written."""
        return NotYet(source=Source(kind="person", at=self.world.given.at))

    def missing(self, fact: str) -> Missing:
        """Return that a fact is missing, with whose it is and how to give it."""
        asked = missing(
            fact,
            incident=self.world.case.number,
            customer=self.entry.id,
            language=self.entry.language,
        )
        if self.is_excluded and fact.partition(".")[0] in OF_A_RUN:
            number, customer = self.world.case.number, self.entry.id
            waive = f"`tocsin incident waive {number} notice-to-customer --customer {customer}"
            declare = f"`tocsin incident declare {number} FILE.toml`"
            if self.is_confirmed:
                how = f"what was touched of it in a file, {declare}; or, where it was named in "
                how += f"error, {waive} --why …`"
                return asked.model_copy(update={"whose": "who named this customer", "how": how})
            how = f"{waive} --why …`, as it is excluded; or, where it was touched after all, what "
            how += f"was touched of it in a file, {declare}"
            return asked.model_copy(update={"how": how})
        if self._said is None or fact == "affected" or fact.partition(".")[0] not in NUMBERS:
            return asked
        how = f"its number in a file, `tocsin incident declare {self.world.case.number} FILE.toml`"
        # What is stated bounds nothing that events leave open.
        if self.told is None or not is_open_ended(self.told, fact):
            how += or_not_yet(fact, self.world.case.number)
        elif is_open_ended(self._said, fact):
            how += f", and {asked.how}"
        else:
            return asked
        return asked.model_copy(update={"whose": "who knows what was reported", "how": how})

    def configured(self, value: Any) -> Known[Any]:
        """Return what the configuration says: ours to say of ourselves."""
        return Known(value=value, source=Source(kind="processor"))
