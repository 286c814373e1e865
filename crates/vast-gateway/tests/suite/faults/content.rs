//! The faults of documents, ads and wrappers.

use vast_client::ErrorType::{
    BlockedAddress, Dns, Filtered, HttpStatus, Limit, NoAd, NotVast, NotXml, Timeout, WrapperLimit, WrapperNoAd,
    WrapperUri,
};
use vast_mock::{Answer, Fault as MockFault};

use super::fault::SourceEnd::{Error, Filled};
use super::fault::{Fault, FaultServer, Group, SourceEnd};
use crate::support::AD;

type Row = (&'static str, &'static str, FaultServer, SourceEnd);

pub(crate) fn faults() -> Vec<Fault> {
    documents().chain(ads()).chain(wrappers()).collect()
}

fn of_group<const N: usize>(group: Group, rows: [Row; N]) -> impl Iterator<Item = Fault> {
    rows.into_iter().map(move |(name, what, server, outcome)| Fault { group, name, what, server, outcome })
}

fn body(body: impl Into<Vec<u8>>) -> FaultServer {
    FaultServer::Script(vec![Answer::new().body(body.into())])
}

fn vast(content: &str) -> String {
    format!("<VAST version=\"4.2\">{content}</VAST>")
}

fn inline(content: &str) -> String {
    vast(&format!("<Ad id=\"a\"><InLine><AdSystem>x</AdSystem><AdTitle>x</AdTitle>{content}</InLine></Ad>"))
}

/// The good document with this text before the end of its `InLine`.
fn with(content: &str) -> FaultServer {
    body(AD.replace("</InLine>", &format!("{content}</InLine>")))
}

fn documents() -> impl Iterator<Item = Fault> {
    const ENTITIES: &str = "<!DOCTYPE VAST [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let entities = format!("{ENTITIES}{}", AD.replace("<AdTitle>Shoes", "<AdTitle>&b;"));
    let external = "<!DOCTYPE VAST [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>".to_owned() + AD;
    let utf16: Vec<u8> = AD.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let attributes: String = (0..100_000).map(|number| format!(" a{number}=\"\"")).collect();
    let names: String = (0..100_000).map(|number| format!(" xmlns:a{number}=\"\"")).collect();
    let deep = format!("<Extensions>{}{}</Extensions>", "<a>".repeat(500), "</a>".repeat(500));
    let many = format!("<Extensions><Extension>{}</Extension></Extensions>", "<a/>".repeat(60_000));
    let text = format!("<Extensions><Extension>{}</Extension></Extensions>", "x".repeat(300 << 10));
    let mut latin = AD.replace("<AdTitle>Shoes", "<AdTitle>Sch@he").into_bytes();
    latin.iter_mut().filter(|byte| **byte == b'@').for_each(|byte| *byte = 0xfc);
    of_group(
        Group::Document,
        [
            ("empty", "No byte.", body(""), Error(NoAd)),
            ("blank", "White space only.", body(" \r\n\t"), Error(NoAd)),
            ("mark", "A byte order mark only.", body("\u{feff}"), Error(NoAd)),
            ("html", "An HTML page.", body("<!DOCTYPE html><html><body>Hello</body></html>"), Error(NotXml)),
            ("json", "JSON.", body("{\"ad\": null}"), Error(NotXml)),
            ("text", "Plain text.", body("no ads today"), Error(NotXml)),
            ("image", "A picture.", body(&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..]), Error(NotXml)),
            ("zeros", "Bytes of the value 0.", body(vec![0; 1000]), Error(NoAd)),
            ("rss", "Another kind of XML.", body("<rss version=\"2.0\"/>"), Error(NotVast)),
            ("cut", "The first half of a document.", body(&AD[..AD.len() / 2]), Error(NotXml)),
            ("tags", "The tags do not match.", body(AD.replace("</InLine>", "</Inline>")), Error(NotXml)),
            ("cdata", "A CDATA section never ends.", body(AD.replace("]]>", "")), Error(NotXml)),
            ("entity-bomb", "Nested entities of a document type.", body(entities), Error(NotXml)),
            ("entity-file", "An entity that names a file.", body(external), Error(NotXml)),
            ("attributes", "An element with 100,000 attributes.", body(format!("<VAST{attributes}/>")), Error(Limit)),
            ("namespaces", "An element with 100,000 namespaces.", body(format!("<VAST{names}/>")), Error(Limit)),
            (
                "attribute-large",
                "An attribute of 1 MiB.",
                body(format!("<VAST a=\"{}\"/>", "x".repeat(1 << 20))),
                Error(Limit),
            ),
            ("deep", "500 levels of elements.", with(&deep), Error(Limit)),
            ("elements", "60,000 elements.", with(&many), Error(Limit)),
            ("text-large", "A text of 300 KiB.", with(&text), Error(Limit)),
            ("utf16-false", "UTF-16 without a mark.", body(utf16), Filled),
            (
                "charset-unknown",
                "An unknown charset in the declaration.",
                body(format!("<?xml version=\"1.0\" encoding=\"x-y\"?>{AD}")),
                Filled,
            ),
            ("charset-false", "Bytes of ISO 8859-1 that claim to be UTF-8.", body(latin), Filled),
            ("version", "VAST 9.9.", body(AD.replacen("4.2", "9.9", 1)), Filled),
        ],
    )
}

