//! Tests every property on seeded mutations of the fixtures and samples, and of the folder that `VAST_SAMPLES` names.
//!
//! `VAST_FUZZ_MUTATIONS` sets the number of mutations of a cheap property; the others have fewer, so that each takes about as long.
//! `VAST_FUZZ_SEED` sets the seed.

use std::path::Path;

use vast_fuzz::{Body, Corpus, drive};

fn corpus() -> Corpus {
    let mut corpus = Corpus::default();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    corpus.add_folder(&fixtures).expect("the fixtures");
    if let Some(samples) = std::env::var_os("VAST_SAMPLES") {
        corpus.add_folder(Path::new(&samples)).expect("the samples");
    }
    corpus
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).map_or(default, |text| text.parse().ok().unwrap_or_else(|| panic!("{name} is a number")))
}

fn check(body: Body) {
    let corpus = corpus();
    assert!(corpus.documents().len() >= 80 && corpus.urls().len() > 50, "only {} documents", corpus.documents().len());
    let mutations = number("VAST_FUZZ_MUTATIONS", 20_000_usize) / body.cost();
    let seed = number("VAST_FUZZ_SEED", 20_261_122);
    match drive(body, &corpus, mutations, seed) {
        Ok(inputs) => assert!(inputs > mutations),
        Err(failure) => panic!("{failure}"),
    }
}

#[test]
fn r070_parse() {
    check(Body::Parse);
}

#[test]
fn r195_round_trip() {
    check(Body::RoundTrip);
}

#[test]
fn two_paths() {
    check(Body::TwoPaths);
}

#[test]
fn r070_vmap() {
    check(Body::Vmap);
}

#[test]
fn r165_macros() {
    check(Body::Macros);
}

#[test]
fn r023_target() {
    check(Body::Target);
}

#[test]
fn edit() {
    check(Body::Edit);
}

#[test]
fn pipeline() {
    check(Body::Pipeline);
}

#[test]
fn merge() {
    check(Body::Merge);
}

#[test]
fn verdict() {
    check(Body::Verdict);
}

#[test]
fn session() {
    check(Body::Session);
}

#[test]
fn config() {
    check(Body::Config);
}

#[test]
fn recording() {
    check(Body::Recording);
}

#[test]
fn outbox() {
    check(Body::Outbox);
}

#[test]
fn token() {
    check(Body::Token);
}

#[test]
fn query() {
    check(Body::Query);
}
