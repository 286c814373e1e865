"""The names, signatures, defaults and shapes that programs of the described system use."""

from __future__ import annotations

import ast
import asyncio
import copy
import dataclasses
import graphlib
import importlib
import inspect
import pathlib
import pickle

import pytest

import vast_client
import vast_client.types
import vast_client.vast_helpers
from conftest import EMPTY, VAST
from vast_client import VastClient, VastParser, multi_source
from vast_client.exceptions import http_failure

PACKAGE = pathlib.Path(vast_client.__file__).parent

NAMES = {
    "vast_client": """VastClient VastParser VastTracker VastClientConfig VastMultiSourceOrchestrator VastMultiSourceFetcher
        MultiSourceTracker VastFetchConfig FetchStrategy FetchMode FetchResult VastParseFilter MediaType create_client create_parser
        create_tracker __version__ VastException VastParseError VastXMLError VastElementError VastExtensionError VastDurationError
        VastTrackingError VastTrackingURLError VastTrackingNetworkError VastConfigError VastConfigValidationError
        VastConfigNotFoundError VastHTTPError VastHTTPTimeoutError VastHTTPSSLError""",
    "vast_client.multi_source": """VastMultiSourceOrchestrator VastMultiSourceFetcher MultiSourceTracker VastFetchConfig FetchStrategy
        FetchMode FetchResult VastParseFilter MediaType VastUpstream BaseUpstream HttpUpstream LocalFileUpstream MockUpstream
        create_upstream __version__""",
    "vast_client.client": "VastClient get_main_http_client get_tracking_http_client",
    "vast_client.parser": "VastParser",
    "vast_client.tracker": "VastTracker",
    "vast_client.config": "VastParserConfig VastTrackerConfig VastClientConfig",
    "vast_client.exceptions": "VastException",
    "vast_client.vast_helpers": "extract_creative_id prepare_tracking_events",
    "vast_client.types": """VastClientConfig CreativeData MediaFileData ParsedData AdData SourceError TrackingResult ResultMetadata SourceLike""",
    "vast_client.session": "BreakSession",
    "vast_client.http_client_manager": "get_main_http_client get_tracking_http_client",
    "vast_client.multi_source.orchestrator": "VastMultiSourceOrchestrator get_main_http_client get_tracking_http_client",
    "vast_client.multi_source.fetcher": "VastMultiSourceFetcher",
    "vast_client.multi_source.fetch_config": "FetchMode MediaType FetchStrategy VastFetchConfig FetchResult",
    "vast_client.multi_source.parse_filter": "VastParseFilter",
    "vast_client.multi_source.tracker": "MultiSourceTracker",
    "vast_client.multi_source.upstream": "VastUpstream BaseUpstream HttpUpstream LocalFileUpstream MockUpstream create_upstream",
}


@pytest.mark.parametrize(("module", "name"), [(m, n) for m, names in NAMES.items() for n in names.split()])
def test_name_can_be_imported(module, name):
    assert hasattr(importlib.import_module(module), name)


