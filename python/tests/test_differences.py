"""The deliberate differences to the described system, against scripted servers. MIGRATING.md has one line for each test here."""

from __future__ import annotations

import asyncio
import time

import pytest

import vast_client
import vast_client._pipeline
from conftest import EMPTY, VAST
from vast_client import (
    FetchMode,
    FetchStrategy,
    VastClient,
    VastFetchConfig,
    VastMultiSourceOrchestrator,
    VastParseFilter,
    VastParser,
    VastTracker,
)
from vast_client.multi_source import MockUpstream

#: Time limits that a busy machine does not reach.
PATIENT = dict(timeout=60.0, per_source_timeout=40.0, retry_delay=0.01)


def run(sources, *, fallbacks=(), client=None, parse_filter=None, auto_track=False, params=None, **strategy):
    """The result of a request."""
    config = VastFetchConfig(
        list(sources),
        list(fallbacks),
        FetchStrategy(**{**PATIENT, **strategy}),
        params=params or {},
        parse_filter=parse_filter,
        auto_track=auto_track,
    )
    orchestrator = client.multi_source if client else VastMultiSourceOrchestrator()
    return asyncio.run(orchestrator.execute_pipeline(config))


def outcomes(result):
    return [source["outcome"] for source in result.sources]


@pytest.mark.parametrize("answer", ["empty", "nothing", "page", "text", "missing"])
def test_only_a_usable_ad_is_a_success(urls, answer):
    result = run([urls[answer]], fallbacks=[urls["ads"]])
    assert (result.success, result.source_url, result.metadata["used_fallback"]) == (True, urls["ads"], True)
    assert [error["source"] for error in result.errors] == [urls[answer]]


@pytest.mark.parametrize("mode", list(FetchMode))
def test_every_mode_gives_one_usable_ad(urls, mode):
    result = run([urls["empty"], urls["ads"]], mode=mode)
    assert (result.success, result.source_url) == (True, urls["ads"])
    assert result.parsed_data["ad_title"] == "shoes"


def test_race_is_the_first_usable_ad_in_time(urls):
    result = run([urls["hang"], urls["slow"], urls["missing"]], mode=FetchMode.RACE)
    assert result.source_url == urls["slow"] and outcomes(result) == ["cancelled", "filled", "failed"]


def test_parallel_does_not_wait_for_sources_behind_the_winner(urls):
    begin = time.monotonic()
    result = run([urls["ads"], urls["hang"]])
    assert result.source_url == urls["ads"] and time.monotonic() - begin < 20


def test_parallel_keeps_what_has_arrived_at_the_deadline(urls):
    result = run([urls["hang"], urls["ads"]], timeout=3.0, per_source_timeout=3.0)
    assert result.source_url == urls["ads"]


def test_sequential_obeys_the_whole_timeout(urls):
    begin = time.monotonic()
    result = run([urls["hang"]] * 50, mode=FetchMode.SEQUENTIAL, timeout=0.5, per_source_timeout=0.4)
    assert not result.success and time.monotonic() - begin < 10


def test_stop_on_first_success_has_no_effect(urls):
    result = run([urls["missing"], urls["ads"]], mode=FetchMode.SEQUENTIAL, stop_on_first_success=True)
    assert result.source_url == urls["ads"]


@pytest.mark.parametrize(("answer", "attempts"), [("missing", 1), ("busy", 3)])
def test_only_failures_that_may_pass_are_retried(urls, answer, attempts):
    assert [source["attempts"] for source in run([urls[answer]]).sources] == [attempts]


def test_the_wait_before_a_retry_obeys_the_server(urls):
    begin = time.monotonic()
    assert run([urls["later"]]).success
    assert 1.0 <= time.monotonic() - begin < 20


def test_five_redirects_are_followed(urls):
    client = VastClient("https://unused.example/", allow_private=True)
    assert run([urls["five"]], client=client).parsed_data["ad_title"] == "shoes"
    assert not run([urls["endless"]], client=client).success


def test_a_redirect_must_not_lead_to_a_private_address(urls):
    result = run([urls["five"]])
    assert not result.success and "may not be reached" in str(result.errors)


def test_a_tracker_has_no_context_of_the_process():
    class Context:
        def __getattr__(self, name):
            raise AssertionError(f"{name} was read")

    trackers = [VastTracker({"start": ["https://t.example/"]}, context=Context()) for _ in range(2)]
    assert asyncio.run(trackers[0].track_event("start"))["queued"] == 1
    assert trackers[1].context is not trackers[0].context


