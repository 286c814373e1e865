"""The settings of a request: from the classes of this package to the plain values that the native module reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._checks import as_dict, count, instance_of, member, seconds, size
from ._host import fetching
from .multi_source.fetch_config import FetchMode, FetchStrategy, VastFetchConfig
from .multi_source.parse_filter import MediaType, VastParseFilter
from .multi_source.upstream import HttpUpstream, LocalFileUpstream, MockUpstream, create_upstream

#: The names of a viewer's values in ``ctx`` and ``ad_request``, and other names that programs use for them.
_VIEWER = {
    "ip": ("ip", "client_ip", "device_ip"),
    "user_agent": ("user_agent", "ua"),
    "referer": ("referer", "referrer"),
    "language": ("language", "accept_language"),
    "ifa": ("ifa",),
    "ifa_type": ("ifa_type",),
    "gdpr": ("gdpr",),
    "coppa": ("coppa",),
    "consent": ("consent", "gdpr_consent"),
    "gpp": ("gpp",),
    "limit_ad_tracking": ("limit_ad_tracking",),
}
_FLAGS = ("gdpr", "coppa", "limit_ad_tracking")


def viewer(*contexts: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The viewer of a request from ``ctx`` and ``ad_request``. Names that are not known become macros of own tags."""
    if not any(contexts):
        return None
    given: dict[str, Any] = {}
    for context in contexts:
        given.update(as_dict("ctx or ad_request", context))
    request: dict[str, Any] = {}
    for name, spellings in _VIEWER.items():
        values = [given.pop(spelling) for spelling in spellings if spelling in given]
        value = next((value for value in values if value is not None), None)
        if value is not None:
            value = _flag(value) if name in _FLAGS else str(value)
        request[name] = value
    request["macros"] = [(str(name), str(value)) for name, value in given.items() if is_plain(value)]
    return request


def _flag(value: Any) -> bool:
    return value.strip().lower() in {"1", "true", "yes"} if isinstance(value, str) else bool(value)


def is_plain(value: Any) -> bool:
    """Whether a value can be part of a URL."""
    return isinstance(value, (str, int, float, bool))


def text(value: Any) -> str:
    """A value as it is written in a URL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Query parameters as pairs. A list gives several, ``None`` an empty value."""
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        items: Iterable[Any] = value if isinstance(value, (list, tuple)) else (value,)
        found.extend((str(name), text(item)) for item in items)
    return found


def _headers(values: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in values.items()]


def source_item(source: Any, config: VastFetchConfig, *, on_loop: bool) -> dict[str, Any]:
    """A source. One that is code of Python needs an event loop.

    Raises ``TypeError`` or ``ValueError`` for something that is not a source.
    """
    given_timeout = source.get("timeout") if isinstance(source, dict) else None
    upstream = create_upstream(source)
    item: dict[str, Any] = {
        "name": _name_of(upstream),
        "kind": "python",
        "text": "",
        "callable": None,
        "params": [],
        "raw_params": [],
        "headers": [],
        "timeout": None,
    }
    kind = type(upstream)
    if kind is HttpUpstream and upstream.http_client is None:
        if not isinstance(source, (str, dict)):
            given_timeout = upstream.timeout
        item.update(
            kind="url",
            text=upstream.base_url,
            params=_pairs({**upstream.base_params, **(config.params or {})}),
            raw_params=[name for name, encoded in upstream.encoding_config.items() if encoded is False],
            headers=_headers({**upstream.base_headers, **(config.headers or {})}),
            timeout=None if given_timeout is None else seconds("timeout of a source", given_timeout),
        )
    elif kind is LocalFileUpstream:
        item.update(kind="file", text=str(upstream.file_path))
    elif kind is MockUpstream and not upstream.delay:
        item.update(kind="inline", text=upstream.vast_xml)
    elif on_loop:
        item["callable"] = fetching(upstream, config.params, config.headers)
    return item


def _name_of(source: Any) -> str:
    """The name of a source in results."""
    identify = getattr(source, "get_identifier", None)
    return str(identify()) if callable(identify) else str(source)


def strategy_item(strategy: FetchStrategy) -> dict[str, Any]:
    """A strategy. Raises ``VastConfigValidationError`` for a wrong value."""
    instance_of(FetchStrategy, "strategy", strategy)

    def optional(name: str) -> float | None:
        value = getattr(strategy, name)
        return None if value is None else seconds(name, value)

    fallback = strategy.fallback_mode
    return {
        "mode": member(FetchMode, "mode", strategy.mode),
        "fallback_mode": None if fallback is None else member(FetchMode, "fallback_mode", fallback),
        "timeout": seconds("timeout", strategy.timeout),
        "per_source_timeout": seconds("per_source_timeout", strategy.per_source_timeout),
        "max_retries": count("max_retries", strategy.max_retries),
        "retry_delay": seconds("retry_delay", strategy.retry_delay),
        "patience": optional("patience"),
        "stagger": optional("stagger"),
    }


def filter_item(wanted: VastParseFilter | None) -> dict[str, Any] | None:
    """A filter. Raises ``VastConfigValidationError`` for a wrong value."""
    if wanted is None:
        return None
    checks = {
        "min_duration": seconds,
        "max_duration": seconds,
        "min_bitrate": count,
        "max_bitrate": count,
        "required_dimensions": size,
    }
    given = {name: getattr(wanted, name) for name in checks}
    item = {name: None if value is None else checks[name](name, value) for name, value in given.items()}
    return {
        **item,
        "media_types": [member(MediaType, "media_types", one) for one in wanted.media_types],
        "accept_wrappers": bool(wanted.accept_wrappers),
        "max_wrapper_depth": count("max_wrapper_depth", wanted.max_wrapper_depth),
    }
