"""Wrong input: the exception, and a message that says what would be right. Nothing is requested."""

from __future__ import annotations

import asyncio

import pytest

import vast_client
from conftest import VAST
from vast_client import (
    FetchStrategy,
    MultiSourceTracker,
    VastClient,
    VastFetchConfig,
    VastMultiSourceFetcher,
    VastMultiSourceOrchestrator,
    VastParseFilter,
    VastParser,
    VastTracker,
)
from vast_client.multi_source import HttpUpstream, MockUpstream, create_upstream
from vast_client.session import BreakSession

URL = "https://ads.example/"
WRONG_SETTING = vast_client.VastConfigValidationError


def run(sources, *, parse_filter=None, **values):
    """A request that has no network: a source of the test, or none at all."""
    of_strategy = {name: values.pop(name) for name in list(values) if hasattr(FetchStrategy(), name)}
    strategy = values.pop("strategy", FetchStrategy(**of_strategy))
    config = VastFetchConfig(sources, strategy=strategy, parse_filter=parse_filter, auto_track=False, **values)
    return asyncio.run(VastMultiSourceOrchestrator().execute_pipeline(config))


def track(event, macros=None):
    return asyncio.run(VastTracker({"start": [URL]}).track_event(event, macros))


def one(**values):
    return run([MockUpstream(VAST)], **values)


