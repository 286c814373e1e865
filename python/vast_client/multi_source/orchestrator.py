"""The pipeline: FETCH, PARSE, RESOLVE, SELECT, TRACK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._checks import instance_of
from .._host import decide, decides
from .._loop import running_port
from .._pipeline import Answer, Pipeline, result_of, warn_about_impressions
from .._settings import viewer
from ..http_client_manager import get_main_http_client, get_tracking_http_client
from ..parser import VastParser
from .fetch_config import FetchMode, VastFetchConfig
from .fetch_result import FetchResult
from .fetcher import VastMultiSourceFetcher
from .parse_filter import VastParseFilter


class VastMultiSourceOrchestrator:
    """Runs requests to one source and to many in the same way.

    ``ssl_verify`` is ``True``, the path of a file with more certificate authorities, or ``False`` for test servers. ``parser`` reads the
    document that won if it is of a class of your own or has ``custom_xpaths``; otherwise the native module has read it already.
    """

    def __init__(
        self, parser: VastParser | None = None, ssl_verify: bool | str = True, *, pipeline: Pipeline | None = None
    ) -> None:
        self.parser = parser if parser is not None else VastParser()
        self.ssl_verify = ssl_verify
        self._pipeline = pipeline if pipeline is not None else Pipeline(ssl_verify=ssl_verify)
        self.fetcher = VastMultiSourceFetcher(pipeline=self._pipeline)

    async def execute_pipeline(
        self,
        config: VastFetchConfig,
        parse_filter: VastParseFilter | None = None,
        auto_track: bool | None = None,
        *,
        ad_request: Mapping[str, Any] | None = None,
    ) -> FetchResult:
        """Requests an ad. The request itself cannot fail: the result has the outcome of each source.

        Raises ``ValueError`` without a source, and ``VastConfigValidationError`` for a wrong setting.
        """
        call = _Call(self.parser, config, parse_filter, auto_track)
        port = running_port()
        plan, errors = self._pipeline.plan(config, parse_filter, port=port)
        if call.has_no_source(errors):
            return call.result_without_source(errors)
        main, tracking = get_main_http_client(), get_tracking_http_client()
        at_once = call.tracks and not call.decides and self._pipeline.sends_all(main, tracking)
        timeout = config.strategy.per_source_timeout
        request = viewer(ad_request)
        answer = await self._pipeline.run(plan, request, port=port, client=main, auto_track=at_once, timeout=timeout)
        result = call.result(answer, errors)
        if call.tracks and result.success:
            tracked = answer.impressions() if at_once else await self._pipeline.track_impressions(answer, tracking, port)
            _note_impressions(result, tracked)
        return result

    def execute_pipeline_sync(
        self,
        config: VastFetchConfig,
        parse_filter: VastParseFilter | None = None,
        auto_track: bool | None = None,
        *,
        ad_request: Mapping[str, Any] | None = None,
    ) -> FetchResult:
        """``execute_pipeline`` that blocks the thread; the interpreter runs on. Sources must not be code of Python."""
        call = _Call(self.parser, config, parse_filter, auto_track)
        plan, errors = self._pipeline.plan(config, parse_filter)
        if call.has_no_source(errors):
            return call.result_without_source(errors)
        engine = self._pipeline.engine
        at_once = call.tracks and not call.decides
        answer = engine.run_blocking(plan, viewer(ad_request), at_once)
        result = call.result(answer, errors)
        if call.tracks and result.success:
            tracked = answer.impressions() if at_once else engine.track_impressions_blocking(answer)
            _note_impressions(result, tracked)
        return result


class _Call:
    """What a call of the pipeline was given."""

    def __init__(
        self, parser: Any, config: VastFetchConfig, parse_filter: VastParseFilter | None, auto_track: bool | None
    ) -> None:
        instance_of(VastFetchConfig, "config", config)
        if not config.sources:
            raise ValueError("VastFetchConfig must have at least one source")
        self.parser, self.config = parser, config
        self.filter = config.parse_filter if parse_filter is None else parse_filter
        if self.filter is not None:
            instance_of(VastParseFilter, "parse_filter", self.filter)
        self.decides = decides(parser, self.filter)
        is_wanted = config.auto_track if auto_track is None else auto_track
        #: Whether impressions are called. The mode ``COLLECT`` chooses no ad.
        self.tracks = bool(is_wanted) and config.strategy.mode != FetchMode.COLLECT

    def has_no_source(self, errors: list[dict[str, Any]]) -> bool:
        return len(errors) == len(self.config.sources) + len(self.config.fallbacks)

    def result_without_source(self, errors: list[dict[str, Any]]) -> FetchResult:
        mode = FetchMode(self.config.strategy.mode).value
        return FetchResult(errors=errors, metadata={"elapsed_time": 0.0, "source_count": 0, "mode": mode})

    def result(self, answer: Answer, errors: list[dict[str, Any]]) -> FetchResult:
        result = result_of(answer, self.config, errors)
        if self.decides:
            decide(self.parser, self.filter, result)
        return result


def _note_impressions(result: FetchResult, tracked: list[tuple[str, str]]) -> None:
    refused = sum(state == "refused" for _, state in tracked)
    result.metadata["impression_tracked"] = not refused
    result.metadata["tracking_result"] = {"event": "impression", "urls": [url for url, _ in tracked]}
    if refused:
        result.metadata["tracking_error"] = f"the outbox did not take {refused} impressions"
    warn_about_impressions()


#: Programs and tests replace the two functions here.
__all__ = ["VastMultiSourceOrchestrator", "get_main_http_client", "get_tracking_http_client"]
