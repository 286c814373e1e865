"""Requests to one source and to many."""

from .._native import __version__
from .fetch_config import FetchMode, FetchStrategy, VastFetchConfig
from .fetch_result import FetchResult
from .parse_filter import MediaType, VastParseFilter
from .upstream import BaseUpstream, HttpUpstream, LocalFileUpstream, MockUpstream, VastUpstream, create_upstream

# These modules need the ones above.
from .fetcher import VastMultiSourceFetcher  # isort: skip
from .orchestrator import VastMultiSourceOrchestrator  # isort: skip
from .tracker import MultiSourceTracker  # isort: skip

__all__ = [
    "VastMultiSourceOrchestrator",
    "VastMultiSourceFetcher",
    "MultiSourceTracker",
    "VastFetchConfig",
    "FetchStrategy",
    "FetchMode",
    "FetchResult",
    "VastParseFilter",
    "MediaType",
    "VastUpstream",
    "BaseUpstream",
    "HttpUpstream",
    "LocalFileUpstream",
    "MockUpstream",
    "create_upstream",
    "__version__",
]
