"""The calls that go out beside notices: whom, and what they say, before anything is sent."""

from typing import Literal, NamedTuple

from incidents.notices import Manifest
from notifiers.base import Purpose
from notifiers.speech import spoken
from tocsin import registers
from tocsin.app.casework import letters
from tocsin.app.casework.desk import Desk

Language = Literal["fr", "en"]


class Calls(NamedTuple):
    """The calls beside the notices of a manifest.

    Attributes:
        numbers: Numbers to be called, by customer.
        said: What a call says, by language.
        ahead: What it says where no mail has left by its time, by language.
    """

    numbers: dict[str, list[str]]
    said: dict[Language, str]
    ahead: dict[Language, str]


def beside(desk: Desk, made: Manifest) -> Calls:
    """Return the calls that sending would place; none where no phone is there."""
    with desk.store.read() as db:
        calls = letters.messages(desk, db, made, (), registers.customers(db))
    numbers = dict[str, list[str]]()
    for one in calls:
        numbers.setdefault(one.customer, []).append(one.to)
    phone, files = desk.config.notifiers.phone, desk.config.notifiers.files
    operator = phone.operator if phone else files.operator if files else ""
    languages = sorted({one.language for one in calls})
    said, ahead = (
        {one: spoken(one, Purpose.CALL, operator=operator, ahead=ahead) for one in languages}
        for ahead in (False, True)
    )
    return Calls(numbers, said, ahead)