NO = inspect.Parameter.empty
SIGNATURES = [
    ("VastClient.__init__", "self config_or_url ctx=None **kwargs"),
    ("VastClient.from_uri", "uri ctx=None **kw"),
    ("VastClient.from_config", "config ctx=None **kw"),
    ("VastClient.from_embed", "embed ctx=None **kw"),
    ("VastClient.request_ad", "self params=None headers=None"),
    ("VastClient.request_ad_with_fallback", "self primary fallbacks params=None headers=None auto_track=True"),
    ("VastClient.close", "self seconds=5.0"),
    ("create_client", "config_or_url **options"),
    ("create_parser", "config=None"),
    ("create_tracker", "tracking_events client=None **options"),
    ("VastMultiSourceOrchestrator.__init__", "self parser=None ssl_verify=True"),
    ("VastMultiSourceOrchestrator.execute_pipeline", "self config parse_filter=None auto_track=None"),
    ("VastMultiSourceFetcher.fetch_all", "self sources strategy http_client=* params=None headers=None"),
    ("VastMultiSourceFetcher.fetch_with_fallbacks", "self sources fallbacks strategy http_client=* params=None headers=None"),
    ("MultiSourceTracker.__init__", "self vast_data http_client creative_id=None embed_client=None"),
    ("MultiSourceTracker.track_impression", "self"),
    ("MultiSourceTracker.track_event", "self event_type"),
    ("MultiSourceTracker.get_tracking_events", "self"),
    ("MultiSourceTracker.has_event", "self event_type"),
    (
        "VastTracker.__init__",
        "self tracking_events client=None embed_client=None creative_id=None config=None context=None ad_request=None",
    ),
    ("VastTracker.track_event", "self event macros=None"),
    ("VastParser.__init__", "self config=None"),
    ("VastParser.parse_vast", "self xml_string"),
    ("VastParser.from_config", "config"),
    ("VastParser.parse_extensions", "self root"),
    ("VastParser.parse_duration", "self root"),
    ("VastParser.element_to_dict", "self element"),
    ("VastParseFilter.matches", "self vast_data"),
    (
        "multi_source.HttpUpstream.__init__",
        "self base_url base_params=None base_headers=None encoding_config=None http_client=None timeout=10.0",
    ),
    ("multi_source.LocalFileUpstream.__init__", "self file_path"),
    ("multi_source.MockUpstream.__init__", "self vast_xml delay=0.0"),
    ("multi_source.VastUpstream.fetch", "self extra_params=None extra_headers=None"),
    ("multi_source.BaseUpstream.fetch", "self extra_params=None extra_headers=None"),
    ("multi_source.VastUpstream.get_identifier", "self"),
    ("multi_source.create_upstream", "source"),
    ("vast_helpers.extract_creative_id", "vast_data"),
    ("vast_helpers.prepare_tracking_events", "vast_data"),
    ("http_client_manager.get_main_http_client", "ssl_verify=True"),
    ("http_client_manager.get_tracking_http_client", "ssl_verify=True"),
    ("VastException.__init__", "self message context=None"),
]


@pytest.mark.parametrize(("path", "expected"), SIGNATURES)
def test_signature(path, expected):
    target = vast_client
    for part in path.split("."):
        target = getattr(target, part)
    shown = []
    for one in inspect.signature(target).parameters.values():
        if one.kind is one.KEYWORD_ONLY:
            continue
        stars = "**" if one.kind is one.VAR_KEYWORD else ""
        default = "" if one.default is NO else f"={one.default!r}"
        shown.append(stars + one.name + ("=*" if one.name == "http_client" and default[:2] == "=<" else default))
    assert " ".join(shown) == expected


MODE, ALL = multi_source.FetchMode.PARALLEL, multi_source.MediaType.ALL
FIELDS = [
    (
        multi_source.FetchStrategy,
        dict(mode=MODE, timeout=30.0, per_source_timeout=10.0, max_retries=2, retry_delay=1.0, stop_on_first_success=False),
    ),
    (
        multi_source.VastFetchConfig,
        dict(
            sources=[],
            fallbacks=[],
            strategy=multi_source.FetchStrategy(),
            params={},
            headers={},
            parse_filter=None,
            auto_track=True,
        ),
    ),
    (
        multi_source.FetchResult,
        dict(success=False, source_url=None, raw_response="", parsed_data=None, errors=[], metadata={}),
    ),
    (
        multi_source.VastParseFilter,
        dict(
            media_types=[ALL],
            min_duration=None,
            max_duration=None,
            min_bitrate=None,
            max_bitrate=None,
            required_dimensions=None,
            accept_wrappers=True,
            max_wrapper_depth=5,
        ),
    ),
]


@pytest.mark.parametrize(("kind", "expected"), FIELDS, ids=lambda value: getattr(value, "__name__", ""))
def test_fields_in_order_with_defaults(kind, expected):
    own = [one for one in dataclasses.fields(kind) if not one.kw_only]
    assert {one.name: getattr(kind(), one.name) for one in own} == expected
    assert [one.name for one in own] == list(expected)


def test_modes_and_media_types():
    assert [mode.value for mode in multi_source.FetchMode] == "parallel sequential race staggered collect".split()
    assert [kind.value for kind in multi_source.MediaType] == ["video", "audio", "all"]
    assert multi_source.FetchMode("race") == "race"


