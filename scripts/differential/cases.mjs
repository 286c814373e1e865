// The trees. A case is a set of documents by name; `0` is asked first. A document is a function of the URL of its case, or
// a whole answer `{ status, type, body }`; a name that is missing is a 404.

const EVENTS = [
  'creativeView', 'loaded', 'start', 'firstQuartile', 'midpoint', 'thirdQuartile', 'complete', 'mute', 'unmute', 'pause',
  'resume', 'rewind', 'skip', 'playerExpand', 'playerCollapse', 'fullscreen', 'exitFullscreen', 'acceptInvitation', 'close',
  'otherAdInteraction', 'notUsed',
];

const T = 'https://t.example';
const cdata = (text) => `<![CDATA[${text}]]>`;

// --- pieces of ads ---

const impression = (who) => `<Impression id="${who}">${cdata(`${T}/impression/${who}`)}</Impression>`;
const error = (base, who) => `<Error>${cdata(`${base}/error?of=${who}&code=[ERRORCODE]`)}</Error>`;
const tracking = (event, who, offset) =>
  `<Tracking event="${event}"${offset ? ` offset="${offset}"` : ''}>${cdata(`${T}/${event}/${who}${offset ? `/${offset}` : ''}`)}</Tracking>`;
const allEvents = (who) =>
  EVENTS.map((event) => tracking(event, who)).join('') + tracking('progress', who, '00:00:05') + tracking('progress', who, '25%');
const clicks = (who, { through = false, custom = true } = {}) =>
  `<VideoClicks>${through ? `<ClickThrough>${cdata(`https://page.example/${who}`)}</ClickThrough>` : ''}` +
  `<ClickTracking>${cdata(`${T}/click/${who}`)}</ClickTracking>` +
  `${custom ? `<CustomClick>${cdata(`${T}/custom/${who}`)}</CustomClick>` : ''}</VideoClicks>`;
