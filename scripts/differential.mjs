// node differential.mjs VAST [CASE...]: see differential.sh, which installs what this needs.
//
// Prints every difference that differential/differences.json does not explain, in the format of that file, and every
// explanation without a difference. Then prints `N passed, M failed`. Exits with 1 if a comparison failed.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { cases } from './differential/cases.mjs';
import { readOurs, readTheirs } from './differential/readers.mjs';

const [program, ...wanted] = process.argv.slice(2);
const beside = (path) => new URL(path, import.meta.url);
const { reasons, differences } = JSON.parse(readFileSync(beside('differential/differences.json'), 'utf8'));
const requirements = readFileSync(beside('../conformance.toml'), 'utf8');

/** Serves the documents of all cases at `/CASE/NAME` and keeps what was asked. */
const serve = async () => {
  const asked = [];
  const server = createServer((request, response) => {
    const [, name, document] = new URL(request.url, 'http://any').pathname.split('/').map(decodeURIComponent);
    asked.push(request.url);
    const found = cases[name]?.[document];
    if (found === undefined) return response.writeHead(document === 'error' ? 204 : 404).end();
    const base = `http://${request.headers.host}/${name}`;
    const { status = 200, type = 'application/xml', body } = typeof found === 'function' ? { body: found(base) } : found;
    response.writeHead(status, { 'Content-Type': type }).end(body);
  });
  // A connection that is closed as the next request comes would be a difference.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, asked, base: `http://127.0.0.1:${server.address().port}` };
};

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Ads by id; the second of an id has `#2`. */
const byId = (ads) => {
  const named = new Map();
  for (const ad of ads) {
    let name = ad.id ?? 'nameless';
    for (let number = 2; named.has(name); number++) name = `${ad.id ?? 'nameless'}#${number}`;
    named.set(name, ad);
  }
  return named;
};

/** The fields of one case in which the two differ: `{ case, ad, field, ours, theirs }`. */
const compare = (name, ours, theirs) => {
  const found = [];
  const note = (ad, field, ours, theirs) => {
    if (!same(ours, theirs)) found.push({ case: name, ad, field, ours, theirs });
  };
  const [mine, other] = [byId(ours.ads), byId(theirs.ads)];
  note('-', 'ads', [...mine.keys()], [...other.keys()]);
  note('-', 'errors called', ours.errorsCalled, theirs.errorsCalled);
  for (const [id, ad] of mine) {
    const their = other.get(id);
    if (!their) continue;
    const fields = new Set([...Object.keys(ad.fields), ...Object.keys(their.fields)]);
    for (const field of [...fields].sort()) note(id, field, ad.fields[field] ?? [], their.fields[field] ?? []);
  }
  return found;
};

/** What is wrong with the explanations themselves. */
const unfounded = () => {
  const wrong = [];
  for (const [name, { requirement, why }] of Object.entries(reasons)) {
    if (!/^R-\d{3}$/.test(requirement) || !requirements.includes(`"${requirement}" =`)) {
      wrong.push(`the reason "${name}" names no requirement: ${requirement}`);
    }
    if (!why) wrong.push(`the reason "${name}" does not say why`);
    if (!differences.some(({ reason }) => reason === name)) wrong.push(`the reason "${name}" explains nothing`);
  }
  for (const { case: name, ad, field, reason } of differences) {
    if (!reasons[reason]) wrong.push(`${name}/${ad}/${field}: there is no reason "${reason}"`);
    if (!cases[name]) wrong.push(`there is no case "${name}"`);
  }
  return wrong;
};

const place = ({ case: name, ad, field }) => `${name}/${ad}/${field}`;
const withoutReason = ({ reason, ...difference }) => difference;

const { server, asked, base } = await serve();
const failed = unfounded();
let passed = 0;
for (const name of wanted.length > 0 ? wanted : Object.keys(cases)) {
  const url = `${base}/${name}/0`;
  const ours = await readOurs(program, url, asked);
  const theirs = await readTheirs(url);
  const found = compare(name, ours, theirs);
  const listed = differences.filter((difference) => difference.case === name);
  for (const difference of found) {
    const explained = listed.some((one) => same(withoutReason(one), difference));
    if (explained) passed++;
    else failed.push(JSON.stringify({ ...difference, reason: '?' }));
  }
  for (const one of listed) {
    if (!found.some((difference) => same(withoutReason(one), difference))) failed.push(`gone: ${place(one)}`);
  }
  if (found.length === 0) passed++;
}
server.close();
server.closeAllConnections();
failed.forEach((line) => console.log(line));
console.log(`differential: ${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