PARSED = {
    "vast_version": "4.0",
    "ad_system": "house",
    "ad_title": "Shoes",
    "impression": ["https://t.example/seen", "https://t.example/seen2"],
    "error": ["https://t.example/error?code=[ERRORCODE]"],
    "creative": {"id": "c1", "ad_id": "a1"},
    "media_files": [
        {
            "url": "https://cdn.example/a.mp4",
            "delivery": "progressive",
            "type": "video/mp4",
            "width": "1280",
            "height": "720",
            "bitrate": "2000",
        },
        {
            "url": "https://cdn.example/a.webm",
            "delivery": "progressive",
            "type": "video/webm",
            "width": "640",
            "height": "360",
            "bitrate": None,
        },
    ],
    "media_url": "https://cdn.example/a.mp4",
    "tracking_events": {
        "start": ["https://t.example/start", "https://u.example/start"],
        "complete": ["https://t.example/complete"],
    },
    "extensions": {"city": {"Name": "Riga", "Geo": {"Lat": "56"}}, "raw": {"Extension": "42"}},
    "duration": 15,
}
NOTHING = {
    "vast_version": "4.0",
    "ad_system": None,
    "ad_title": None,
    "impression": [],
    "error": [],
    "creative": {},
    "media_files": [],
    "media_url": None,
    "tracking_events": {},
    "extensions": {},
    "duration": None,
}


def test_parsed_data_of_a_document_has_all_keys():
    assert VastParser().parse_vast(VAST) == {**PARSED, "error": ["https://t.example/root", *PARSED["error"]]}
    assert VastParser().parse_vast(EMPTY) == NOTHING


def the_result(**options):
    config = multi_source.VastFetchConfig([multi_source.MockUpstream(VAST)], **options)
    return asyncio.run(multi_source.VastMultiSourceOrchestrator().execute_pipeline(config))


def test_parsed_data_of_a_result_is_that_of_its_ads():
    result = the_result(auto_track=False)
    assert (result.success, result.source_url, result.raw_response) == (True, "mock://vast", VAST)
    assert result.parsed_data == PARSED
    assert {"elapsed_time", "source_count", "mode", "content_length", "attempt", "parsed"} <= set(result.metadata)


def test_a_value_of_a_result_is_made_once_and_can_be_changed():
    async def main():
        config = multi_source.VastFetchConfig([multi_source.MockUpstream(VAST)], auto_track=False)
        result = await multi_source.VastMultiSourceOrchestrator().execute_pipeline(config)
        return result, set(vars(result))  # `asyncio.run` shows the result as text, which reads all values.

    result, made = asyncio.run(main())
    assert not made & {"raw_response", "parsed_data", "metadata"}
    result.parsed_data["ad_title"] = "Boots"
    result.metadata["seen"] = True
    assert (result.parsed_data["ad_title"], result.metadata["seen"]) == ("Boots", True)
    empty = vast_client.FetchResult()
    assert (empty.raw_response, empty.parsed_data, empty.metadata) == ("", None, {})


COPIES = [copy.copy, copy.deepcopy, lambda result: pickle.loads(pickle.dumps(result))]


@pytest.mark.parametrize("copied", COPIES, ids=["copy", "deepcopy", "pickle"])
def test_a_copy_of_a_result_has_all_its_values(copied):
    result = the_result(auto_track=False)
    found = copied(result)
    assert found == result and found.parsed_data == PARSED
    assert (found.sources, found.ads) == (result.sources, result.ads)
    assert vast_client.explain(found) == vast_client.explain(result)
    with pytest.raises(ValueError, match="needs the result of a request"):
        vast_client.session.BreakSession(found)


def test_the_types_have_the_keys_of_the_dicts():
    types = vast_client.types
    result = the_result()
    data = result.parsed_data
    shapes = [
        (types.ParsedData, data),
        (types.MediaFileData, data["media_files"][0]),
        (types.CreativeData, data["creative"]),
    ]
    for kind, found in shapes:
        assert list(kind.__annotations__) == list(found)
    assert set(result.metadata) <= set(types.ResultMetadata.__annotations__)
    assert set(result.metadata["tracking_result"]) <= set(types.TrackingResult.__annotations__)
    assert {"elapsed_time", "source_count", "mode", "request_id"} <= set(result.metadata)