CLIENT = [
    (lambda: VastClient(42), ValueError, "Unsupported config type: int; a URL or a dict would be right"),
    (lambda: VastClient(None), ValueError, "Unsupported config type: NoneType"),
    (lambda: VastClient({"params": {}}), ValueError, r"must have 'url' or 'base_url'; it has \['params'\]"),
    (lambda: VastClient({"url": URL, "params": "a=b"}), TypeError, "params must be a dict, got str"),
    (lambda: VastClient(URL, colour=1), TypeError, "no argument 'colour'; it has ad_request, parser"),
    (lambda: VastClient(URL, ctx="x"), TypeError, "ctx or ad_request must be a dict, got str"),
    (lambda: VastClient(URL, ad_request=[1]), TypeError, r"ad_request must be a dict, got list"),
    (lambda: VastClient(URL, ssl_verify=1), TypeError, "True, False or the path of a file .*, got int"),
    (lambda: VastClient(URL, ssl_verify="no.pem"), vast_client.VastConfigNotFoundError, "'no.pem', and there is no such file"),
    (lambda: VastClient(URL, outbox="/no/folder/outbox"), vast_client.VastConfigError, "/no/folder/outbox"),
    (lambda: VastClient(URL).request_ad_sync(params="a=b"), TypeError, "params must be a dict, got str"),
    (lambda: VastClient(URL).request_ad_sync(headers=[]), TypeError, "headers must be a dict, got list"),
    (lambda: VastClient(URL, {"ip": "home"}).request_ad_sync(), ValueError, "ip is \"home\"; an IPv4 or IPv6 address would be right"),
    (lambda: VastClient(URL).request_ad_with_fallback_sync(URL, URL), TypeError, "fallbacks must be a list of sources, got str"),
    (lambda: VastClient(URL).drain_sync(-1), ValueError, "seconds is -1; a number of seconds from 0 would be right"),
]
REQUEST = [
    (lambda: asyncio.run(VastMultiSourceOrchestrator().execute_pipeline(URL)), TypeError, "config must be a VastFetchConfig, got str"),
    (lambda: run([]), ValueError, "must have at least one source"),
    (lambda: run(URL), TypeError, "sources must be a list of sources, got str"),
    (lambda: run([URL], fallbacks=URL), TypeError, "fallbacks must be a list of sources, got str"),
    (lambda: one(params=[("a", "b")]), TypeError, "params must be a dict, got list"),
    (lambda: one(headers="a: b"), TypeError, "headers must be a dict, got str"),
    (lambda: one(strategy="race"), TypeError, "strategy must be a FetchStrategy, got str"),
    (lambda: one(mode="fast"), WRONG_SETTING, "mode is 'fast'; 'parallel' or 'sequential' or .* would be right"),
    (lambda: one(fallback_mode="fast"), WRONG_SETTING, "fallback_mode is 'fast'"),
    (lambda: one(timeout=-1), WRONG_SETTING, "timeout is -1; a number of seconds from 0 would be right"),
    (lambda: one(timeout=10**400), WRONG_SETTING, "timeout is 1000.*000; a number of seconds"),
    (lambda: one(retry_delay="x" * 1000), WRONG_SETTING, "retry_delay is 'x{5,20}[.]{3}x+'; a number"),
    (lambda: one(timeout=None), WRONG_SETTING, "timeout is None"),
    (lambda: one(per_source_timeout=float("nan")), WRONG_SETTING, "per_source_timeout is nan"),
    (lambda: one(retry_delay="soon"), WRONG_SETTING, "retry_delay is 'soon'"),
    (lambda: one(max_retries=-1), WRONG_SETTING, "max_retries is -1; a whole number from 0 to"),
    (lambda: one(max_retries=1.5), WRONG_SETTING, "max_retries is 1.5"),
    (lambda: one(max_retries=2**32), WRONG_SETTING, "max_retries is 4294967296"),
    (lambda: one(parse_filter={"min_duration": 1}), TypeError, "parse_filter must be a VastParseFilter, got dict"),
    (lambda: one(parse_filter=VastParseFilter(min_duration="long")), WRONG_SETTING, "min_duration is 'long'"),
    (lambda: one(parse_filter=VastParseFilter(min_bitrate=-5)), WRONG_SETTING, "min_bitrate is -5"),
    (lambda: one(parse_filter=VastParseFilter(required_dimensions=1920)), WRONG_SETTING, r"such as \(1920, 1080\) would be right"),
    (lambda: one(parse_filter=VastParseFilter(media_types=["text"])), WRONG_SETTING, "media_types is 'text'; 'video' or 'audio' or 'all'"),
    (lambda: one(parse_filter=VastParseFilter(max_wrapper_depth=-1)), WRONG_SETTING, "max_wrapper_depth is -1"),
    (lambda: VastFetchConfig(colour=1), TypeError, "no argument 'colour'; it has sources, fallbacks, strategy"),
    (lambda: FetchStrategy(colour=1), TypeError, "no argument 'colour'; it has mode, timeout"),
    (lambda: VastParseFilter(colour=1), TypeError, "no argument 'colour'; it has media_types"),
    (lambda: asyncio.run(VastMultiSourceFetcher().fetch_all(URL, FetchStrategy())), TypeError, "sources must be a list"),
    (lambda: asyncio.run(VastMultiSourceFetcher().fetch_all([URL], "race")), TypeError, "strategy must be a FetchStrategy"),
]
PARTS = [
    (lambda: VastParser().parse_vast(None), TypeError, "takes str or bytes, got NoneType"),
    (lambda: VastParser().parse_vast("<html>"), vast_client.VastXMLError, "line 1"),
    (lambda: VastParser().parse_vast(""), vast_client.VastXMLError, "Failed to parse VAST XML: "),
    (lambda: VastParser().parse_duration("15"), vast_client.VastDurationError, "HH:MM:SS would be right"),
    (lambda: VastParser().element_to_dict(42), vast_client.VastElementError, "Invalid element"),
    (lambda: VastParser("strict"), TypeError, "config must be a VastParserConfig, got str"),
    (lambda: VastParser.from_config({"colour": 1}), WRONG_SETTING, "has no 'colour'; it has xpath_ad_system"),
    (lambda: VastParser.from_config("strict"), TypeError, "config must be a dict, got str"),
    (lambda: VastParser.from_config({"xpath_error": ".//Err"}), WRONG_SETTING, "xpath_error cannot be changed"),
    (lambda: VastTracker([URL]), TypeError, "tracking_events must be a dict, got list"),
    (lambda: VastTracker({}, config={}), TypeError, "config must be a VastTrackerConfig, got dict"),
    (lambda: VastTracker({}, ad_request="x"), TypeError, "ad_request must be a dict, got str"),
    (lambda: track(7), TypeError, "an event must be a str such as 'start', got int"),
    (lambda: track("start", ["a"]), TypeError, "macros must be a dict, got list"),
    (lambda: MultiSourceTracker(None, None), TypeError, "vast_data must be a dict, got NoneType"),
    (lambda: create_upstream({"href": URL}), ValueError, r"must have 'base_url' or 'url' key: \['href'\]"),
    (lambda: create_upstream(42), TypeError, "must be str, dict, or VastUpstream, got int"),
    (lambda: create_upstream({"url": URL, "params": "a=b"}), TypeError, "params must be a dict, got str"),
    (lambda: HttpUpstream(None), TypeError, "the URL of a source must be a str, got NoneType"),
    (lambda: BreakSession({}), TypeError, "result must be a FetchResult, got dict"),
    (lambda: BreakSession(vast_client.FetchResult()), ValueError, "needs the result of a request that has an ad"),
    (lambda: vast_client.explain("x"), TypeError, "result must be a FetchResult, got str"),
]


