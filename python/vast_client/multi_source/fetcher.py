"""FETCH alone: the document of the first source that has one."""

from __future__ import annotations

from typing import Any

from .._checks import as_dict, instance_of
from .._loop import running_port
from .._pipeline import Pipeline, default_pipeline, result_of
from ..exceptions import http_failure
from ..http_client_manager import NATIVE
from ..types import SourceLike
from .fetch_config import FetchStrategy, VastFetchConfig
from .fetch_result import FetchResult
from .upstream import HttpUpstream


class VastMultiSourceFetcher:
    """Gets documents. A source with a usable ad wins; without one, the last document that arrived is the answer."""

    def __init__(self, *, pipeline: Pipeline | None = None) -> None:
        self._given = pipeline

    @property
    def _pipeline(self) -> Pipeline:
        return self._given if self._given is not None else default_pipeline()

    async def fetch_all(
        self,
        sources: list[SourceLike],
        strategy: FetchStrategy,
        http_client: Any = NATIVE,
        params: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> FetchResult:
        """Asks the sources. ``success`` says that a document arrived; it may have no usable ad."""
        return await self.fetch_with_fallbacks(sources, [], strategy, http_client, params, headers)

    async def fetch_with_fallbacks(
        self,
        sources: list[SourceLike],
        fallbacks: list[SourceLike],
        strategy: FetchStrategy,
        http_client: Any = NATIVE,
        params: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> FetchResult:
        """``fetch_all``, with sources that are asked if no other one has a usable ad."""
        instance_of(FetchStrategy, "strategy", strategy)
        params, headers = as_dict("params", params), as_dict("headers", headers)
        config = VastFetchConfig(sources, fallbacks, strategy, params, headers, auto_track=False)
        port = running_port()
        plan, errors = self._pipeline.plan(config, captures=True, port=port)
        timeout = strategy.per_source_timeout
        answer = await self._pipeline.run(plan, None, port=port, client=http_client, timeout=timeout)
        result = result_of(answer, config, errors)
        document = answer.document()
        if not answer.success and document is not None and document[1].strip():
            result.success = True
            result.raw_response = document[1].decode("utf-8", "replace")
        return result


async def _fetch_text(
    upstream: HttpUpstream, params: dict[str, Any] | None, headers: dict[str, str] | None
) -> str:
    """The text of the answer of one upstream, with its own HTTP client if it has one."""
    source = HttpUpstream(
        upstream.base_url,
        {**upstream.base_params, **(params or {})},
        {**upstream.base_headers, **(headers or {})},
        upstream.encoding_config,
        timeout=upstream.timeout,
    )
    strategy = FetchStrategy(timeout=upstream.timeout, per_source_timeout=upstream.timeout, max_retries=0)
    fetcher = VastMultiSourceFetcher()
    result = await fetcher.fetch_all([source], strategy, upstream.http_client or NATIVE)
    failures = result._answer.failures() if result._answer is not None and not result.success else []
    if failures:
        _, _, kind, message, status, _, _ = failures[-1]
        if kind != "no_ad":
            raise http_failure(kind, message, url=upstream.base_url, status=status, timeout=upstream.timeout)
    return result.raw_response


HttpUpstream._fetch_text = _fetch_text
