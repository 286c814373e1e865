//! The ad servers of the tests.

use vast_mock::{Mock, Script};

/// An ad server with a path for each kind of answer, and a server that accepts beacons.
const SERVERS: &str = r#"
[[server]]
name = "ads"
[[server.answer]]
path = "/ad"
body = '''
<VAST version="4.2"><Error>{{beacons}}/root-error</Error><Ad id="ad-1" sequence="1"><InLine><AdSystem version="2">Acme</AdSystem>
<AdTitle>Shoes "for" two</AdTitle><AdServingId>serving-1</AdServingId>
<Impression id="acme"><![CDATA[{{beacons}}/seen?by=inline]]></Impression><Error>{{beacons}}/error?code=[ERRORCODE]</Error>
<Pricing model="CPM" currency="USD">3.14</Pricing>
<Creatives><Creative id="c-1" adId="film-1"><UniversalAdId idRegistry="ad-id.org">CNPA0484000H</UniversalAdId>
<Linear skipoffset="00:00:05"><Duration>00:00:16</Duration>
<TrackingEvents><Tracking event="start">{{beacons}}/start</Tracking>
<Tracking event="progress" offset="00:00:10">{{beacons}}/ten</Tracking>
<Tracking event="progress" offset="25%">{{beacons}}/quarter</Tracking></TrackingEvents>
<VideoClicks><ClickThrough>https://shoes.example/</ClickThrough><ClickTracking>{{beacons}}/click</ClickTracking></VideoClicks>
<MediaFiles><MediaFile delivery="progressive" type="video/mp4" width="1280" height="720" bitrate="2000">https://cdn.example/shoes.mp4</MediaFile>
<MediaFile delivery="progressive" type="video/webm" width="640" height="360" bitrate="500">https://cdn.example/shoes.webm</MediaFile></MediaFiles>
<Icons><Icon program="AdChoices" width="20" height="20"><StaticResource creativeType="image/png">https://cdn.example/i.png</StaticResource></Icon></Icons>
</Linear></Creative>
<Creative><CompanionAds required="any"><Companion width="300" height="250"><StaticResource creativeType="image/png">https://cdn.example/c.png</StaticResource>
<CompanionClickThrough>https://shoes.example/c</CompanionClickThrough></Companion></CompanionAds></Creative></Creatives>
<AdVerifications><Verification vendor="acme.com-omid"><JavaScriptResource apiFramework="omid">https://cdn.example/v.js</JavaScriptResource></Verification></AdVerifications>
<ViewableImpression><Viewable>{{beacons}}/viewable</Viewable></ViewableImpression>
<Extensions><Extension type="waterfall"><Fallback index="0">text &amp; more</Fallback></Extension></Extensions>
</InLine></Ad></VAST>'''
[[server.answer]]
path = "/wrapper"
body = '''
<VAST version="3.0"><Ad id="w-1"><Wrapper><AdSystem>Reseller</AdSystem><VASTAdTagURI>{{self}}/ad</VASTAdTagURI>
<Impression>{{beacons}}/seen?by=wrapper</Impression><Creatives><Creative><Linear>
<TrackingEvents><Tracking event="start">{{beacons}}/start?by=wrapper</Tracking></TrackingEvents>
<Icons><Icon program="AdChoices"><IconViewTracking>{{beacons}}/icon?by=wrapper</IconViewTracking></Icon>
<Icon program="Other"><IconViewTracking>{{beacons}}/other?by=wrapper</IconViewTracking></Icon></Icons></Linear></Creative>
<Creative id="wc"><CompanionAds><Companion width="1" height="1"><IFrameResource>https://cdn.example/w.html</IFrameResource></Companion>
</CompanionAds></Creative></Creatives><Pricing model="CPC" currency="EUR">1</Pricing>
<ViewableImpression id="v"><Viewable>{{beacons}}/viewable?by=wrapper</Viewable></ViewableImpression>
<AdVerifications><Verification vendor="reseller.com-omid"/></AdVerifications><Extensions><Extension type="note">hi</Extension></Extensions>
</Wrapper></Ad></VAST>'''
[[server.answer]]
path = "/to-beacons"
body = '<VAST version="3.0"><Ad><Wrapper><VASTAdTagURI>{{beacons}}/nowhere</VASTAdTagURI></Wrapper></Ad></VAST>'
[[server.answer]]
path = "/playlist"
body = '''
<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0">
<vmap:AdBreak breakId="pre" timeOffset="start" breakType="linear"><vmap:AdSource><vmap:AdTagURI templateType="vast3">/ad</vmap:AdTagURI></vmap:AdSource>
<vmap:TrackingEvents><vmap:Tracking event="breakStart">{{beacons}}/break</vmap:Tracking></vmap:TrackingEvents></vmap:AdBreak>
<vmap:AdBreak breakId="mid" timeOffset="00:10:00" breakType="linear" repeatAfter="00:05:00"><vmap:AdSource><vmap:VASTAdData>
<VAST version="3.0"><Ad id="w-2"><Wrapper><AdSystem>Reseller</AdSystem><VASTAdTagURI>{{self}}/wrapper</VASTAdTagURI>
<Impression>{{beacons}}/seen?by=break</Impression></Wrapper></Ad></VAST></vmap:VASTAdData></vmap:AdSource></vmap:AdBreak>
<vmap:AdBreak breakId="post" timeOffset="end" breakType="linear"><vmap:AdSource><vmap:AdTagURI templateType="vast3">{{self}}/missing</vmap:AdTagURI>
</vmap:AdSource></vmap:AdBreak></vmap:VMAP>'''
[[server.answer]]
path = "/empty-playlist"
body = '''
<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0"><vmap:AdBreak breakId="pre" timeOffset="start" breakType="linear">
<vmap:AdSource><vmap:AdTagURI templateType="vast3">{{self}}/empty</vmap:AdTagURI></vmap:AdSource></vmap:AdBreak></vmap:VMAP>'''
[[server.answer]]
path = "/empty"
body = '<VAST version="4.2"><Error>{{beacons}}/error?code=[ERRORCODE]</Error></VAST>'
[[server.answer]]
path = "/broken"
body = '<VAST version="4.2"><Ad><InLine>'
[[server.answer]]
path = "/page"
body = '<!doctype html><html><body>Not found</body></html>'
[[server.answer]]
path = "/hang"
fault = "hang"
[[server.answer]]
path = "/missing"
status = 404

[[server]]
name = "beacons"
sink = true
"#;

/// Starts the servers.
pub(crate) async fn start() -> Mock {
    let script = Script::parse(SERVERS, std::path::Path::new("")).expect("a good script");
    Mock::start(script).await.expect("the servers start")
}

/// The URL of a path of the ad server.
pub(crate) fn at(mock: &Mock, path: &str) -> String {
    format!("{}{path}", mock.url("ads"))
}

/// The requested paths in order: `/ad /seen?by=inline`.
pub(crate) fn asked(mock: &Mock) -> String {
    let log = mock.log();
    log.iter().map(|exchange| exchange.request.path_and_query.as_str()).collect::<Vec<_>>().join(" ")
}
