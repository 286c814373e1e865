//! What is changed in a model that was read is changed in the document, and nothing else.

use super::round_trip::read;
use crate::model::{AdKind, Event, Impression, InLine, Linear, MediaFile, Mezzanine, Offset, Tracking};
use crate::write_as_read;
use std::time::Duration;

/// Hardly anything in it stands as the writer would write it.
const DOCUMENT: &str = r#"<vast version="3.0" xmlns:v="urn:v">
  <!-- the first -->
  <Ad sequence="0" id=" a " adType="Audio">
    <Inline>
      <AdTitle>T</AdTitle>
      <Impression id="one">https://a.example/1</Impression>
      <v:Note/>
      <Impression/>
      <Impression ID="two">https://a.example/2</Impression>
      <AdSystem>S</AdSystem>
      <Creatives>
        <Creative AdID="7">
          <Linear skipoffset="5">
            <Duration>30</Duration>
            <TrackingEvents/>
            <MediaFiles>
              <MediaFile height="360px" width="640" bitrate="0" scalable="1" delivery="Progressive">https://a.example/m</MediaFile>
              <Mezzanine/>
            </MediaFiles>
            <TrackingEvents v:two="2">
              <Tracking event="FirstQuartile">https://a.example/q</Tracking>
              <Tracking offset="10 %" event="progress">https://a.example/p</Tracking>
            </TrackingEvents>
          </Linear>
        </Creative>
      </Creatives>
    </Inline>
  </Ad>
</vast>
"#;

fn inline(vast: &mut crate::model::Vast) -> &mut InLine {
    let AdKind::InLine(inline) = &mut vast.ads[0].kind else { panic!("an ad") };
    inline
}

fn linear(vast: &mut crate::model::Vast) -> &mut Linear {
    inline(vast).creatives[0].linear.as_mut().expect("a linear ad")
}

type Change = fn(&mut crate::model::Vast);

