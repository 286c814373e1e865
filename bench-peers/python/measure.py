"""Measures requests of Python programs for an ad.

`measure.py SIDE URL REQUESTS IN_FLIGHT` prints requests per second and the CPU time of the process per request. SIDE is `ours`
(`execute_pipeline`, whose parsed data is read), `request_ad` or `stand_in`. `table FILE` makes medians of many such lines.
`three_sources` prints the time of a request to three sources that answer after 1 s. `dicts DOCUMENT` prints the time in which an answer
becomes dictionaries.
"""

import asyncio
import collections
import statistics
import sys
import time


async def requests(side, url, number, in_flight):
    if side == "stand_in":
        from stand_in import StandIn

        client = StandIn()

        async def one():
            return (await client.execute_pipeline([url])).parsed_data["media_url"]
    else:
        from vast_client import VastClient, VastFetchConfig

        client = VastClient(url)
        config = VastFetchConfig([url], auto_track=False)

        async def pipeline():
            return (await client.multi_source.execute_pipeline(config)).parsed_data["media_url"]

        async def request_ad():
            return (await client.request_ad())["media_url"]

        one = request_ad if side == "request_ad" else pipeline

    left = iter(range(number))

    async def worker():
        for _ in left:
            assert await one()

    for _ in range(50):
        assert await one()
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{side} in_flight={in_flight} per_second={number / wall:.0f} us={cpu / number * 1e6:.1f}")


def table(path):
    found = collections.defaultdict(list)
    for line in open(path):
        side, *values = line.split()
        facts = dict(value.split("=") for value in values)
        for name in ("per_second", "us"):
            if name in facts:
                found[side, name, int(facts["in_flight"])].append(float(facts[name]))

    def ratio(one, other, name, in_flight):
        pairs = list(zip(found[one, name, in_flight], found[other, name, in_flight]))
        return f"{statistics.median(a / b for a, b in pairs):.2f}" if pairs else "-"

    def median(side, name, in_flight):
        values = found[side, name, in_flight]
        return f"{statistics.median(values):,.0f}" if values else "-"

    sides = ("stand_in", "ours", "request_ad")
    print("| in flight | per second: " + " | ".join(sides) + " | ours / stand_in | CPU, us: ours | request_ad | rust | ours / rust | request_ad / rust |")
    print("|---" * 10 + "|")
    for in_flight in sorted({key[2] for key in found}):
        cells = [median(side, "per_second", in_flight) for side in sides]
        cells.append(ratio("ours", "stand_in", "per_second", in_flight))
        cells += [median(side, "us", in_flight) for side in ("ours", "request_ad", "rust")]
        cells += [ratio(side, "rust", "us", in_flight) for side in ("ours", "request_ad")]
        print(f"| {in_flight} | " + " | ".join(cells) + " |")


async def three_sources():
    from vast_client import VastClient, VastFetchConfig

    body = b'<VAST version="4.0"><Ad><InLine><Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles>'
    body += b'<MediaFile type="video/mp4">https://cdn.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>'
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-length: %d\r\n\r\n" % len(body)

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(1.0)
        writer.write(head + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = VastClient("https://unused.example/")
    config = VastFetchConfig([f"http://127.0.0.1:{port}/{number}" for number in range(3)], auto_track=False)
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        assert (await client.multi_source.execute_pipeline(config)).success
        times.append(time.perf_counter() - begin)
    print(f"three sources of 1 s in parallel: {statistics.median(times):.3f} s")


def dicts(path):
    from vast_client import VastFetchConfig, VastMultiSourceOrchestrator
    from vast_client.multi_source import MockUpstream

    text = open(path).read()
    config = VastFetchConfig([MockUpstream(text)], auto_track=False)
    result = asyncio.run(VastMultiSourceOrchestrator().execute_pipeline(config))
    answer, number = result._answer, 20000
    begin = time.process_time()
    for _ in range(number):
        answer.parsed()
    print(f"dicts bytes={len(text)} us={(time.process_time() - begin) / number * 1e6:.1f}")


command, *arguments = sys.argv[1:]
if command == "dicts":
    dicts(*arguments)
elif command == "table":
    table(*arguments)
elif command == "three_sources":
    asyncio.run(three_sources())
else:
    asyncio.run(requests(command, arguments[0], *map(int, arguments[1:])))
