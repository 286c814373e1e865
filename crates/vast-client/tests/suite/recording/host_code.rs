//! Requests that code of the host takes part in: its sources, its slots and its choice among usable ads.

use vast_client::replay::{Difference, Replayer, recorded_config};
use vast_client::select::HighestPrice;
use vast_client::{ErrorType, Slot};
use vast_xml::vmap::BreakType;

use super::*;
use crate::replay::live::{assert_same, exact, json};

/// A source of the host that prepares another URL than its label, or fails to prepare.
struct Inventory {
    is_empty: bool,
}

impl Source for Inventory {
    fn url(&self) -> &str {
        "inventory"
    }

    fn prepare(&self, _: &FetchContext<'_>) -> Result<Prepared, Failure> {
        match self.is_empty {
            true => Err(Failure::new(ErrorType::Dns, "no inventory today")),
            false => Ok(Prepared { url: "inventory/today".into(), target: None }),
        }
    }

    fn fetch<'a>(&'a self, _: &'a Prepared, _: &'a FetchContext<'a>) -> BoxFuture<'a, Result<Fetched, Failure>> {
        async { Ok(Fetched::local(inline("x=1"))) }.boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_source_of_the_host_prepares_is_recorded() {
    for is_empty in [false, true] {
        let config = FetchConfig::new([SourceConfig::custom(Inventory { is_empty }).named("own")]);
        let (result, recording, _) =
            recorded(config, &AdRequest::default(), |_| body(""), PersonalValues::Replaced).await;
        let replay = exact(&recording);
        assert_same(&json(&result), &json(&replay.result), &format!("empty: {is_empty}"));
        assert_eq!(replay.differences, [], "empty: {is_empty}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_types_of_a_break_are_recorded() {
    let slot = Slot { break_types: vec![BreakType::NonLinear], ..Slot::linear() };
    let request = AdRequest { slot, ..AdRequest::default() };
    let config = config(&[("east", "https://east.example/tag")]);
    let (result, recording, _) = recorded(config, &request, |_| body(inline("x=1")), PersonalValues::Replaced).await;
    assert_eq!(result.source, None, "the ad is linear");
    let slot = recorded_config(&recording).expect("a configuration").request.slot;
    assert_eq!(slot.break_types, [BreakType::NonLinear]);
    assert_same(&json(&result), &json(&exact(&recording).result), "a break for nonlinear ads");
}

#[tokio::test(start_paused = true)]
async fn a_choice_of_the_host_needs_its_selector_in_a_replay() {
    let priced = |price: &str| {
        let pricing = format!("<Pricing model=\"CPM\" currency=\"USD\">{price}</Pricing><Impression>");
        inline("x=1").replace("<Impression>", &pricing)
    };
    let servers = move |request: &HttpRequest| match request.uri.host() {
        Some("east.example") => body(priced("1.00")),
        _ => after(50, body(priced("9.00"))),
    };
    let recorder = Recorder::in_memory(1, RecorderSettings::default());
    let lookup = Arc::new(|_| async { Ok(vec![[9, 9, 9, 9].into()]) }.boxed());
    let builder = VastClient::builder().transport(Servers(Box::new(servers))).lookup(lookup);
    let selector = || HighestPrice::in_currency("USD");
    let sources = config(&[("east", "https://east.example/"), ("west", "https://west.example/")]);
    let client = builder.selector(selector()).recorder(recorder.clone()).build(sources).expect("a configuration");
    let result = client.orchestrator().run(client.plan(), &AdRequest::default(), RunOptions::NONE).await;
    client.shutdown(LONG).await;
    assert_eq!(result.source.as_deref(), Some("west"));
    let recording = recorder.recording_of(&result).expect("it is kept");

    let settings = || recorded_config(&recording).expect("a configuration");
    let mut without = Replayer::new().expect("a runtime");
    assert_eq!(exact(&recording).differences.first(), Some(&Difference::OwnSelector));
    assert!(without.what_if(&recording, settings()).expect("a replay").is_undecidable);

    let mut with = Replayer::new().expect("a runtime").with_selector(selector());
    let replay = with.exact(&recording).expect("a replay");
    assert_same(&json(&result), &json(&replay.result), "with the selector");
    assert_eq!(replay.differences, []);
    assert!(!with.what_if(&recording, settings()).expect("a replay").is_undecidable);
}
