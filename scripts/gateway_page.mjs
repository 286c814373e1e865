// node gateway_page.mjs VAST CHROMIUM: see gateway_page.sh, which installs what this needs.
//
// Starts a gateway, and opens pages of two other origins in a browser: another port of the same host, and another host. In each,
// @dailymotion/vast-client reads the tag with and without credentials. The browser has a cookie for the gateway; the answer must be the
// same with it, and must set no cookie. A tag whose tenant permits another origin only, and a route that is not for players, must stay
// unreadable. Then the page plays an ad whose trackers the gateway calls: the server of the trackers must receive each event once. Prints `N passed, M failed`; exits with 1 if one failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [program, executablePath] = process.argv.slice(2);
const { chromium } = createRequire(new URL('explain_page/package.json', import.meta.url))('playwright-core');
const peers = createRequire(new URL('../bench-peers/node/package.json', import.meta.url));
const library = readFileSync(join(peers.resolve('@dailymotion/vast-client'), '../vast-client.min.js'));

const KEY = '0123456789abcdef-page';
const AD = `<VAST version="4.2"><Ad id="shoes"><InLine><AdSystem>Acme</AdSystem><AdTitle>Shoes</AdTitle><AdServingId>s1</AdServingId>
<Impression>https://track.example/seen</Impression><Creatives><Creative><UniversalAdId idRegistry="ad-id.org">X</UniversalAdId><Linear>
<Duration>00:00:15</Duration><MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="1280" height="720">https://cdn.example/shoes.mp4</MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>`;
// The events that the page reports, each with a tracker.
const EVENTS = ['impression', 'start', 'firstQuartile', 'midpoint', 'thirdQuartile', 'complete', 'click'];
const eventsOf = (plays) => EVENTS.flatMap((event) => Array(plays).fill(event)).sort();
const PLAYS = 2;
const relayed = (sink) => {
  const tracking = EVENTS.slice(1, -1).map((event) => `<Tracking event="${event}">${sink}/${event}</Tracking>`);
  const clicks = `<VideoClicks><ClickThrough>https://shop.example/</ClickThrough><ClickTracking>${sink}/click</ClickTracking></VideoClicks>`;
  return AD.replace('https://track.example/seen', `${sink}/impression?cb=[CACHEBUSTING]`).replace(
    '</Duration>',
    `</Duration><TrackingEvents>${tracking.join('')}</TrackingEvents>${clicks}`,
  );
};
const config = (sink) => `[server]
drain = { announce = "0s", requests = "30s", beacons = "60s" }
max_lag = "1h"
[tenant.open]
keys = [{ name = "page", file = "key" }]
[tenant.closed]
origins = ["https://player.example"]
[placement.preroll]
tenant = "open"
source = [{ xml = '''${AD}''' }]
[placement.closed]
tenant = "closed"
source = [{ xml = '''${AD}''' }]
[placement.relayed]
track = "relay"
source = [{ xml = '''${relayed(sink)}''', allow_private = true }]
[[secret]]
id = 1
file = "secret"
`;

const tally = { passed: 0, failed: 0 };
const equal = (what, seen, expected) => {
  const holds = JSON.stringify(seen) === JSON.stringify(expected);
  tally[holds ? 'passed' : 'failed'] += 1;
  if (!holds) console.log(`failed: ${what}: ${JSON.stringify(seen)}, expected ${JSON.stringify(expected)}`);
};

/** Starts a gateway. Gives the process and the URL of its public port. */
const startGateway = async (folder, sink) => {
  writeFileSync(join(folder, 'key'), KEY);
  writeFileSync(join(folder, 'secret'), KEY + KEY);
  const file = join(folder, 'gateway.toml');
  writeFileSync(file, config(sink));
  const ports = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];
  const gateway = spawn(program, ['serve', '--config', file, ...ports], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: gateway.stdout })) {
    const found = line.match(/^tag +(http:\/\/127\.0\.0\.1:\d+)\/v1\/preroll\/vast$/);
    if (found) return { gateway, base: found[1] };
  }
  throw new Error('the gateway has not started');
};

