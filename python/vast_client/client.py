"""The client: one source, its viewer, and the calls that most programs need."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from . import _native
from ._checks import as_dict
from ._host import decide
from ._loop import running_port
from ._pipeline import Pipeline, result_of
from ._settings import viewer
from .exceptions import VastAllSourcesFailed, VastHTTPError, http_failure
from .http_client_manager import get_main_http_client, get_tracking_http_client
from .multi_source.fetch_config import FetchStrategy, VastFetchConfig
from .multi_source.fetch_result import FetchResult
from .multi_source.orchestrator import VastMultiSourceOrchestrator
from .parser import VastParser
from .session import SessionBeacons
from .tracker import VastTracker, events_of
from .types import SourceLike

#: The arguments of ``VastClient`` that are given by name.
_OPTIONS = ("ad_request", "parser", "tracker", "ssl_verify", "embed_client", "outbox", "allow_private")
#: Failures of a request that are exceptions of ``request_ad``.
_HTTP_KINDS = {"dns", "connect", "tls", "timeout", "reset", "http_status", "redirect", "blocked_address", "too_large"}


class VastClient:
    """A client for one ad server, with access to requests to many (``multi_source``).

    ``config_or_url`` is a URL, a dict with ``url`` or ``base_url`` (and ``params``, ``headers``, ``encoding_config``; all of it
    may be under ``client``), or an object with ``base_url``. ``ctx`` and ``ad_request`` are dicts about the viewer: ``ip``,
    ``user_agent``, ``referer``, ``language``, ``ifa``, ``gdpr``, ``consent`` and others; other names are macros for own tags.

    ``ssl_verify`` is ``True``, the path of a file with more certificate authorities, or ``False`` for test servers. ``outbox`` is the
    path of a file that keeps the beacons that wait; by default they are lost when the process ends. ``allow_private=True`` lets
    wrappers, redirects and trackers use private addresses.
    """

    def __init__(self, config_or_url: Any, ctx: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        for name in kwargs:
            if name not in _OPTIONS:
                raise TypeError(f"VastClient() has no argument {name!r}; it has {', '.join(_OPTIONS)}")
        self.upstream_url, self.embedded_params, self.embedded_headers, self.encoding_config = _endpoint(config_or_url)
        self.embed_client = kwargs.get("embed_client")
        if self.embed_client is None and hasattr(config_or_url, "base_url"):
            self.embed_client = config_or_url
        self.ssl_verify: bool | str = kwargs.get("ssl_verify", True)
        self.ad_request = as_dict("ad_request", kwargs.get("ad_request"))
        self.ctx = ctx
        self.parser: VastParser = kwargs.get("parser") or VastParser()
        self._tracker: VastTracker | None = kwargs.get("tracker")
        #: What makes the tracker of the last ad, which many programs do not use.
        self._new_tracker: Callable[[], VastTracker] | None = None
        self.logger = logging.getLogger("vast_client")
        self._viewer = viewer(ctx, self.ad_request)
        self._pipeline = Pipeline(
            ssl_verify=self.ssl_verify,
            outbox=kwargs.get("outbox"),
            allow_private=bool(kwargs.get("allow_private", False)),
        )
        self._orchestrator = VastMultiSourceOrchestrator(self.parser, self.ssl_verify, pipeline=self._pipeline)
        self._strategy = FetchStrategy()
        #: The result of the last request, with the outcome of each source.
        self.last_result: FetchResult | None = None

    @classmethod
    def from_uri(cls, uri: str, ctx: Mapping[str, Any] | None = None, **kw: Any) -> VastClient:
        """A client for a URL."""
        return cls(uri, ctx, **kw)

    @classmethod
    def from_config(cls, config: dict[str, Any], ctx: Mapping[str, Any] | None = None, **kw: Any) -> VastClient:
        """A client for a dict."""
        return cls(config, ctx, **kw)

    @classmethod
    def from_embed(cls, embed: Any, ctx: Mapping[str, Any] | None = None, **kw: Any) -> VastClient:
        """A client for an object with ``base_url``, and if it has them ``base_params``, ``base_headers``, ``encoding_config``."""
        return cls(embed, ctx, **kw)

    @property
    def multi_source(self) -> VastMultiSourceOrchestrator:
        """Requests to many sources."""
        return self._orchestrator

    @property
    def tracker(self) -> VastTracker | None:
        """The trackers of the last ad; before the first one, the argument ``tracker``."""
        if self._new_tracker is not None:
            self._tracker, self._new_tracker = self._new_tracker(), None
        return self._tracker

    @tracker.setter
    def tracker(self, tracker: VastTracker | None) -> None:
        self._tracker, self._new_tracker = tracker, None

    async def request_ad(
        self, params: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any] | str:
        """Requests an ad. No impression is called.

        Returns parsed data; ``""`` for HTTP status 204; the text of an answer that is not XML. Without a usable ad the parsed data
        is that of the document as it is. ``last_result`` has the reasons.

        Raises ``VastHTTPError`` if no document arrives. Where httpx is imported, it is an exception of httpx too.
        """
        config = self._config(params, headers)
        answer = await self._pipeline.run(
            self._plan_of(config),
            self._viewer,
            port=running_port(),
            client=get_main_http_client(),
            timeout=config.strategy.per_source_timeout,
        )
        return self._read(answer, config)

    def request_ad_sync(
        self, params: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any] | str:
        """``request_ad`` that blocks the thread; the interpreter runs on."""
        config = self._config(params, headers)
        plan = self._plan_of(config)
        return self._read(self._pipeline.engine.run_blocking(plan, self._viewer, False), config)

    async def request_ad_with_fallback(
        self,
        primary: SourceLike,
        fallbacks: list[SourceLike],
        params: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auto_track: bool = True,
    ) -> dict[str, Any]:
        """Requests an ad from ``primary``, and from ``fallbacks`` in order if it has no usable ad for any reason.

        **``auto_track=True`` states that the ad is played when this method returns**: its impressions are called.
        Raises ``VastAllSourcesFailed`` without an ad.
        """
        config = self._fallback_config(primary, fallbacks, params, headers, auto_track)
        return self._read_fallback(await self._orchestrator.execute_pipeline(config, ad_request=self._contexts()))

    def request_ad_with_fallback_sync(
        self,
        primary: SourceLike,
        fallbacks: list[SourceLike],
        params: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auto_track: bool = True,
    ) -> dict[str, Any]:
        """``request_ad_with_fallback`` that blocks the thread; the interpreter runs on."""
        config = self._fallback_config(primary, fallbacks, params, headers, auto_track)
        return self._read_fallback(self._orchestrator.execute_pipeline_sync(config, ad_request=self._contexts()))

    async def track_session_event(self, event: SessionBeacons) -> dict[str, Any]:
        """Calls the trackers of an event of a ``session.BreakSession``."""
        engine = self._pipeline.engine
        states = await running_port().run(engine.track_session, event)
        queued = sum(state != "refused" for _, state in states)
        return {"event": event.event, "queued": queued, "urls": [url for url, _ in states]}

    async def drain(self, seconds: float = 5.0) -> dict[str, int]:
        """Waits at most ``seconds`` until no beacon is due. Returns the numbers ``delivered``, ``failed`` and ``left``."""
        return await self._pipeline.drain(seconds)

    def drain_sync(self, seconds: float = 5.0) -> dict[str, int]:
        """``drain`` that blocks the thread."""
        return dict(zip(("delivered", "failed", "left"), self._pipeline.engine.drain_blocking(seconds)))

    async def tracking_results(self, request_id: str) -> dict[str, Any]:
        """The beacons of a request with their states, and their sums. ``metadata["request_id"]`` of a result names the request."""
        engine = self._pipeline.engine
        results: dict[str, Any] = await running_port().run(engine.tracking_results, request_id)
        return results

    async def close(self, seconds: float = 5.0) -> None:
        """Calls the beacons that are due, for at most ``seconds``, and ends the client's connections."""
        await self._pipeline.drain(seconds)
        self._pipeline.engine.close(0.0)

    async def __aenter__(self) -> VastClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _config(self, params: dict[str, Any] | None, headers: dict[str, str] | None) -> VastFetchConfig:
        source: dict[str, Any] = {
            "url": self.upstream_url,
            "params": self.embedded_params,
            "headers": self.embedded_headers,
            "encoding_config": self.encoding_config,
        }
        params, headers = as_dict("params", params), as_dict("headers", headers)
        return VastFetchConfig([source], [], self._strategy, params, headers, auto_track=False)

    def _plan_of(self, config: VastFetchConfig) -> _native.Plan:
        plan, errors = self._pipeline.plan(config, captures=True)
        if errors:
            raise http_failure("connect", errors[0]["error"], url=self.upstream_url, status=None, timeout=0.0)
        return plan

    def _read(self, answer: _native.Answer, config: VastFetchConfig) -> dict[str, Any] | str:
        result = self.last_result = result_of(answer, config, [])
        decide(self.parser, None, result)
        data = result.parsed_data
        if data is not None:
            raw = result.raw_response
        else:
            document = self._document(answer, config)
            if isinstance(document, str):
                return document
            data, raw = document
        data["_raw_vast_response"] = raw
        data["tracking_events"] = events_of(data)
        self._track_with(data["tracking_events"], answer if answer.success else None, self.upstream_url)
        return data

    def _track_with(self, events: dict[str, list[str]], answer: _native.Answer | None, named: str | None) -> None:
        client, pipeline = get_tracking_http_client(), self._pipeline
        self._new_tracker = lambda: VastTracker(events, client, pipeline=pipeline, answer=answer, named=named)

    def _document(self, answer: _native.Answer, config: VastFetchConfig) -> str | tuple[dict[str, Any], str]:
        """The document of an answer without a usable ad: its text if it is not XML."""
        document = answer.document()
        if document is None:
            raise self._failure(answer, config)
        status, body = document
        raw = body.decode("utf-8", "replace")
        if status == 204 or not raw.strip():
            return ""
        try:
            return self.parser.parse_vast(body), raw
        except Exception:
            return raw

    def _failure(self, answer: _native.Answer, config: VastFetchConfig) -> VastHTTPError:
        failures = [one for one in answer.failures() if one[2] in _HTTP_KINDS] or answer.failures()
        timeout = config.strategy.per_source_timeout
        if not failures:
            return VastHTTPError("the source was not asked", {"url": self.upstream_url})
        _, _, kind, message, status, _, _ = failures[-1]
        return http_failure(kind, message, url=self.upstream_url, status=status, timeout=timeout)

    def _fallback_config(
        self,
        primary: SourceLike,
        fallbacks: list[SourceLike],
        params: dict[str, Any] | None,
        headers: dict[str, str] | None,
        auto_track: bool,
    ) -> VastFetchConfig:
        params, headers = as_dict("params", params), as_dict("headers", headers)
        return VastFetchConfig([primary], fallbacks, params=params, headers=headers, auto_track=auto_track)

    def _contexts(self) -> dict[str, Any]:
        return {**(self.ctx or {}), **self.ad_request}

    def _read_fallback(self, result: FetchResult) -> dict[str, Any]:
        self.last_result = result
        if not result.success or result.parsed_data is None:
            raise VastAllSourcesFailed(f"All sources failed: {result.errors}", result)
        self._track_with(events_of(result.parsed_data), result._answer, result.source_url)
        return result.parsed_data


def _endpoint(config: Any) -> tuple[str, dict[str, Any], dict[str, str], dict[str, bool]]:
    """The URL, the parameters, the headers and the encoding rules of a configuration."""
    if isinstance(config, str):
        return config, {}, {}, {}
    if isinstance(config, dict):
        inner = config["client"] if isinstance(config.get("client"), dict) else config
        url = inner.get("url") or inner.get("base_url")
        if not url:
            raise ValueError(f"Config must have 'url' or 'base_url'; it has {sorted(map(str, inner))}")
        params, headers, encoding = (as_dict(name, inner.get(name)) for name in ("params", "headers", "encoding_config"))
        return str(url), params, headers, encoding
    if isinstance(getattr(config, "base_url", None), str):
        values = (getattr(config, name, None) for name in ("base_params", "base_headers", "encoding_config"))
        params, headers, encoding = (dict(one) if isinstance(one, Mapping) else {} for one in values)
        return config.base_url, params, headers, encoding
    raise ValueError(f"Unsupported config type: {type(config).__name__}; a URL or a dict would be right")


#: Programs and tests replace the two functions here.
__all__ = ["VastClient", "get_main_http_client", "get_tracking_http_client"]
