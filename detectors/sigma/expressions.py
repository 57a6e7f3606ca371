"""Regular expressions of rules: RE2, which never looks back, and says what is wrong to us alone."""

import re
from typing import cast

from sigma.policy import default_policy
from sigma.policy.regex_engine import RE2RegexEngine, RegexPattern

_OPTIONS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}


class Engine(RE2RegexEngine):
    """pySigma's engine, without the lines RE2 writes to standard error beside what it raises."""

    def compile(self, pattern: str, flags: int = 0) -> RegexPattern:
        """Return a compiled expression.

        Args:
            pattern: In RE2's syntax.
            flags: Of Python's ``re``: IGNORECASE, MULTILINE, DOTALL.

        Raises:
            error: It is no expression, or one that RE2 does not know.
        """
        options = self._re2.Options()
        options.log_errors = False
        letters = "".join(letter for flag, letter in _OPTIONS.items() if flags & flag)
        text = f"(?{letters}){pattern}" if letters else pattern
        return cast(RegexPattern, self._re2.compile(text, options))


ENGINE = Engine()
default_policy.regex_engine = ENGINE
"""Rules are checked while pySigma reads them, by this same engine."""
