"""Event loops, cancellation, threads and processes."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import multiprocessing
import os
import random
import subprocess
import sys
import threading
import time

import pytest

from conftest import VAST
from vast_client import FetchMode, FetchStrategy, VastClient, VastConfigError, VastFetchConfig, VastMultiSourceOrchestrator
from vast_client._loop import running_port
from vast_client.multi_source import MockUpstream
from vast_client.session import BreakSession

#: The number of requests under one `gather`.
MANY = int(os.environ.get("VAST_MANY", "10000"))


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request):
    """Runs a coroutine on a new event loop of each kind."""
    if request.param == "asyncio":
        return asyncio.run
    uvloop = pytest.importorskip("uvloop")

    def run_on_uvloop(main):
        loop = uvloop.new_event_loop()
        try:
            return loop.run_until_complete(main)
        finally:
            loop.close()

    return run_on_uvloop


def test_many_requests_at_the_same_time(urls):
    """All requests begin at once, but only some hundred of them use a connection at the same time: a process may not have more."""

    async def main():
        client = VastClient(urls["ads"])
        gate = asyncio.Semaphore(200)

        async def one():
            async with gate:
                return (await client.request_ad())["ad_title"]

        return await asyncio.gather(*(one() for _ in range(MANY)))

    assert set(asyncio.run(main())) == {"shoes"}


def test_many_requests_without_a_network(run):
    async def main():
        orchestrator = VastMultiSourceOrchestrator()
        config = VastFetchConfig([MockUpstream(VAST)], auto_track=False)
        results = await asyncio.gather(*(orchestrator.execute_pipeline(config) for _ in range(MANY)))
        return sum(result.success for result in results), len(running_port().native)

    assert run(main()) == (MANY, 0)


async def within_a_minute(holds):
    """Whether it becomes true."""
    until = time.monotonic() + 60
    while not holds() and time.monotonic() < until:
        await asyncio.sleep(0.01)
    return holds()


def sockets():
    """The number of open sockets of this process; 0 where the system does not say."""
    folder = "/proc/self/fd"
    names = [os.path.join(folder, name) for name in os.listdir(folder)] if os.path.isdir(folder) else []
    return sum(os.readlink(name).startswith("socket:") for name in names if os.path.islink(name))


def test_cancellation_at_random_moments(urls, caplog, run):
    rng = random.Random(1)

    async def cancel(client, number):
        for _ in range(number):
            task = asyncio.ensure_future(client.request_ad())
            await asyncio.sleep(rng.random() * 0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    async def main():
        client = VastClient(urls["slower"])
        await cancel(client, 100)
        before = sockets()  # Connections that were opened and not used wait for the next requests.
        await cancel(client, 100)
        port = running_port()
        # Some connections are still about to end, but not one for each of 100 requests.
        ends = await within_a_minute(lambda: not port.native and not port._waiting and sockets() - before < 50)
        return ends, len(port.native), len(port._waiting), sockets() - before, (await client.request_ad())["ad_title"]

    ends, *left, title = run(main())
    assert ends, left
    assert title == "shoes"
    gc.collect()
    assert "never retrieved" not in caplog.text


def test_an_upstream_is_cancelled_with_its_lane_and_keeps_its_context(urls, run):
    variable = contextvars.ContextVar("variable", default="lost")
    seen = []

    class Slow:
        async def fetch(self, extra_params=None, extra_headers=None):
            seen.append(variable.get())
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

    async def main():
        variable.set("kept")
        config = VastFetchConfig([Slow(), urls["slow"]], strategy=FetchStrategy(mode=FetchMode.RACE), auto_track=False)
        result = await VastMultiSourceOrchestrator().execute_pipeline(config)
        await within_a_minute(lambda: len(seen) > 1)
        return result.success, list(seen)  # The end of the loop would cancel every task.

    assert run(main()) == (True, ["kept", "cancelled"])


def test_a_loop_may_close_with_requests_pending(urls):
    loop = asyncio.new_event_loop()
    task = loop.create_task(VastClient(urls["slower"]).request_ad())
    loop.run_until_complete(asyncio.sleep(0.05))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    pending = loop.create_task(VastClient(urls["slower"]).request_ad())
    loop.run_until_complete(asyncio.sleep(0.05))
    loop.close()
    time.sleep(2.4)
    pending._log_destroy_pending = False
    assert not pending.done()
    assert asyncio.run(VastClient(urls["ads"]).request_ad())["ad_title"] == "shoes"


def test_one_client_in_two_loops_and_in_a_blocking_thread(urls):
    client = VastClient(urls["ads"])
    found = []

    def on_loop():
        found.append(asyncio.run(client.request_ad())["ad_title"])

    def blocking():
        found.append(client.request_ad_sync()["ad_title"])

    threads = [threading.Thread(target=target) for target in (on_loop, on_loop, blocking, blocking)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["shoes"] * 4


def test_a_blocking_call_releases_the_interpreter(urls):
    client = VastClient(urls["slower"])
    ticks = []
    thread = threading.Thread(target=client.request_ad_sync)
    thread.start()
    while thread.is_alive():
        ticks.append(1)
        time.sleep(0.01)
    assert len(ticks) > 2


def _title(client):
    return asyncio.run(client.request_ad())["ad_title"]


def _in_child(client, queue):
    queue.put((_title(client), client.request_ad_sync()["ad_title"]))


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes(urls, method):
    client = VastClient(urls["ads"])
    assert _title(client) == "shoes"
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    if method == "fork":
        process = context.Process(target=_in_child, args=(client, queue))
    else:
        process = context.Process(target=_in_spawned, args=(urls["ads"], queue))
    process.start()
    assert queue.get(timeout=120) == ("shoes", "shoes")
    process.join()
    assert _title(client) == "shoes"


def _in_spawned(url, queue):
    _in_child(VastClient(url), queue)


def test_gunicorn_with_preload(urls, tmp_path):
    pytest.importorskip("gunicorn")
    (tmp_path / "app.py").write_text(
        "from vast_client import VastClient\n"
        f"client = VastClient({urls['ads']!r})\n"
        "client.request_ad_sync()\n"
        "def app(environ, start):\n"
        "    start('200 OK', [])\n"
        "    return [client.request_ad_sync()['ad_title'].encode()]\n"
    )
    socket = tmp_path / "socket"
    command = [sys.executable, "-m", "gunicorn", "--preload", "-w", "4", "-b", f"unix:{socket}", "app:app"]
    server = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            if socket.exists():
                break
            time.sleep(0.05)
        assert [_get(str(socket)) for _ in range(8)] == [b"shoes"] * 8
    finally:
        server.terminate()
        server.wait()


def _get(path):
    import socket

    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(path)
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(4096), b"")).rpartition(b"\r\n\r\n")[2]


def test_an_outbox_on_disk_belongs_to_one_client(urls, tmp_path):
    path = str(tmp_path / "outbox")

    async def main():
        async with VastClient(urls["ads"], outbox=path, allow_private=True) as client:
            await client.request_ad()
            tracked = await client.tracker.track_event("impression")
            again = await client.tracker.track_event("impression")
            with pytest.raises(VastConfigError):
                VastClient(urls["ads"], outbox=path)
            return tracked["queued"], len(tracked["urls"]), await client.drain(60), again["event"]

    queued, number, drained, _ = asyncio.run(main())
    assert (queued, number, drained) == (1, 1, {"delivered": 1, "failed": 0, "left": 0})
    asyncio.run(VastClient(urls["ads"], outbox=path).close())


def test_a_session_turns_positions_into_events():
    async def main():
        client = VastClient("https://unused.example/")
        result = await client.multi_source.execute_pipeline(VastFetchConfig([MockUpstream(VAST)], auto_track=False))
        session = BreakSession(result)
        events = [event for seconds in (0, 4, 16) for event in session.playhead(seconds)]
        (impression,) = [event for event in events if event.event == "impression"]
        assert impression.urls == ["https://t.example/seen", "https://t.example/seen2"]
        tracked = await client.track_session_event(impression)
        with pytest.raises(ValueError, match="the reports are loaded"):
            session.report("danced")
        return [event.event for event in events], tracked["queued"]

    names, queued = asyncio.run(main())
    assert [name for name in names if name in ("impression", "start", "complete")] == ["impression", "start", "complete"]
    assert queued == 2
