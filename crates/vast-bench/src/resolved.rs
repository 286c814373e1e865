//! The cost of the views of a resolved ad: the merged levels for the JSON, and one document without wrappers.

use std::hint::black_box;

use vast_client::wire;
use vast_client::{FetchMode, FetchResult};

use crate::document;
use crate::effort::{Effort, Failure};
use crate::opponent::{Opponent, Thinks, chain_document};
use crate::pipeline::{Pipeline, one_thread};
use crate::repeat::repeat;
use crate::table::Table;
use crate::units::Spread;

/// How many wrappers the ad has.
const WRAPPERS: usize = 2;

/// Computes a view of a result and returns its size.
type Make = fn(&FetchResult) -> Result<usize, Failure>;

const MADE: [(&str, Make); 3] = [
    ("merge: every view, as the JSON asks for them", merge),
    ("`flatten`", flattened),
    ("`flatten` and `vast_xml::write`", written),
];

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "An ad behind {WRAPPERS} wrappers, with trackers on all {} levels: CPU time of what is made of it, against reading \
         the documents of its chain with `vast_xml::parse`. Goals: merging below 1; flatten and write below 1.",
        WRAPPERS + 1
    );
    let columns = &["what", "parse the chain, us", "us", "against parsing"];
    let mut table = Table::new("A resolved ad", note, columns);
    let opponent = Opponent::start(&[Thinks::NOT])?;
    let texts: Vec<_> = (0..=WRAPPERS).map(|left| chain_document(left, opponent.base())).collect();
    let pipeline = Pipeline::new(&[opponent.chain(WRAPPERS)], FetchMode::Parallel)?;
    let result = one_thread()?.block_on(pipeline.0.request_ad());
    let levels = result.ads.first().map_or(0, |candidate| candidate.ad.wrappers.len() + 1);
    if levels != texts.len() {
        return Err(format!("the ad has {levels} levels, not {}", texts.len()).into());
    }
    for (name, make) in MADE {
        let mut rounds = Vec::new();
        for _ in 0..=effort.rounds {
            let parsed = repeat(effort.round / 4, || read(black_box(&texts)))?.micros();
            rounds.push([parsed, repeat(effort.round / 4, || make(black_box(&result)))?.micros()]);
        }
        let rounds = rounds.split_off(1);
        let [parsed, made] =
            [0, 1].map(|side| format!("{:.2}", Spread::of(rounds.iter().map(|round| round[side])).median));
        let ratio = Spread::of(rounds.iter().map(|[parsed, made]| made / parsed)).to_string();
        table.row([name.to_owned(), parsed, made, ratio]);
    }
    Ok(table)
}

fn read(texts: &[String]) -> Result<usize, Failure> {
    let mut ads = 0;
    for text in texts {
        ads += black_box(vast_xml::parse(text.as_bytes(), &document::options())?).vast.ads.len();
    }
    Ok(ads)
}

fn merge(result: &FetchResult) -> Result<usize, Failure> {
    let candidate = result.ads.first().ok_or("no ad")?;
    Ok(black_box(wire::Ad::of_answer(candidate, &vast_client::Slot::linear())).impressions.len())
}

fn flattened(result: &FetchResult) -> Result<usize, Failure> {
    Ok(black_box(result.flatten()).ads.len())
}

fn written(result: &FetchResult) -> Result<usize, Failure> {
    Ok(black_box(vast_xml::write(&result.flatten())).len())
}
