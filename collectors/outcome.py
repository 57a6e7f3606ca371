"""Whether what a CloudTrail record asks for happened, and why not: decided once, here.

Source: AWS CloudTrail User Guide, "CloudTrail record contents" (errorCode, errorMessage) and
"AWS Management Console sign-in events"; Amazon EC2 API Reference, "Error codes" (DryRunOperation,
RequestLimitExceeded).
"""

from tocsin.model.events import Outcome, Reason

SIGN_IN = frozenset({"ConsoleLogin", "SwitchRole", "ExitRole"})
"""Actions whose outcome stands in ``responseElements`` under their own name."""

ANSWERED = SIGN_IN | {"GetSigninToken", "CheckMfa"}
"""Actions that may have an answer of that form."""

DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "Client.UnauthorizedOperation",
    }
)
_THROTTLED = (
    "throttling",
    "requestlimitexceeded",
    "toomanyrequests",
    "slowdown",
    "provisionedthroughputexceeded",
)


def judge(
    action: str, error_code: str | None, message: bool, answer: str | None
) -> tuple[Outcome, Reason]:
    """Return outcome and reason.

    Args:
        action: The record's ``eventName``.
        error_code: Its ``errorCode``; None when absent.
        message: Whether it has an ``errorMessage``.
        answer: For sign-ins, what ``responseElements`` holds under the action's name. It wins
            over everything else.
    """
    if answer in ("Success", "Failure"):
        if answer == "Success":
            return Outcome.SUCCESS, Reason.NONE
        return Outcome.FAILURE, Reason.AUTH
    if not error_code:
        if message:
            return Outcome.FAILURE, Reason.AUTH
        if action in SIGN_IN:
            return Outcome.UNKNOWN, Reason.NONE
        return Outcome.SUCCESS, Reason.NONE
    if error_code in DENIED or error_code.endswith("Forbidden"):
        return Outcome.FAILURE, Reason.DENIED
    if error_code.endswith("DryRunOperation"):
        return Outcome.FAILURE, Reason.DRY_RUN
    plain = error_code.removeprefix("Client.").removeprefix("Server.").lower()
    if plain.startswith(_THROTTLED):
        return Outcome.FAILURE, Reason.THROTTLED
    return Outcome.FAILURE, Reason.INVALID
