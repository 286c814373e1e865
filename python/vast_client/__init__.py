"""A VAST client: one pipeline from one or many ad servers to one usable ad, on a native core.

>>> from vast_client import VastClient
>>> async def main():
...     async with VastClient("https://ads.example/vast") as client:
...         ad = await client.request_ad()
"""

from __future__ import annotations

from typing import Any

from . import exceptions
from ._native import __version__
from .multi_source import (
    FetchMode,
    FetchResult,
    FetchStrategy,
    MediaType,
    MultiSourceTracker,
    VastFetchConfig,
    VastMultiSourceFetcher,
    VastMultiSourceOrchestrator,
    VastParseFilter,
)
from .client import VastClient
from .config import VastClientConfig
from .exceptions import *
from .explanation import explain
from .parser import VastParser
from .tracker import VastTracker

_SIMULATION = "it reports plays that never happened, and such beacons are invalid traffic"
_TOML = "write a configuration file and use `python -m vast_client request --config FILE`, or a dict"
#: Names of the described system that this package does not have, with what to use, or why there is nothing.
_ABSENT = {
    "HeadlessPlayer": _SIMULATION,
    "PlaybackSession": "use vast_client.session.BreakSession, which turns reports of a real player into events",
    "BaseVideoAdPlayer": "use vast_client.session.BreakSession, which turns reports of a real player into events",
    "PlaybackMode": _SIMULATION,
    "IPPoolSelector": "it sends made-up addresses of viewers, and such requests are invalid traffic",
    "ProviderConfigLoader": _TOML,
    "get_default_vast_config": _TOML,
}


def __getattr__(name: str) -> Any:
    if name in _ABSENT:
        raise ImportError(f"vast_client has no {name}: {_ABSENT[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def create_client(config_or_url: Any, **options: Any) -> VastClient:
    """``VastClient(config_or_url, **options)``."""
    return VastClient(config_or_url, **options)


def create_parser(config: Any = None) -> VastParser:
    """A parser for a ``VastParserConfig`` or for a dict of its values."""
    return VastParser.from_config(config) if isinstance(config, dict) else VastParser(config)


def create_tracker(tracking_events: Any, client: Any = None, **options: Any) -> VastTracker:
    """``VastTracker(tracking_events, client, **options)``."""
    return VastTracker(tracking_events, client, **options)


__all__ = [
    "VastClient",
    "VastParser",
    "VastTracker",
    "VastClientConfig",
    "VastMultiSourceOrchestrator",
    "VastMultiSourceFetcher",
    "MultiSourceTracker",
    "VastFetchConfig",
    "FetchStrategy",
    "FetchMode",
    "FetchResult",
    "VastParseFilter",
    "MediaType",
    "create_client",
    "create_parser",
    "create_tracker",
    "explain",
    "__version__",
]
__all__ += exceptions.__all__
