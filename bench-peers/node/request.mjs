// `node request.mjs URL COUNT IN_FLIGHT`: gets an ad with VASTClient of @dailymotion/vast-client, and prints the CPU time of this process per
// request, compiling and collecting garbage included.
import { Agent, get } from 'node:http';
import { VASTClient } from '@dailymotion/vast-client';
import { DOMParser } from '@xmldom/xmldom';

const WARM_UP = 2000;
const [url, count, inFlight] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
const silent = () => {};
const dom = new DOMParser({ errorHandler: { warning: silent, error: silent, fatalError: silent } });

// Node's own HTTP client with kept connections costs less than its fetch.
const text = (address) =>
  new Promise((resolve, reject) => {
    get(address, { agent }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => (body += piece));
      response.on('end', () => resolve(body));
      response.on('error', reject);
    }).on('error', reject);
  });

const urlHandler = {
  get: async (address) => ({ xml: dom.parseFromString(await text(address), 'text/xml'), details: { byteLength: 0, statusCode: 200 } }),
};
const client = new VASTClient();

const requests = async (number) => {
  for (; number > 0; number--) {
    const { ads } = await client.get(url, { urlHandler });
    if (ads.length !== 1) throw new Error(`${ads.length} ads`);
  }
};
const all = (number) => Promise.all(Array.from({ length: inFlight }, () => requests(Math.floor(number / inFlight))));

await all(WARM_UP);
const before = process.cpuUsage();
await all(count);
const { user, system } = process.cpuUsage(before);
const done = Math.floor(count / inFlight) * inFlight;
console.log(`node in_flight=${inFlight} cpu_us_per_request=${((user + system) / done).toFixed(3)}`);
agent.destroy();
