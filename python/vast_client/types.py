"""The shapes of the dicts of this package, for annotations. Every key is always there, except where a class says otherwise."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from .multi_source.upstream import VastUpstream


class VastClientConfig(TypedDict, total=False):
    """A dict that ``VastClient`` takes: ``url`` or ``base_url`` with the rest, or all of it under ``client``.

    It is not the dataclass ``vast_client.VastClientConfig``, whose name programs import from there.
    """

    url: str
    base_url: str
    params: dict[str, Any]
    headers: dict[str, str]
    encoding_config: dict[str, bool]
    client: dict[str, Any]


class CreativeData(TypedDict, total=False):
    """``parsed_data["creative"]``; empty without a creative."""

    id: str | None
    ad_id: str | None


class MediaFileData(TypedDict):
    """An entry of ``parsed_data["media_files"]``. The attributes are texts, as in the document; bitrates are kbit/s."""

    url: str
    delivery: str | None
    type: str | None
    width: str | None
    height: str | None
    bitrate: str | None


class ParsedData(TypedDict):
    """``FetchResult.parsed_data``. ``duration`` is in whole seconds."""

    vast_version: str | None
    ad_system: str | None
    ad_title: str | None
    impression: list[str]
    error: list[str]
    creative: CreativeData
    media_files: list[MediaFileData]
    media_url: str | None
    tracking_events: dict[str, list[str]]
    extensions: dict[str, Any]
    duration: int | None


class AdData(ParsedData):
    """What ``request_ad`` returns for a document: also its text, and ``impression`` and ``error`` among the events."""

    _raw_vast_response: str


class SourceError(TypedDict, total=False):
    """An entry of ``FetchResult.errors``. ``error`` is always there.

    A failure of FETCH has ``source``; one of PARSE has ``phase`` and ``error_type``, one of SELECT ``phase`` and ``reason``, both with
    ``source``; the end of the whole time has ``timeout`` in seconds.
    """

    error: str
    source: str | None
    phase: Literal["parse", "select"]
    error_type: str
    reason: str
    timeout: float


class TrackingResult(TypedDict, total=False):
    """What ``track_event`` returns. ``sent`` and ``failed`` are there if an HTTP client replaces the native one."""

    event: str
    queued: int
    urls: list[str]
    sent: int
    failed: int


class ResultMetadata(TypedDict, total=False):
    """``FetchResult.metadata``. The first four keys are always there; ``elapsed_time`` is in seconds."""

    elapsed_time: float
    source_count: int
    mode: str
    request_id: str
    content_length: int
    attempt: int
    parsed: bool
    used_fallback: bool
    impression_tracked: bool
    tracking_result: TrackingResult
    tracking_error: str


#: A source: a URL, a dict with ``url`` or ``base_url``, or an object with ``fetch``.
SourceLike = str | dict[str, Any] | VastUpstream
