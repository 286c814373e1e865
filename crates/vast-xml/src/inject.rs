//! [`Injection`]: a publisher's own trackers, put into every ad of a document.

use crate::Text;
use crate::model::{AdKind, Creative, Event, Impression, Linear, Tracking, Vast};

/// Trackers to put into documents. On the model, so that the result is valid whatever the document looked like: an
/// `Impression` where the schema has it, a `Tracking` in each linear creative.
///
/// ```
/// use vast_xml::model::Event;
/// use vast_xml::{Injection, ParseOptions, parse, write};
///
/// let pod = br#"<VAST version="3.0"><Ad sequence="1"><InLine><Creatives><Creative><Linear/></Creative></Creatives></InLine></Ad>
///   <Ad sequence="2"><Wrapper><VASTAdTagURI>https://b.example/next</VASTAdTagURI></Wrapper></Ad></VAST>"#;
/// let mut pod = parse(pod, &ParseOptions::default())?.vast;
/// let injection = Injection::default().impression("https://own.example/i").tracking(Event::Start, "https://own.example/s");
/// injection.apply(&mut pod);
/// assert_eq!(write(&pod).matches("https://own.example/i").count(), 2);
/// assert_eq!(write(&pod).matches(r#"<Tracking event="start"><![CDATA[https://own.example/s]]>"#).count(), 2);
/// # Ok::<(), vast_xml::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Injection {
    impressions: Vec<Text>,
    tracking: Vec<Tracking>,
}

impl Injection {
    /// One more impression for each ad, behind those that are there.
    #[must_use]
    pub fn impression(mut self, url: impl Into<Text>) -> Injection {
        self.impressions.push(url.into());
        self
    }

    /// One more tracker for each linear creative, behind those that are there. In an ad that is not linear it goes to the
    /// non-linear creatives, in a wrapper without creatives to a linear one of its own.
    #[must_use]
    pub fn tracking(mut self, event: Event, url: impl Into<Text>) -> Injection {
        self.tracking.push(Tracking::new(event, url));
        self
    }

    /// Whether there is nothing to put in.
    pub fn is_empty(&self) -> bool {
        self.impressions.is_empty() && self.tracking.is_empty()
    }

    /// Puts the trackers into every ad.
    pub fn apply(&self, vast: &mut Vast) {
        for ad in &mut vast.ads {
            let (impressions, creatives, is_wrapper) = match &mut ad.kind {
                AdKind::InLine(inline) => (&mut inline.impressions, &mut inline.creatives, false),
                AdKind::Wrapper(wrapper) => (&mut wrapper.impressions, &mut wrapper.creatives, true),
            };
            impressions.extend(self.impressions.iter().map(Impression::new));
            if !self.tracking.is_empty() {
                self.track(creatives, is_wrapper);
            }
        }
    }

    fn track(&self, creatives: &mut Vec<Creative>, is_wrapper: bool) {
        let is_linear = creatives.iter().any(|creative| creative.linear.is_some());
        let is_other = creatives.iter().any(|creative| creative.non_linear_ads.is_some());
        if is_wrapper && !is_linear && !is_other {
            creatives.push(Creative { linear: Some(Linear::default()), ..Creative::default() });
        }
        for creative in creatives {
            if let Some(linear) = &mut creative.linear {
                let under_linear = |one: &Tracking| Tracking { event: one.event.clone().under_linear(), ..one.clone() };
                linear.tracking_events.extend(self.tracking.iter().map(under_linear));
            } else if let (Some(ads), false) = (&mut creative.non_linear_ads, is_linear) {
                ads.tracking_events.extend(self.tracking.iter().cloned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ParseOptions, parse, write};

    fn injected(creatives: &str, kind: &str) -> String {
        let xml = format!(
            "<VAST version='3.0'><Ad><{kind}><Impression>https://x.example/i</Impression><Creatives>{creatives}</Creatives></{kind}></Ad></VAST>"
        );
        let mut vast = parse(xml.as_bytes(), &ParseOptions::default()).expect("VAST").vast;
        Injection::default().tracking(Event::Close, "https://own.example/c").apply(&mut vast);
        let again = parse(write(&vast).as_bytes(), &ParseOptions::default()).expect("VAST").vast;
        assert_eq!(again, vast, "it reads as it was made");
        let creatives = vast.ads[0].creatives().iter().map(|creative| {
            let of_linear = creative.linear.iter().flat_map(|linear| &linear.tracking_events);
            let of_other = creative.non_linear_ads.iter().flat_map(|ads| &ads.tracking_events);
            let names: Vec<&str> = of_linear.chain(of_other).map(|one| one.event.name()).collect();
            names.join("+")
        });
        creatives.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn trackers_go_to_the_creatives_that_play() {
        assert_eq!(
            injected("<Creative><Linear/></Creative><Creative><NonLinearAds/></Creative>", "InLine"),
            "closeLinear "
        );
        assert_eq!(
            injected("<Creative><NonLinearAds/></Creative><Creative><CompanionAds/></Creative>", "InLine"),
            "close "
        );
        assert_eq!(injected("<Creative><CompanionAds/></Creative>", "InLine"), "");
        assert_eq!(injected("<Creative><CompanionAds/></Creative>", "Wrapper"), " closeLinear");
    }
}
