"""Code of Python that a request calls: sources, HTTP clients that replace the native one, parsers and filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._loop import HostCall, Reply
from .multi_source.fetch_result import FetchResult
from .multi_source.parse_filter import VastParseFilter
from .parser import VastParser

#: The error of an ad that the filter rejects.
NO_MATCH = "VAST data did not match filter criteria"

#: Headers that are no longer true after the client has decoded the body.
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def fetching(upstream: Any, params: dict[str, Any], headers: dict[str, str]) -> HostCall:
    """The request to a source that is an object with ``fetch``."""

    async def fetch() -> Reply:
        text = await upstream.fetch(params or None, headers or None)
        if not isinstance(text, (str, bytes)):
            raise TypeError(f"fetch of {type(upstream).__name__} must return str, got {type(text).__name__}")
        return (text.encode() if isinstance(text, str) else text), 200, []

    return HostCall(fetch, "internal")


def sending(client: Any, timeout: float) -> HostCall:
    """The requests of a client that replaces the native one."""

    async def send(url: str, headers: list[tuple[str, str]]) -> Reply:
        response = await client.get(url, headers=dict(headers), timeout=timeout)
        status = response.status_code if isinstance(response.status_code, int) else 200
        is_redirect = 300 <= status < 400
        if not is_redirect:
            response.raise_for_status()
        content = getattr(response, "content", None)
        body = content if isinstance(content, bytes) else str(response.text).encode()
        given = response.headers.items() if isinstance(getattr(response, "headers", None), Mapping) else ()
        kept = [(str(name), str(value)) for name, value in given if str(name).lower() not in _DECODED]
        return body, status, kept

    return HostCall(send, "connect")


def decides(parser: Any, wanted: VastParseFilter | None) -> bool:
    """Whether ``decide`` has something to do."""
    return _is_own(parser) or bool(parser.config.custom_xpaths) or _judges_itself(wanted)


def _is_own(parser: Any) -> bool:
    return not isinstance(parser, VastParser) or parser.is_replaced


def _judges_itself(wanted: VastParseFilter | None) -> bool:
    return wanted is not None and type(wanted).matches is not VastParseFilter.matches


def decide(parser: Any, wanted: VastParseFilter | None, result: FetchResult) -> None:
    """Asks a parser and a filter of the program's own about the ad that was chosen. A parser that raises makes the request fail."""
    if not result.success:
        return
    if _is_own(parser):
        try:
            result.parsed_data = parser.parse_vast(result.raw_response)
        except Exception as error:
            kind = type(error).__name__
            _reject(result, {"phase": "parse", "error": str(error), "error_type": kind, "source": result.source_url})
            return
    elif parser.config.custom_xpaths and result.parsed_data is not None:
        result.parsed_data["extensions"].update(parser.custom_values(result.raw_response.encode()))
    if wanted is not None and _judges_itself(wanted) and not wanted.matches(result.parsed_data or {}):
        reason = f"{type(wanted).__name__}.matches() is false"
        _reject(result, {"phase": "select", "error": NO_MATCH, "source": result.source_url, "reason": reason})


def _reject(result: FetchResult, error: dict[str, Any]) -> None:
    result.success, result.parsed_data = False, None
    result.errors.append(error)
