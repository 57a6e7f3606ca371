"""Where an address is: its kind, its network, its country.

Without an operator's own MMDB file a network is the address's /24 (IPv4) or /48 (IPv6) and a
country is unknown. Unknown is said as unknown: no database is shipped, none is guessed.

Source: RFC 1918, RFC 4193, RFC 6598 (addresses that mean nothing outside); MaxMind DB file
format specification 2.0.
"""

import ipaddress
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from tocsin.errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Place(NamedTuple):
    """What is known of an address.

    Attributes:
        kind: ``public``, ``private``, ``service`` (AWS wrote a name instead), or ``none``.
        network: Autonomous system such as ``AS64500`` where an MMDB says so, else the prefix;
            "" for services and where there is no address.
        country: ISO 3166 code of the country; "" when unknown.
    """

    kind: str
    network: str
    country: str


NOWHERE = Place("none", "", "")

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_USUAL = re.compile(
    rf"((?!10\.|100\.|127\.|169\.254\.|172\.|192\.168\.){_OCTET}\.{_OCTET}\.{_OCTET})\.{_OCTET}"
)
"""IPv4 addresses that certainly are no private ones, told in a tenth of the time."""


class Geo:
    """Looks addresses up; pickles by its path, so that every process opens its own file."""

    def __init__(self, mmdb: Path | None = None) -> None:
        """Open the operator's file.

        Args:
            mmdb: A MaxMind DB with country or ASN records or both; None for none.

        Raises:
            ConfigError: The file cannot be opened as one.
        """
        self._mmdb = mmdb
        self._reader = None
        if mmdb is not None:
            import maxminddb  # noqa: PLC0415 - only who has a file pays for it

            try:
                self._reader = maxminddb.open_database(str(mmdb))
            except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
                raise ConfigError(
                    f"geo.mmdb {mmdb} cannot be read as a MaxMind DB: {error}",
                    hint="Name a .mmdb file with country or ASN records, or leave geo.mmdb out.",
                ) from error
        self.place = lru_cache(maxsize=1 << 17)(self._place)

    def __reduce__(self) -> tuple[type["Geo"], tuple[Path | None]]:
        return Geo, (self._mmdb,)

    @property
    def knows_countries(self) -> bool:
        """Whether countries can be told at all."""
        return self._reader is not None

    def _place(self, address: str) -> Place:
        if not address:
            return NOWHERE
        if self._reader is None and (usual := _USUAL.fullmatch(address)):
            return Place("public", f"{usual.group(1)}.0/24", "")
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            # Some sources write impossible addresses; digits and dots alone are no service.
            odd = all(c.isdigit() or c in ".:" for c in address)
            return Place("public", address, "") if odd else Place("service", "", "")
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        bits = 24 if ip.version == 4 else 48  # noqa: PLR2004 - the protocol's number
        network = prefix_of(ip, bits)
        if _inside(ip):
            return Place("private", network, "")
        asn, country = self._ask(str(ip))
        return Place("public", asn or network, country)

    def _ask(self, ip: str) -> tuple[str, str]:
        if self._reader is None:
            return "", ""
        found = self._reader.get(ip)
        if not isinstance(found, dict):
            return "", ""
        number = found.get("autonomous_system_number")
        country, nested = found.get("country_code"), found.get("country")
        if not country and isinstance(nested, dict):
            country = nested.get("iso_code")
        return f"AS{number}" if number else "", str(country or "")


def prefix_of(ip: Address, bits: int) -> str:
    """Return the prefix of so many bits in which an address lies."""
    rest = ip.max_prefixlen - bits
    return f"{type(ip)(int(ip) >> rest << rest)}/{bits}"


_INSIDE = [
    (network.version, int(network.netmask), int(network.network_address))
    for network in map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "fc00::/7",
            "fe80::/10",
            "::1/128",
        ),
    )
]


def _inside(ip: Address) -> bool:
    # Not ``ip.is_private``: that also holds for the documentation blocks of RFC 5737, which
    # generated logs use as public addresses.
    version, number = ip.version, int(ip)
    return any(of == version and number & mask == prefix for of, mask, prefix in _INSIDE)
