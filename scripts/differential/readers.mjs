// What each client makes of a tree, in one form: `{ ads: [{ id, fields: { NAME: [LINE] } }], errorsCalled: [PATH] }`.
// A field is a list of lines; the order of a list matters to neither client, so it is sorted, and nothing is dropped: two
// equal lines stay two.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../bench-peers/node/package.json', import.meta.url));
const { VASTClient } = require('@dailymotion/vast-client');

const PATIENT = fileURLToPath(new URL('../patient.toml', import.meta.url));

/** The parts of a thing on one line. */
const line = (...parts) => parts.map((part) => part ?? '').join(' ').trim();
const sorted = (lines) => [...lines].sort();
const present = (lines) => lines.filter((one) => one !== undefined && one !== null && one !== '');

/** Fields without those that are empty. */
const fields = (all) =>
  Object.fromEntries(Object.entries(all).map(([name, lines]) => [name, sorted(present(lines))]).filter(([, lines]) => lines.length > 0));

const prefixed = (prefix, events) =>
  Object.fromEntries(Object.entries(events).map(([event, urls]) => [`${prefix}${event}`, urls]));

/** Trackers of several places under one name each. */
const joined = (...maps) => {
  const all = {};
  for (const map of maps) for (const [event, urls] of Object.entries(map)) (all[event] ??= []).push(...urls);
  return all;
};

const path = (url) => {
  const { pathname, search } = new URL(url, 'http://any');
  return pathname + search;
};

// --- ours ---

/** Runs `vast request` and reads its JSON. Error reports go to the server, whose log is `asked`. */
export const readOurs = async (program, url, asked) => {
  const before = asked.length;
  const output = await new Promise((resolve, reject) => {
    // Without an ad the exit code is 1 or 3; the answer is printed all the same.
    execFile(program, ['request', '--config', PATIENT, '--format', 'json', '--report-errors', '--drain', '60s', url], { maxBuffer: 1 << 26 }, (error, stdout) =>
      stdout ? resolve(stdout) : reject(error ?? new Error('vast printed nothing')),
    );
  });
  const ads = JSON.parse(output).parsed_data?.ads ?? [];
  const errorsCalled = asked.slice(before).filter((one) => one.includes('/error?'));
  return { ads: ads.map((ad) => ({ id: ad.id ?? null, fields: ourFields(ad) })), errorsCalled: sorted(errorsCalled) };
};

const url = ({ url }) => url;
const urls = (list) => list.map(url);

const ourEvents = (events) => {
  const named = {};
  for (const [event, trackers] of Object.entries(events)) {
    for (const { url, offset_ms: time, offset_percent: percent } of trackers) {
      const offset = time !== undefined ? `-${time / 1000}` : percent !== undefined ? `-${percent}%` : '';
      (named[event + offset] ??= []).push(url);
    }
  }
  return named;
};

const resource = ({ kind, url, html, content }) => line(kind, url ?? html ?? content);

const ourCompanion = (companion) => {
  const name = line('companion', companion.id ?? `${companion.width}x${companion.height}`, '');
  return {
    companions: [line(companion.id, `${companion.width}x${companion.height}`, ...sorted(companion.resources.map(resource)))],
    [`${name} click through`]: present([companion.click_through?.url]),
    [`${name} click tracking`]: urls(companion.click_tracking),
    ...prefixed(`${name} `, ourEvents(companion.tracking_events)),
  };
};

const ourFields = (ad) => {
  const linears = ad.creatives.flatMap(({ linear }) => (linear ? [linear] : []));
  const companions = ad.creatives.flatMap(({ companions }) => companions);
  const icons = linears.flatMap(({ icons }) => icons);
  return fields({
    impressions: urls(ad.impressions),
    errors: urls(ad.errors),
    sequence: present([ad.sequence?.toString()]),
    'media files': linears.flatMap(({ media_files: files }) =>
      files.map(({ url, type, delivery, width, height, bitrate }) => line(url, type, delivery, `${width}x${height}`, bitrate)),
    ),
    duration: linears.map(({ duration_ms: time }) => `${time / 1000}`),
    'click through': present(linears.map(({ click_through: click }) => click?.url)),
    'click tracking': linears.flatMap(({ click_tracking: clicks }) => urls(clicks)),
    'custom clicks': linears.flatMap(({ custom_clicks: clicks }) => urls(clicks)),
    ...prefixed('linear ', joined(...linears.map(({ tracking_events: events }) => ourEvents(events)))),
    ...prefixed('nonlinear ', joined(...ad.creatives.map(({ non_linear_tracking_events: events }) => ourEvents(events)))),
    'nonlinear click tracking': ad.creatives.flatMap(({ non_linears: all }) => all.flatMap(({ click_tracking: clicks }) => urls(clicks))),
    ...joined(...companions.map(ourCompanion)),
    icons: icons.map(({ program, width, height, resources }) => line(program, `${width}x${height}`, ...resources.map(resource))),
    'icon click tracking': icons.flatMap(({ click_tracking: clicks }) => urls(clicks)),
    'icon views': icons.flatMap(({ view_tracking: views }) => urls(views)),
    verifications: ad.verifications.map(({ vendor, resources, parameters }) => line(vendor, ...resources.map(url), parameters)),
    ...prefixed('verification ', joined(...ad.verifications.map(({ tracking_events: events }) => ourEvents(events)))),
    viewable: urls(ad.viewable_impression?.viewable ?? []),
    'not viewable': urls(ad.viewable_impression?.not_viewable ?? []),
    'view undetermined': urls(ad.viewable_impression?.view_undetermined ?? []),
  });
};

