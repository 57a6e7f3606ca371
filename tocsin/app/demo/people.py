"""Who is in the world: the company's staff and its customers, all of them invented.

Clochette sells telephone lines with a contact book, campaigns and call recordings to small and
middle companies. Thirty people in Paris and Tel Aviv; forty-six customers in France and its
neighbours, Britain and Ireland. Domains end in ``.example`` (RFC 2606).
"""

from typing import NamedTuple

from tocsin.app.demo.hours import (
    BELGIUM,
    BRITAIN,
    FRANCE,
    IRELAND,
    ISRAEL,
    LUXEMBOURG,
    SWITZERLAND,
    Week,
)

DOMAIN = "clochette.example"


class Staff(NamedTuple):
    """One colleague.

    Attributes:
        id: Name at login, in the application and at AWS.
        name: Full name.
        team: platform, engineering, security, support, finance, sales or direction.
        week: Where they live and work.
        device: Kind of computer and browser; see :mod:`tocsin.app.demo.devices`.
        home: Number of their home connection; see :mod:`tocsin.app.demo.networks`.
    """

    id: str
    name: str
    team: str
    week: Week
    device: str
    home: int


class Customer(NamedTuple):
    """One company we process for.

    Attributes:
        id: As it stands in object keys and in the application log: ``c-0017``.
        name: Company name.
        language: ``fr`` or ``en``.
        country: ISO 3166 code.
        week: Working week, with the time zone.
        sector: What it does.
        users: Ids of its people in the application, the first is its administrator.
        contacts: People in its contact book.
        calls: Recorded calls on a working day, on average.
        token: Its integration's API token, "" without one.
        exports: Whether it has the weekly export of its contacts into a file.
        domain: Its mail domain.
        office: Number of its office connection.
    """

    id: str
    name: str
    language: str
    country: str
    week: Week
    sector: str
    users: tuple[str, ...]
    contacts: int
    calls: int
    token: str
    exports: bool
    domain: str
    office: int


_TEAM = """
platform    FR mac-chrome      Élodie Marchetti
platform    FR linux-firefox   Bastien Kervella
platform    IL mac-chrome      Noam Feldstein
engineering FR mac-chrome      Thomas Garnier
engineering FR mac-safari      Inès Boulanger
engineering FR linux-chrome    Mathieu Delorme
engineering FR win-chrome      Sophie Nakache
engineering IL mac-chrome      Yael Abramson
engineering IL linux-chrome    Eitan Rosenblum
engineering IL mac-chrome      Tamar Gil
security    FR linux-firefox   Claire Vauquelin
security    IL mac-chrome      Amit Shaked
support     FR win-chrome      Julien Peyrat
support     FR win-edge        Amandine Lecourt
support     FR win-chrome      Karim Benhadda
support     FR win-edge        Lucie Fontanel
support     FR mac-chrome      Marc-Antoine Ribes
support     IL win-chrome      Shira Levanon
support     IL win-chrome      Daniel Okun
support     IL mac-chrome      Rivka Sasson
finance     FR win-edge        Hélène Courtois
finance     FR win-chrome      Pauline Astier
sales       FR mac-chrome      Guillaume Tessier
sales       FR win-chrome      Nadège Rouvière
sales       FR mac-safari      Oliver Cranfield
sales       IL mac-chrome      Maya Hadar
direction   FR mac-safari      Sandrine Wolff
direction   IL mac-chrome      Uri Ben-Tal
engineering FR mac-chrome      Léo Castelnau
support     FR win-chrome      Fatou Diarra
"""

NEWCOMERS = ("leo.castelnau", "fatou.diarra")
"""Who starts in the middle of the month."""

LEAVER = "marc-antoine.ribes"
"""Who leaves before its end."""

_PLAIN = str.maketrans("éèëêàâïîôûüÉç", "eeeeaaiiouuEc")


def handle(name: str) -> str:
    """Return the login name of a full name: ``Élodie Marchetti`` is ``elodie.marchetti``."""
    first, _, last = name.partition(" ")
    return f"{first}.{last}".translate(_PLAIN).lower().replace(" ", "-")


def staff() -> tuple[Staff, ...]:
    """Return all colleagues, in order of entry."""
    people = []
    for number, line in enumerate(_TEAM.strip().splitlines()):
        team, country, device, name = line.split(maxsplit=3)
        week = FRANCE if country == "FR" else ISRAEL
        people.append(Staff(handle(name), name, team, week, device, number))
    return tuple(people)


