"""The kinds of sources, and which collector reads which.

Apart from the rest of the configuration: the processes that read need nothing else of it.
"""

from collections.abc import Mapping

from collectors.base import Collector, Needs
from collectors.files import Files, FilesSettings
from collectors.s3 import S3, S3Settings
from tocsin.geo import Geo

SourceSettings = FilesSettings | S3Settings

SOURCES: Mapping[str, type[SourceSettings]] = {"files": FilesSettings, "s3": S3Settings}
"""Type of a source → its settings. The collector of each is in :func:`collector`."""


def collector(settings: SourceSettings, needs: Needs, geo: Geo) -> Collector:
    """Return the collector that settings describe."""
    if isinstance(settings, S3Settings):
        return S3(settings, needs, geo)
    return Files(settings, needs, geo)
