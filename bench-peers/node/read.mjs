// `node read.mjs FILE...`: reads documents with @dailymotion/vast-client, on the DOM that its Node build uses. Its input
// and output are those of the readers in Rust; see ../readers/src/lib.rs.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { VASTParser } from '@dailymotion/vast-client';
import { DOMParser } from '@xmldom/xmldom';

const BATCH = 1 << 20;
const parser = new VASTParser(); // Without a fetcher it follows no wrapper.
const silent = () => {};
const dom = new DOMParser({ errorHandler: { warning: silent, error: silent, fatalError: silent } });
const files = process.argv.slice(2).map((file) => readFileSync(file, 'utf8'));

const read = (text) => parser.parseVAST(dom.parseFromString(text, 'text/xml'));

/** CPU time of this process in nanoseconds, compiling and collecting garbage included. */
const cpuTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

const answer = async (text, milliseconds) => {
  const before = cpuTime();
  let documents = 1;
  let { ads } = await read(text);
  while (cpuTime() - before < milliseconds * 1e6) {
    for (let count = Math.max(1, Math.floor(BATCH / text.length / 16)); count > 0; count--) {
      ({ ads } = await read(text));
      documents++;
    }
  }
  return `read ${documents} ${cpuTime() - before} ${ads.length}`;
};

for await (const line of createInterface({ input: process.stdin })) {
  const [index, milliseconds] = line.split(' ').map(Number);
  try {
    console.log(await answer(files[index], milliseconds));
  } catch (error) {
    console.log(`cannot ${String(error?.message ?? error).split(/\s+/).join(' ')}`);
  }
}
