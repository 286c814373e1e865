"""One pipeline for all requests: from the classes of this package to the native engine and back."""

from __future__ import annotations

import copy
import itertools
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from . import _native
from ._loop import HostCall, LoopPort, Reply, running_port
from .exceptions import VastConfigError, VastConfigValidationError
from .http_client_manager import NATIVE
from .multi_source.fetch_config import FetchMode, FetchResult, FetchStrategy, MediaType, VastFetchConfig
from .multi_source.parse_filter import VastParseFilter
from .multi_source.upstream import HttpUpstream, LocalFileUpstream, MockUpstream, create_upstream

#: For how long a replaced tracking client is waited for, in seconds.
_TRACKING_WAIT = 1.0
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

Request = dict[str, Any]
Plan = _native.Plan
Answer = _native.Answer


def viewer(*contexts: Mapping[str, Any] | None) -> Request | None:
    """The viewer of a request from ``ctx`` and ``ad_request``. Names that are not known become macros of own tags."""
    given: dict[str, Any] = {}
    for context in contexts:
        if context is None:
            continue
        if not isinstance(context, Mapping):
            raise TypeError(f"ctx and ad_request must be dicts, got {type(context).__name__}")
        given.update(context)
    if not given:
        return None
    request: Request = {}
    for name, spellings in _VIEWER.items():
        values = [given.pop(spelling) for spelling in spellings if spelling in given]
        value = next((value for value in values if value is not None), None)
        if value is not None:
            value = _flag(value) if name in _FLAGS else str(value)
        request[name] = value
    request["macros"] = [(str(name), str(value)) for name, value in given.items() if _is_plain(value)]
    return request


def _flag(value: Any) -> bool:
    return value.strip().lower() in {"1", "true", "yes"} if isinstance(value, str) else bool(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool))


