"""43 cases along the test list of the described system's architecture document: configuration, filter, orchestrator, integration.
They use only what that document says; its addresses are replaced by scripted servers."""

from __future__ import annotations

import asyncio

import pytest

from vast_client import (
    FetchMode,
    FetchResult,
    FetchStrategy,
    MediaType,
    VastClient,
    VastFetchConfig,
    VastMultiSourceOrchestrator,
    VastParseFilter,
    VastParser,
)

# Configuration: 11 cases.

DEFAULTS = [
    ("strategy.mode", FetchMode.PARALLEL),
    ("sources", []),
    ("fallbacks", []),
    ("params", {}),
    ("headers", {}),
    ("parse_filter", None),
    ("auto_track", True),
]


@pytest.mark.parametrize(("path", "expected"), DEFAULTS)
def test_default_of_the_configuration(path, expected):
    value = VastFetchConfig()
    for name in path.split("."):
        value = getattr(value, name)
    assert value == expected


@pytest.mark.parametrize("mode", [FetchMode.PARALLEL, FetchMode.SEQUENTIAL, FetchMode.RACE])
def test_configuration_with_a_mode(mode):
    assert VastFetchConfig(["https://ads1.example/vast"], strategy=FetchStrategy(mode=mode)).strategy.mode is mode


def test_configurations_share_nothing():
    VastFetchConfig().sources.append("https://ads.example/vast")
    assert VastFetchConfig().sources == []


# Parse filtering: 15 cases.


def data(duration=20, kind="video/mp4", bitrate="2500", width="1920", height="1080"):
    file = {"url": "u", "type": kind, "bitrate": bitrate, "width": width, "height": height}
    return {"duration": duration, "media_files": [file]}


VIDEO, AUDIO, ALL = [MediaType.VIDEO], [MediaType.AUDIO], [MediaType.ALL]
FILTERS = [
    ({}, data(), True),
    ({"media_types": VIDEO}, data(), True),
    ({"media_types": VIDEO}, data(kind="audio/mpeg"), False),
    ({"media_types": AUDIO}, data(kind="audio/mpeg"), True),
    ({"media_types": ALL}, data(kind="audio/mpeg"), True),
    ({"media_types": VIDEO + AUDIO}, data(kind="audio/mpeg"), True),
    ({"min_duration": 15, "max_duration": 30}, data(), True),
    ({"min_duration": 21}, data(), False),
    ({"max_duration": 19}, data(), False),
    ({"min_bitrate": 2000}, data(), True),
    ({"min_bitrate": 3000}, data(), False),
    ({"max_bitrate": 2000}, data(), False),
    ({"required_dimensions": (1920, 1080)}, data(), True),
    ({"required_dimensions": (1920, 1080)}, data(width="1280", height="720"), False),
    (
        {"media_types": VIDEO, "min_duration": 15, "max_duration": 30, "min_bitrate": 2000, "required_dimensions": (1920, 1080)},
        data(),
        True,
    ),
]


@pytest.mark.parametrize(("conditions", "vast_data", "expected"), FILTERS)
def test_filter(conditions, vast_data, expected):
    assert VastParseFilter(**conditions).matches(vast_data) is expected


# Orchestrator: 8 cases.


def execute(config, **options):
    orchestrator = VastMultiSourceOrchestrator(VastParser(), ssl_verify=True)
    return asyncio.run(orchestrator.execute_pipeline(config, **options))


def test_one_source(urls):
    result = execute(VastFetchConfig([urls["ads"]], auto_track=False))
    assert isinstance(result, FetchResult) and result.success and result.parsed_data["ad_title"] == "shoes"


def test_several_sources(urls):
    assert execute(VastFetchConfig([urls["slow"], urls["ads"]], auto_track=False)).success


def test_fallback(urls):
    result = execute(VastFetchConfig([urls["missing"]], [urls["ads"]], auto_track=False))
    assert result.success and result.source_url == urls["ads"]


def test_all_sources_fail(urls):
    result = execute(VastFetchConfig([urls["missing"]], [urls["missing"]], auto_track=False))
    assert not result.success
    for error in result.errors:
        assert error["source"] == urls["missing"] or error["source"].startswith(urls["missing"])
        assert error["error"] == "HTTP 404"


def test_filter_of_the_configuration(urls):
    wanted = VastParseFilter(media_types=[MediaType.VIDEO], min_duration=15, max_duration=30)
    assert execute(VastFetchConfig([urls["ads"]], parse_filter=wanted, auto_track=False)).success


def test_filter_that_rejects(urls):
    result = execute(VastFetchConfig([urls["ads"]], parse_filter=VastParseFilter(min_duration=60), auto_track=False))
    assert not result.success
    found = [(error["phase"], error["error"]) for error in result.errors]
    assert found == [("select", "VAST data did not match filter criteria")]


def test_error_of_the_parser(urls):
    result = execute(VastFetchConfig([urls["page"]], auto_track=False))
    assert not result.success and [error["phase"] for error in result.errors] == ["parse"]


def test_tracking_is_an_argument_too(urls):
    assert execute(VastFetchConfig([urls["ads"]], auto_track=False), auto_track=True).metadata["impression_tracked"]


# Integration: 9 cases, the four usage patterns among them.


def test_pattern_1_single_source(urls):
    async def main():
        client = VastClient(urls["ads"])
        return await client.request_ad()

    assert asyncio.run(main())["ad_title"] == "shoes"


def test_pattern_2_primary_and_fallbacks(urls):
    async def main():
        client = VastClient(urls["ads"])
        return await client.request_ad_with_fallback(primary=urls["missing"], fallbacks=[urls["ads"]])

    assert asyncio.run(main())["ad_title"] == "shoes"


def test_pattern_3_parallel(urls):
    async def main():
        client = VastClient(urls["ads"])
        config = VastFetchConfig(
            sources=[urls["missing"], urls["empty"], urls["ads"]],
            strategy=FetchStrategy(mode=FetchMode.PARALLEL),
        )
        return await client.multi_source.execute_pipeline(config)

    assert asyncio.run(main()).success


def test_pattern_4_filtered(urls):
    async def main():
        client = VastClient(urls["ads"])
        filter = VastParseFilter(media_types=[MediaType.VIDEO], min_duration=15, max_duration=30)
        config = VastFetchConfig(sources=[urls["empty"], urls["ads"]], parse_filter=filter)
        return await client.multi_source.execute_pipeline(config)

    assert asyncio.run(main()).success


def test_client_of_a_dict(urls):
    client = VastClient.from_config({"url": urls["ads"], "params": {"slot": "pre"}, "headers": {"X-Slot": "pre"}})
    assert asyncio.run(client.request_ad())["ad_title"] == "shoes"


def test_client_of_a_uri(urls):
    assert asyncio.run(VastClient.from_uri(urls["ads"]).request_ad())["ad_title"] == "shoes"


def test_client_has_an_orchestrator(urls):
    client = VastClient(urls["ads"])
    assert isinstance(client.multi_source, VastMultiSourceOrchestrator) and client._orchestrator is client.multi_source


def test_attributes_are_preserved(urls):
    client = VastClient(urls["ads"])
    names = "upstream_url embedded_params embedded_headers encoding_config parser tracker logger ad_request ssl_verify"
    assert [name for name in names.split() if not hasattr(client, name)] == []


def test_three_sources_in_parallel_take_the_time_of_one(urls):
    result = execute(VastFetchConfig([urls["slower"] + f"&n={n}" for n in range(3)], auto_track=False))
    assert result.success and 1.9 < result.metadata["elapsed_time"] < 5.7
    assert [source["attempts"] for source in result.sources] == [1, 1, 1]
