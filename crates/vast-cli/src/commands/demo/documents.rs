//! The VAST documents of the demo's ad servers.

/// An ad with one media file of this bitrate (kbit/s). Its trackers are on the same server.
pub(super) fn ad(title: &str, seconds: u32, bitrate: u32) -> String {
    let name = title.to_lowercase().replace(' ', "-");
    format!(
        r#"<VAST version="4.2"><Ad id="{name}"><InLine>
  <AdSystem version="1.0">Demo Ads</AdSystem><AdTitle>{title}</AdTitle>
  <AdServingId>{name}-1</AdServingId>
  <Impression><![CDATA[{{{{self}}}}/seen/{name}?cb=[CACHEBUSTING]]]></Impression>
  <Error><![CDATA[{{{{self}}}}/error/{name}?code=[ERRORCODE]]]></Error>
  <Creatives><Creative id="{name}-video">
    <UniversalAdId idRegistry="ad-id.org">{name}</UniversalAdId>
    <Linear><Duration>00:00:{seconds:02}</Duration>
      <TrackingEvents>
        <Tracking event="start"><![CDATA[{{{{self}}}}/start/{name}]]></Tracking>
        <Tracking event="complete"><![CDATA[{{{{self}}}}/complete/{name}]]></Tracking>
      </TrackingEvents>
      <VideoClicks><ClickThrough><![CDATA[https://shop.example/{name}]]></ClickThrough></VideoClicks>
      <MediaFiles>
        <MediaFile delivery="progressive" type="video/mp4" width="1280" height="720" bitrate="{bitrate}"><![CDATA[https://cdn.example/{name}.mp4]]></MediaFile>
      </MediaFiles>
    </Linear></Creative></Creatives>
</InLine></Ad></VAST>"#
    )
}

/// A wrapper of the ad system `system` that leads to the server `next`.
pub(super) fn wrapper(system: &str, next: &str) -> String {
    format!(
        r#"<VAST version="4.0"><Ad id="{next}-wrapper"><Wrapper>
  <AdSystem>{system}</AdSystem>
  <VASTAdTagURI><![CDATA[{{{{{next}}}}}/vast]]></VASTAdTagURI>
  <Impression><![CDATA[{{{{self}}}}/seen]]></Impression>
  <Creatives><Creative><Linear><TrackingEvents>
    <Tracking event="start"><![CDATA[{{{{self}}}}/start]]></Tracking>
  </TrackingEvents></Linear></Creative></Creatives>
</Wrapper></Ad></VAST>"#
    )
}

/// A valid answer without an ad.
pub(super) const EMPTY: &str = r#"<VAST version="4.2"/>"#;

/// A document that ends in the middle.
pub(super) const BROKEN: &str = r#"<VAST version="4.2"><Ad id="1"><InLine><AdTitle>Broken"#;
