//! The parts that linear creatives and whole ads inherit.

use vast_xml::Text;
use vast_xml::model::Event;

use crate::ad::{Inherited, ResolvedAd};

fn wrapper(name: &str, linear: &str) -> String {
    format!(
        "<VAST><Ad><Wrapper><VASTAdTagURI>https://next</VASTAdTagURI><Impression>https://t/{name}</Impression>
         <Error>https://e/{name}</Error><Creatives>{linear}</Creatives></Wrapper></Ad></VAST>"
    )
}

fn chain() -> ResolvedAd {
    let outer = wrapper(
        "outer",
        "<Creative><Linear><TrackingEvents><Tracking event='start'>https://t/outer-start</Tracking></TrackingEvents>
         <VideoClicks><ClickThrough>https://page/outer</ClickThrough><ClickTracking>https://c/outer</ClickTracking>
         </VideoClicks></Linear></Creative>",
    );
    let inner = wrapper(
        "inner",
        "<Creative><Linear><VideoClicks><ClickThrough>https://page/inner</ClickThrough></VideoClicks></Linear></Creative>
         <Creative><Linear><TrackingEvents><Tracking event='start'>https://t/inner-start</Tracking></TrackingEvents>
         </Linear></Creative>",
    );
    let inline = "<VAST><Ad><InLine><Impression>https://t/own</Impression><Impression>https://t/outer</Impression>
         <Creatives><Creative/><Creative><Linear><TrackingEvents><Tracking event='start'>https://t/own-start</Tracking>
         <Tracking event='complete'>https://t/own-end</Tracking></TrackingEvents></Linear></Creative></Creatives>
         </InLine></Ad></VAST>";
    ResolvedAd::read(2, inline, &[&outer, &inner])
}

fn shown<'a, T: 'a>(items: impl Iterator<Item = Inherited<'a, T>>, url: impl Fn(&T) -> &Text) -> Vec<String> {
    items.map(|inherited| format!("{} {}", inherited.hop, url(inherited.item))).collect()
}

#[test]
fn r082_impressions_of_all_levels_are_kept_outermost_first_equal_ones_too() {
    let impressions = shown(chain().impressions(), |impression| &impression.url);
    assert_eq!(impressions, ["0 https://t/outer", "1 https://t/inner", "2 https://t/own", "2 https://t/outer"]);
}

#[test]
fn r083_trackers_of_all_levels_come_together_per_event() {
    let ad = chain();
    let starts = shown(ad.tracking_of(1, &Event::Start), |tracking| &tracking.url);
    assert_eq!(starts, ["0 https://t/outer-start", "1 https://t/inner-start", "2 https://t/own-start"]);
    assert_eq!(ad.tracking(0).count(), 0, "a creative that is not linear has no linear trackers");
}

#[test]
fn r087_r088_the_click_opens_the_page_of_the_nearest_level_that_has_one() {
    let page = chain().click_through(1).map(|click| (click.hop, click.item.url.to_string()));
    assert_eq!(page, Some((1, "https://page/inner".to_owned())));
    let inline =
        "<VAST><Ad><InLine><Creatives><Creative><Linear><VideoClicks><ClickThrough> </ClickThrough></VideoClicks>
         </Linear></Creative></Creatives></InLine></Ad></VAST>";
    let above = wrapper(
        "w",
        "<Creative><Linear><VideoClicks><ClickThrough>https://page/w</ClickThrough></VideoClicks></Linear></Creative>",
    );
    let page = ResolvedAd::read(1, inline, &[&above]).click_through(0).map(|click| click.item.url.to_string());
    assert_eq!(page.as_deref(), Some("https://page/w"));
}

#[test]
fn r089_click_trackers_of_all_levels_are_kept() {
    assert_eq!(shown(chain().click_tracking(1), |click| &click.url), ["0 https://c/outer"]);
}