/** A server with an empty page and the library. */
const startPage = async () => {
  const server = createServer((request, response) => {
    const isPage = request.url === '/';
    response.setHeader('content-type', isPage ? 'text/html' : 'text/javascript');
    response.end(isPage ? '<!doctype html><title>player</title>' : library);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

/** The server of the trackers. `seen` has the paths of its requests. */
const startSink = async () => {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push(new URL(request.url, 'http://sink').pathname.slice(1));
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, seen, url: `http://127.0.0.1:${server.address().port}` };
};

/** What the library reads of a tag: the id and the media file of each ad; or that it cannot read it. */
const read = (page, url, withCredentials) =>
  page.evaluate(
    async ([url, withCredentials]) => {
      const { VASTClient } = await import('/vast-client.js');
      try {
        const { ads } = await new VASTClient().get(url, { withCredentials });
        return ads.map(({ id, creatives }) => [id, creatives[0].mediaFiles[0].fileURL]);
      } catch {
        return 'unreadable';
      }
    },
    [url, withCredentials],
  );

/** The status and the outcome of a request that the page sends itself; or that it cannot read the answer. */
const ask = (page, url, headers) =>
  page.evaluate(
    async ([url, headers]) => {
      try {
        const response = await fetch(url, { headers });
        return [response.status, response.headers.get('x-vast-outcome')];
      } catch {
        return 'unreadable';
      }
    },
    [url, headers],
  );

const checkOrigin = async (browser, origin, base) => {
  const context = await browser.newContext();
  await context.addCookies([{ name: 'viewer', value: '1', url: base }]);
  // The browser sends no cookies to the host of another site, but the answer must permit them all the same.
  const isSameSite = new URL(origin).hostname === new URL(base).hostname;
  const page = await context.newPage();
  await page.goto(origin);
  const ad = [['shoes', 'https://cdn.example/shoes.mp4']];
  for (const withCredentials of [false, true]) {
    const what = `${origin}, ${withCredentials ? 'with' : 'without'} credentials`;
    const url = `${base}/v1/preroll/vast?w=1280&h=720&credentials=${withCredentials}`;
    const answered = page.waitForResponse(url);
    equal(what, await read(page, url, withCredentials), ad);
    const response = await answered;
    const sent = await response.request().allHeaders();
    equal(`${what}: the cookie of the request`, sent.cookie, withCredentials && isSameSite ? 'viewer=1' : undefined);
    const headers = await response.allHeaders();
    equal(`${what}: the cookie of the answer`, headers['set-cookie'], undefined);
    equal(`${what}: the permitted origin`, headers['access-control-allow-origin'], origin.replace(/\/$/, ''));
    equal(`${what}: a tag for another origin`, await read(page, `${base}/v1/closed/vast`, withCredentials), 'unreadable');
  }
  const bearer = (key) => ({ Authorization: `Bearer ${key}` });
  equal(`${origin}: with a key, after a preflight`, await ask(page, `${base}/v1/preroll/vast`, bearer(KEY)), [200, 'filled']);
  equal(`${origin}: with a wrong key`, await ask(page, `${base}/v1/preroll/vast`, bearer('wrong')), [403, 'forbidden']);
  equal(`${origin}: a parameter out of its range`, await ask(page, `${base}/v1/preroll/vast?w=0`, {}), [400, 'bad_request']);
  equal(`${origin}: a route that is not for players`, await ask(page, `${base}/v1/preroll/ads.json`, bearer(KEY)), 'unreadable');
  await context.close();
};

/** Plays an ad to its end, and clicks on it. Gives the page that a click opens. */
const play = (page, url) =>
  page.evaluate(async (url) => {
    const { VASTClient, VASTTracker } = await import('/vast-client.js');
    const client = new VASTClient();
    const [ad] = (await client.get(url)).ads;
    const tracker = new VASTTracker(client, ad, ad.creatives[0]);
    tracker.trackImpression();
    for (let second = 0; second <= 15; second += 1) tracker.setProgress(second);
    tracker.complete();
    const opened = new Promise((resolve) => tracker.on('clickthrough', resolve));
    tracker.click();
    return opened;
  }, url);

const checkRelay = async (browser, origin, base, sink) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(origin);
  for (let plays = 1; plays <= PLAYS; plays += 1) {
    const clicked = await play(page, `${base}/v1/relayed/vast`);
    const opened = await context.request.get(clicked, { maxRedirects: 0 });
    equal('the page of a click', [opened.status(), opened.headers().location], [302, 'https://shop.example/']);
    const expected = EVENTS.length * plays;
    for (let wait = 0; wait < 1200 && sink.seen.length < expected; wait += 1) await page.waitForTimeout(50);
    equal(`the events of ${plays} plays`, [...sink.seen].sort(), eventsOf(plays));
  }
  await context.close();
};

const folder = mkdtempSync(join(tmpdir(), 'gateway-page-'));
const server = await startPage();
const sink = await startSink();
const { gateway, base } = await startGateway(folder, sink.url);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const host of ['127.0.0.1', 'localhost']) await checkOrigin(browser, `http://${host}:${server.address().port}/`, base);
  await checkRelay(browser, `http://localhost:${server.address().port}/`, base, sink);
} finally {
  await browser.close();
  server.close();
  gateway.kill('SIGTERM');
  const [code] = await once(gateway, 'exit');
  equal('the end of the gateway', code, 0);
  // The gateway has delivered all that it had, also what would have come twice.
  equal('the events at last', [...sink.seen].sort(), eventsOf(PLAYS));
  sink.server.close();
  rmSync(folder, { recursive: true });
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
