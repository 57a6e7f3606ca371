"""The data map: which action on which resource touches whose data, and how much of it.

    entries    what a data map says
    reading    a TOML file into a data map, all errors at once
    match      a data map over columns: touches
    versions   versions of it in the database

Touches are computed when asked, never stored as truth.
"""

from tocsin.datamap.entries import Action, DataMap, Store
from tocsin.datamap.match import UNKNOWN, Matcher, Place, Touch
from tocsin.datamap.reading import parse
from tocsin.datamap.versions import Held, MapDiff, load, plan, take, version_at
from tocsin.model.categories import ALL

__all__ = [
    "ALL",
    "UNKNOWN",
    "Action",
    "DataMap",
    "Held",
    "MapDiff",
    "Matcher",
    "Place",
    "Store",
    "Touch",
    "load",
    "parse",
    "plan",
    "take",
    "version_at",
]