def test_attributes_of_a_client():
    client = VastClient(
        {"client": {"base_url": "https://ads.example/v", "params": {"a": 1}, "headers": {"X": "y"}, "encoding_config": {"a": False}}}
    )
    found = (client.upstream_url, client.embedded_params, client.embedded_headers, client.encoding_config)
    assert found == ("https://ads.example/v", {"a": 1}, {"X": "y"}, {"a": False})
    assert client.multi_source is client._orchestrator and client.multi_source.parser is client.parser
    names = "embed_client parser tracker logger ad_request ssl_verify"
    assert all(hasattr(client, name) for name in names.split())


def test_exceptions_have_the_base_with_message_and_context():
    for name in vast_client.__all__:
        kind = getattr(vast_client, name)
        if isinstance(kind, type) and issubclass(kind, Exception) and kind is not vast_client.VastAllSourcesFailed:
            error = kind("wrong", context={"key": 1})
            assert isinstance(error, vast_client.VastException)
            assert (error.message, error.context["key"], str(error)) == ("wrong", 1, "wrong (key=1)")


DETAILS = [
    (vast_client.VastXMLError, dict(xml_preview="<VAST", parser_error=ValueError()), "wrong (xml_preview=<VAST)"),
    (vast_client.VastElementError, dict(element_tag="Ad", operation="to_dict"), "wrong (element_tag=Ad; operation=to_dict)"),
    (
        vast_client.VastExtensionError,
        dict(extension_type="city", field_name="Name"),
        "wrong (extension_type=city; field_name=Name)",
    ),
    (vast_client.VastDurationError, dict(duration_text="soon"), "wrong (duration_text=soon)"),
    (vast_client.VastTrackingURLError, dict(url="u", url_type="start"), "wrong (url=u; url_type=start)"),
    (vast_client.VastTrackingNetworkError, dict(http_status=500, network_error=None), "wrong (http_status=500)"),
    (vast_client.VastConfigValidationError, dict(config_key="a", config_value="b"), "wrong (config_key=a; config_value=b)"),
    (vast_client.VastConfigNotFoundError, dict(config_key="a"), "wrong (config_key=a)"),
    (vast_client.VastHTTPTimeoutError, dict(timeout=1.5, operation="request"), "wrong (timeout=1.5; operation=request)"),
    (vast_client.VastHTTPSSLError, dict(url="u", ssl_error=None), "wrong (url=u)"),
]


@pytest.mark.parametrize(("kind", "details", "text"), DETAILS)
def test_details_of_an_exception_are_attributes_and_part_of_its_text(kind, details, text):
    parameters = list(inspect.signature(kind).parameters)
    assert parameters == ["message", *details, "context"]
    error = kind("wrong", *details.values())
    assert ({name: getattr(error, name) for name in details}, str(error)) == (details, text)


def test_a_long_detail_is_cut_in_the_text_only():
    error = vast_client.VastXMLError("wrong", "x" * 1000)
    assert len(error.xml_preview) == 1000 and len(str(error)) < 250


def test_exceptions_can_be_sent_to_another_process():
    failures = [http_failure(kind, "wrong", url="https://a.example/", status=status, timeout=1.0) for kind, status in HTTP]
    config = vast_client.VastConfigValidationError("wrong", "timeout", -1)
    failed = vast_client.VastAllSourcesFailed("All sources failed: []", the_result(auto_track=False))
    for error in (*failures, config, failed):
        found = pickle.loads(pickle.dumps(error))
        assert (type(found), str(found)) == (type(error), str(error))
    assert pickle.loads(pickle.dumps(failed)).result == failed.result
    assert pickle.loads(pickle.dumps(config)).config_value == -1


HTTP = [("timeout", None), ("tls", None), ("connect", None), ("http_status", 404)]


def imports_of(file):
    """The modules of the package that a file names in an import, wherever in the file."""
    package = ["vast_client", *file.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
            yield ".".join(part for part in base if part)


def test_modules_import_in_one_direction():
    files = {
        ".".join(["vast_client", *file.relative_to(PACKAGE).with_suffix("").parts]): file
        for file in PACKAGE.rglob("*.py")
        if file.name != "__init__.py"
    }
    graph = {name: {one for one in imports_of(file) if one in files} for name, file in files.items()}
    assert len(graph) > 20
    order = list(graphlib.TopologicalSorter(graph).static_order())  # Raises CycleError, which names the modules.
    assert order.index("vast_client.exceptions") < order.index("vast_client._pipeline")
