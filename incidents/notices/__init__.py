"""Notices: rendered, approved by a person to the byte, and only then handed to the outbox.

tables     what is kept
manifest   many notices as one thing to say yes to
preview    render, keep the bytes, make the manifest
approval   a yes to one manifest
sending    what was approved, as letters for the outbox
"""

from incidents.notices.approval import Approval, approvals, approve
from incidents.notices.manifest import Addressed, Manifest
from incidents.notices.preview import file_of, preview
from incidents.notices.sending import Letter, send_plan

__all__ = [
    "Addressed",
    "Approval",
    "Letter",
    "Manifest",
    "approvals",
    "approve",
    "file_of",
    "preview",
    "send_plan",
]
