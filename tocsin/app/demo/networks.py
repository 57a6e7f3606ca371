"""Addresses of the world, and where each lies.

Only addresses set apart for documentation (RFC 5737, RFC 3849), so nobody real appears. Real
look-up tables know nothing of them: ``NETWORKS`` says which country and holder each part stands
for, and a demonstration may hand it to whatever answers such questions. Good and bad guests
share the hosting networks on purpose: a network alone proves nothing.
"""

from typing import NamedTuple

from tocsin.app.demo.dice import Dice
from tocsin.app.demo.people import Customer, Staff


class Network(NamedTuple):
    """A part of the address space.

    Attributes:
        cidr: The part.
        country: ISO 3166 code.
        holder: Who runs it, as a registry would name it.
    """

    cidr: str
    country: str
    holder: str


NETWORKS = (
    Network("192.0.2.0/27", "FR", "Armor Télécom"),
    Network("192.0.2.32/28", "BE", "Escaut Net"),
    Network("192.0.2.48/29", "CH", "Lémanique Fibre"),
    Network("192.0.2.56/29", "LU", "Moselle Connect"),
    Network("192.0.2.64/26", "GB", "Pennine Broadband"),
    Network("192.0.2.128/26", "IE", "Shannon Fibre"),
    Network("198.51.100.0/28", "FR", "Clochette SAS, Paris"),
    Network("198.51.100.16/28", "FR", "Clochette SAS, machine room"),
    Network("198.51.100.32/28", "IL", "Clochette Ltd, Tel Aviv"),
    Network("198.51.100.48/28", "FR", "Amazon, eu-west-3"),
    Network("198.51.100.64/26", "FR", "Armor Télécom"),
    Network("198.51.100.128/27", "IL", "Carmel Cable"),
    Network("198.51.100.160/28", "FR", "Ondine Mobile"),
    Network("198.51.100.176/28", "IL", "Negev Cellular"),
    Network("198.51.100.192/27", "PT", "Tejo Hotéis e Redes"),
    Network("203.0.113.0/27", "NL", "Polder Hosting"),
    Network("203.0.113.32/28", "DE", "Rheinblick Rechenzentrum"),
    Network("203.0.113.48/28", "FR", "Loire Hébergement"),
    Network("203.0.113.64/27", "US", "Prairie Cloud"),
    Network("203.0.113.96/28", "RO", "Dunarea Data"),
    Network("203.0.113.112/28", "US", "Build Runners"),
    Network("203.0.113.128/28", "BR", "Serra Banda Larga"),
    Network("203.0.113.144/28", "IN", "Deccan Broadband"),
    Network("203.0.113.160/28", "SE", "Norrsken VPN"),
    Network("203.0.113.176/28", "US", "Surveyor Internet Research"),
    Network("2001:db8:100::/40", "FR", "Ondine Mobile"),
    Network("2001:db8:200::/40", "GB", "Pennine Broadband"),
    Network("2001:db8:300::/40", "IL", "Carmel Cable"),
    Network("2001:db8:400::/40", "BE", "Escaut Net"),
    Network("2001:db8:500::/40", "CH", "Lémanique Fibre"),
    Network("2001:db8:600::/40", "LU", "Moselle Connect"),
    Network("2001:db8:700::/40", "IE", "Shannon Fibre"),
    Network("2001:db8:f00::/40", "US", "Prairie Cloud"),
)

PARIS, PARIS_SPARE, TEL_AVIV = "198.51.100.2", "198.51.100.3", "198.51.100.34"
MACHINE_ROOM, FAX_ROOM = "198.51.100.18", "198.51.100.21"
NAT = ("198.51.100.50", "198.51.100.51", "198.51.100.52")
LISBON = "198.51.100.201"

_SIXES = {"FR": 1, "GB": 2, "IL": 3, "BE": 4, "CH": 5, "LU": 6, "IE": 7}
_IN_THE_CLOUD = 1
_OFFICES = {"BE": 32, "CH": 48, "LU": 56, "GB": 64, "IE": 128}


def staff_office(person: Staff) -> str:
    """Return the address of the office a colleague works in."""
    return TEL_AVIV if person.week.zone == "Asia/Jerusalem" else PARIS


def staff_home(person: Staff) -> str:
    """Return the address of a colleague's home."""
    first = 130 if person.week.zone == "Asia/Jerusalem" else 66
    return f"198.51.100.{first + person.home % 28}"


def staff_mobile(person: Staff, dice: Dice) -> str:
    """Return an address of the mobile network a colleague's phone is in."""
    first = 176 if person.week.zone == "Asia/Jerusalem" else 160
    return f"198.51.100.{first + dice.randrange(1, 15)}"


def customer_office(customer: Customer) -> str:
    """Return the address of a customer's office."""
    if customer.country == "FR":
        return f"192.0.2.{1 + customer.office}"
    return f"192.0.2.{_OFFICES[customer.country] + 1 + customer.office % 26}"


def customer_remote(customer: Customer, user: int, dice: Dice) -> str:
    """Return the address of a customer's user at home; its last part changes by the day."""
    part = f"2001:db8:{_SIXES[customer.country]}{customer.office:02x}"
    return f"{part}:{0x10 + user:x}:{dice.getrandbits(16):x}:{dice.getrandbits(16):x}::{user + 1:x}"


def integrator(customer: Customer) -> str:
    """Return the address of the server a customer's integration runs on."""
    if customer.office % 5 == _IN_THE_CLOUD:
        return f"2001:db8:f00:{customer.office:x}::5"
    first = (33, 49, 3)[customer.office % 3]
    return f"203.0.113.{first + customer.office % 14}"


def runner(dice: Dice) -> str:
    """Return the address of a hosted build machine; it is another one every time."""
    return f"203.0.113.{dice.randrange(113, 127)}"


def guest(number: int) -> str:
    """Return an address of the cloud that also runs some customers' integrations."""
    return f"2001:db8:f00:{number:x}::2"


def stranger(dice: Dice) -> str:
    """Return the address of somebody who tries doors all over the internet."""
    return f"203.0.113.{dice.choice((dice.randrange(65, 95), dice.randrange(97, 190)))}"