def pairs(values: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Query parameters as pairs. A list gives several, ``None`` an empty value."""
    found: list[tuple[str, str]] = []
    for name, value in (values or {}).items():
        items: Iterable[Any] = value if isinstance(value, (list, tuple)) else (value,)
        found.extend((str(name), _text(item)) for item in items)
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _headers(values: Mapping[str, str] | None) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in (values or {}).items()]


def source_item(source: Any, config: VastFetchConfig, *, on_loop: bool) -> dict[str, Any]:
    """A source as the native module reads it. Code of Python needs an event loop."""
    given_timeout = source.get("timeout") if isinstance(source, dict) else None
    upstream = create_upstream(source)
    item: dict[str, Any] = {
        "name": name_of(upstream),
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
            params=pairs({**upstream.base_params, **config.params}),
            raw_params=[name for name, encoded in upstream.encoding_config.items() if encoded is False],
            headers=_headers({**upstream.base_headers, **config.headers}),
            timeout=given_timeout,
        )
    elif kind is LocalFileUpstream:
        item.update(kind="file", text=str(upstream.file_path))
    elif kind is MockUpstream and not upstream.delay:
        item.update(kind="inline", text=upstream.vast_xml)
    elif on_loop:
        item["callable"] = HostCall(_fetching(upstream, config), "internal")
    return item


def _number_duplicates(items: list[dict[str, Any]]) -> None:
    """Makes the names different: the native results distinguish sources by name."""
    seen: dict[str, int] = {}
    for item in items:
        number = seen[item["name"]] = seen.get(item["name"], 0) + 1
        if number > 1:
            item["name"] += f" ({number})"


def given_name(name: str | None) -> str | None:
    """The name of a source without the number of a duplicate."""
    return None if name is None else re.sub(r" \(\d+\)$", "", name)


def name_of(source: Any) -> str:
    """The name of a source in results."""
    identify = getattr(source, "get_identifier", None)
    return str(identify()) if callable(identify) else str(source)


def _fetching(upstream: Any, config: VastFetchConfig) -> Any:
    async def fetch() -> Reply:
        text = await upstream.fetch(config.params or None, config.headers or None)
        if not isinstance(text, (str, bytes)):
            raise TypeError(f"fetch of {type(upstream).__name__} must return str, got {type(text).__name__}")
        return (text.encode() if isinstance(text, str) else text), 200, []

    return fetch


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


#: Headers that are no longer true after the client has decoded the body.
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def strategy_item(strategy: FetchStrategy) -> dict[str, Any]:
    """The strategy as the native module reads it."""
    fallback = strategy.fallback_mode
    return {
        "mode": FetchMode(strategy.mode).value,
        "fallback_mode": None if fallback is None else FetchMode(fallback).value,
        "timeout": float(strategy.timeout),
        "per_source_timeout": float(strategy.per_source_timeout),
        "max_retries": int(strategy.max_retries),
        "retry_delay": float(strategy.retry_delay),
        "patience": strategy.patience,
        "stagger": strategy.stagger,
    }


def filter_item(wanted: VastParseFilter | None) -> dict[str, Any] | None:
    """The filter as the native module reads it."""
    if wanted is None:
        return None
    size = wanted.required_dimensions
    return {
        "media_types": [MediaType(one).value for one in wanted.media_types],
        "min_duration": wanted.min_duration,
        "max_duration": wanted.max_duration,
        "min_bitrate": wanted.min_bitrate,
        "max_bitrate": wanted.max_bitrate,
        "required_dimensions": None if size is None else tuple(size),
        "accept_wrappers": bool(wanted.accept_wrappers),
        "max_wrapper_depth": int(wanted.max_wrapper_depth),
    }


class Pipeline:
    """The engine of a client, and what belongs to the client and not to one request."""

    def __init__(
        self, *, ssl_verify: bool | str = True, outbox: str | None = None, allow_private: bool = False
    ) -> None:
        if ssl_verify is False:
            text = "ssl_verify=False accepts any certificate: an attacker on the network can read and change everything"
            warnings.warn(text, RuntimeWarning, stacklevel=4)
        self.ca_file = ssl_verify if isinstance(ssl_verify, str) else None
        self.insecure = ssl_verify is False
        self.allow_private = allow_private
        self.occurrences = itertools.count(1)
        self._last: tuple[tuple[Any, ...], Plan] | None = None
        self.engine = _native.Engine(ca_file=self.ca_file, insecure=self.insecure, outbox=outbox)
        if outbox is not None:
            try:
                self.engine.start()
            except _native.OutboxInUse as error:
                raise VastConfigError(str(error), {"outbox": outbox}) from error

    def plan(
        self,
        config: VastFetchConfig,
        parse_filter: VastParseFilter | None = None,
        *,
        captures: bool = False,
        port: LoopPort | None = None,
    ) -> tuple[Plan, list[dict[str, Any]]]:
        """The native plan of a configuration, and an error for each source that cannot be one.

        The last plan without code of Python is used again while the configuration has equal values.
        """
        key = (config, parse_filter, captures)
        if self._last is not None and self._last[0] == key:
            return self._last[1], []
        plan, errors = self._new_plan(config, parse_filter, captures=captures, port=port)
        if not errors and all(isinstance(one, (str, dict)) for one in (*config.sources, *config.fallbacks)):
            self._last = (copy.deepcopy(key), plan)
        return plan, errors

    def _new_plan(
        self, config: VastFetchConfig, parse_filter: VastParseFilter | None, *, captures: bool, port: LoopPort | None
    ) -> tuple[Plan, list[dict[str, Any]]]:
        errors: list[dict[str, Any]] = []
        wanted = filter_item(parse_filter if parse_filter is not None else config.parse_filter)
        strategy = strategy_item(config.strategy)
        client = {"ca_file": self.ca_file, "allow_private": self.allow_private}

        def plan_of(sources: list[dict[str, Any]], fallbacks: list[dict[str, Any]]) -> Plan:
            native = port.native if port is not None else None
            return _native.Plan(sources, fallbacks, strategy, wanted, client, captures=captures, port=native)

        def items(sources: list[Any]) -> list[dict[str, Any]]:
            found = []
            for source in sources:
                try:
                    found.append(source_item(source, config, on_loop=port is not None))
                except (TypeError, ValueError) as error:
                    errors.append({"source": str(source), "error": f"Invalid source: {error}"})
            return found

        sources, fallbacks = items(config.sources), items(config.fallbacks)
        _number_duplicates([*sources, *fallbacks])
        if not sources:
            sources, fallbacks = fallbacks, []
        if not sources:
            return plan_of([], []), errors
        try:
            plan = plan_of(sources, fallbacks)
            self.engine.prepare(plan)
        except ValueError as error:
            kept: list[list[dict[str, Any]]] = []
            for tier in (sources, fallbacks):
                kept.append([item for item in tier if self._is_usable(plan_of, item, errors)])
            if len(kept[0]) + len(kept[1]) == len(sources) + len(fallbacks):
                raise VastConfigValidationError(str(error)) from error
            plan = plan_of(kept[0] or kept[1], kept[1] if kept[0] else [])
        return plan, errors

    def _is_usable(self, plan_of: Any, item: dict[str, Any], errors: list[dict[str, Any]]) -> bool:
        try:
            self.engine.check(plan_of([item], []))
        except ValueError as error:
            errors.append({"source": item["name"], "error": f"Invalid source: {error}"})
            return False
        return True

    def engine_of(self, client: Any, port: LoopPort, timeout: float) -> _native.Engine:
        """The engine that sends requests through a client; the client's own engine for the native client."""
        if client is None or client is NATIVE:
            return self.engine
        return _native.Engine(transport=sending(client, timeout), port=port.native)

    async def run(
        self,
        plan: Plan,
        request: Request | None,
        *,
        port: LoopPort,
        main: Any = NATIVE,
        tracking: Any = NATIVE,
        auto_track: bool = False,
        timeout: float = 10.0,
    ) -> Answer:
        """Runs a request. ``main`` and ``tracking`` are the HTTP clients of ad requests and of trackers."""
        engine = self.engine_of(main, port, timeout)
        is_native = engine is self.engine and (tracking is None or tracking is NATIVE)
        answer: Answer = await port.run(
            lambda native, ticket: engine.run(native, ticket, plan, request, auto_track and is_native)
        )
        if auto_track and not is_native and answer.success:
            await self._track_impressions(answer, tracking, port)
        return answer

    async def _track_impressions(self, answer: Answer, client: Any, port: LoopPort) -> None:
        engine = self.engine_of(client, port, _TRACKING_WAIT)
        await port.run(lambda native, ticket: engine.track_impressions(native, ticket, answer))
        if engine is not self.engine:
            await port.run(lambda native, ticket: engine.drain(native, ticket, _TRACKING_WAIT))

    async def track(
        self,
        event: str,
        *,
        answer: Answer | None = None,
        urls: list[str] | None = None,
        macros: Mapping[str, Any] | None = None,
        group: str = "",
        named: str | None = None,
    ) -> dict[str, Any]:
        """Puts the trackers of an event into the outbox."""
        item = {
            "event": event,
            "answer": answer,
            "urls": urls or [],
            "macros": [(str(name), _text(value)) for name, value in (macros or {}).items()],
            "group": answer.request_id if answer is not None else group,
            "occurrence": next(self.occurrences),
            "named": named,
            "allow_private": self.allow_private,
        }
        states = await running_port().run(lambda native, ticket: self.engine.track(native, ticket, item))
        queued = sum(state != "refused" for _, state in states)
        return {"event": event, "queued": queued, "urls": [url for url, _ in states]}

    async def drain(self, seconds: float) -> dict[str, int]:
        """Waits at most ``seconds`` until no beacon is due."""
        report = await running_port().run(lambda native, ticket: self.engine.drain(native, ticket, seconds))
        return dict(zip(("delivered", "failed", "left"), report))


_default: list[Pipeline] = []


def default_pipeline() -> Pipeline:
    """The pipeline of trackers that belong to no client."""
    if not _default:
        _default.append(Pipeline())
    return _default[0]


_has_warned: list[bool] = []


def warn_about_impressions() -> None:
    """Says once that the impressions were called because ``auto_track`` is on."""
    if _has_warned:
        return
    _has_warned.append(True)
    text = "auto_track=True: the impressions were called with the answer, so the ad must be played now; otherwise set auto_track=False"
    warnings.warn(text, UserWarning, stacklevel=4)


def result_of(answer: Answer, config: VastFetchConfig, errors: list[dict[str, Any]]) -> FetchResult:
    """The result of a request."""
    result = FetchResult(
        success=answer.success,
        source_url=given_name(answer.source),
        raw_response=answer.raw(),
        parsed_data=answer.parsed(),
        errors=[*errors, *error_entries(answer, config)],
        metadata=answer.metadata(),
    )
    result._answer = answer
    return result


def error_entries(answer: Answer, config: VastFetchConfig) -> list[dict[str, Any]]:
    """Every failure with the keys and texts of the described system."""
    entries: list[dict[str, Any]] = []
    per_source = min(config.strategy.per_source_timeout, config.strategy.timeout)
    for name, phase, kind, message, status, limit, size in answer.failures():
        source = given_name(name)
        if phase == "select":
            text = "VAST data did not match filter criteria"
            entries.append({"phase": "select", "error": text, "source": source, "reason": message})
        elif kind in {"not_xml", "not_vast", "limit", "encoding"}:
            name = "VastXMLError" if kind == "not_xml" else "VastParseError"
            entries.append({"phase": "parse", "error": message, "error_type": name, "source": source})
        elif kind == "http_status":
            entries.append({"source": source, "error": f"HTTP {status}"})
        elif kind == "timeout" and limit != "timeout":
            entries.append({"source": source, "error": f"Timeout after {float(per_source)}s"})
        elif kind == "no_ad" and size == 0:
            entries.append({"source": source, "error": "Empty content"})
        else:
            entries.append({"source": source, "error": message})
    if answer.is_timed_out:
        text = "Overall timeout exceeded"
        entries.append({"error": text, "timeout": config.strategy.timeout, "source": None})
    return entries
