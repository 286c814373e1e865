// The ad servers of check.mjs, and the requests to them.
import { createServer } from 'node:http';
import { once } from 'node:events';

const cdata = (text) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;

/** A linear ad with three media files. */
const ad = (id, title, { bitrate = 2000, seconds = 15 } = {}) => `<VAST version="4.2">
  <Ad id="${id}">
    <InLine>
      <AdSystem version="2.1">Example Ads</AdSystem>
      <AdTitle>${cdata(title)}</AdTitle>
      <AdServingId>a532d16d-4d7f-4440-bd29-2ec0e693fc80</AdServingId>
      <Advertiser>${cdata('shoes.example')}</Advertiser>
      <Impression>${cdata('https://track.example/seen?cb=[CACHEBUSTNG]')}</Impression>
      <Error>${cdata('https://track.example/error?code=[ERRORCODE]')}</Error>
      <Creatives>
        <Creative>
          <UniversalAdId idRegistry="ad-id.org">X${seconds}</UniversalAdId>
          <Linear>
            <Duration>00:00:${seconds}</Duration>
            <TrackingEvents>
${['start', 'firstQuartile', 'midpoint', 'thirdQuartile', 'complete'].map((event) => `              <Tracking event="${event}">${cdata(`https://track.example/${event}`)}</Tracking>`).join('\n')}
            </TrackingEvents>
            <VideoClicks><ClickThrough>${cdata('https://shoes.example/landing')}</ClickThrough></VideoClicks>
            <MediaFiles>
              <MediaFile delivery="progressive" type="video/mp4" width="1920" height="1080" bitrate="${bitrate * 2}">${cdata(`https://cdn.example/${id}-1080.mp4`)}</MediaFile>
              <MediaFile delivery="progressive" type="video/mp4" width="1280" height="720" bitrate="${bitrate}">${cdata(`https://cdn.example/${id}-720.mp4`)}</MediaFile>
              <MediaFile delivery="streaming" type="video/x-flv" width="640" height="360" bitrate="${bitrate / 2}">${cdata(`rtmp://cdn.example/${id}`)}</MediaFile>
            </MediaFiles>
          </Linear>
        </Creative>
      </Creatives>
    </InLine>
  </Ad>
</VAST>`;

const wrapper = (system, url) => `<VAST version="3.0">
  <Ad id="w">
    <Wrapper>
      <AdSystem>${cdata(system)}</AdSystem>
      <VASTAdTagURI>${cdata(url)}</VASTAdTagURI>
      <Error>${cdata('https://track.example/wrapper/error?code=[ERRORCODE]')}</Error>
      <Impression>${cdata('https://track.example/wrapper/seen')}</Impression>
      <Creatives><Creative><Linear><TrackingEvents><Tracking event="start">${cdata('https://track.example/wrapper/start')}</Tracking></TrackingEvents></Linear></Creative></Creatives>
    </Wrapper>
  </Ad>
</VAST>`;

const playlist = (base) => `<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0">
${['start', '00:10:00', 'end'].map((offset, index) => `  <vmap:AdBreak timeOffset="${offset}" breakType="linear" breakId="break-${index}"><vmap:AdSource id="${index}"><vmap:AdTagURI templateType="vast3">${cdata(`${base}/${['shoes', 'empty', 'hats'][index]}`)}</vmap:AdTagURI></vmap:AdSource></vmap:AdBreak>`).join('\n')}
</vmap:VMAP>`;

/** Titles that would do harm as markup or as text, each with how the page shows it. */
export const HOSTILE = {
  titles: ['<script>document.title = "run"</script>', 'end ]]> of CDATA', 'gpj.\u202eexe\u200f', 'x'.repeat(10_000)],
  shown: {
    'a script': '<script>document.title = "run"</script>',
    'the end of CDATA': 'end ]]> of CDATA',
    'a mark for text from right to left': 'gpj.\\u{202e}exe\\u{200f}',
    'a long title': 'x'.repeat(10_000),
  },
};

/** The answers by path: milliseconds, status, body. */
const answers = (base) => ({
  '/west': [70, 200, '<VAST version="4.2"/>'],
  '/east': [60, 200, wrapper('Exchange', `${base}/network`)],
  '/network': [90, 200, wrapper('Network', `${base}/shoes`)],
  '/shoes': [50, 200, ad('shoes', 'Running shoes')],
  '/hats': [40, 200, ad('hats', 'Winter hats')],
  '/north': [320, 200, ad('coats', 'Winter coats', { seconds: 20 })],
  '/empty': [30, 200, '<VAST version="4.2"/>'],
  '/page': [20, 200, '<!doctype html><title>Not found</title>'],
  '/low': [50, 200, ad('tiny', 'Tiny', { bitrate: 150 })],
  '/broken': [25, 200, wrapper('Exchange', `${base}/gone`)],
  '/gone': [15, 404, ''],
  '/silent': [60_000, 200, ''],
  '/playlist': [40, 200, playlist(base)],
  ...Object.fromEntries(HOSTILE.titles.map((title, index) => [`/hostile/${index}`, [10, 200, ad(`hostile-${index}`, title, { seconds: 10 + index })]])),
  '/hostile/wrapper': [10, 200, wrapper(HOSTILE.titles[0], `${base}/hostile/0`)],
});

/** Serves all answers. */
export const serve = async () => {
  const server = createServer((request, response) => {
    const [millis, status, body] = answers(`http://${request.headers.host}`)[request.url.split('?')[0]] ?? [0, 404, ''];
    setTimeout(() => response.writeHead(status, { 'Content-Type': 'application/xml' }).end(body), millis).unref();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, base: `http://127.0.0.1:${server.address().port}` };
};

const named = (base, paths) => paths.map((path) => `${path.replaceAll('/', '-')}=${base}/${path}`);

/** The arguments of each request. */
export const requests = {
  chain: (base) => named(base, ['west', 'east', 'north']),
  nothing: (base) => [...named(base, ['empty', 'page', 'low', 'broken', 'silent']), '--min-bitrate', '1000', '--source-timeout', '500ms', '--retries', '0'],
  playlist: (base) => named(base, ['playlist']),
  hostile: (base) => [...named(base, ['hostile/wrapper', 'hostile/1', 'hostile/2', 'hostile/3']), '--mode', 'collect', '--break-duration', '60s'],
};
