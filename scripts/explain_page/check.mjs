// node check.mjs VAST CHROMIUM [FOLDER]: see explain_page.sh, which installs what this needs.
//
// Requests ads from servers in this process with `vast explain --format html`, and opens each page at 390 and at 1600 pixels, in light
// and in dark colours: it must load nothing, write nothing to the console, have no finding of axe-core, and not be wider than the
// window, with all its parts closed and open. Text of the servers must be text. Prints `N passed, M failed`; exits with 1 if one failed.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { HOSTILE, requests, serve } from './servers.mjs';

const [program, executablePath, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const patient = fileURLToPath(new URL('../patient.toml', import.meta.url));
const tally = { passed: 0, failed: 0 };

const check = (what, holds, seen = '') => {
  tally[holds ? 'passed' : 'failed'] += 1;
  if (!holds) console.log(`failed: ${what}: ${String(seen).slice(0, 2000)}`);
};

/** What axe-core finds, one line per rule. */
const findings = async (page) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(' | ')}`);
};

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Opens a page in one window and checks it. */
const checkWindow = async (browser, name, file, width, colorScheme) => {
  const what = `${name}, ${width} pixels, ${colorScheme}`;
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const [said, loaded] = [[], []];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => loaded.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
  check(`${what}: not wider than the window`, (await sideways(page)) <= 0, await sideways(page));
  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => { one.open = true; }));
  if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}-open.png`), fullPage: true });
  check(`${what}: open, not wider than the window`, (await sideways(page)) <= 0, await sideways(page));
  const found = await findings(page);
  check(`${what}: axe-core`, found.length === 0, found.join('\n'));
  check(`${what}: nothing is said`, said.length === 0, said.join('\n'));
  check(`${what}: nothing is loaded`, loaded.length === 1, loaded.join('\n'));
  check(`${what}: no script`, (await page.evaluate(() => document.scripts.length)) === 0);
  if (name === 'hostile') {
    const text = await page.evaluate(() => document.body.innerText);
    for (const [kind, shown] of Object.entries(HOSTILE.shown)) check(`${what}: ${kind} is text`, text.includes(shown));
  }
  await page.close();
};

const { server, base } = await serve();
const folder = mkdtempSync(join(tmpdir(), 'explain-page-'));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const [name, argumentsOf] of Object.entries(requests)) {
    const file = join(folder, `${name}.html`);
    await promisify(execFile)(program, ['explain', '--config', patient, '--allow-private', '--format', 'html', '--output', file, ...argumentsOf(base)]);
    for (const width of [390, 1600]) {
      for (const colours of ['light', 'dark']) await checkWindow(browser, name, file, width, colours);
    }
  }
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true });
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
