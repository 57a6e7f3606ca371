"""The contract's categories of personal data, and whose data it may be.

Source: the processor's DPA, "Details of the processing operations".
"""

from enum import StrEnum


class Category(StrEnum):
    """What personal data is about, in the contract's words."""

    IDENTIFICATION = "identification"
    CONTACT = "contact"
    WORK = "work-related"
    BILLING = "billing"
    CONVERSATIONS = "telephone conversations"


OPERATOR = "operator"
"""In place of a customer's id: data of the operator's own, for which it is controller itself."""

ALL = "*"
"""In place of a customer: everybody with data in the store."""
