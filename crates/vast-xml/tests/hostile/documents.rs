//! The hostile documents. Each repeats an element or a text many times.

use vast_xml::ParseErrorKind::{self, Doctype, Limit, NotXml};

/// The result of reading a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A model, perhaps with warnings.
    Read,
    /// An error.
    Refused(ParseErrorKind),
}

use Outcome::{Read, Refused};

type Document = (&'static str, fn(usize) -> String, Outcome, Outcome);

/// The list does not contain VAST 1.0 companions with many `URL`s, for which the number of trackers grows faster than
/// the document: the limit on trackers stops them.
///
/// The columns are: name, function that makes the document, result for a hundred thousand repetitions with the usual
/// limits, result for fewer repetitions without limits.
pub(crate) const DOCUMENTS: &[Document] = &[
    ("attributes", |n| format!("<VAST version=\"3.0\"{}/>", numbered(n, " a", "=\"\"")), Refused(Limit), Read),
    ("the same attribute", |n| format!("<VAST{}/>", " version='3'".repeat(n)), Refused(Limit), Read),
    ("namespaces", |n| format!("<VAST version=\"3.0\"{}/>", numbered(n, " xmlns:p", "=\"u\"")), Refused(Limit), Read),
    (
        "attributes of an extension",
        |n| in_extension(&format!("<x{}/>", numbered(n, " a", "=\"\""))),
        Refused(Limit),
        Read,
    ),
    (
        "depth",
        |n| format!("<VAST version=\"3.0\">{}{}</VAST>", "<x>".repeat(n), "</x>".repeat(n)),
        Refused(Limit),
        Refused(Limit),
    ),
    ("depth without end", |n| format!("<VAST version=\"3.0\">{}", "<x>".repeat(n)), Refused(Limit), Refused(Limit)),
    ("depth in an extension", |n| in_extension(&"<x>".repeat(n)), Refused(Limit), Refused(Limit)),
    ("depth of URLs", |n| in_wrapper(&format!("<Error>{}", "<URL>".repeat(n))), Refused(Limit), Refused(Limit)),
    ("billion laughs", laughs, Refused(Doctype), Refused(Doctype)),
    ("one large entity, often", large_entity, Refused(Doctype), Refused(Doctype)),
    ("entities of XML", |n| in_wrapper(&format!("<Error>{}</Error>", "&amp;&#65;".repeat(n))), Read, Read),
    ("entities in an attribute", |n| format!("<VAST version=\"{}\"/>", "&amp;".repeat(n)), Refused(Limit), Read),
    ("unknown entities", |n| in_wrapper(&format!("<Error>{}</Error>", "&x;".repeat(n))), Refused(Limit), Read),
    ("ampersands", |n| in_wrapper(&format!("<Error>{}</Error>", "&".repeat(n))), Read, Read),
    ("ads", |n| format!("<VAST version=\"3.0\">{}</VAST>", "<Ad id=\"1\"/>".repeat(n)), Refused(Limit), Read),
    ("trackers", |n| in_wrapper(&"<Impression>u</Impression>".repeat(n)), Refused(Limit), Read),
    ("events", |n| in_linear(&"<Tracking event=\"start\">u</Tracking>".repeat(n)), Refused(Limit), Read),
    ("unknown elements", |n| format!("<VAST version=\"3.0\">{}</VAST>", "<x/>".repeat(n)), Refused(Limit), Read),
    (
        "events at a wrong place",
        |n| in_wrapper(&"<Tracking event=\"start\">u</Tracking>".repeat(n)),
        Refused(Limit),
        Read,
    ),
    ("linear ads at a wrong place", |n| in_wrapper(&"<Linear/>".repeat(n)), Refused(Limit), Read),
    (
        "companions at a wrong place in many creatives",
        |n| in_wrapper(&format!("<Creatives>{}</Creatives>", "<Creative><Companion/></Creative>".repeat(n))),
        Refused(Limit),
        Read,
    ),
    (
        "views at a wrong place",
        |n| in_wrapper(&format!("<Creatives>{}</Creatives>", VIEW.repeat(n / 2))),
        Refused(Limit),
        Read,
    ),
    (
        "elements at wrong places in such elements",
        |n| in_wrapper(&format!("{}{}", "<Linear>".repeat(10), "</Linear>".repeat(10)).repeat(n / 5)),
        Refused(Limit),
        Read,
    ),
    (
        "elements at wrong places in many groups",
        |n| in_wrapper(&"<Creatives><Icons/></Creatives>".repeat(n)),
        Refused(Limit),
        Read,
    ),
    ("lines", |n| format!("<VAST version=\"3.0\">{}</VAST>", "\n<x/>\n".repeat(n)), Refused(Limit), Read),
    ("stray text", |n| format!("<VAST version=\"3.0\">{}</VAST>", "x<!---->".repeat(n)), Read, Read),
    ("comments", |n| format!("<VAST version=\"3.0\">{}</VAST>", "<!-- - -->".repeat(n)), Read, Read),
    ("instructions", |n| format!("<VAST version=\"3.0\">{}</VAST>", "<?a b?>".repeat(n)), Read, Read),
    ("CDATA in a URL", |n| in_wrapper(&format!("<Error>{}</Error>", " <![CDATA[ x ]]> ".repeat(n))), Read, Read),
    ("CDATA of blanks", |n| in_wrapper(&format!("<Error>x{}</Error>", "<![CDATA[ ]]>".repeat(n))), Read, Read),
    ("CDATA in an extension", |n| in_extension(&"<![CDATA[x]]>".repeat(n)), Read, Read),
    ("brackets", |n| in_wrapper(&format!("<Error><![CDATA[{}]]></Error>", "]>".repeat(n))), Read, Read),
    (
        "CDATA without end",
        |n| cut_off(&format!("<Error><![CDATA[{}", "x] ]>".repeat(n))),
        Refused(NotXml),
        Refused(NotXml),
    ),
    ("a comment without end", |n| cut_off(&format!("<!--{}", "- -".repeat(n))), Refused(NotXml), Refused(NotXml)),
    ("an instruction without end", |n| cut_off(&format!("<?x {}", "? ".repeat(n))), Refused(NotXml), Refused(NotXml)),
    ("a tag without end", |n| cut_off(&format!("<Error {}", "a='>' ".repeat(n))), Refused(NotXml), Refused(NotXml)),
    (
        "a quote without end",
        |n| cut_off(&format!("<Error a=\"{}", "> ' <".repeat(n))),
        Refused(NotXml),
        Refused(NotXml),
    ),
    ("quotes", |n| in_wrapper(&format!("<Error {}>u</Error>", "\"'\" ".repeat(n))), Refused(NotXml), Refused(NotXml)),
    ("names without values", |n| in_wrapper(&format!("<Error {}>u</Error>", "a ".repeat(n))), Read, Read),
    ("wrong end tags", |n| format!("<VAST version=\"3.0\">{}", "</x>".repeat(n)), Refused(NotXml), Refused(NotXml)),
    ("a long name", |n| format!("<VAST version=\"3.0\"><{}/></VAST>", "x".repeat(n)), Read, Read),
    (
        "long wrong end",
        |n| format!("<VAST version=\"3.0\"><a></{}></VAST>", "x".repeat(n)),
        Refused(NotXml),
        Refused(NotXml),
    ),
    ("junk before", |n| format!("{}<VAST version=\"3.0\"/>", "junk ".repeat(n)), Read, Read),
    ("junk behind", |n| format!("<VAST version=\"3.0\"/>{}", "<junk>".repeat(n)), Read, Read),
    (
        "blanks",
        |n| format!("<VAST version=\"3.0\">{}<Error>{}</Error></VAST>", " ".repeat(n), "\n".repeat(n)),
        Read,
        Read,
    ),
    (
        "markup as text",
        |n| in_companion(&format!("<HTMLResource>{}</HTMLResource>", "<b>x</b>".repeat(n))),
        Refused(Limit),
        Read,
    ),
    ("verifications in extensions", |n| in_wrapper(&verifications(n)), Refused(Limit), Read),
    ("ad breaks", |n| in_vmap(&"<AdBreak timeOffset='#1' breakType='linear'/>".repeat(n / 2)), Refused(Limit), Read),
    (
        "break types",
        |n| in_vmap(&format!("<AdBreak timeOffset='start' breakType='{}'/>", "linear,".repeat(n / 8))),
        Read,
        Read,
    ),
    (
        "VAST as text in many breaks",
        |n| in_vmap(&text_break("<![CDATA[<VAST version='3.0'/>]]>").repeat(n / 8)),
        Refused(Limit),
        Read,
    ),
    (
        "escaped VAST with much in it",
        |n| in_vmap(&text_break(&format!("&lt;VAST&gt;{}", "&lt;Ad/&gt;".repeat(n / 40)))),
        Refused(Limit),
        Read,
    ),
    (
        "VAST in CDATA with much in it",
        |n| in_vmap(&text_break(&format!("<![CDATA[<VAST>{}</VAST>]]>", "<Ad/>".repeat(n / 4)))),
        Refused(Limit),
        Read,
    ),
];

const VIEW: &str = "<ViewableImpression><Viewable>u</Viewable></ViewableImpression>";

fn numbered(n: usize, before: &str, behind: &str) -> String {
    (0..n).map(|number| format!("{before}{number}{behind}")).collect()
}

fn in_wrapper(inside: &str) -> String {
    format!("<VAST version=\"3.0\"><Ad><Wrapper><VASTAdTagURI>u</VASTAdTagURI>{inside}</Wrapper></Ad></VAST>")
}

/// The document ends here, because text after it could end the construct.
fn cut_off(inside: &str) -> String {
    format!("<VAST version=\"3.0\"><Ad><Wrapper>{inside}")
}

fn in_linear(inside: &str) -> String {
    in_wrapper(&format!(
        "<Creatives><Creative><Linear><TrackingEvents>{inside}</TrackingEvents></Linear></Creative></Creatives>"
    ))
}

fn in_companion(inside: &str) -> String {
    in_wrapper(&format!(
        "<Creatives><Creative><CompanionAds><Companion>{inside}</Companion></CompanionAds></Creative></Creatives>"
    ))
}

fn in_extension(inside: &str) -> String {
    in_wrapper(&format!("<Extensions><Extension>{inside}</Extension></Extensions>"))
}

fn in_vmap(inside: &str) -> String {
    format!("<VMAP version=\"1.0\">{inside}</VMAP>")
}

fn text_break(text: &str) -> String {
    format!(
        "<AdBreak timeOffset='start' breakType='linear'><AdSource><VASTAdData>{text}</VASTAdData></AdSource></AdBreak>"
    )
}

fn verifications(n: usize) -> String {
    let one = "<Extension type=\"AdVerifications\"><Verification vendor=\"v\"/></Extension>";
    format!("<Extensions>{}</Extensions>", one.repeat(n / 2))
}

fn laughs(n: usize) -> String {
    let lines = (1..10).map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10)));
    let lines: String = lines.collect();
    format!(
        "<!DOCTYPE VAST [<!ENTITY l0 \"lol\">{lines}]><VAST version=\"3.0\"><Error>{}</Error></VAST>",
        "&l9;".repeat(n)
    )
}

fn large_entity(n: usize) -> String {
    let entity = format!("<!ENTITY e \"{}\">", "x".repeat(n));
    format!("<!DOCTYPE VAST [{entity}]><VAST version=\"3.0\"><Error>{}</Error></VAST>", "&e;".repeat(n))
}
