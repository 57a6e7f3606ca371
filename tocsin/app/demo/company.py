"""The company in one month: who and what there is, and what its stores hold.

Everything here is a function of the seed and of names, never of what was made before: the
recordings of a past day can be asked for without making that day.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from tocsin.app.demo.dice import Dice, roll
from tocsin.app.demo.hours import SATURDAY, SHOP, moments
from tocsin.app.demo.people import Customer, Staff, customers, staff

OPEN_ON_SATURDAY = frozenset({"retail", "hospitality", "travel", "health", "automotive", "beauty"})
WEEKEND_SHARE, SATURDAY_SHARE = 0.05, 0.45
WAV_BYTES_PER_S = 16_000  # 8 kHz, 16 bit, mono
CONTRACT_REGIONS = ("eu-west-3",)
"""Where, by the contract, customers' data may be."""
CONTRACT_COUNTRIES = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO"),
    "IL",
)
"""From where, by the contract, staff may work with them: the EEA and Israel."""
RECORDED_DAYS = 90  # recordings older than this are deleted by the bucket's life cycle


class Recording(NamedTuple):
    """One recorded call.

    Attributes:
        at: When the call ended and the file was written, epoch seconds.
        key: Key in the bucket of recordings.
        size: Bytes.
        contact: Number of the contact who was on the line.
    """

    at: int
    key: str
    size: int
    contact: int


@dataclass(frozen=True)
class Company:
    """The world's unchanging part.

    Attributes:
        seed: Chooses the month among all possible ones.
        start: First UTC day.
        days: How many.
        scale: Multiplies traffic, not people.
    """

    seed: int
    start: date
    days: int
    scale: float = 1.0
    _recordings: dict[tuple[str, date], tuple[Recording, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def staff(self) -> tuple[Staff, ...]:
        """All colleagues."""
        return staff()

    @cached_property
    def customers(self) -> tuple[Customer, ...]:
        """All customers."""
        return customers()

    @property
    def end(self) -> date:
        """Last UTC day."""
        return self.start + timedelta(days=self.days - 1)

    def day(self, share: float, *, weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)) -> date:
        """Return the day that lies ``share`` into the month, or the next on ``weekdays``.

        In a month too short to hold it, the last day that fits is taken, or the last day at all.
        """
        first = self.start + timedelta(days=int(share * self.days))
        ahead = [first + timedelta(days=n) for n in range((self.end - first).days + 1)]
        for candidate in ahead:
            if candidate.weekday() in weekdays:
                return candidate
        return first

    def person(self, name: str) -> Staff:
        """Return the colleague with this login name."""
        return next(person for person in self.staff if person.id == name)

    def customer(self, name: str) -> Customer:
        """Return the customer with this id."""
        return next(customer for customer in self.customers if customer.id == name)

    def dice(self, *labels: object) -> Dice:
        """Return the generator of one stream of this month."""
        return roll(self.seed, *labels)

    def recordings(self, customer: Customer, day: date) -> tuple[Recording, ...]:
        """Return the calls of ``customer`` recorded on ``day``, in order of time."""
        cached = self._recordings.get((customer.id, day))
        if cached is not None:
            return cached
        dice = self._recordings_dice(customer, day)
        count = self._recorded(dice, customer, day)
        made = []
        for at in moments(dice, day, count, customer.week, SHOP):
            seconds = min(2_700, int(dice.lognormvariate(4.9, 0.8)))
            made.append(
                Recording(
                    at,
                    f"{customer.id}/{day:%Y/%m/%d}/{dice.uuid()}.wav",
                    44 + seconds * WAV_BYTES_PER_S + dice.randrange(WAV_BYTES_PER_S) // 2 * 2,
                    some_contact(dice, customer),
                )
            )
        self._recordings[customer.id, day] = tuple(made)
        return self._recordings[customer.id, day]

    def past_recording(self, dice: Dice, customer: Customer, day: date) -> Recording | None:
        """Return a recording of one of the working days before ``day``, mostly a recent one."""
        for _ in range(4):
            earlier = day - timedelta(days=1 + int(dice.expovariate(1 / 4)))
            made = self.recordings(customer, earlier)
            if made:
                return dice.choice(made)
        return None

    def stored_recordings(self, customer: Customer, day: date) -> int:
        """Return how many recordings of ``customer`` the bucket holds at the end of ``day``."""
        days = (day - timedelta(days=n) for n in range(RECORDED_DAYS))
        return sum(self._recorded(self._recordings_dice(customer, d), customer, d) for d in days)

    def forget(self, before: date) -> None:
        """Let go of recordings made before a day; they are made again when asked for."""
        for key in [key for key in self._recordings if key[1] < before]:
            del self._recordings[key]

    def _recordings_dice(self, customer: Customer, day: date) -> Dice:
        return self.dice("recordings", customer.id, day)

    def _recorded(self, dice: Dice, customer: Customer, day: date) -> int:
        return dice.about(customer.calls * share_of(customer, day) * self.scale)


def share_of(customer: Customer, day: date) -> float:
    """Return how busy ``customer`` is on ``day``, 1 on a working day."""
    if customer.week.works(day):
        return 1.0
    if day.weekday() == SATURDAY and customer.sector in OPEN_ON_SATURDAY:
        return SATURDAY_SHARE
    return WEEKEND_SHARE


def some_contact(dice: Dice, customer: Customer) -> int:
    """Return the number of a contact; some are called far more often than others."""
    return int(dice.random() ** 1.6 * customer.contacts)


def contact_id(customer: Customer, number: int) -> str:
    """Return a contact's id in the application: ``0017-000042``."""
    return f"{customer.id[2:]}-{number:06d}"


def export_key(customer: Customer, day: date) -> str:
    """Return the key of a customer's weekly export of its contacts."""
    return f"contacts/{customer.id}/{day:%Y-%m-%d}/contacts.csv"


def invoice_key(customer: Customer, month: date) -> str:
    """Return the key of a customer's invoice for a month."""
    return f"invoices/{customer.id}/{month:%Y-%m}.pdf"
