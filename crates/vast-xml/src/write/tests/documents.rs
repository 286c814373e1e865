//! Documents for the tests of the writer.

/// Documents with content that a writer can easily lose or write twice. The elements are in the order of the schema, so the
/// writer must not move them.
pub(super) const DELICATE: &[(&str, &str)] = &[
    ("an answer without ads", r#"<VAST version="3.0"><Error>https://a.example/e</Error></VAST>"#),
    ("nothing at all", "<VAST/>"),
    ("a version that is none", r#"<VAST version="next"/>"#),
    (
        "unknown parts of elements that are only text",
        r#"<VAST version="3.0"><Ad><InLine>
             <AdSystem version="1" q="1">S<b>old</b></AdSystem>
             <Error id="e" class="x"><i/>https://a.example/e</Error><Error>https://a.example/f</Error>
             <Impression>https://a.example/i</Impression>
             <Pricing model="CPM" currency="EUR" unit="m">1</Pricing>
             <ViewableImpression><Viewable late="1">https://a.example/v</Viewable></ViewableImpression>
             <AdTitle lang="en">T</AdTitle><Expires unit="s">5</Expires>
             <Survey type="t" once="1">https://a.example/s</Survey>
             <Description lang="en"/>
           </InLine></Ad></VAST>"#,
    ),
    (
        "second elements of a kind",
        r#"<VAST version="3.0"><Ad><InLine><AdSystem>1</AdSystem><AdTitle>1</AdTitle>
             <Creatives><Creative><Linear><Duration>00:00:01</Duration><Duration>00:00:02</Duration>
               <AdParameters>1</AdParameters><AdParameters>2</AdParameters></Linear><Linear skipoffset="5%"/></Creative></Creatives>
             <AdSystem version="2"/><AdSystem/><AdTitle>2</AdTitle>
           </InLine></Ad></VAST>"#,
    ),
    (
        "unknown parts of groups, and a namespace declared there",
        r#"<VAST version="4.1" xmlns="http://www.iab.com/VAST"><Ad><InLine><Creatives xmlns:p="urn:p" p:a="1"><Creative>
             <Linear>
               <Icons p:a="1"><Icon><IconClicks p:a="2"><IconClickFallbackImages p:a="3"><IconClickFallbackImage/><p:x/>
                 </IconClickFallbackImages><IconClickThrough>https://a.example</IconClickThrough></IconClicks></Icon><p:x/></Icons>
               <TrackingEvents><Tracking event="start">https://a.example/s</Tracking>
                 <Tracking event="progress" offset="soon" id="7"><![CDATA[https://a.example/p]]></Tracking></TrackingEvents>
               <MediaFiles p:a="1"><ClosedCaptionFiles p:b="1"><ClosedCaptionFile>https://a.example/c</ClosedCaptionFile><p:x/></ClosedCaptionFiles>
                 <MediaFile width="wide">https://a.example/m<p:x/></MediaFile><p:y> <![CDATA[]]> </p:y></MediaFiles>
               <VideoClicks><p:x/></VideoClicks>
               <TrackingEvents p:second="yes"><Tracking>https://a.example/nameless</Tracking></TrackingEvents>
             </Linear>
           </Creative></Creatives></InLine></Ad></VAST>"#,
    ),
    (
        "extensions as they are",
        "<VAST version='3.0' xmlns:p='urn:p'><Ad><Wrapper><Extensions p:all='1'><Extension type=' A&#10;b ' p:c=' '>\n\n <p:x a='&quot;&#9;'/> &amp;<!-- c\n --><![CDATA[<]]>\n</Extension><extension/><Bare/></Extensions></Wrapper></Ad></VAST>",
    ),
    (
        "an extension that holds what belongs elsewhere",
        r#"<VAST version="2.0"><Ad><InLine><Extensions>
             <Extension type=" adverifications "><AdVerifications><Verification vendor="v"/></AdVerifications></Extension>
             <Extension type="UniversalAdId"><UniversalAdId idRegistry="r" creativeId="2">u</UniversalAdId></Extension>
             <Extension type="Icon"><Icon program="i"/></Extension>
           </Extensions><Creatives><Creative id="1"><Linear/></Creative><Creative id="2"/></Creatives></InLine></Ad></VAST>"#,
    ),
];

/// A document that uses every element once, in canonical form.
pub(super) const WHOLE: &str = include_str!("../../../../../fixtures/xml/inline-4.2.xml");
