"""The configuration of a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .._fields import lists_its_fields
from ..types import SourceLike
from .fetch_result import FetchResult
from .parse_filter import MediaType, VastParseFilter

# `MediaType` and `FetchResult` can be imported from here too, as in the described system.
__all__ = ["FetchMode", "FetchResult", "FetchStrategy", "MediaType", "VastFetchConfig"]


class FetchMode(str, Enum):
    """When each source is asked. In every mode a source wins only with a usable ad."""

    #: All at the same time; the first source in order with a usable ad wins.
    PARALLEL = "parallel"
    #: One after the other.
    SEQUENTIAL = "sequential"
    #: All at the same time; the first usable ad in time wins.
    RACE = "race"
    #: In order; if a source is slow, the next one is asked too. The first usable ad in time wins.
    STAGGERED = "staggered"
    #: All at the same time; the result has every usable ad. Impressions are never called.
    COLLECT = "collect"


@lists_its_fields
@dataclass
class FetchStrategy:
    """The rules for asking sources. Times are seconds.

    ``timeout`` limits the whole request, ``per_source_timeout`` a source with its retries and wrappers. The wait before a retry is
    drawn below ``retry_delay``, which doubles with each retry up to 30 s. ``stop_on_first_success`` has no effect: a usable ad
    always ends the request, except in the mode ``COLLECT``. ``patience`` limits how long ``PARALLEL`` waits for sources ahead of
    one with an ad; ``stagger`` is the wait of ``STAGGERED``.
    """

    mode: FetchMode = FetchMode.PARALLEL
    timeout: float = 30.0
    per_source_timeout: float = 10.0
    max_retries: int = 2
    retry_delay: float = 1.0
    stop_on_first_success: bool = False
    fallback_mode: FetchMode | None = field(default=None, kw_only=True)
    patience: float | None = field(default=None, kw_only=True)
    stagger: float | None = field(default=None, kw_only=True)


@lists_its_fields
@dataclass
class VastFetchConfig:
    """One request: its sources, the fallbacks that are asked if no source has a usable ad, and the rules.

    ``params`` and ``headers`` are added to the request of every source that is a URL or a dict. **``auto_track=True`` states that
    the ad is played when the answer arrives**: its impressions are called at once.
    """

    sources: list[SourceLike] = field(default_factory=list)
    fallbacks: list[SourceLike] = field(default_factory=list)
    strategy: FetchStrategy = field(default_factory=FetchStrategy)
    params: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    parse_filter: VastParseFilter | None = None
    auto_track: bool = True
