// `node break.mjs`: reads a VAST document from standard input with @dailymotion/vast-client and prints its ads as JSON:
// `[[ID, POSITION, SECONDS, MEDIA FILE]]`. See break.py, which installs what this needs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../bench-peers/node/package.json', import.meta.url));
const { VASTParser } = require('@dailymotion/vast-client');
const { DOMParser } = require('@xmldom/xmldom');

const document = new DOMParser().parseFromString(readFileSync(0, 'utf8'), 'text/xml');
const { ads } = await new VASTParser().parseVAST(document);
const row = ({ id, sequence, creatives }) => {
  const linear = creatives.find(({ type }) => type === 'linear');
  return [id, sequence === null ? null : Number(sequence), linear.duration, linear.mediaFiles[0].fileURL];
};
console.log(JSON.stringify(ads.map(row)));
