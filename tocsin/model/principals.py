"""Who acts on us, and how we know: every command takes a principal.

The *actor* is the one in the logs; the principal is the one at our own door.
"""

from typing import NamedTuple


class Principal(NamedTuple):
    """Who, and how authenticated.

    Attributes:
        way: ``shell``, ``sudo`` (root's shell, for the one sudo names), ``oidc``, ``link`` or
            ``service``.
        name: The name that way gave.
    """

    way: str
    name: str

    def __str__(self) -> str:
        """Return it as it is written down: ``shell:alice``."""
        return f"{self.way}:{self.name}"

    def is_same_person(self, written: str) -> bool:
        """Return whether a written principal has the same name, whatever way each came in by."""
        return written.partition(":")[2].casefold() == self.name.casefold()


SERVICE = Principal("service", "tocsin")
"""The service itself, when nobody asked."""
