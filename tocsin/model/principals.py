"""Who acts on us, and how we know: every command takes a principal.

The *actor* is the one in the logs; the principal is the one at our own door.
"""

from typing import NamedTuple

UNPROVED = "root"
"""The way of root where the system does not say who signed in."""


class Principal(NamedTuple):
    """Who, and how authenticated.

    Attributes:
        way: ``shell``, ``sudo`` (signed in under this name, run as another account), ``root``
            (root, where nothing proves who signed in), ``oidc``, ``link`` or ``service``.
        name: The name that way gave; of ``root`` what it says itself.
    """

    way: str
    name: str

    def __str__(self) -> str:
        """Return it as it is written down: ``shell:alice``."""
        return f"{self.way}:{self.name}"

    def is_same_person(self, written: str) -> bool:
        """Return whether a written principal is, or may be, the same person.

        It is when it has the same name, whatever way each came in by. Root of whom nothing proves
        who signed in may be anybody: it is nobody's second person.
        """
        is_anybody = self.way == UNPROVED
        return is_anybody or written.partition(":")[2].casefold() == self.name.casefold()

    def second_person(self, to: str) -> str:
        """Return whom to ask to do what takes a second person."""
        if self.way == UNPROVED:
            return (
                "Nothing here proves whom root acts for (there is no login uid): "
                f"let a colleague {to} from an account of their own, without sudo."
            )
        return f"Ask a colleague to {to}."


SERVICE = Principal("service", "tocsin")
"""The service itself, when nobody asked."""
