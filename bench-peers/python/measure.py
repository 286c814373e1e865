"""Measures requests of Python programs for an ad: `measure.py SIDE URL REQUESTS IN_FLIGHT`, or `measure.py dicts DOCUMENT`.

SIDE is `ours` (`execute_pipeline`), `request_ad` or `stand_in`. Prints requests per second and the CPU time of the process per request.
`dicts` prints the time in which a result that is there becomes dicts.
"""

import asyncio
import sys
import time


async def requests(side, url, number, in_flight):
    if side == "stand_in":
        from stand_in import StandIn

        client = StandIn()

        async def one():
            return (await client.execute_pipeline([url])).success
    else:
        from vast_client import VastClient, VastFetchConfig

        client = VastClient(url)
        config = VastFetchConfig([url], auto_track=False)

        async def pipeline():
            return (await client.multi_source.execute_pipeline(config)).success

        async def request_ad():
            return isinstance(await client.request_ad(), dict)

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


if sys.argv[1] == "dicts":
    dicts(sys.argv[2])
else:
    asyncio.run(requests(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
