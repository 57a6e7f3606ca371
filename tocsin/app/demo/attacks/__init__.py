"""The planted attacks: one module each, every one with its truth.

To add one: write a module with ``plant(company) -> Planted`` and name it in ``ATTACKS``.
"""

from collections.abc import Callable, Mapping

from tocsin.app.demo.attacks.scene import Planted
from tocsin.app.demo.company import Company

ATTACKS: Mapping[str, Callable[[Company], Planted]] = {}
