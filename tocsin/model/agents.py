"""Families of user agents: what sort of client spoke, without its version.

A version changes with every update and says nothing; a change of family does. The words are few
on purpose. An attacker chooses what it sends, so a family is a hint and never an acquittal.

Source: AWS CloudTrail User Guide, "CloudTrail record contents" (userAgent); the strings that
clients send were looked at in records of our own making.
"""

import re
from functools import lru_cache
from typing import NamedTuple


class Looks(NamedTuple):
    """What the user agents of a family look like, in lower case; any of it is enough.

    Attributes:
        family: Its name.
        whole: What they are.
        starts: How they begin.
        has: What is somewhere in them.
        ends: How they end.
    """

    family: str
    whole: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


FAMILIES = (
    Looks(
        "console",
        starts=("console.", "s3console"),
        has=("signin.amazonaws.com", "aws-console", "awsconsole", "console.amazonaws.com"),
    ),
    Looks("cloudformation", has=("cloudformation",)),
    Looks("terraform", has=("terraform", "opentofu", "pulumi")),
    Looks("service", whole=("aws internal",), starts=("aws-internal",), ends=(".amazonaws.com",)),
    Looks("cli", starts=("aws-cli/", "aws-tools", "awstools"), has=("powershell",)),
    Looks(
        "sdk",
        starts=("boto",),
        has=("boto3", "botocore", "aws-sdk", "exec-env/", "amazon-ssm-agent", "coral"),
    ),
    Looks("browser", starts=("opera",), has=("mozilla/",)),
    Looks(
        "script",
        has=(
            "curl/",
            "wget",
            "python-requests",
            "python-urllib",
            "go-http-client",
            "okhttp",
            "axios",
            "java/",
            "libwww",
        ),
    ),
)
"""The families; the first that fits counts. Anything else is ``other``."""

_TOOL = re.compile(r"(curl|wget|python|Go|okhttp|axios|Java|libwww)\b", re.IGNORECASE)
_SDK_LANGUAGE = re.compile(r"aws-sdk-([a-z]+)|boto", re.IGNORECASE)


@lru_cache(maxsize=1 << 16)
def family(user_agent: str) -> str:
    """Return the family of a user agent; "" for an empty one."""
    text = user_agent.strip().removeprefix("[").removesuffix("]").lower()
    if not text:
        return ""
    for looks in FAMILIES:
        if text in looks.whole or text.startswith(looks.starts) or text.endswith(looks.ends):
            return looks.family
        for part in looks.has:
            if part in text:
                return looks.family
    return "other"


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