WEEKS = {
    "FR": FRANCE,
    "BE": BELGIUM,
    "CH": SWITZERLAND,
    "LU": LUXEMBOURG,
    "GB": BRITAIN,
    "IE": IRELAND,
}

# country language users contacts calls flags(t: token, e: weekly export) sector | name
_CUSTOMERS = """
FR fr  9 3120 34 te retail      | Maison Verdelet
FR fr  4 1480 12 -  law         | Cabinet Hervieu & Associés
FR fr  8 2890 26 t  transport   | Transports Lagarrigue
FR fr  7 5240 31 -  health      | Clinique des Tilleuls
FR fr  3  760  6 -  food        | Moulin Saint-Aubin
FR fr 11 6870 44 te insurance   | Assurances Kerbriand
FR fr  4 1930 11 -  health      | Optique Belleroche
FR fr  3  640  5 -  printing    | Imprimerie Castaing
FR fr  6 4410 22 te travel      | Voyages Tournesol
FR fr  3  980  9 -  automotive  | Garage Delaunoy
FR fr 12 8650 39 te insurance   | Mutuelle du Ponant
FR fr  2  420  3 -  retail      | Librairie Quatre-Vents
FR fr  4 1710  8 e  wine        | Domaine de Fontbrune
FR fr  3  890  5 -  crafts      | Atelier Mirabeau
FR fr  7 3380 25 t  real estate | Immobilière Sévérac
FR fr  5 2260 14 e  health      | Pharmadis Ouest
FR fr  6 3970 19 t  energy      | Énergies du Val d'Orne
FR fr  5 1540 12 -  childcare   | Crèches Les Coccinelles
FR fr  4 2110  9 -  education   | École Montrivière
FR fr  4 1290 10 -  law         | Notaires Réunis Blanzac
FR fr  3 1180  8 -  crafts      | Chauffage Thévenard
FR fr  3  510  4 -  food        | Boulangeries Paindor
FR fr  5 2740 16 te rental      | Location Alpina
FR fr  6 1860 21 -  security    | Vigie Protection
FR fr  4 1420  7 -  beauty      | Institut Lavandier
FR fr  7 4980 23 te hospitality | Hôtels Belle Rive
BE fr  6 3560 24 t  staffing    | Belgapro Intérim
BE en  5 2040 15 -  transport   | Verhaegen Logistics
CH fr  4 1090  9 -  finance     | Genève Patrimoine Conseil
LU fr  3  830  6 -  finance     | Luxalia Fiduciaire
GB en  6 2620 20 -  law         | Harcombe & Pryce Solicitors
GB en  5 3240 18 t  real estate | Northgate Lettings
GB en  7 5610 29 te health      | Brightwell Dental Group
GB en  5 2470 13 -  insurance   | Osprey Marine Insurance
IE en  4 1350  9 -  food        | Kilbrannan Foods
GB en  5 4090 17 e  travel      | Thistledown Travel
GB en  4 2880 14 -  health      | Ashgrove Veterinary
GB en  8 3730 27 t  health      | Meridian Home Care
GB en  3 1620  7 -  retail      | Pennywhistle Toys
IE en  4 1210 10 -  energy      | Carrick Renewables
GB en  6 5130 22 te staffing    | Wexbury Recruitment
GB en  4 1980  8 -  education   | Larkfield Schools Trust
IE en  5 3310 15 -  finance     | Dunmore Credit Union
GB en  3  940  6 -  storage     | Tamar Valley Storage
GB en  4 1070 11 -  law         | Quillon Legal
GB en  6 2350 19 t  automotive  | Fairoaks Motors
"""


def customers() -> tuple[Customer, ...]:
    """Return all customers, in order of their ids."""
    book = []
    for number, line in enumerate(_CUSTOMERS.strip().splitlines()):
        facts, _, name = line.partition(" | ")
        country, language, users, contacts, calls, flags, sector = facts.split(maxsplit=6)
        digits = f"{number + 1:04d}"
        domain = "".join(c for c in name.translate(_PLAIN).lower() if c.isalnum())
        book.append(
            Customer(
                id=f"c-{digits}",
                name=name.strip(),
                language=language,
                country=country,
                week=WEEKS[country],
                sector=sector.strip(),
                users=tuple(f"u-{digits}-{n + 1:02d}" for n in range(int(users))),
                contacts=int(contacts),
                calls=int(calls),
                token=f"tok-{digits}-1" if "t" in flags else "",
                exports="e" in flags,
                domain=f"{domain}.example",
                office=number,
            )
        )
    return tuple(book)
