"""The pipeline: FETCH, PARSE, RESOLVE, SELECT, TRACK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._loop import running_port
from .._pipeline import Pipeline, result_of, viewer, warn_about_impressions
from ..http_client_manager import get_main_http_client, get_tracking_http_client
from ..parser import VastParser
from .fetch_config import FetchMode, FetchResult, VastFetchConfig
from .fetcher import VastMultiSourceFetcher
from .parse_filter import VastParseFilter

_NO_SOURCE = "VastFetchConfig must have at least one source"


class VastMultiSourceOrchestrator:
    """Runs requests to one source and to many in the same way.

    ``ssl_verify`` is ``True``, the path of a file with more certificate authorities, or ``False`` for test servers.
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
        _check(config)
        tracks = config.auto_track if auto_track is None else auto_track
        port = running_port()
        plan, errors = self._pipeline.plan(config, parse_filter, port=port)
        if len(errors) == len(config.sources) + len(config.fallbacks):
            return FetchResult(errors=errors, metadata=_metadata_without_source(config))
        answer = await self._pipeline.run(
            plan,
            viewer(ad_request),
            port=port,
            main=get_main_http_client(),
            tracking=get_tracking_http_client(),
            auto_track=bool(tracks),
            timeout=config.strategy.per_source_timeout,
        )
        result = result_of(answer, config, errors)
        if tracks and answer.success and FetchMode(config.strategy.mode) is not FetchMode.COLLECT:
            _note_impressions(result)
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
        _check(config)
        tracks = config.auto_track if auto_track is None else auto_track
        plan, errors = self._pipeline.plan(config, parse_filter)
        if len(errors) == len(config.sources) + len(config.fallbacks):
            return FetchResult(errors=errors, metadata=_metadata_without_source(config))
        answer = self._pipeline.engine.run_blocking(plan, viewer(ad_request), bool(tracks))
        return result_of(answer, config, errors)


def _check(config: VastFetchConfig) -> None:
    if not isinstance(config, VastFetchConfig):
        raise TypeError(f"config must be a VastFetchConfig, got {type(config).__name__}")
    if not config.sources:
        raise ValueError(_NO_SOURCE)


def _metadata_without_source(config: VastFetchConfig) -> dict[str, Any]:
    return {"elapsed_time": 0.0, "source_count": 0, "mode": FetchMode(config.strategy.mode).value}


def _note_impressions(result: FetchResult) -> None:
    answer = result._answer
    tracked = answer.impressions() if answer is not None else []
    result.metadata["impression_tracked"] = True
    result.metadata["tracking_result"] = {"event": "impression", "urls": [url for url, _ in tracked]}
    refused = [url for url, state in tracked if state == "refused"]
    if refused:
        result.metadata["impression_tracked"] = False
        result.metadata["tracking_error"] = f"the outbox did not take {len(refused)} impressions"
    warn_about_impressions()


__all__ = ["VastMultiSourceOrchestrator", "get_main_http_client", "get_tracking_http_client"]
