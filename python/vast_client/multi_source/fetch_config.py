"""The configuration of a request and its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import TYPE_CHECKING, Any

from .._checks import lists_its_fields

if TYPE_CHECKING:
    from .. import _native
    from ..types import SourceLike
    from .parse_filter import VastParseFilter


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


class MediaType(str, Enum):
    """A kind of media."""

    VIDEO = "video"
    AUDIO = "audio"
    ALL = "all"


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


@lists_its_fields
@dataclass
class FetchResult:
    """The answer to a request. ``errors`` has every failure, also of sources that were asked before the one that won.

    ``raw_response``, ``parsed_data`` and ``metadata`` are made when they are read for the first time.
    """

    success: bool = False
    source_url: str | None = None
    raw_response: str = ""
    parsed_data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._answer: _native.Answer | None = None
        self._dict: dict[str, Any] | None = None
        self._explanation: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as the JSON that ``vast request --format json`` prints."""
        if self._dict is None:
            empty: dict[str, Any] = {"schema": 1, "success": self.success}
            empty.update(sources=[], candidates=[], errors=list(self.errors), metadata=dict(self.metadata))
            self._dict = self._answer.to_dict() if self._answer is not None else empty
        return self._dict

    @property
    def sources(self) -> list[dict[str, Any]]:
        """Every source with its outcome, in configured order."""
        return list(self.to_dict()["sources"])

    @property
    def candidates(self) -> list[dict[str, Any]]:
        """Every ad that was checked, with the reason if it is not in the answer."""
        return list(self.to_dict()["candidates"])

    @property
    def ads(self) -> list[dict[str, Any]]:
        """The ads of the answer in order of play, with the trackers of all their wrappers."""
        return list((self.to_dict().get("parsed_data") or {}).get("ads", []))

    def explanation(self) -> str:
        """The text of ``vast_client.explain``."""
        if self._answer is not None:
            return self._answer.explain()
        if self._explanation is not None:
            return self._explanation
        return "\n".join(["no request was sent", *(f"{one.get('source')}: {one['error']}" for one in self.errors)])

    def __getstate__(self) -> dict[str, Any]:
        """The values of a copy, which can be stored: it has all but the native answer, so it cannot be tracked."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**values, "_answer": None, "_dict": self.to_dict(), "_explanation": self.explanation()}


class _MadeAtFirstRead:
    """A field of a result that is made of the native answer. Python asks here only while the result has no value of its own."""

    def __init__(self, name: str, default: Any, make: Callable[[_native.Answer], Any]) -> None:
        self._name, self._default, self._make = name, default, make

    def __get__(self, result: FetchResult | None, _: type[FetchResult]) -> Any:
        if result is None or result._answer is None:
            return self._default
        value = result.__dict__[self._name] = self._make(result._answer)
        return value


setattr(FetchResult, "raw_response", _MadeAtFirstRead("raw_response", "", lambda answer: answer.raw()))
setattr(FetchResult, "parsed_data", _MadeAtFirstRead("parsed_data", None, lambda answer: answer.parsed()))
setattr(FetchResult, "metadata", _MadeAtFirstRead("metadata", None, lambda answer: answer.metadata()))


def result_of_answer(answer: _native.Answer, source_url: str | None, errors: list[dict[str, Any]]) -> FetchResult:
    """The result of a request, whose other values are made when they are read."""
    result = FetchResult.__new__(FetchResult)
    result.success, result.source_url, result.errors = answer.success, source_url, errors
    result.__post_init__()
    result._answer = answer
    return result
