"""The state: what was read, what was said, and how far it came, in one database.

``store`` opens it and hands out transactions; ``tables`` says what is in it, ``migrations`` how
an older one becomes a newer one. Each other module is the functions of one concern; all take the
caller's transaction, so that what belongs together stands or falls together.
"""

from tocsin.store.store import Store

__all__ = ["Store"]
