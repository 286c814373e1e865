"""Fixtures: the scripted servers, and an ad as text."""

from __future__ import annotations

import pytest

import vast_client._pipeline
from mock_servers import MockServers

#: One server for each kind of answer.
SCENARIO = '''
[[server]]
name = "ads"
answer = [{ file = "ads/inline.xml" }]
[[server]]
name = "slow"
answer = [{ delay = "300ms", file = "ads/inline.xml" }]
[[server]]
name = "slower"
answer = [{ delay = "2s", file = "ads/inline.xml" }]
[[server]]
name = "empty"
answer = [{ file = "ads/empty.xml" }]
[[server]]
name = "nothing"
answer = [{ status = 204 }]
[[server]]
name = "page"
answer = [{ file = "ads/page.html" }]
[[server]]
name = "text"
answer = [{ body = "no ad today" }]
[[server]]
name = "missing"
answer = [{ status = 404 }]
[[server]]
name = "busy"
answer = [{ status = 503 }]
[[server]]
name = "hang"
answer = [{ delay = "60s", file = "ads/inline.xml" }]
[[server]]
name = "wrapper"
answer = [{ file = "ads/wrapper.xml" }]
[[server]]
name = "later"
answer = [{ status = 503, headers = { retry-after = "1" } }, { file = "ads/inline.xml" }]
[[server]]
name = "five"
answer = [
  { path = "/vast", redirect = "/2" },
  { path = "/2", redirect = "/3" },
  { path = "/3", redirect = "/4" },
  { path = "/4", redirect = "/5" },
  { path = "/5", redirect = "{{ads}}/vast?ad=shoes" },
]
[[server]]
name = "endless"
answer = [{ redirect = "/vast" }]
[[server]]
name = "tracked"
answer = [{ body = """<VAST version="4.0"><Ad><InLine><AdSystem>mock</AdSystem><AdTitle>tracked</AdTitle>
<Impression>{{beacons}}/tracked</Impression><Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles>
<MediaFile delivery="progressive" type="video/mp4" width="1280" height="720">https://cdn.test/a.mp4</MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>""" }]
[[server]]
name = "beacons"
sink = true
'''

#: An ad with everything that parsed data shows.
VAST = """<?xml version="1.0" encoding="UTF-8"?>
<VAST version="4.0"><Error>https://t.example/root</Error><Ad id="1"><InLine><AdSystem>house</AdSystem><AdTitle>Shoes</AdTitle>
<Impression><![CDATA[ https://t.example/seen ]]></Impression><Impression>https://t.example/seen2</Impression>
<Error>https://t.example/error?code=[ERRORCODE]</Error>
<Creatives><Creative id="c1" adId="a1"><Linear><Duration>00:00:15</Duration><TrackingEvents>
<Tracking event="start">https://t.example/start</Tracking><Tracking event="start">https://u.example/start</Tracking>
<Tracking event="complete">https://t.example/complete</Tracking></TrackingEvents><MediaFiles>
<MediaFile delivery="progressive" type="video/mp4" width="1280" height="720" bitrate="2000">https://cdn.example/a.mp4</MediaFile>
<MediaFile delivery="progressive" type="video/webm" width="640" height="360">https://cdn.example/a.webm</MediaFile>
</MediaFiles></Linear></Creative></Creatives>
<Extensions><Extension type="city"><Name>Riga</Name><Geo><Lat>56</Lat></Geo></Extension><Extension type="raw">42</Extension></Extensions>
</InLine></Ad></VAST>"""

EMPTY = '<VAST version="4.0"/>'


@pytest.fixture(scope="session")
def mock():
    servers = MockServers(SCENARIO)
    yield servers
    servers.stop()


@pytest.fixture
def urls(mock):
    """The URL of each server, with an ad of the name `shoes` where it has ads."""
    found = {name: f"{url}/vast?ad=shoes" for name, url in mock.urls.items()}
    found["wrapper"] = f"{mock.urls['wrapper']}/vast?ad=shoes&to={mock.urls['ads']}/vast%3Fad=shoes"
    return found


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    """The warning about impressions comes once in a process; its own test turns it on."""
    monkeypatch.setattr(vast_client._pipeline, "_has_warned", [True])
