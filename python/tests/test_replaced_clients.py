"""HTTP clients that a program or a test puts in the place of the native one."""

from __future__ import annotations

import asyncio
from unittest.mock import AsyncMock, MagicMock, patch

import pytest

from conftest import VAST
from vast_client import (
    FetchStrategy,
    VastAllSourcesFailed,
    VastClient,
    VastFetchConfig,
    VastHTTPError,
    VastMultiSourceOrchestrator,
)
from vast_client.multi_source import HttpUpstream, MultiSourceTracker, VastMultiSourceFetcher

MAIN = "vast_client.multi_source.orchestrator.get_main_http_client"
TRACKING = "vast_client.multi_source.orchestrator.get_tracking_http_client"
OF_CLIENT = "vast_client.client.get_main_http_client"
URL = "https://ads.example/vast"
PATIENT = FetchStrategy(timeout=60.0, per_source_timeout=40.0, retry_delay=0.01)


def response(status=200, text=VAST, error=None):
    found = MagicMock(status_code=status, text=text, headers={"content-type": "application/xml"})
    found.raise_for_status = MagicMock(side_effect=error)
    return found


def client_of(*responses):
    client = AsyncMock()
    client.get = AsyncMock(side_effect=responses) if len(responses) > 1 else AsyncMock(return_value=responses[0])
    return client


def test_request_ad_uses_the_replaced_client():
    client = client_of(response())
    with patch(OF_CLIENT, return_value=client):
        data = asyncio.run(VastClient(URL, {"ip": "203.0.113.9"}).request_ad(params={"a": 1}))
    assert data["ad_system"] == "house"
    (call,) = client.get.await_args_list
    assert call.args == (f"{URL}?a=1",) and call.kwargs["headers"]["x-device-ip"] == "203.0.113.9"
    assert call.kwargs["timeout"] > 0


def test_a_bare_exception_is_repeated_as_a_failed_connection():
    failed = response(404, error=Exception("Not Found"))
    client = client_of(failed, failed, failed, response())
    config = VastFetchConfig([URL], ["https://fallback.example/vast"], PATIENT, auto_track=False)
    with patch(MAIN, return_value=client):
        result = asyncio.run(VastMultiSourceOrchestrator().execute_pipeline(config))
    assert result.success and result.metadata["used_fallback"] is True and client.get.await_count == 4


def test_a_status_of_httpx_is_not_repeated():
    httpx = pytest.importorskip("httpx")
    failed = response(404)
    failed.raise_for_status.side_effect = httpx.HTTPStatusError("no", request=MagicMock(), response=failed)
    client = client_of(failed)
    with patch(MAIN, return_value=client), pytest.raises(VastAllSourcesFailed, match="HTTP 404"):
        asyncio.run(VastClient(URL).request_ad_with_fallback(URL, [], auto_track=False))
    assert client.get.await_count == 1


def test_trackers_go_through_the_replaced_tracking_client():
    tracking = client_of(response(text=""))
    with patch(MAIN, return_value=client_of(response())), patch(TRACKING, return_value=tracking):
        result = asyncio.run(VastMultiSourceOrchestrator().execute_pipeline(VastFetchConfig([URL], strategy=PATIENT)))
    assert result.success and result.metadata["impression_tracked"] is True
    called = sorted(call.args[0] for call in tracking.get.await_args_list)
    assert called == ["https://t.example/seen", "https://t.example/seen2"]


def test_an_httpx_client_sends_requests_and_redirects_are_followed():
    httpx = pytest.importorskip("httpx")
    seen = []

    def answer(request):
        seen.append(str(request.url))
        if request.url.path == "/vast":
            return httpx.Response(302, headers={"location": "https://ads.example/next"})
        return httpx.Response(200, text=VAST)

    async def main():
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            with patch(MAIN, return_value=client):
                config = VastFetchConfig([URL], strategy=PATIENT, auto_track=False)
                return await VastMultiSourceOrchestrator().execute_pipeline(config)

    assert asyncio.run(main()).success
    assert seen == [URL, "https://ads.example/next"]


def test_the_fetcher_gets_any_document():
    text = "<VAST version='4.0'/>"
    result = asyncio.run(VastMultiSourceFetcher().fetch_all([URL], PATIENT, client_of(response(text=text))))
    assert (result.success, result.raw_response) == (True, text)


def test_an_upstream_with_a_client_of_its_own():
    text = asyncio.run(HttpUpstream(URL, {"a": "b"}, http_client=client_of(response())).fetch({"c": "d"}))
    assert text == VAST


def test_the_tracker_of_a_replaced_client_waits_for_its_answers():
    client = client_of(response(text=""))
    tracker = MultiSourceTracker({"impression": [URL], "tracking_events": {"start": [URL]}}, client)
    assert tracker.has_event("start") and tracker.get_tracking_events() == {"start": [URL], "impression": [URL]}
    result = asyncio.run(tracker.track_impression())
    assert (result["sent"], result["failed"], client.get.await_count) == (1, 0, 1)


def test_an_upstream_raises_for_an_http_error(urls):
    with pytest.raises(VastHTTPError, match="404"):
        asyncio.run(HttpUpstream(urls["missing"]).fetch())
    assert "<AdTitle>shoes" in asyncio.run(HttpUpstream(urls["ads"]).fetch())
