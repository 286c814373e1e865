"""Parsers, filters and values of macros that a program gives."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest

from conftest import VAST
from vast_client import VastClient, VastFetchConfig, VastMultiSourceOrchestrator, VastParseFilter, VastParser, VastTracker
from vast_client.config import VastParserConfig, VastTrackerConfig
from vast_client.multi_source import MockUpstream


class Shouting(VastParser):
    def parse_vast(self, xml_string):
        return {**super().parse_vast(xml_string), "ad_title": "SHOES"}


class Broken(VastParser):
    def parse_vast(self, xml_string):
        raise KeyError("no such element")


class OnlyBoots(VastParseFilter):
    def matches(self, vast_data):
        return vast_data["ad_title"] == "Boots"


def request(parser, wanted=None, *, is_blocking=False, auto_track=False):
    orchestrator = VastMultiSourceOrchestrator(parser)
    config = VastFetchConfig([MockUpstream(VAST)], parse_filter=wanted, auto_track=auto_track)
    if is_blocking:
        return orchestrator.execute_pipeline_sync(config)
    return asyncio.run(orchestrator.execute_pipeline(config))


def replaced():
    parser = VastParser()
    parser.parse_vast = Mock(return_value={"ad_title": "mocked"})
    return parser


PARSERS = [(VastParser, "Shoes"), (Shouting, "SHOES"), (replaced, "mocked")]


@pytest.mark.parametrize("is_blocking", [False, True])
@pytest.mark.parametrize(("parser", "title"), PARSERS)
def test_a_parser_of_the_program_makes_parsed_data(parser, title, is_blocking):
    assert request(parser(), is_blocking=is_blocking).parsed_data["ad_title"] == title


def test_paths_of_the_parser_add_values_to_an_answer():
    parser = VastParser(VastParserConfig(custom_xpaths={"where": ".//Geo/Lat"}))
    data = request(parser).parsed_data
    assert data["extensions"]["where"] == ["56"] and data["ad_title"] == "Shoes"


REJECTING = [
    (Broken(), None, {"phase": "parse", "error": "'no such element'", "error_type": "KeyError", "source": "mock://vast"}),
    (
        Shouting(),
        OnlyBoots(),
        {
            "phase": "select",
            "error": "VAST data did not match filter criteria",
            "source": "mock://vast",
            "reason": "OnlyBoots.matches() is false",
        },
    ),
]


@pytest.mark.parametrize("is_blocking", [False, True])
@pytest.mark.parametrize(("parser", "wanted", "error"), REJECTING)
def test_code_of_the_program_may_reject_an_ad_and_no_impression_is_called(parser, wanted, error, is_blocking):
    result = request(parser, wanted, is_blocking=is_blocking, auto_track=True)
    assert (result.success, result.parsed_data, result.errors) == (False, None, [error])
    assert "impression_tracked" not in result.metadata and result._answer.impressions() == []


@pytest.mark.parametrize("is_blocking", [False, True])
def test_impressions_are_called_after_code_of_the_program_has_accepted_the_ad(is_blocking):
    result = request(Shouting(), is_blocking=is_blocking, auto_track=True)
    assert result.metadata["impression_tracked"] is True
    assert result.metadata["tracking_result"]["urls"] == ["https://t.example/seen", "https://t.example/seen2"]


def test_request_ad_uses_the_parser_of_the_client(urls):
    assert VastClient(urls["ads"], parser=Shouting()).request_ad_sync()["ad_title"] == "SHOES"
    assert VastClient(urls["ads"], parser=Broken()).request_ad_sync().startswith("<?xml")


MACROS = [
    (VastTrackerConfig(static_macros={"SITE": "a b"}), "site=a%20b&serial=[SERIAL]&city=[CITY]"),
    (VastTrackerConfig(macro_mapping={"device_serial": "SERIAL"}), "site=[SITE]&serial=42%2F7&city=[CITY]"),
    (VastTrackerConfig(macro_mapping={"device_serial": "SERIAL", "missing": "CITY"}), "site=[SITE]&serial=42%2F7&city=[CITY]"),
    (VastTrackerConfig(), "site=[SITE]&serial=[SERIAL]&city=[CITY]"),
]


@pytest.mark.parametrize(("config", "query"), MACROS)
def test_trackers_get_only_the_values_that_the_configuration_names(config, query):
    url = "https://t.example/?"
    viewer = {"device_serial": "42/7", "city": "Riga"}
    tracker = VastTracker({"start": [url + "site=[SITE]&serial=[SERIAL]&city=[CITY]"]}, config=config, ad_request=viewer)
    assert asyncio.run(tracker.track_event("start"))["urls"] == [url + query]
