"""One pipeline for all requests: from the classes of this package to the native engine and back."""

from __future__ import annotations

import copy
import itertools
import os
import re
import warnings
from collections.abc import Coroutine, Mapping
from typing import Any

from . import _native
from ._checks import as_dict, as_list
from ._host import NO_MATCH, sending
from ._loop import LoopPort, running_port
from ._settings import filter_item, source_item, strategy_item, text
from .exceptions import VastConfigError, VastConfigNotFoundError, VastConfigValidationError
from .http_client_manager import NATIVE
from .multi_source.fetch_config import VastFetchConfig
from .multi_source.fetch_result import FetchResult, result_of_answer
from .multi_source.parse_filter import VastParseFilter

#: For how long a replaced tracking client is waited for, in seconds.
_TRACKING_WAIT = 1.0
#: What ``_number_duplicates`` adds to a name.
_NUMBER = re.compile(r" \(\d+\)$")

Plan = _native.Plan
Answer = _native.Answer


class Pipeline:
    """The engine of a client, and what belongs to the client and not to one request."""

    def __init__(
        self, *, ssl_verify: bool | str | os.PathLike[str] = True, outbox: str | None = None, allow_private: bool = False
    ) -> None:
        if ssl_verify is False:
            warning = "ssl_verify=False accepts any certificate: an attacker on the network can read and change everything"
            warnings.warn(warning, RuntimeWarning, stacklevel=4)
        self.ca_file = _ca_file(ssl_verify)
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
        primary, secondary = as_list("sources", config.sources), as_list("fallbacks", config.fallbacks)
        as_dict("params", config.params), as_dict("headers", config.headers)
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

        sources, fallbacks = items(primary), items(secondary)
        _number_duplicates([*sources, *fallbacks])
        if not sources:
            sources, fallbacks = fallbacks, []
        if not sources:
            return plan_of([], []), errors
        try:
            self.engine.start()
        except ValueError as error:
            raise VastConfigValidationError(str(error)) from error
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
        if self.sends_all(client):
            return self.engine
        return _native.Engine(transport=sending(client, timeout), port=port.native)

    def sends_all(self, *clients: Any) -> bool:
        """Whether none of these HTTP clients replaces the native one."""
        return not [client for client in clients if client is not NATIVE and client is not None]

    def run(
        self,
        plan: Plan,
        request: dict[str, Any] | None,
        *,
        port: LoopPort,
        client: Any = NATIVE,
        auto_track: bool = False,
        timeout: float = 10.0,
    ) -> Coroutine[Any, Any, Answer]:
        """Runs a request. ``client`` is the HTTP client of ad requests; ``auto_track`` calls impressions with the native one."""
        return port.run(self.engine_of(client, port, timeout).run, plan, request, auto_track)

    async def track_impressions(self, answer: Answer, client: Any, port: LoopPort) -> list[tuple[str, str]]:
        """Calls the impressions of an answer through an HTTP client. Returns their URLs and states."""
        engine = self.engine_of(client, port, _TRACKING_WAIT)
        states: list[tuple[str, str]] = await port.run(engine.track_impressions, answer)
        if engine is not self.engine:
            await port.run(engine.drain, _TRACKING_WAIT)
        return states

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
            "macros": [(str(name), text(value)) for name, value in (macros or {}).items()],
            "group": answer.request_id if answer is not None else group,
            "occurrence": next(self.occurrences),
            "named": named,
            "allow_private": self.allow_private,
        }
        states = await running_port().run(self.engine.track, item)
        queued = sum(state != "refused" for _, state in states)
        return {"event": event, "queued": queued, "urls": [url for url, _ in states]}

    async def drain(self, seconds: float) -> dict[str, int]:
        """Waits at most ``seconds`` until no beacon is due."""
        report = await running_port().run(self.engine.drain, seconds)
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
    warning = "auto_track=True: the impressions were called with the answer, so the ad must be played now; otherwise set auto_track=False"
    warnings.warn(warning, UserWarning, stacklevel=4)


def result_of(answer: Answer, config: VastFetchConfig, errors: list[dict[str, Any]]) -> FetchResult:
    """The result of a request."""
    return result_of_answer(answer, given_name(answer.source), [*errors, *error_entries(answer, config)])


def _number_duplicates(items: list[dict[str, Any]]) -> None:
    """Makes the names different: the native results distinguish sources by name."""
    seen: dict[str, int] = {}
    for item in items:
        number = seen[item["name"]] = seen.get(item["name"], 0) + 1
        if number > 1:
            item["name"] += f" ({number})"


def given_name(name: str | None) -> str | None:
    """The name of a source without the number of a duplicate."""
    return _NUMBER.sub("", name) if name is not None and name.endswith(")") else name


def _ca_file(ssl_verify: Any) -> str | None:
    """The file of certificate authorities, if ``ssl_verify`` is one."""
    if isinstance(ssl_verify, bool):
        return None
    if not isinstance(ssl_verify, (str, os.PathLike)):
        kind = type(ssl_verify).__name__
        raise TypeError(f"ssl_verify must be True, False or the path of a file of certificate authorities, got {kind}")
    path = os.fspath(ssl_verify)
    if not os.path.isfile(path):
        raise VastConfigNotFoundError(f"ssl_verify is {path!r}, and there is no such file", "ssl_verify")
    return str(path)


def error_entries(answer: Answer, config: VastFetchConfig) -> list[dict[str, Any]]:
    """Every failure with the keys and texts of the described system."""
    entries: list[dict[str, Any]] = []
    failures = answer.failures()
    if not failures:
        return entries
    per_source = min(config.strategy.per_source_timeout, config.strategy.timeout)
    for name, phase, kind, message, status, limit, size in failures:
        source = given_name(name)
        if phase == "select":
            entries.append({"phase": "select", "error": NO_MATCH, "source": source, "reason": message})
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
        entries.append({"error": "Overall timeout exceeded", "timeout": config.strategy.timeout, "source": None})
    return entries
