"""Why a customer stands where it stands, as sentences for our own people.

They say no more than is known: that a customer *has* data in a store where the inventory ever
counted some, else that it *may have*. Whoever is ruled out is so as far as the data map goes.

Pure.
"""

from collections.abc import Iterable, Sequence

from incidents.impact.evidence import Evidence, World
from incidents.impact.result import Reason, Unmapped

_WHY = {
    Reason.TOUCHED: "Events of the attack touched data of this customer in {stores}.",
    Reason.OPEN_AND_READ: "Data of this customer in {stores} was fetched from outside while it "
    "stood open.",
    Reason.LOOSELY_TIED: "A credential seen in the incident touched data of this customer in "
    "{stores}; nothing but a common role ties it to the attack.",
    Reason.SHARED_CREDENTIAL: "A credential of the attack touched data of this customer in "
    "{stores}, from an address where its owner may have used it.",
    Reason.OUTCOME_UNKNOWN: "The attack asked for data of this customer in {stores}; whether it "
    "was given is not logged.",
    Reason.WHOLE_STORE: "The attack acted on all of {stores}, where this customer {has} data: it "
    "was copied, shared or changed, or its settings were.",
    Reason.OPEN: "Access rights of {stores} were changed, where this customer {has} data: it may "
    "have stood open, and logs cannot show that it was not read.",
    Reason.UNATTRIBUTED: "The attack touched data in {stores} of which logs do not say whose it "
    "is; this customer {has} data there.",
    Reason.UNMAPPED: "The attack did something in {stores} that the data map does not know; it "
    "may have touched data of this customer.",
    Reason.NOT_COVERED: "The attack worked in {stores}, where this customer {has} data, and for "
    "some hours there are no logs of it.",
    Reason.REFUSED: "The attack asked for data of this customer and was refused.",
    Reason.OPEN_UNREAD: "Access rights of {stores} were changed, with data of this customer in "
    "it; every read of it is logged, and nothing of this customer was read from outside.",
    Reason.UNTOUCHED: "No event of the attack touched data of this customer.",
}


_RULED_OUT = frozenset({Reason.REFUSED, Reason.OPEN_UNREAD, Reason.UNTOUCHED})


def why(
    reason: Reason, found: Sequence[Evidence], gaps: Sequence[str], customer: str, world: World
) -> str:
    """Return why a customer, or a category of its data, stands where it stands, as a sentence.

    Args:
        reason: As a word.
        found: The touches behind it.
        gaps: Stores in which the attack worked and of which logs are missing.
        customer: Its id.
        world: What all are judged by.
    """
    stores = sorted({one.touch.action.store for one in found}) or list(gaps)
    is_counted = any(customer in world.holders.get(store, ()) for store in stores)
    has = "has" if is_counted else "may have"
    said = _WHY[reason].format(stores=", ".join(stores), has=has)
    if world.unmapped and reason in _RULED_OUT:
        said += f" That is as far as the data map goes: {acts_are(world.unmapped)} not in it."
    return said


def acts_are(unmapped: Iterable[Unmapped]) -> str:
    """Return how many acts the data map does not know: "3 acts of the attack are".

    Those that somebody else may have done are told apart.
    """
    counts = {False: 0, True: 0}
    for one in unmapped:
        counts[one.doubtful] += one.events
    sure, doubtful = counts[False], counts[True]
    if sure and doubtful:
        acts = "1 act" if sure == 1 else f"{sure:,} acts"
        return f"{acts} of the attack and {doubtful:,} that may be its are"
    which = "that may be the attack's" if doubtful else "of the attack"
    return f"1 act {which} is" if sure + doubtful == 1 else f"{sure + doubtful:,} acts {which} are"