fn ads() -> impl Iterator<Item = Fault> {
    let linear = |media: &str| {
        inline(&format!(
            "<Creatives><Creative><Linear><Duration>00:00:10</Duration>{media}</Linear></Creative></Creatives>"
        ))
    };
    let flash = "<MediaFiles><MediaFile type=\"video/x-flv\" delivery=\"progressive\" width=\"1\" height=\"1\">https://c.example/a.flv</MediaFile></MediaFiles>";
    let trackers = "<Impression>https://t.example/</Impression>".repeat(2100);
    of_group(
        Group::Ad,
        [
            ("no-ad", "A document without an ad.", body(vast("")), Error(NoAd)),
            ("ad-empty", "An ad that is neither `InLine` nor `Wrapper`.", body(vast("<Ad id=\"a\"/>")), Error(NotVast)),
            ("ad-no-creative", "An ad without a creative.", body(inline("")), Error(Filtered)),
            ("ad-no-media", "An ad without a media file.", body(linear("<MediaFiles/>")), Error(Filtered)),
            ("ad-flash", "An ad with a Flash video only.", body(linear(flash)), Error(Filtered)),
            ("ads-many", "101 ads.", body(vast(&"<Ad><InLine/></Ad>".repeat(101))), Error(Limit)),
            ("trackers-many", "2,100 impressions.", with(&trackers), Error(Limit)),
            (
                "tracker-splice",
                "An impression that contains `]]>` and an element.",
                with("<Impression>https://t.example/]]&gt;&lt;Ad/&gt;</Impression>"),
                Filled,
            ),
            (
                "tracker-script",
                "An impression with a `javascript:` URL.",
                with("<Impression>javascript:alert(1)</Impression>"),
                Filled,
            ),
            (
                "playlist-empty",
                "A playlist (VMAP) without a break.",
                body("<vmap:VMAP xmlns:vmap=\"http://www.iab.net/videosuite/vmap\" version=\"1.0\"/>"),
                Error(NoAd),
            ),
        ],
    )
}

/// A document with a wrapper that leads to `uri`.
fn wrapper(uri: &str) -> Answer {
    let uri = format!("<VASTAdTagURI><![CDATA[{uri}]]></VASTAdTagURI>");
    Answer::new().body(vast(&format!("<Ad id=\"w\"><Wrapper><AdSystem>x</AdSystem>{uri}</Wrapper></Ad>")))
}

fn wrappers() -> impl Iterator<Item = Fault> {
    let to = |uri: &str| FaultServer::Script(vec![wrapper(uri)]);
    let then = |answer: Answer| FaultServer::Script(vec![wrapper("{{self}}/next").path("/v"), answer.path("/next")]);
    let two = vec![wrapper("{{self}}/b").path("/v"), wrapper("{{self}}/v").path("/b")];
    let fan: String = (0..100)
        .map(|number| {
            format!(
                "<Ad id=\"{number}\"><Wrapper><VASTAdTagURI>{{{{self}}}}/dead/{number}</VASTAdTagURI></Wrapper></Ad>"
            )
        })
        .collect();
    let fan = vec![Answer::new().path("/v").body(vast(&fan)), Answer::new().status(404)];
    let text = vec![wrapper("not a url").path("/v"), Answer::new().status(404)];
    let playlist = "<vmap:VMAP xmlns:vmap=\"http://www.iab.net/videosuite/vmap\" version=\"1.0\"/>";
    of_group(
        Group::Wrapper,
        [
            ("wrapper-self", "A wrapper that leads to itself.", to("{{self}}/v"), Error(WrapperLimit)),
            ("wrapper-two", "Two wrappers that lead to each other.", FaultServer::Script(two), Error(WrapperLimit)),
            (
                "wrapper-endless",
                "Each wrapper leads to a new URL.",
                to("{{self}}{{request.path}}x"),
                Error(WrapperLimit),
            ),
            (
                "wrapper-fan",
                "100 wrappers, each to a document that does not exist.",
                FaultServer::Script(fan),
                Error(HttpStatus),
            ),
            (
                "wrapper-no-uri",
                "A wrapper without a URL.",
                body(vast("<Ad><Wrapper><AdSystem>x</AdSystem></Wrapper></Ad>")),
                Error(WrapperUri),
            ),
            ("wrapper-data", "A wrapper with a `data:` URL.", to("data:text/xml,<VAST/>"), Error(WrapperUri)),
            ("wrapper-text", "A wrapper whose URL is a text.", FaultServer::Script(text), Error(HttpStatus)),
            ("wrapper-404", "A wrapper that leads to status 404.", then(Answer::new().status(404)), Error(HttpStatus)),
            (
                "wrapper-hang",
                "A wrapper that leads to a server that does not answer.",
                then(Answer::new().fault(MockFault::Hang)),
                Error(Timeout),
            ),
            ("wrapper-empty", "A wrapper that leads to no ad.", then(Answer::new().body(vast(""))), Error(WrapperNoAd)),
            (
                "wrapper-html",
                "A wrapper that leads to an HTML page.",
                then(Answer::new().body("<html/>")),
                Error(NotXml),
            ),
            (
                "wrapper-playlist",
                "A wrapper that leads to a playlist.",
                then(Answer::new().body(playlist)),
                Error(WrapperNoAd),
            ),
            ("wrapper-unknown", "A wrapper that leads to an unknown name.", to("http://gone.example/v"), Error(Dns)),
            (
                "wrapper-loopback",
                "A wrapper that leads to this machine.",
                to("http://127.0.0.1:1/"),
                Error(BlockedAddress),
            ),
            (
                "wrapper-metadata",
                "A wrapper that leads to the metadata service of a cloud.",
                to("http://169.254.169.254/"),
                Error(BlockedAddress),
            ),
            (
                "wrapper-name",
                "A wrapper that leads to a name with a private address.",
                to("http://metadata.example/"),
                Error(BlockedAddress),
            ),
        ],
    )
}