/// What is changed, the lines that go, and those that come. Blanks at their ends do not matter.
const CHANGES: &[(&str, Change, &[&str], &[&str])] = &[
    ("nothing", |_| {}, &[], &[]),
    (
        "a text",
        |vast| inline(vast).ad_title = Some("New".into()),
        &["<AdTitle><![CDATA[T]]></AdTitle>"],
        &["<AdTitle><![CDATA[New]]></AdTitle>"],
    ),
    (
        "a value that was spelled otherwise",
        |vast| linear(vast).duration = Some(Duration::from_secs(31)),
        &["<Duration>30</Duration>"],
        &["<Duration>00:00:31</Duration>"],
    ),
    (
        "by less than the standard's form can say",
        |vast| linear(vast).duration = Some(Duration::from_nanos(30_000_000_001)),
        &["<Duration>30</Duration>"],
        &["<Duration>00:00:30.000000001</Duration>"],
    ),
    (
        "attributes that were spelled otherwise",
        |vast| {
            vast.ads[0].sequence = Some(1);
            vast.ads[0].id = None;
        },
        &[r#"<Ad sequence="0" id=" a " adType="Audio">"#],
        &[r#"<Ad sequence="1" adType="Audio">"#],
    ),
    (
        "one of several attributes",
        |vast| linear(vast).media_files[0].width = Some(1),
        &[
            r#"<MediaFile height="360px" width="640" bitrate="0" scalable="1" delivery="Progressive"><![CDATA[https://a.example/m]]></MediaFile>"#,
        ],
        &[
            r#"<MediaFile height="360px" width="1" bitrate="0" scalable="1" delivery="Progressive"><![CDATA[https://a.example/m]]></MediaFile>"#,
        ],
    ),
    (
        "a value comes where there was none",
        |vast| linear(vast).media_files[0].codec = Some("c".into()),
        &[
            r#"<MediaFile height="360px" width="640" bitrate="0" scalable="1" delivery="Progressive"><![CDATA[https://a.example/m]]></MediaFile>"#,
        ],
        &[
            r#"<MediaFile height="360px" width="640" bitrate="0" scalable="1" delivery="Progressive" codec="c"><![CDATA[https://a.example/m]]></MediaFile>"#,
        ],
    ),
    (
        "an event",
        |vast| linear(vast).tracking_events[0].event = Event::Midpoint,
        &[r#"<Tracking event="FirstQuartile"><![CDATA[https://a.example/q]]></Tracking>"#],
        &[r#"<Tracking event="midpoint"><![CDATA[https://a.example/q]]></Tracking>"#],
    ),
    (
        "an offset",
        |vast| linear(vast).tracking_events[1].offset = Some(Offset::Time(Duration::from_secs(1))),
        &[r#"<Tracking offset="10 %" event="progress"><![CDATA[https://a.example/p]]></Tracking>"#],
        &[r#"<Tracking offset="00:00:01" event="progress"><![CDATA[https://a.example/p]]></Tracking>"#],
    ),
    (
        "an item goes, with its ways",
        |vast| drop(inline(vast).impressions.pop()),
        &[r#"<Impression ID="two"><![CDATA[https://a.example/2]]></Impression>"#],
        &[],
    ),
    (
        "an item comes behind the last of its kind",
        |vast| inline(vast).impressions.push(Impression::new("https://a.example/3")),
        &[],
        &["<Impression><![CDATA[https://a.example/3]]></Impression>"],
    ),
    (
        "the first of a kind comes where the schema has it",
        |vast| {
            linear(vast).mezzanines.push(Mezzanine { url: "https://a.example/z".into(), ..Mezzanine::default() });
            inline(vast).errors.push("https://a.example/e".into());
        },
        &[],
        &["<Error><![CDATA[https://a.example/e]]></Error>", "<Mezzanine><![CDATA[https://a.example/z]]></Mezzanine>"],
    ),
    (
        "the first of a group brings the group",
        |vast| linear(vast).click_through = Some(crate::model::Click::new("https://a.example/c")),
        &[],
        &["<VideoClicks>", "<ClickThrough><![CDATA[https://a.example/c]]></ClickThrough>", "</VideoClicks>"],
    ),
    (
        "the last of a group takes the group along, but not what is unknown in it",
        |vast| {
            linear(vast).tracking_events.clear();
            linear(vast).media_files.clear();
        },
        &[
            r#"<MediaFile height="360px" width="640" bitrate="0" scalable="1" delivery="Progressive"><![CDATA[https://a.example/m]]></MediaFile>"#,
            r#"<TrackingEvents v:two="2">"#,
            r#"<Tracking event="FirstQuartile"><![CDATA[https://a.example/q]]></Tracking>"#,
            r#"<Tracking offset="10 %" event="progress"><![CDATA[https://a.example/p]]></Tracking>"#,
            "</TrackingEvents>",
        ],
        &[r#"<TrackingEvents v:two="2"/>"#],
    ),
    (
        "trackers and files come into the groups that are there",
        |vast| {
            linear(vast).tracking_events.push(Tracking::new(Event::Start, "https://a.example/s"));
            linear(vast).media_files.push(MediaFile { url: "https://a.example/n".into(), ..MediaFile::default() });
        },
        &[],
        &[
            "<MediaFile><![CDATA[https://a.example/n]]></MediaFile>",
            r#"<Tracking event="start"><![CDATA[https://a.example/s]]></Tracking>"#,
        ],
    ),
    (
        "a part is written anew",
        |vast| linear(vast).media_files[0].extra = Default::default(),
        &[
            r#"<MediaFile height="360px" width="640" bitrate="0" scalable="1" delivery="Progressive"><![CDATA[https://a.example/m]]></MediaFile>"#,
        ],
        &[
            r#"<MediaFile delivery="progressive" width="640" height="360" scalable="true"><![CDATA[https://a.example/m]]></MediaFile>"#,
        ],
    ),
];

fn lines(document: &str) -> Vec<String> {
    document.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn what_is_changed_is_changed_and_nothing_else() {
    let before = lines(&write_as_read(&read(DOCUMENT.as_bytes()).expect("a document")));
    for (what, change, gone, come) in CHANGES {
        // The writer gets the model and nothing else.
        let mut vast = {
            let input = DOCUMENT.to_owned();
            read(input.as_bytes()).expect("a document")
        };
        change(&mut vast);
        let document = write_as_read(&vast);
        let mut after = lines(&document).into_iter().peekable();
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for line in &before {
            while after.peek().is_some_and(|next| next != line && come.contains(&next.as_str())) {
                added.extend(after.next());
            }
            if after.next_if_eq(line).is_none() {
                removed.push(line.as_str());
            }
        }
        added.extend(after);
        assert_eq!(
            (removed.as_slice(), added.as_slice()),
            (*gone, &*come.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()),
            "{what}:\n{document}"
        );
    }
}

/// The document itself comes back in its order and spelling.
#[test]
fn nothing_is_put_right() {
    let document = write_as_read(&read(DOCUMENT.as_bytes()).expect("a document"));
    let written = document.replace("<![CDATA[", "").replace("]]>", "");
    assert_eq!(lines(&written)[1..], lines(DOCUMENT));
}