def test_params_are_appended_and_the_tag_stays(urls):
    tag = urls["ads"] + "&sig=%7c{x}"
    source = {"url": tag, "params": {"a": "b c", "raw": "b|c"}, "encoding_config": {"raw": False}}
    result = run([source], params={"slot": "pre"})
    assert result.sources[0]["url"] == f"{tag}&a=b%20c&raw=b|c&slot=pre"


def test_wrappers_are_followed_and_the_depth_is_obeyed(urls):
    client = VastClient("https://unused.example/", allow_private=True)
    result = run([urls["wrapper"]], client=client)
    assert result.success and len(result.parsed_data["impression"]) == 2
    for wanted in (VastParseFilter(max_wrapper_depth=0), VastParseFilter(accept_wrappers=False)):
        assert not run([urls["wrapper"]], client=client, parse_filter=wanted).success


def test_all_urls_of_an_event_are_kept():
    assert len(VastParser().parse_vast(VAST)["tracking_events"]["start"]) == 2


def test_any_one_file_may_meet_all_bounds():
    wanted = VastParseFilter(required_dimensions=(640, 360))
    assert run([MockUpstream(VAST)], parse_filter=wanted).parsed_data["media_url"] == "https://cdn.example/a.webm"
    assert wanted.matches(VastParser().parse_vast(VAST))
    bound = VastParseFilter(min_duration=1)
    assert not bound.matches({"duration": None, "media_files": []})


def test_a_rejected_ad_is_an_error_of_select():
    result = run([MockUpstream(VAST)], parse_filter=VastParseFilter(min_duration=60))
    (error,) = result.errors
    assert (error["phase"], error["error"]) == ("select", "VAST data did not match filter criteria")


def test_impressions_are_really_called(mock, urls):
    async def main():
        client = VastClient("https://unused.example/", allow_private=True)
        config = VastFetchConfig([urls["tracked"]])
        result = await client.multi_source.execute_pipeline(config)
        return result, await client.drain(60), await client.tracking_results(result.metadata["request_id"])

    result, drained, results = asyncio.run(main())
    assert result.metadata["impression_tracked"] is True and drained["delivered"] == 1
    (beacon,) = results["beacons"]
    assert (beacon["event"], beacon["state"], beacon["last_status"]) == ("impression", "delivered", 204)
    assert mock.wait_for("beacons", "/tracked ", 1)


def test_auto_track_warns_once(urls, monkeypatch):
    monkeypatch.setattr(vast_client._pipeline, "_has_warned", [])
    with pytest.warns(UserWarning, match="must be played now"):
        run([urls["ads"]], auto_track=True)


def test_request_ad_never_tracks(urls):
    async def main():
        client = VastClient(urls["ads"], allow_private=True)
        await client.request_ad()
        drained = await client.drain(5)
        return drained, await client.tracking_results(client.last_result.metadata["request_id"])

    drained, results = asyncio.run(main())
    assert drained == {"delivered": 0, "failed": 0, "left": 0} and results["beacons"] == []


MACROS = [
    ("https://t.example/?a=[NAME]", "https://t.example/?a=b%20%26c"),
    ("https://t.example/?a=${NAME}&b=%%NAME%%", "https://t.example/?a=b%20%26c&b=b%20%26c"),
    ("https://t.example/?a=[CACHEBUSTING]", "https://t.example/?a=1"),
]


@pytest.mark.parametrize(("url", "expected"), MACROS)
def test_macros_have_all_forms_and_are_encoded(url, expected):
    tracker = VastTracker({"start": [url]})
    result = asyncio.run(tracker.track_event("start", {"NAME": "b &c", "CACHEBUSTING": "1"}))
    assert result == {"event": "start", "queued": 1, "urls": [expected]}


def test_values_of_the_viewer_are_for_own_tags_only(mock, urls):
    async def main():
        url = urls["ads"].replace("shoes", "[secret]")
        async with VastClient(url, {"secret": "abc", "ip": "203.0.113.9"}) as client:
            await client.request_ad()
            return client.last_result

    result = asyncio.run(main())
    assert result.sources[0]["url"].endswith("ad=abc")
    assert result.parsed_data["ad_title"] == "abc"


