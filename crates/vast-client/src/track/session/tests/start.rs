//! What a player starts.

use super::*;
use crate::Slot;
use crate::track::session::{ScriptEnvironment, StartPlan, VerificationHost};

/// An ad with a VPAID file, a plain file, and a verification with these resources.
fn ad_with(resources: &str) -> String {
    format!(
        "<VAST version='4.2'><Ad><InLine><AdVerifications><Verification vendor='measure.example'>{resources}</Verification>
         </AdVerifications><Creatives><Creative><Linear><Duration>00:00:20</Duration><MediaFiles>
         <MediaFile type='video/mp4' bitrate='900'>https://cdn/plain.mp4</MediaFile>
         <MediaFile type='application/javascript' apiFramework='VPAID'>https://cdn/vpaid.js</MediaFile>
         </MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"
    )
}

const BROWSER: &str = "<JavaScriptResource apiFramework='omid' browserOptional='false'>browser.js</JavaScriptResource>";
const ANY: &str = "<JavaScriptResource apiFramework='OMID' browserOptional='true'>any.js</JavaScriptResource>";
const OTHER_API: &str = "<JavaScriptResource apiFramework='other' browserOptional='true'>other.js</JavaScriptResource>";
const NATIVE: &str = "<ExecutableResource apiFramework='omid' type='application/wasm'>native</ExecutableResource>";

/// The names of the code that is executed and of the media file, or the reason against the code.
fn started(resources: &str, host: &VerificationHost, api: &[&str]) -> String {
    let slot = Slot { api_frameworks: api.iter().map(|one| (*one).to_owned()).collect(), ..Slot::linear() };
    let candidate = Candidate::from_document(0, &ad_with(resources), &slot).expect("a usable ad");
    let plan = StartPlan::new(&candidate, host);
    let name = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
    let code = plan.verifications.iter().map(|(_, resource)| name(&resource.url));
    let reasons = plan.not_executed.iter().map(|(_, reason)| format!("reason {}", reason.code()));
    code.chain(reasons).chain(plan.media.map(|file| name(&file.url))).collect::<Vec<_>>().join(", ")
}

#[test]
fn r131_the_code_of_a_verification_is_chosen_by_the_environment_and_browser_optional() {
    use ScriptEnvironment::{Browser, None, ScriptEngine};
    let omid = VerificationHost::open_measurement;
    let native = |environment| VerificationHost { native_types: vec!["application/wasm".into()], ..omid(environment) };
    let of_vendor = |vendor: &str| VerificationHost { vendors: Some(vec![vendor.to_owned()]), ..omid(Browser) };
    let cases = [
        ([ANY, BROWSER].concat(), omid(Browser), "browser.js"),
        ([ANY, OTHER_API].concat(), omid(Browser), "any.js"),
        ([BROWSER, ANY].concat(), omid(ScriptEngine), "any.js"),
        (BROWSER.to_owned(), omid(ScriptEngine), "reason 2"),
        (BROWSER.replace(" browserOptional='false'", ""), omid(ScriptEngine), "reason 2"),
        ([BROWSER, ANY].concat(), omid(None), "reason 2"),
        ([NATIVE, ANY].concat(), native(ScriptEngine), "any.js"),
        ([NATIVE, BROWSER].concat(), native(None), "native"),
        (NATIVE.to_owned(), omid(Browser), "reason 2"),
        (OTHER_API.to_owned(), omid(Browser), "reason 2"),
        (String::new(), omid(Browser), "reason 2"),
        (ANY.to_owned(), of_vendor(" Measure.example"), "any.js"),
        (ANY.to_owned(), of_vendor("other.example"), "reason 1"),
    ];
    for (resources, host, expected) in cases {
        assert_eq!(started(&resources, &host, &[]), format!("{expected}, plain.mp4"), "{resources} {host:?}");
    }
}

#[test]
fn r132_open_measurement_is_started_before_the_media_and_vpaid_before_plain_media() {
    let omid = VerificationHost::open_measurement(ScriptEnvironment::Browser);
    let neither = VerificationHost::default();
    let cases: [(&VerificationHost, &[&str], &str); 4] = [
        (&omid, &[], "any.js, plain.mp4"),
        (&neither, &["VPAID"], "reason 2, vpaid.js"),
        (&omid, &["VPAID"], "any.js, vpaid.js"),
        (&neither, &[], "reason 2, plain.mp4"),
    ];
    for (host, api, expected) in cases {
        assert_eq!(started(ANY, host, api), expected, "{host:?} {api:?}");
    }
}

#[test]
fn r133_an_ad_that_has_expired_before_its_start_is_not_played() {
    let expiring = |expires: &str| {
        let document = format!(
            "<VAST version='4.2'><Ad><InLine>{expires}<Creatives><Creative><Linear><Duration>00:00:20</Duration><MediaFiles>
             <MediaFile>https://cdn/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>"
        );
        Candidate::from_document(0, &document, &Slot::linear()).expect("a usable ad")
    };
    let requested_at = Some(UNIX_EPOCH + seconds(100));
    let options = SessionOptions { requested_at, ..SessionOptions::default() };
    let cases = [
        ("<Expires>60</Expires>", &options, 160, "impression, creativeView, start"),
        ("<Expires>60</Expires>", &options, 161, "notUsed"),
        ("<Expires>0</Expires>", &options, 101, "notUsed"),
        ("<Expires>18446744073709551615</Expires>", &options, 1_000_000, "impression, creativeView, start"),
        ("", &options, 1_000_000, "impression, creativeView, start"),
        ("<Expires>60</Expires>", &SessionOptions::default(), 1_000_000, "impression, creativeView, start"),
    ];
    for (expires, options, second, expected) in cases {
        for report in [PlayerReport::Started, PlayerReport::Playhead(Duration::ZERO)] {
            let mut session = AdSession::new(&expiring(expires), options, 1);
            let is_expired = session.is_expired(at(second).at);
            let events = names(&session.report(&report, &at(second)));
            let events = events.trim_start_matches("loaded, ");
            assert_eq!((events, is_expired), (expected, expected == "notUsed"), "{expires} at {second} s");
        }
    }
    let mut session = AdSession::new(&expiring("<Expires>60</Expires>"), &options, 1);
    session.report(&PlayerReport::Started, &at(150));
    let ended = names(&session.report(&PlayerReport::Ended, &at(170)));
    assert!(ended.ends_with("complete"), "an ad that has started in time plays to its end: {ended}");
}