@pytest.mark.parametrize(("call", "kind", "message"), CLIENT + REQUEST + PARTS)
def test_wrong_input_says_what_would_be_right(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_a_wrong_setting_is_a_value_error_too():
    with pytest.raises(ValueError, match="timeout is -1") as caught:
        one(timeout=-1)
    assert (caught.value.config_key, caught.value.config_value) == ("timeout", -1)


SOURCES = [
    ("no url", "the URL is relative"),
    ("ftp://ads.example/", "the scheme"),
    (42, "Source must be str, dict, or VastUpstream, got int"),
    ({"params": {}}, "Dict source must have 'base_url' or 'url' key: ['params']"),
    ({"url": 42}, "the URL of a source must be a str, got int"),
    ({"url": URL, "timeout": -1}, "timeout of a source is -1; a number of seconds from 0 would be right"),
    ({"url": URL, "headers": {"a b": "c"}}, "a b"),
    ({"url": URL, "headers": {"a": "b\r\nc: d"}}, "header"),
]


@pytest.mark.parametrize(("source", "message"), SOURCES)
def test_an_invalid_source_is_an_error_and_the_others_are_asked(source, message):
    result = run([source, MockUpstream(VAST)])
    assert result.success and result.errors[0]["error"].startswith("Invalid source: ")
    assert message in result.errors[0]["error"]
    assert not run([source]).success


def test_without_an_event_loop_the_message_names_the_blocking_call():
    coroutine = VastMultiSourceOrchestrator().execute_pipeline(VastFetchConfig([URL]))
    with pytest.raises(RuntimeError, match="the methods with _sync need none"):
        coroutine.send(None)


def test_a_source_of_python_needs_an_event_loop():
    class Upstream:
        async def fetch(self, extra_params=None, extra_headers=None):
            return VAST

    result = VastMultiSourceOrchestrator().execute_pipeline_sync(VastFetchConfig([Upstream()], auto_track=False))
    assert not result.success and "needs an event loop" in result.errors[0]["error"]


RAISED = [
    (RuntimeError("no database"), "RuntimeError: no database"),
    (TimeoutError("too slow"), "Timeout after "),
    (ConnectionResetError("gone"), "ConnectionResetError: gone"),
    (None, "fetch of Upstream must return str, got NoneType"),
]


@pytest.mark.parametrize(("raised", "message"), RAISED)
def test_an_upstream_that_raises_is_a_failed_source(raised, message):
    class Upstream:
        async def fetch(self, extra_params=None, extra_headers=None):
            if raised is not None:
                raise raised

    result = run([Upstream(), MockUpstream(VAST)], max_retries=0)
    assert result.success and [source["outcome"] for source in result.sources] == ["failed", "filled"]
    assert message in result.errors[0]["error"]
