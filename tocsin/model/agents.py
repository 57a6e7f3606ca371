"""Families of user agents: what sort of client spoke, without its version.

A version changes with every update and says nothing; a change of family does. The words are few
on purpose. An attacker chooses what it sends, so a family is a hint and never an acquittal.

Source: AWS CloudTrail User Guide, "CloudTrail record contents" (userAgent); the strings that
clients send were looked at in records of our own making.
"""

import re
from functools import lru_cache

FAMILIES = (
    (
        "console",
        r"^console\.|signin\.amazonaws\.com|AWS-?Console|^S3Console|console\.amazonaws\.com",
    ),
    ("cloudformation", r"cloudformation"),
    ("terraform", r"terraform|opentofu|pulumi"),
    ("service", r"\.amazonaws\.com$|^AWS Internal$|^aws-internal"),
    ("cli", r"^aws-cli/|^\[?aws-cli/|PowerShell|^AWS-?Tools"),
    (
        "sdk",
        r"boto3|botocore|aws-sdk|^aws-sdk|^Boto|exec-env/|^\[?S3Console|amazon-ssm-agent|Coral",
    ),
    ("browser", r"Mozilla/|^Opera"),
    (
        "script",
        r"curl/|wget|python-requests|python-urllib|Go-http-client|okhttp|axios|Java/|libwww",
    ),
)
"""Family → what its user agents look like; the first that fits. Anything else is ``other``."""

_FITS = [(family, re.compile(pattern, re.IGNORECASE)) for family, pattern in FAMILIES]
_TOOL = re.compile(r"(curl|wget|python|Go|okhttp|axios|Java|libwww)\b", re.IGNORECASE)
_SDK_LANGUAGE = re.compile(r"aws-sdk-([a-z]+)|boto", re.IGNORECASE)


@lru_cache(maxsize=1 << 16)
def family(user_agent: str) -> str:
    """Return the family of a user agent; "" for an empty one."""
    text = user_agent.strip().removeprefix("[").removesuffix("]")
    if not text:
        return ""
    return next((name for name, fits in _FITS if fits.search(text)), "other")


@lru_cache(maxsize=1 << 16)
def hand(user_agent: str) -> str:
    """Return the family with its language or tool: what somebody's habit looks like.

    ``sdk`` alone would make a Go tool and the house's Python scripts one habit, ``script`` alone
    an integration in Java and somebody's curl.
    """
    name = family(user_agent)
    if name == "sdk":
        found = _SDK_LANGUAGE.search(user_agent)
        return f"sdk-{(found.group(1) or 'python').lower()}" if found else name
    if name == "script":
        tool = _TOOL.search(user_agent)
        return f"script-{tool.group(1).lower()}" if tool else name
    return name
