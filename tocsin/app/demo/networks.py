"""Addresses of the world, and where each lies.

Only addresses set apart from the internet (RFC 5737, RFC 2544, RFC 3849), so nobody real
appears. Real look-up tables know nothing of them: ``NETWORKS`` says which country and holder each
part stands for, and a demonstration may hand it to whatever answers such questions. Good and bad
guests share the hosting networks on purpose: a network alone proves nothing.
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
    Network("192.0.2.0/24", "FR", "Clochette SAS, Paris"),
    Network("198.51.100.0/24", "FR", "Clochette SAS, machine room"),
    Network("203.0.113.0/24", "IL", "Clochette Ltd, Tel Aviv"),
    Network("198.18.0.0/24", "FR", "Amazon, eu-west-3"),
    Network("198.18.16.0/20", "FR", "Armor Télécom"),
    Network("198.18.32.0/19", "FR", "Armor Télécom"),
    Network("198.18.64.0/19", "GB", "Pennine Broadband"),
    Network("198.18.96.0/20", "IE", "Shannon Fibre"),
    Network("198.18.112.0/22", "BE", "Escaut Net"),
    Network("198.18.116.0/22", "CH", "Lémanique Fibre"),
    Network("198.18.120.0/22", "LU", "Moselle Connect"),
    Network("198.18.128.0/20", "IL", "Carmel Cable"),
    Network("198.18.144.0/23", "FR", "Ondine Mobile"),
    Network("198.18.146.0/23", "IL", "Negev Cellular"),
    Network("198.18.160.0/24", "PT", "Tejo Hotéis e Redes"),
    Network("198.19.0.0/22", "NL", "Polder Hosting"),
    Network("198.19.4.0/23", "DE", "Rheinblick Rechenzentrum"),
    Network("198.19.6.0/23", "FR", "Loire Hébergement"),
    Network("198.19.8.0/22", "US", "Prairie Cloud"),
    Network("198.19.12.0/23", "RO", "Dunarea Data"),
    Network("198.19.14.0/23", "US", "Build Runners"),
    Network("198.19.16.0/22", "BR", "Serra Banda Larga"),
    Network("198.19.20.0/22", "IN", "Deccan Broadband"),
    Network("198.19.24.0/23", "SE", "Norrsken VPN"),
    Network("198.19.26.0/24", "US", "Surveyor Internet Research"),
    Network("198.19.32.0/19", "US", "Prairie Cloud"),
    Network("198.19.64.0/18", "IN", "Deccan Broadband"),
    Network("198.19.128.0/18", "BR", "Serra Banda Larga"),
    Network("198.19.192.0/18", "ID", "Selat Net"),
    Network("2001:db8:100::/40", "FR", "Ondine Mobile"),
    Network("2001:db8:200::/40", "GB", "Pennine Broadband"),
    Network("2001:db8:300::/40", "IL", "Carmel Cable"),
    Network("2001:db8:400::/40", "BE", "Escaut Net"),
    Network("2001:db8:500::/40", "CH", "Lémanique Fibre"),
    Network("2001:db8:600::/40", "LU", "Moselle Connect"),
    Network("2001:db8:700::/40", "IE", "Shannon Fibre"),
)

PARIS, TEL_AVIV = "192.0.2.2", "203.0.113.34"
MACHINE_ROOM, FAX_ROOM = "198.51.100.18", "198.51.100.21"
NAT = ("198.18.0.50", "198.18.0.51", "198.18.0.52")
LISBON = "198.18.160.201"

_SIXES = {"FR": 1, "GB": 2, "IL": 3, "BE": 4, "CH": 5, "LU": 6, "IE": 7}
_OFFICES = {
    "FR": (32, 32),
    "GB": (64, 32),
    "IE": (96, 16),
    "BE": (112, 4),
    "CH": (116, 4),
    "LU": (120, 4),
}
_CLOUDS = ("198.19.9", "198.19.2", "198.19.5", "198.19.7", "198.19.1")


def staff_office(person: Staff) -> str:
    """Return the address of the office a colleague works in."""
    return TEL_AVIV if person.week.zone == "Asia/Jerusalem" else PARIS


def staff_home(person: Staff) -> str:
    """Return the address of a colleague's home."""
    first = 128 if person.week.zone == "Asia/Jerusalem" else 16
    return f"198.18.{first + person.home % 16}.{20 + 7 * person.home}"


def staff_mobile(person: Staff, dice: Dice) -> str:
    """Return an address of the mobile network a colleague's phone is in."""
    first = 146 if person.week.zone == "Asia/Jerusalem" else 144
    return f"198.18.{first + dice.randrange(2)}.{dice.randrange(1, 255)}"


def customer_office(customer: Customer) -> str:
    """Return the address of a customer's office."""
    first, size = _OFFICES[customer.country]
    return f"198.18.{first + customer.office % size}.{11 + 5 * customer.office}"


def customer_remote(customer: Customer, user: int, dice: Dice) -> str:
    """Return the address of a customer's user at home; its last part changes by the day."""
    part = f"2001:db8:{_SIXES[customer.country]}{customer.office:02x}"
    return f"{part}:{0x10 + user:x}:{dice.getrandbits(16):x}:{dice.getrandbits(16):x}::{user + 1:x}"


def integrator(customer: Customer) -> str:
    """Return the address of the server a customer's integration runs on."""
    return f"{_CLOUDS[customer.office % len(_CLOUDS)]}.{3 + 5 * customer.office}"


def runner(dice: Dice) -> str:
    """Return the address of a hosted build machine; it is another one every time."""
    return f"198.19.{dice.randrange(14, 16)}.{dice.randrange(1, 255)}"


def stranger(dice: Dice) -> str:
    """Return the address of somebody who tries doors all over the internet."""
    third = dice.randrange(32, 256) if dice.chance(0.9) else dice.randrange(8, 27)
    return f"198.19.{third}.{dice.randrange(1, 255)}"
