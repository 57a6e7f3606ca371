"""Which rules are asked, by the configuration. Every process chooses for itself: rules compile."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel

from detectors.sigma.load import OWN_RULES, RulePack, load

if TYPE_CHECKING:
    from tocsin.app.config import Config


class Choice(BaseModel, frozen=True):
    """What decides which rules there are; it travels to the worker processes.

    Attributes:
        paths: Files and folders of rules, ours first.
        placeholders: Values for ``%name%``.
        contract: The parts of a contract that the configuration names.
    """

    paths: tuple[Path, ...]
    placeholders: Mapping[str, tuple[str, ...]]
    contract: tuple[str, ...]

    def load(self) -> RulePack:
        """Return the rules."""
        return load(self.paths, placeholders=self.placeholders, contract=self.contract)


def choose(config: "Config") -> Choice:
    """Return the choice that a configuration makes."""
    contract = {name: words for name, words in config.contract.parts.items() if words}
    placeholders = {f"contract_{name}": words for name, words in contract.items()}
    return Choice(
        paths=((OWN_RULES,) if config.rules.own else ()) + config.rules.directories,
        placeholders={**placeholders, **config.rules.placeholders},
        contract=tuple(contract),
    )
