// node vmap.mjs < PLAYLIST: prints the breaks that @dailymotion/vmap reads in a playlist, as JSON. See vmap.py.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../bench-peers/node/package.json', import.meta.url));
const { DOMParser } = require('@xmldom/xmldom');
const loaded = require('@dailymotion/vmap');
const VMAP = loaded.default ?? loaded;

const document = new DOMParser().parseFromString(readFileSync(0, 'utf8'), 'text/xml');
const { version, adBreaks } = new VMAP(document);
const titles = (vast) =>
  Array.from(vast.getElementsByTagName('Ad'), (ad) => ad.getAttribute('id'));
const breaks = adBreaks.map(({ breakId, timeOffset, breakType, repeatAfter, adSource, trackingEvents }) => ({
  breakId,
  timeOffset,
  breakType,
  repeatAfter: repeatAfter || null,
  tag: adSource?.adTagURI ?? null,
  ads: adSource?.vastAdData ? titles(adSource.vastAdData) : null,
  trackers: trackingEvents.map(({ event, uri }) => [event, uri]),
}));
console.log(JSON.stringify({ version, breaks }));
