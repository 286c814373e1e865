//! The cost of a playlist (VMAP) of ten breaks, compared with ten requests for the same ad.

use futures_util::future::try_join_all;
use vast_client::FetchMode;

use crate::bare::Bare;
use crate::document;
use crate::effort::{Effort, Failure};
use crate::load::{Amount, Work, keep_busy};
use crate::opponent::{BREAKS, Opponent, Thinks};
use crate::pipeline::{Pipeline, one_thread};
use crate::table::Table;
use crate::units::Spread;

/// A request whose source answers with a playlist. All breaks must have an ad.
#[derive(Clone)]
struct Playlist(Pipeline);

impl Work for Playlist {
    async fn once(&self) -> Result<(), Failure> {
        let result = self.0.0.request_ad().await;
        let filled = result.schedule.iter().flat_map(|schedule| &schedule.breaks).filter(|one| one.success()).count();
        if filled == BREAKS { Ok(()) } else { Err(format!("{filled} breaks: {:?}", result.errors).into()) }
    }
}

/// The playlist's document by itself, and as many requests for the ad at the same time as it has breaks: what a host does that
/// reads the playlist by other means.
#[derive(Clone)]
struct Requests {
    playlist: Bare,
    ad: Pipeline,
}

impl Work for Requests {
    async fn once(&self) -> Result<(), Failure> {
        self.playlist.once().await?;
        try_join_all((0..BREAKS).map(|_| self.ad.once())).await.map(drop)
    }
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = format!(
        "CPU time of a request that is answered with a playlist (VMAP) of {BREAKS} breaks, against a bare exchange for the same \
         document and {BREAKS} requests at the same time for the ad that each break has; one thread."
    );
    let columns = &["in flight", "playlist, us", "requests, us", "playlist / requests"];
    let mut table = Table::new("A playlist", note, columns);
    let opponent = Opponent::start(&[Thinks::NOT])?;
    for in_flight in [1, 16] {
        let rounds = one_thread()?.block_on(rounds(&opponent, in_flight, effort))?;
        let median = |side: fn(&(f64, f64)) -> f64| format!("{:.1}", Spread::of(rounds.iter().map(side)).median);
        let ratio = Spread::of(rounds.iter().map(|(playlist, requests)| playlist / requests)).to_string();
        table.row([in_flight.to_string(), median(|round| round.0), median(|round| round.1), ratio]);
    }
    Ok(table)
}

/// Both sides in turns; the first turn opens the connections and does not count.
async fn rounds(opponent: &Opponent, in_flight: usize, effort: Effort) -> Result<Vec<(f64, f64)>, Failure> {
    let playlist = Playlist(Pipeline::new(&[opponent.playlist()], FetchMode::Parallel)?);
    let document = document::playlist(BREAKS, opponent.url());
    let requests = Requests {
        playlist: Bare::new(&opponent.playlist(), document.len())?,
        ad: Pipeline::new(&[opponent.url().to_owned()], FetchMode::Parallel)?,
    };
    let amount = Amount::Time(effort.round);
    let mut rounds = Vec::new();
    for _ in 0..=effort.rounds {
        let playlist = keep_busy(&playlist, in_flight, amount).await?.micros();
        let requests = keep_busy(&requests, in_flight, amount).await?.micros();
        rounds.push((playlist, requests));
    }
    Ok(rounds.split_off(1))
}