// --- theirs ---

/** Asks @dailymotion/vast-client. In Node it calls no URL, so the error reports are taken where it would. */
export const readTheirs = async (address) => {
  const client = new VASTClient();
  const errorsCalled = [];
  const parser = client.getParser();
  parser.trackVastError = (templates, { ERRORCODE: code }) =>
    errorsCalled.push(...present(templates).map((template) => path(template.replace('[ERRORCODE]', code))));
  const silent = console.error;
  console.error = () => {}; // Its DOM complains there.
  const response = await client.get(address, {}).catch(() => ({ ads: [] }));
  console.error = silent;
  return { ads: response.ads.map((ad) => ({ id: ad.id, fields: theirFields(ad) })), errorsCalled: sorted(errorsCalled) };
};

const theirResources = ({ staticResources, htmlResources, iframeResources }) => [
  ...staticResources.map(({ url }) => line('static', url)),
  ...htmlResources.map((html) => line('html', html)),
  ...iframeResources.map((url) => line('iframe', url)),
];

const theirCompanion = (companion) => {
  const name = line('companion', companion.id ?? `${companion.width}x${companion.height}`, '');
  return {
    companions: [line(companion.id, `${companion.width}x${companion.height}`, ...sorted(theirResources(companion)))],
    [`${name} click through`]: present([companion.companionClickThroughURLTemplate]),
    [`${name} click tracking`]: urls(companion.companionClickTrackingURLTemplates),
    ...prefixed(`${name} `, companion.trackingEvents),
  };
};

const theirIcon = ({ program, width, height, staticResource, htmlResource, iframeResource }) => {
  const [kind, content] = staticResource ? ['static', staticResource] : htmlResource ? ['html', htmlResource] : ['iframe', iframeResource];
  return line(program, `${width}x${height}`, content ? line(kind, content) : '');
};

const theirFields = (ad) => {
  const of = (type) => ad.creatives.filter((creative) => creative.type === type);
  // The icons of wrappers are in separate linear creatives after those of the ad.
  const linears = of('linear');
  const own = linears.filter(({ mediaFiles }) => mediaFiles.length > 0);
  const companions = of('companion').flatMap(({ variations }) => variations);
  const icons = linears.flatMap(({ icons }) => icons);
  const viewable = (name) => ad.viewableImpression.flatMap((level) => level[name]);
  return fields({
    impressions: urls(ad.impressionURLTemplates),
    errors: ad.errorURLTemplates,
    sequence: present([ad.sequence?.toString()]),
    'media files': own.flatMap(({ mediaFiles }) =>
      mediaFiles.map(({ fileURL, mimeType, deliveryType, width, height, bitrate }) =>
        line(fileURL, mimeType, deliveryType, `${width}x${height}`, bitrate || ''),
      ),
    ),
    duration: own.map(({ duration }) => `${duration}`),
    'click through': present(own.map(({ videoClickThroughURLTemplate: click }) => click?.url)),
    'click tracking': own.flatMap(({ videoClickTrackingURLTemplates: clicks }) => urls(clicks)),
    'custom clicks': own.flatMap(({ videoCustomClickURLTemplates: clicks }) => urls(clicks)),
    ...prefixed('linear ', joined(...own.map(({ trackingEvents }) => trackingEvents))),
    ...prefixed('nonlinear ', joined(...of('nonlinear').map(({ trackingEvents }) => trackingEvents))),
    'nonlinear click tracking': of('nonlinear').flatMap(({ variations }) => variations.flatMap(({ nonlinearClickTrackingURLTemplates: clicks }) => urls(clicks))),
    ...joined(...companions.map(theirCompanion)),
    icons: icons.map(theirIcon),
    'icon click tracking': icons.flatMap(({ iconClickTrackingURLTemplates: clicks }) => urls(clicks)),
    'icon views': present(icons.map(({ iconViewTrackingURLTemplate: view }) => view)),
    verifications: ad.adVerifications.map(({ vendor, resource, parameters }) => line(vendor, resource, parameters)),
    ...prefixed('verification ', joined(...ad.adVerifications.map(({ trackingEvents }) => trackingEvents))),
    viewable: viewable('viewable'),
    'not viewable': viewable('notViewable'),
    'view undetermined': viewable('viewUndetermined'),
  });
};
