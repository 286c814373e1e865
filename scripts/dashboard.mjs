// node dashboard.mjs VAST CHROMIUM [FOLDER]: see dashboard.sh, which installs what this needs.
//
// Starts a gateway with an ad server that works, one that is broken, and sources with hostile names; asks it; and opens each page of
// its dashboard at 390 and at 1600 pixels, in light and in dark colours. A page must load only its own style, script and events, write
// nothing to the console, have no finding of axe-core, not be wider than the window, name the ill source at the top, and be complete
// without its script. The page of a request and the result of a test have the style of `vast explain` and no script. The buttons and
// forms are used without a script. Then the broken server is mended: an open page must show it without a reload. Prints `N passed, M
// failed`; exits with 1 if one failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [program, executablePath, pictures] = process.argv.slice(2);
const require = createRequire(new URL('explain_page/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = { overview: '/', sources: '/sources', requests: '/requests', outbox: '/outbox', blocked: '/blocked', test: '/test', configuration: '/config' };
/** The pages that do not name every source. */
const NAMELESS = ['outbox', 'requests', 'blocked', 'test', 'configuration'];
const HOSTILE = { '<script>document.title = "run"</script>': '<script>document.title = "run"</script>', 'gpj.\u202eexe': 'gpj.\\u{202e}exe', [`long-${'x'.repeat(10_000)}`]: 'long-xxx' };

const AD = `<VAST version="4.2"><Ad id="shoes"><InLine><AdSystem>Acme</AdSystem><AdTitle>Shoes</AdTitle><AdServingId>s1</AdServingId>
<Impression>https://track.example/seen</Impression><Creatives><Creative><UniversalAdId idRegistry="ad-id.org">X</UniversalAdId><Linear>
<Duration>00:00:15</Duration><MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="1280" height="720">https://cdn.example/shoes.mp4</MediaFile>
</MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>`;

/** The title, creative and advertiser of an ad of a stranger. */
const HOSTILE_AD = AD.replace('Shoes', () => `<![CDATA[<img src=x onerror="document.title='run'">\u202e${'y'.repeat(10_000)}]]>`)
  .replace('<Creative>', () => '<Creative id="&lt;b&gt;c&lt;/b&gt;\u202e">').replace('<Impression>', () => '<Advertiser><![CDATA[<script>1</script>]]></Advertiser><Impression>');

const tally = { passed: 0, failed: 0 };
const check = (what, holds, seen = '') => {
  tally[holds ? 'passed' : 'failed'] += 1;
  if (!holds) console.log(`failed: ${what}: ${String(seen).slice(0, 2000)}`);
};

/** Whether it becomes true within these seconds. */
const within = async (seconds, holds) => {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    if (await holds()) return true;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  return holds();
};

/** The ad servers. The one at /broken fails until it is mended. */
const startServers = async () => {
  const state = { isBroken: true };
  const server = createServer((request, response) => {
    const path = request.url.split('?')[0];
    const status = path === '/broken' && state.isBroken ? 500 : 200;
    const body = { '/empty': '<VAST version="4.2"/>', '/hostile-ad': HOSTILE_AD }[path] ?? AD;
    response.writeHead(status, { 'Content-Type': 'application/xml' }).end(status === 200 ? body : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, state, base: `http://127.0.0.1:${server.address().port}` };
};

const config = (base) => `[server]
drain = { announce = "0s", requests = "30s", beacons = "1s" }
max_lag = "1h"
[placement.preroll]
mode = "parallel"
source = [{ name = "east", url = "${base}/ad", allow_private = true }]
[placement.midroll]
source = [{ name = "west", url = "${base}/broken", allow_private = true, breaker = { eject = "1s", eject_max = "1s" } }]
[placement.strange]
source = [{ name = "north", url = "${base}/hostile-ad", allow_private = true }]
[placement.hostile]
mode = "parallel"
source = [${Object.keys(HOSTILE).map((name, index) => `{ name = ${JSON.stringify(name)}, url = "${base}/empty?${index}", allow_private = true }`).join(', ')}]
`;

/** Starts a gateway. Gives the process and the URLs of its ports. */
const startGateway = async (folder, base) => {
  const file = join(folder, 'gateway.toml');
  writeFileSync(file, config(base));
  const gateway = spawn(program, ['serve', '--config', file, '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let tag;
  for await (const line of createInterface({ input: gateway.stdout })) {
    tag ??= line.match(/(http:\/\/127\.0\.0\.1:\d+)\/v1\//)?.[1];
    const admin = line.match(/^admin +(http:\/\/127\.0\.0\.1:\d+)\/$/)?.[1];
    if (admin) return { gateway, tag, admin };
  }
  throw new Error('the gateway has not started');
};

/** What axe-core finds, one line per rule. */
const findings = async (context, url) => {
  // The policy of the page forbids the script of axe-core, so it is checked in a context that ignores policies.
  const page = await context.newPage();
  await page.goto(url);
  const found = await violationsOf(page);
  await page.close();
  return found;
};

/** What axe-core finds on the page that is open. */
const violationsOf = async (page) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(' | ')}`);
};

/** Runs a tag test with two runs. The page shows its result then. */
const runTest = async (page, admin) => {
  await page.goto(`${admin}/test`);
  await page.locator('select[name=placement]').selectOption('preroll');
  await page.locator('select[name=preset]').selectOption('roku');
  await page.locator('select[name=compare_placement]').selectOption('strange');
  await page.getByRole('button', { name: 'Run the test' }).click();
};

/** Checks the result of a tag test, which is the answer to a form and has no URL to open. */
const checkTested = async (browser, admin, width, colorScheme) => {
  const what = `a tested tag, ${width} pixels, ${colorScheme}`;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
  const page = await context.newPage();
  await runTest(page, admin);
  const hasBoth = async () => (await page.locator('body').innerText()).includes('The second run');
  check(`${what}: it has both runs`, await within(60, hasBoth));
  await page.waitForLoadState();
  await checkWidth(page, what);
  const found = await violationsOf(page);
  check(`${what}: axe-core`, found.length === 0, found.join('\n'));
  await context.close();
};

/** A page in a window of its own, with what it says and what it loads. */
const watched = async (browser, view) => {
  const context = await browser.newContext(view);
  const page = await context.newPage();
  const [said, loaded] = [[], []];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  return { context, page, said, loaded };
};

const checkWidth = async (page, what) => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  check(`${what}: not wider than the window`, wide <= 0, wide);
};

/** axe-core needs a page whose policy permits its script. */
const checkAccess = async (browser, view, url, what) => {
  const lenient = await browser.newContext({ ...view, bypassCSP: true });
  const found = await findings(lenient, url);
  check(`${what}: axe-core`, found.length === 0, found.join('\n'));
  await lenient.close();
};

/** Opens a page in one window and checks it. */
const checkWindow = async (browser, name, url, width, colorScheme) => {
  const what = `${name}, ${width} pixels, ${colorScheme}`;
  const view = { viewport: { width, height: 900 }, colorScheme };
  const { context, page, said, loaded } = await watched(browser, view);
  await page.goto(url);
  await page.waitForFunction(() => document.getElementById('live').textContent === 'Live', null, { timeout: 60_000 });
  if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
  await checkWidth(page, what);
  const text = await page.evaluate(() => document.body.innerText);
  if (!NAMELESS.includes(name)) for (const shown of Object.values(HOSTILE)) check(`${what}: a hostile name is text`, text.includes(shown), text);
  check(`${what}: the title is ours`, (await page.title()).endsWith(' - vast gateway'), await page.title());
  const alarm = await page.evaluate(() => document.querySelector('[data-live=alarms]').getBoundingClientRect().bottom);
  check(`${what}: the banner is in the first window`, alarm > 0 && alarm < 900, alarm);
  check(`${what}: the ill source is named`, /west of midroll: .*since \d\d:\d\d:\d\d UTC/.test(text), text);
  await page.keyboard.press('Tab');
  check(`${what}: the first stop of the keyboard`, (await page.evaluate(() => document.activeElement.className)) === 'skip');
  check(`${what}: nothing is said`, said.length === 0, said.join('\n'));
  const own = [new URL(url).pathname, '/assets/dashboard.css', '/assets/dashboard.js', '/api/live', '/favicon.ico'];
  check(`${what}: only its own parts are loaded`, loaded.every((path) => own.includes(path)), loaded.join('\n'));
  await context.close();
  await checkAccess(browser, view, url, what);
  const plain = await browser.newContext({ ...view, javaScriptEnabled: false });
  const still = await plain.newPage();
  await still.goto(url);
  check(`${what}: without a script`, (await still.locator('[data-live=alarms]').textContent()).includes('west of midroll'));
  await plain.close();
};

/** Opens a page that has the style of `vast explain` and no script, and checks it. */
const checkStory = async (browser, name, url, width, colorScheme) => {
  const what = `${name}, ${width} pixels, ${colorScheme}`;
  const view = { viewport: { width, height: 900 }, colorScheme };
  const { context, page, said, loaded } = await watched(browser, view);
  await page.goto(url);
  if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
  await checkWidth(page, what);
  const text = await page.evaluate(() => document.body.innerText);
  check(`${what}: it has both parts`, text.includes('In the gateway') && text.includes('Timeline'), text);
  check(`${what}: the title is not of a stranger`, (await page.title()) !== 'run', await page.title());
  check(`${what}: it has its style`, (await page.evaluate(() => getComputedStyle(document.querySelector('main > section')).borderRadius)) === '10px');
  check(`${what}: nothing is said`, said.length === 0, said.join('\n'));
  check(`${what}: nothing else is loaded`, loaded.every((path) => [new URL(url).pathname, '/favicon.ico'].includes(path)), loaded.join('\n'));
  await context.close();
  await checkAccess(browser, view, url, what);
};

/** Uses the buttons and forms of the pages, without a script. */
const checkActions = async (browser, admin, file, base) => {
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  const text = () => page.locator('body').innerText();
  // A click may end before the page that it opens is complete.
  const says = async (what, part) => check(what, await within(60, async () => (await text()).includes(part)), await text());
  await page.goto(`${admin}/sources`);
  await page.locator('tr', { hasText: 'east' }).getByRole('button', { name: 'Eject' }).click();
  await says('an ejected source', 'ejected by hand since');
  check('the page after an ejection', new URL(page.url()).pathname === '/sources', page.url());
  if (pictures) await page.screenshot({ path: join(pictures, 'ejected-1600-light.png'), fullPage: true });
  await page.locator('tr', { hasText: 'east' }).first().getByRole('button', { name: 'Restore' }).click();
  check('a restored source', await within(60, async () => !(await text()).includes('ejected by hand')), await text());
  await page.goto(`${admin}/requests?placement=strange`);
  await page.locator('tbody a').first().click();
  await page.getByRole('button', { name: /^Block advertiser/ }).click();
  await says('a blocked ad', '<script>1</script>');
  await says('the notice about it', '1 ad is blocked by hand.');
  if (pictures) await page.screenshot({ path: join(pictures, 'blocking-1600-light.png'), fullPage: true });
  await page.getByRole('button', { name: 'Use again' }).click();
  await says('no blocked ad', 'No ad is blocked here.');
  await page.goto(`${admin}/requests`);
  await page.locator('select[name=outcome]').selectOption('failed');
  await page.getByRole('button', { name: 'Show' }).click();
  const isFiltered = async () => page.url().includes('outcome=failed') && (await page.locator('tbody tr').count()) > 0;
  check('a filter of requests', await within(60, isFiltered), page.url());
  await runTest(page, admin);
  await says('a test', 'The second run');
  if (pictures) await page.screenshot({ path: join(pictures, 'tested-1600-light.png'), fullPage: true });
  writeFileSync(file, `${config(base)}\nwhat = 1\n`);
  await page.goto(`${admin}/config`);
  await says('a wrong file', 'the file cannot be used');
  if (pictures) await page.screenshot({ path: join(pictures, 'wrong-file-1600-light.png'), fullPage: true });
  writeFileSync(file, config(base));
  await context.close();
};

const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
const { server, state, base } = await startServers();
const { gateway, tag, admin } = await startGateway(folder, base);
// While a request is looked at no others are made, because they would push it out.
let isQuiet = false;
const asking = setInterval(() => {
  if (isQuiet) return;
  for (const placement of ['preroll', 'midroll', 'strange', 'hostile']) fetch(`${tag}/v1/${placement}/vast`).then((response) => response.text(), () => {});
}, 100);
/** The id of a request of a placement that was recorded as a whole. */
const recorded = async (placement) => {
  const { requests } = await (await fetch(`${admin}/api/requests?placement=${placement}`)).json();
  return requests.find(({ recording }) => recording === 'whole')?.id;
};
/** Whether the pages can show all that they must: the ill source, and requests. */
const isReady = async () => {
  const overview = await (await fetch(`${admin}/`)).text();
  return overview.includes('west of midroll') && (await recorded('midroll')) !== undefined && (await recorded('strange')) !== undefined;
};
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  check('the pages have something to show', await within(60, isReady));
  for (const [name, path] of Object.entries(PAGES)) {
    for (const width of [390, 1600]) {
      for (const colours of ['light', 'dark']) await checkWindow(browser, name, admin + path, width, colours);
    }
  }
  isQuiet = true;
  for (const [name, placement] of Object.entries({ 'request-failed': 'midroll', 'request-strange': 'strange' })) {
    for (const width of [390, 1600]) {
      for (const colours of ['light', 'dark']) {
        await checkStory(browser, name, `${admin}/requests/${await recorded(placement)}`, width, colours);
      }
    }
  }
  for (const width of [390, 1600]) {
    for (const colours of ['light', 'dark']) await checkTested(browser, admin, width, colours);
  }
  await checkActions(browser, admin, join(folder, 'gateway.toml'), base);
  isQuiet = false;
  const list = await browser.newPage();
  await list.goto(`${admin}/requests`);
  const first = () => document.querySelector('tbody a').href;
  const old = await list.evaluate(first);
  const grows = await list.waitForFunction((old) => document.querySelector('tbody a').href !== old, old, { timeout: 120_000 }).then(() => true, () => false);
  check('new requests come without a reload', grows);
  await list.close();
  const page = await browser.newPage();
  await page.goto(admin);
  state.isBroken = false;
  const isWell = () => document.querySelector('[data-live=alarms]').textContent === '';
  const seen = await page.waitForFunction(isWell, null, { timeout: 120_000 }).then(() => true, () => false);
  check('an open page shows that the source works again', seen, await page.evaluate(() => document.body.innerText));
  const states = await page.locator('[data-live="p1.s0.state"]').first().textContent();
  check('and since when', /^works since \d\d:\d\d:\d\d UTC/.test(states), states);
} finally {
  clearInterval(asking);
  await browser.close();
  server.close();
  gateway.kill('SIGTERM');
  const [code] = await once(gateway, 'exit');
  check('the end of the gateway', code === 0, code);
  rmSync(folder, { recursive: true });
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