def test_private_addresses_are_refused_below_a_wrapper(urls):
    result = run([urls["wrapper"]])
    assert not result.success and "may not be reached" in str(result.errors)


PATHS = [(".//City", True), (".//Geo/Lat", True), (".//Geo[@a='1']", False), ("//Geo", False)]


@pytest.mark.parametrize(("path", "is_allowed"), PATHS)
def test_custom_xpaths_have_a_simple_form(path, is_allowed):
    if not is_allowed:
        with pytest.raises(vast_client.VastConfigValidationError, match="must have the form"):
            VastParser.from_config({"custom_xpaths": {"found": path}})
        return
    found = VastParser.from_config({"custom_xpaths": {"found": path}}).parse_vast(VAST)["extensions"].get("found")
    assert found == (["56"] if "Lat" in path else None)


ABSENT = "HeadlessPlayer PlaybackSession BaseVideoAdPlayer IPPoolSelector ProviderConfigLoader get_default_vast_config".split()


@pytest.mark.parametrize("name", ABSENT)
def test_absent_names_say_what_to_use(name):
    with pytest.raises(ImportError, match=f"has no {name}: "):
        getattr(vast_client, name)


def test_insecure_warns():
    with pytest.warns(RuntimeWarning, match="accepts any certificate"):
        VastClient("https://ads.example/", ssl_verify=False)


REQUEST_AD = [("nothing", ""), ("text", "no ad today")]


@pytest.mark.parametrize(("answer", "expected"), REQUEST_AD)
def test_request_ad_returns_text_that_is_not_xml(urls, answer, expected):
    assert VastClient(urls[answer]).request_ad_sync() == expected


def test_request_ad_returns_an_empty_document_as_it_is(urls):
    data = VastClient(urls["empty"]).request_ad_sync()
    assert data["media_files"] == [] and data["_raw_vast_response"].startswith("<")


def test_request_ad_adds_the_document_and_its_events(urls):
    client = VastClient(urls["ads"])
    data = client.request_ad_sync()
    assert data["_raw_vast_response"].startswith("<?xml") and data["ad_title"] == "shoes"
    assert set(data["tracking_events"]) == {"impression", "error"} and client.tracker.has_event("impression")


def test_http_errors_are_exceptions_of_httpx_too(urls):
    httpx = pytest.importorskip("httpx")
    with pytest.raises(vast_client.VastHTTPError) as caught:
        VastClient(urls["missing"]).request_ad_sync()
    assert isinstance(caught.value, httpx.HTTPStatusError) and caught.value.response.status_code == 404
    with pytest.raises(httpx.ConnectError):
        VastClient("http://127.0.0.1:1/").request_ad_sync()


def test_all_sources_failed_has_the_result(urls):
    client = VastClient(urls["ads"])
    with pytest.raises(vast_client.VastAllSourcesFailed, match="^All sources failed: ") as caught:
        asyncio.run(client.request_ad_with_fallback(urls["missing"], [urls["empty"]]))
    assert outcomes(caught.value.result) == ["failed", "no_ad"]


ERRORS = [
    ("missing", "HTTP 404"),
    ("hang", "Timeout after 0.5s"),
    ("nothing", "Empty content"),
]


@pytest.mark.parametrize(("answer", "expected"), ERRORS)
def test_texts_of_errors(urls, answer, expected):
    result = run([urls[answer]], **(dict(per_source_timeout=0.5) if answer == "hang" else {}))
    assert result.errors[0] == {"source": urls[answer], "error": expected}


def test_a_document_that_cannot_be_read_is_an_error_of_parse(urls):
    (error,) = run([urls["text"]]).errors
    assert (error["phase"], error["error_type"]) == ("parse", "VastXMLError")


def test_result_as_the_documented_json(urls):
    result = run([urls["empty"], urls["ads"]])
    assert result.to_dict()["schema"] == 1 and outcomes(result) == ["no_ad", "filled"]
    assert [ad["id"] for ad in result.ads] == ["shoes"]
    assert "shoes" in vast_client.explain(result) and "had no ad" in vast_client.explain(result)


def test_collect_gives_every_ad_and_calls_no_impressions(urls):
    result = run([urls["ads"], urls["slow"]], mode=FetchMode.COLLECT, auto_track=True)
    assert result.success and "impression_tracked" not in result.metadata


def test_empty_document_of_a_mock():
    assert outcomes(run([MockUpstream(EMPTY)])) == ["no_ad"]