const media = (who) =>
  [[1280, 720, 2000], [640, 360, 700]]
    .map(([width, height, bitrate]) =>
      `<MediaFile delivery="progressive" type="video/mp4" width="${width}" height="${height}" bitrate="${bitrate}">${cdata(`https://cdn.example/${who}-${height}.mp4`)}</MediaFile>`)
    .join('');
const creative = (content) => `<Creative>${content}</Creative>`;
const linear = (who, { events = '', click = '', icons = '' } = {}) =>
  creative(
    `<Linear><Duration>00:00:15</Duration><TrackingEvents>${events}</TrackingEvents>${click}<MediaFiles>${media(who)}</MediaFiles>${icons}</Linear>`,
  );
const wrappedLinear = ({ events = '', click = '', icons = '' }) =>
  creative(`<Linear><TrackingEvents>${events}</TrackingEvents>${click}${icons}</Linear>`);
const icon = (program, who) =>
  `<Icon${program ? ` program="${program}"` : ''} width="20" height="20" xPosition="left" yPosition="top">` +
  `<StaticResource creativeType="image/png">${cdata(`https://cdn.example/${who}.png`)}</StaticResource>` +
  `<IconClicks><IconClickThrough>${cdata(`https://page.example/${who}`)}</IconClickThrough><IconClickTracking>${cdata(`${T}/icon-click/${who}`)}</IconClickTracking></IconClicks>` +
  `<IconViewTracking>${cdata(`${T}/icon-view/${who}`)}</IconViewTracking></Icon>`;
const icons = (...all) => `<Icons>${all.join('')}</Icons>`;
const companion = (id, size, who, resource = true) => {
  const [width, height] = size.split('x');
  return `<Companion id="${id}" width="${width}" height="${height}">` +
    `${resource ? `<StaticResource creativeType="image/png">${cdata(`https://cdn.example/companion-${who}.png`)}</StaticResource>` : ''}` +
    `<TrackingEvents>${tracking('creativeView', who)}</TrackingEvents>` +
    `${resource ? `<CompanionClickThrough>${cdata(`https://page.example/companion-${who}`)}</CompanionClickThrough>` : ''}` +
    `<CompanionClickTracking>${cdata(`${T}/companion-click/${who}`)}</CompanionClickTracking></Companion>`;
};
const companions = (...all) => creative(`<CompanionAds>${all.join('')}</CompanionAds>`);
const verification = (vendor, who) =>
  `<Verification vendor="${vendor}"><JavaScriptResource apiFramework="omid" browserOptional="true">${cdata(`https://measure.example/${who}.js`)}</JavaScriptResource>` +
  `<TrackingEvents>${tracking('verificationNotExecuted', who)}</TrackingEvents><VerificationParameters>${cdata(`of=${who}`)}</VerificationParameters></Verification>`;
const verifications = (...all) => `<AdVerifications>${all.join('')}</AdVerifications>`;
const viewable = (who) =>
  `<ViewableImpression><Viewable>${cdata(`${T}/viewable/${who}`)}</Viewable><NotViewable>${cdata(`${T}/not-viewable/${who}`)}</NotViewable><ViewUndetermined>${cdata(`${T}/view-undetermined/${who}`)}</ViewUndetermined></ViewableImpression>`;

// --- ads and documents ---

const vast = (ads, version = '4.2') => `<?xml version="1.0"?><VAST version="${version}">${ads}</VAST>`;
const attributes = (all) => Object.entries(all).map(([name, value]) => ` ${name}="${value}"`).join('');
const ad = (id, content, { sequence } = {}) => `<Ad id="${id}"${sequence ? ` sequence="${sequence}"` : ''}>${content}</Ad>`;

/** An InLine with trackers. `more` stands before the creatives, `creatives` behind its linear one. */
const inline = (base, id, { sequence, linear: parts = {}, creatives = '', more = '' } = {}) =>
  ad(
    id,
    `<InLine><AdSystem>${id}</AdSystem><AdTitle>${id}</AdTitle><AdServingId>${id}</AdServingId>${impression(id)}${error(base, id)}${more}` +
      `<Creatives>${linear(id, { events: tracking('start', id), click: clicks(id, { through: true }), ...parts })}${creatives}</Creatives></InLine>`,
    { sequence },
  );

/** A wrapper around document `next`. */
const wrapper = (base, id, next, { sequence, flags = {}, linear: parts = {}, creatives = '', more = '' } = {}) =>
  ad(
    id,
    `<Wrapper${attributes(flags)}><AdSystem>${id}</AdSystem><VASTAdTagURI>${cdata(`${base}/${next}`)}</VASTAdTagURI>${impression(id)}${error(base, id)}${more}` +
      `<Creatives>${wrappedLinear({ events: tracking('start', id), click: clicks(id), ...parts })}${creatives}</Creatives></Wrapper>`,
    { sequence },
  );

/** A chain of so many wrappers `w1`, `w2`, ... around `ad`, each level with every event. */
const chain = (wrappers) => {
  const documents = {};
  for (let level = 0; level < wrappers; level++) {
    const id = `w${level + 1}`;
    documents[level] = (base) => vast(wrapper(base, id, level + 1, { linear: { events: allEvents(id) } }));
  }
  documents[wrappers] = (base) => vast(inline(base, 'ad', { linear: { events: allEvents('ad') } }));
  return documents;
};

const one = (version) => (base) => vast(inline(base, 'ad'), version);
const around = (options, version) => (base) => vast(wrapper(base, 'w1', 1, options), version);
const NONE = vast('');
const multiple = { flags: { allowMultipleAds: 'true' } };

const pod = (base) => vast(inline(base, 'third', { sequence: 3 }) + inline(base, 'first', { sequence: 1 }) + inline(base, 'second', { sequence: 2 }));

export const cases = {
  'chain of 1': chain(1),
  'chain of 3': chain(3),
  'chain of 5': chain(5),
  'chain of 6': chain(6),

  'click through of the ad': {
    0: around({ linear: { click: clicks('w1', { through: true }) } }),
    1: (base) => vast(wrapper(base, 'w2', 2, { linear: { click: clicks('w2', { through: true }) } })),
    2: one(),
  },
  'click through of the nearest wrapper': {
    0: around({ linear: { click: clicks('w1', { through: true }) } }),
    1: (base) => vast(wrapper(base, 'w2', 2, { linear: { click: clicks('w2', { through: true }) } })),
    2: (base) => vast(inline(base, 'ad', { linear: { click: clicks('ad') } })),
  },
  'click through that is empty': {
    0: around({ linear: { click: clicks('w1', { through: true }) } }),
    1: (base) => vast(inline(base, 'ad', { linear: { click: '<VideoClicks><ClickThrough></ClickThrough></VideoClicks>' } })),
  },

  'companions of the ad': {
    0: (base) => vast(inline(base, 'ad', { creatives: companions(companion('a', '300x250', 'ad-a'), companion('b', '728x90', 'ad-b')) })),
  },
  'companions of a wrapper': {
    0: around({ creatives: companions(companion('w', '160x600', 'w1')) }),
    1: one(),
  },
  'companions of both': {
    0: around({ creatives: companions(companion('w', '160x600', 'w1')) }),
    1: (base) => vast(inline(base, 'ad', { creatives: companions(companion('a', '300x250', 'ad-a')) })),
  },
  'companion trackers of a wrapper': {
    0: around({ creatives: companions(companion('a', '300x250', 'w1', false)) }),
    1: (base) => vast(inline(base, 'ad', { creatives: companions(companion('a', '300x250', 'ad-a'), companion('b', '728x90', 'ad-b')) })),
  },

  'icons of different programs': {
    0: around({ linear: { icons: icons(icon('w', 'w1')) } }),
    1: (base) => vast(inline(base, 'ad', { linear: { icons: icons(icon('a', 'ad')) } })),
  },
  'icons of the same program': {
    0: around({ linear: { icons: icons(icon('same', 'w1')) } }),
    1: (base) => vast(wrapper(base, 'w2', 2, { linear: { icons: icons(icon('same', 'w2')) } })),
    2: (base) => vast(inline(base, 'ad', { linear: { icons: icons(icon('same', 'ad')) } })),
  },
  'icons of a wrapper only': {
    0: around({ linear: { icons: icons(icon('w', 'w1')) } }),
    1: one(),
  },

  'verifications and views of all levels': {
    0: around({ more: verifications(verification('v', 'w1')) + viewable('w1') }),
    1: (base) => vast(wrapper(base, 'w2', 2, { more: viewable('w2') })),
    2: (base) => vast(inline(base, 'ad', { more: verifications(verification('v', 'ad'), verification('u', 'ad-u')) + viewable('ad') })),
  },
  'verifications in an extension': {
    0: (base) => vast(inline(base, 'ad', { more: `<Extensions><Extension type="AdVerifications">${verifications(verification('v', 'ad'))}</Extension></Extensions>` }), '3.0'),
  },
  'overlay beside the video': {
    0: around({ creatives: creative(`<NonLinearAds><TrackingEvents>${tracking('creativeView', 'w1')}</TrackingEvents></NonLinearAds>`) }),
    1: (base) => vast(inline(base, 'ad', {
      creatives: creative(`<NonLinearAds><TrackingEvents>${tracking('creativeView', 'ad')}</TrackingEvents><NonLinear width="480" height="70"><StaticResource creativeType="image/png">https://cdn.example/overlay.png</StaticResource><NonLinearClickTracking>${cdata(`${T}/overlay-click/ad`)}</NonLinearClickTracking></NonLinear></NonLinearAds>`),
    })),
  },
  'overlay clicks of a wrapper': {
    0: around({ creatives: creative(`<NonLinearAds><NonLinear><NonLinearClickTracking>${cdata(`${T}/overlay-click/w1`)}</NonLinearClickTracking></NonLinear></NonLinearAds>`) }),
    1: (base) => vast(inline(base, 'ad', {
      creatives: creative(`<NonLinearAds><NonLinear width="480" height="70"><StaticResource creativeType="image/png">https://cdn.example/overlay.png</StaticResource><NonLinearClickTracking>${cdata(`${T}/overlay-click/ad`)}</NonLinearClickTracking></NonLinear></NonLinearAds>`),
    })),
  },
  'several linear creatives of a wrapper': {
    0: around({ creatives: wrappedLinear({ events: tracking('midpoint', 'w1-second'), click: clicks('w1-second') }) }),
    1: one(),
  },
  'equal impressions': {
    0: around({ more: `<Impression>${T}/impression/same</Impression>` }),
    1: (base) => vast(inline(base, 'ad', { more: `<Impression>${T}/impression/same</Impression><Impression>${T}/impression/same</Impression>` })),
  },

  'pod': { 0: pod },
  'pod and alternatives': { 0: (base) => pod(base).replace('<Ad ', `${inline(base, 'alone')}<Ad `) },
  'pod of wrappers': {
    0: (base) => vast(wrapper(base, 'w2', 'b', { sequence: 2 }) + wrapper(base, 'w1', 'a', { sequence: 1 })),
    a: (base) => vast(inline(base, 'ad-a')),
    b: (base) => vast(inline(base, 'ad-b')),
  },
  'pod behind a wrapper that allows it': { 0: around(multiple), 1: pod },
  'pod behind a wrapper that does not': { 0: around({ flags: { allowMultipleAds: 'false' } }), 1: pod },
  'pod behind a wrapper that says nothing': { 0: around({}), 1: pod },
  'pod of one behind a wrapper': { 0: around({}), 1: (base) => vast(inline(base, 'ad', { sequence: 1 })) },
  'pod with an alternative behind a wrapper that does not': {
    0: around({ flags: { allowMultipleAds: 'false' } }),
    1: (base) => pod(base).replace('</VAST>', `${inline(base, 'alone')}</VAST>`),
  },
  'pod within a pod': {
    0: (base) => vast(inline(base, 'last', { sequence: 2 }) + wrapper(base, 'w1', 1, { sequence: 1, ...multiple })),
    1: (base) => vast(inline(base, 'b', { sequence: 2 }) + inline(base, 'a', { sequence: 1 })),
  },
  'pod with a wrapper that leads nowhere': {
    0: (base) => vast(inline(base, 'a', { sequence: 1 }) + wrapper(base, 'w1', 'nowhere', { sequence: 2 }) + inline(base, 'c', { sequence: 3 })),
  },
  'pod with a replacement': {
    0: (base) => vast(inline(base, 'a', { sequence: 1 }) + wrapper(base, 'w1', 'nowhere', { sequence: 2 }) + inline(base, 'alone')),
  },
  'pod without replacement': {
    0: (base) => vast(inline(base, 'a', { sequence: 1 }) + wrapper(base, 'w1', 'nowhere', { sequence: 2, flags: { fallbackOnNoAd: 'false' } }) + inline(base, 'alone')),
  },

  'alternatives': { 0: (base) => vast(inline(base, 'a') + inline(base, 'b')) },
  'alternatives, the first one empty': { 0: (base) => vast(wrapper(base, 'w1', 1) + inline(base, 'b')), 1: () => NONE },
  'alternatives, the first one empty, fallback wanted': {
    0: (base) => vast(wrapper(base, 'w1', 1, { flags: { fallbackOnNoAd: 'true' } }) + inline(base, 'b')),
    1: () => NONE,
  },
  'alternatives behind a wrapper that does not allow them': {
    0: around({ flags: { allowMultipleAds: 'false' } }),
    1: (base) => vast(inline(base, 'a') + inline(base, 'b')),
  },
  'wrapper behind one that wants none': {
    0: around({ flags: { followAdditionalWrappers: 'false' } }),
    1: (base) => vast(wrapper(base, 'w2', 2)),
    2: one(),
  },
  'wrapper and ad behind one that wants no wrapper': {
    0: around({ flags: { followAdditionalWrappers: 'false', allowMultipleAds: 'true' } }),
    1: (base) => vast(wrapper(base, 'w2', 2) + inline(base, 'beside')),
    2: one(),
  },

  'versions 2.0, 3.0, 4.2': { 0: around({}, '2.0'), 1: (base) => vast(wrapper(base, 'w2', 2), '3.0'), 2: one('4.2') },
  'versions 4.2, 3.0, 2.0': { 0: around({}, '4.2'), 1: (base) => vast(wrapper(base, 'w2', 2), '3.0'), 2: one('2.0') },
  'pod behind a wrapper of 2.0': { 0: around({}, '2.0'), 1: pod },
  'version 1.0 behind a wrapper': {
    0: around({}),
    1: (base) => `<VideoAdServingTemplate><Ad id="ad"><InLine><AdSystem>ad</AdSystem><AdTitle>ad</AdTitle><Impression><URL>${T}/impression/ad</URL></Impression><Error><URL>${cdata(`${base}/error?of=ad&code=[ERRORCODE]`)}</URL></Error>` +
      `<TrackingEvents><Tracking event="start"><URL>${T}/start/ad</URL></Tracking></TrackingEvents>` +
      `<Video><Duration>00:00:15</Duration><VideoClicks><ClickThrough><URL>https://page.example/ad</URL></ClickThrough></VideoClicks><MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="640" height="360" bitrate="700"><URL>https://cdn.example/ad.mp4</URL></MediaFile></MediaFiles></Video></InLine></Ad></VideoAdServingTemplate>`,
  },

  'empty hop': { 0: around({}), 1: () => NONE },
  'empty hop with an error of its own': { 0: around({}), 1: (base) => `<VAST version="4.2">${error(base, 'root')}</VAST>` },
  'empty answer': { 0: (base) => `<VAST version="4.2">${error(base, 'root')}</VAST>` },
  'hop of 404': { 0: around({}) },
  'hop of 204': { 0: around({}), 1: { status: 204 } },
  'hop that is a page': { 0: around({}), 1: { type: 'text/html', body: '<!DOCTYPE html><html><body>Sorry</body></html>' } },
  'hop that is cut off': { 0: around({}), 1: (base) => one()(base).slice(0, 400) },
  'hop without media': {
    0: around({}),
    1: (base) => vast(inline(base, 'ad')).replace(/<MediaFiles>.*<\/MediaFiles>/s, ''),
  },

  'wrapper without an address': { 0: (base) => around({})(base).replace(/<VASTAdTagURI>.*?<\/VASTAdTagURI>/, '<VASTAdTagURI/>') },
  'wrapper around itself': { 0: (base) => vast(wrapper(base, 'w1', 0)) },
  'relative address': { 0: (base) => around({})(base).replace(`${base}/1`, '1'), 1: one() },
  'address with a path of its own': { 0: (base) => around({})(base).replace(`${base}/1`, `${new URL(base).pathname}/1`), 1: one() },
  'address in the old element': {
    0: (base) => around({}, '2.0')(base).replace(/<VASTAdTagURI>(.*?)<\/VASTAdTagURI>/, '<VASTAdTagURL><URL>$1</URL></VASTAdTagURL>'),
    1: one('2.0'),
  },
  'media files of a wrapper': { 0: (base) => around({})(base).replace('</Linear>', `<MediaFiles>${media('w1')}</MediaFiles></Linear>`), 1: one() },

  'prefixed elements': { 0: around({}), 1: (base) => one()(base).replaceAll(/<(\/?)([A-Z])/g, '<$1v:$2').replace('<v:VAST', '<v:VAST xmlns:v="http://www.iab.com/VAST"').replaceAll('<![v:CDATA', '<![CDATA') },
  'elements in another case': { 0: around({}), 1: (base) => one()(base).replaceAll('InLine', 'Inline') },
  'mark and blanks in front': { 0: around({}), 1: (base) => `\uFEFF\n ${one()(base)}` },
  'sequence of zero': { 0: (base) => vast(inline(base, 'a', { sequence: '0' }) + inline(base, 'b', { sequence: '0' })) },
  'one ad that is neither': { 0: (base) => vast(`<Ad id="neither"><Something/></Ad>${inline(base, 'b')}`) },
  'one creative without content': { 0: (base) => vast(inline(base, 'ad', { creatives: '<Creative/><Creative><CompanionAds/></Creative>' })) },

  'document type that declares nothing': { 0: around({}), 1: (base) => one()(base).replace('?>', '?><!DOCTYPE VAST>') },
  'document as a JSON string': { 0: around({}), 1: (base) => JSON.stringify(one()(base)) },
  'document inside JSON': { 0: around({}), 1: (base) => JSON.stringify({ status: 'ok', ad: one()(base) }) },
  'typographic quotes': { 0: around({}), 1: (base) => one()(base).replaceAll(/ type="([^"]*)"/g, ' type=\u201c$1\u201d') },
  'Flash beside the video': {
    0: (base) => one()(base).replace('<MediaFiles>', '<MediaFiles><MediaFile delivery="progressive" type="application/x-shockwave-flash" width="1920" height="1080">https://cdn.example/a.swf</MediaFile>'),
  },

  'blanks, comments and pieces': {
    0: (base) => vast(inline(base, 'ad', {
      more: `<Impression>\n   <!-- ours -->${cdata(`\n ${T}/impression/blank \n`)}\n</Impression><Impression>${T}/impression/<!-- in the middle -->piece</Impression><Impression>${T}/impression/amp?a=1&amp;b=2</Impression><Impression>${cdata(`${T}/impression/cdata?a=1&amp;b=2`)}</Impression>`,
    })),
  },
  'empty elements': {
    0: (base) => vast(inline(base, 'ad', { more: '<Impression></Impression><Impression/><Error/>', linear: { events: '<Tracking event="start"></Tracking><Tracking event="progress">https://t.example/no-offset</Tracking>' } })),
  },
  'progress': {
    0: (base) => vast(inline(base, 'ad', { linear: { events: ['00:00:01', '00:00:02.500', '33.3%', '100%'].map((offset) => tracking('progress', 'ad', offset)).join('') } })),
  },
};
