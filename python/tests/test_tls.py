"""Certificates: `ssl_verify`, for ad servers and for trackers."""

from __future__ import annotations

import asyncio
import http.server
import shutil
import ssl
import subprocess
import threading

import pytest

from conftest import VAST
from vast_client import VastClient, VastConfigValidationError, VastHTTPSSLError, VastTracker

REQUEST = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split()
REQUEST += "-addext basicConstraints=critical,CA:FALSE -addext subjectAltName=IP:127.0.0.1".split()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.paths.append(self.path)
        body = VAST.replace("https://t.example/", f"{self.server.url}/t/").encode() if self.path == "/ad" else b""
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    folder = tmp_path_factory.mktemp("certificate")
    files = [folder / "certificate.pem", folder / "key.pem"]
    command = ["openssl", *REQUEST, "-out", files[0], "-keyout", files[1]]
    subprocess.run(command, check=True, capture_output=True)
    return files


@pytest.fixture(scope="module")
def server(certificate):
    """A server whose certificate no public authority has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.url, server.paths = f"https://127.0.0.1:{server.server_port}", []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def impressions(client):
    """The number of impressions that the client has called."""

    async def main():
        async with client:
            await client.request_ad()
            await client.tracker.track_event("impression")
            report = await client.drain(60)
            return report["delivered"]

    return asyncio.run(main())


def test_an_unknown_certificate_is_refused(server):
    with pytest.raises(VastHTTPSSLError, match="certificate"):
        VastClient(f"{server.url}/ad").request_ad_sync()
    assert server.paths == []






@pytest.mark.parametrize("form", [str, lambda path: path], ids=["str", "Path"])
def test_a_file_of_authorities_is_used_for_ads_and_trackers(server, certificate, form):
    del server.paths[:]
    assert impressions(VastClient(f"{server.url}/ad", ssl_verify=form(certificate[0]))) == 2
    assert sorted(server.paths) == ["/ad", "/t/seen", "/t/seen2"]


def test_without_verification_the_certificate_does_not_matter(server):
    with pytest.warns(RuntimeWarning, match="accepts any certificate"):
        client = VastClient(f"{server.url}/ad", ssl_verify=False)
    assert impressions(client) == 2


def test_a_tracker_with_an_unknown_certificate_is_not_called(server, certificate):
    del server.paths[:]
    fetched = VastClient(f"{server.url}/ad", ssl_verify=certificate[0]).request_ad_sync()

    async def main():
        async with VastClient(f"{server.url}/ad", allow_private=True) as client:
            tracker = VastTracker(fetched["tracking_events"], pipeline=client._pipeline)
            await tracker.track_event("impression")
            return await client.drain(0.5)

    assert asyncio.run(main())["delivered"] == 0
    assert server.paths == ["/ad"]


def test_a_file_without_certificates_is_an_error(certificate):
    with pytest.raises(VastConfigValidationError, match="key.pem"):
        VastClient("https://ads.example/", ssl_verify=certificate[1]).request_ad_sync()
