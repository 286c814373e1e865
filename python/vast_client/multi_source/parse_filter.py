"""The conditions that an ad must meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .._fields import lists_its_fields


class MediaType(str, Enum):
    """A kind of media."""

    VIDEO = "video"
    AUDIO = "audio"
    ALL = "all"


@lists_its_fields
@dataclass
class VastParseFilter:
    """The conditions that an ad must meet. One media file has to meet all conditions on media together.

    An ad that does not state a value does not meet a condition on it. Durations are seconds, bitrates kbit/s.
    """

    media_types: list[MediaType] = field(default_factory=lambda: [MediaType.ALL])
    min_duration: int | None = None
    max_duration: int | None = None
    min_bitrate: int | None = None
    max_bitrate: int | None = None
    required_dimensions: tuple[int, int] | None = None
    accept_wrappers: bool = True
    max_wrapper_depth: int = 5

    def matches(self, vast_data: Mapping[str, Any]) -> bool:
        """Whether parsed data meets the conditions."""
        if not _within(vast_data.get("duration"), self.min_duration, self.max_duration):
            return False
        if not self._has_media_condition():
            return True
        return any(self._matches_file(file) for file in vast_data.get("media_files") or [])

    def _wants_all_media(self) -> bool:
        return not self.media_types or MediaType.ALL in self.media_types

    def _has_media_condition(self) -> bool:
        bounds = (self.min_bitrate, self.max_bitrate, self.required_dimensions)
        return not self._wants_all_media() or any(bound is not None for bound in bounds)

    def _matches_file(self, file: Mapping[str, Any]) -> bool:
        kind = str(file.get("type") or "").partition("/")[0].lower()
        if not self._wants_all_media() and kind not in {MediaType(one).value for one in self.media_types}:
            return False
        if not _within(file.get("bitrate"), self.min_bitrate, self.max_bitrate):
            return False
        size = (_number(file.get("width")), _number(file.get("height")))
        return self.required_dimensions is None or size == tuple(self.required_dimensions)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _within(value: Any, low: float | None, high: float | None) -> bool:
    if low is None and high is None:
        return True
    number = _number(value)
    if number is None:
        return False
    return (low is None or number >= low) and (high is None or number <= high)

