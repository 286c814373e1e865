//! A request for an ad with other clients, each in a separate process, in turns with ours.

use std::process::{Command, Stdio};

use crate::against;
use crate::effort::{Effort, Failure};
use crate::opponent::{Opponent, Thinks};
use crate::peer;
use crate::table::Table;
use crate::units::Spread;

/// The numbers of requests in flight, and with each the requests of a round; Node makes half of them.
const CASES: [usize; 3] = [1, 16, 256];
const REQUESTS: u64 = 10_240;

/// A client that gets an ad. Each program prints `NAME in_flight=N cpu_us_per_request=US`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    /// hyper-util's client, which reads the body and drops it: the floor.
    Bare,
    /// `VastClient::request_ad`.
    Ours,
    /// The shortest program of other libraries.
    Naive,
    Node,
}

impl Client {
    const ALL: [Self; 4] = [Self::Bare, Self::Ours, Self::Naive, Self::Node];

    const fn name(self) -> &'static str {
        match self {
            Self::Bare => "a bare HTTP client (hyper-util), no parser",
            Self::Ours => "vast-client (this one), the whole pipeline",
            Self::Naive => "reqwest 0.13 and vast4-rs 1.0: no limits, no wrappers, no report",
            Self::Node => "@dailymotion/vast-client 6.4, Node",
        }
    }

    const fn requests(self) -> u64 {
        match self {
            Self::Node => REQUESTS / 2,
            _ => REQUESTS,
        }
    }

    /// The program with its first arguments. Builds or installs what it needs.
    fn program(self) -> Result<Vec<String>, Failure> {
        let own = |side: &str| -> Result<Vec<String>, Failure> {
            let binary = std::env::current_exe()?.display().to_string();
            Ok(vec![binary, against::ARGUMENT.to_owned(), side.to_owned()])
        };
        match self {
            Self::Bare => own("bare"),
            Self::Ours => own("ours"),
            Self::Naive => Ok(vec![peer::built("request-naive", "naive")?.display().to_string()]),
            Self::Node => {
                let script = peer::node_folder()?.join("request.mjs");
                Ok(vec!["node".to_owned(), script.display().to_string()])
            }
        }
    }
}

/// A client with its program, or the reason why it is missing.
struct Side {
    client: Client,
    program: Result<Vec<String>, Failure>,
    /// CPU time per request in microseconds: of each case, of each round.
    micros: [Vec<f64>; CASES.len()],
}

pub(crate) fn measure(effort: Effort) -> Result<Table, Failure> {
    let note = "CPU time of the client's process per request for an ad of 2.8 kB over kept connections on loopback, in microseconds, and in \
                brackets against the bare client (median, least and most of the rounds). All clients ask the same server in turns. What a \
                client does besides differs: its row says it.";
    let columns = &["client", "1 in flight", "16 in flight", "256 in flight"];
    let mut table = Table::new("A request beside other clients", note, columns);
    let opponent = Opponent::start(&[Thinks::NOT])?;
    let side = |client: Client| Side { client, program: client.program(), micros: [const { Vec::new() }; CASES.len()] };
    let mut sides = Client::ALL.map(side);
    for _ in 0..effort.rounds {
        for (case, in_flight) in CASES.into_iter().enumerate() {
            for side in &mut sides {
                side.run(case, opponent.url(), in_flight, effort.divisor);
            }
        }
    }
    let [bare, ..] = &sides;
    sides.iter().for_each(|side| table.row(side.row(bare)));
    Ok(table)
}

impl Side {
    /// One round. A client that fails is missing from then on.
    fn run(&mut self, case: usize, url: &str, in_flight: usize, divisor: u64) {
        let Ok(program) = &self.program else { return };
        // Not fewer than a few for each connection.
        let requests = (self.client.requests() / divisor).max(in_flight as u64 * 4);
        let (requests, in_flight) = (requests.to_string(), in_flight.to_string());
        let ran = run(program, &[url, &requests, &in_flight]);
        match ran {
            Ok(micros) => self.micros[case].push(micros),
            Err(failure) => self.program = Err(failure),
        }
    }

    fn row(&self, bare: &Self) -> Vec<String> {
        let name = self.client.name();
        if let Err(reason) = &self.program {
            let reason = reason.to_string().replace(['|', '\n'], " ");
            return vec![format!("skipped: {name}"), reason, String::new(), String::new()];
        }
        let cell = |case: usize| {
            let ratio = Spread::of(self.micros[case].iter().zip(&bare.micros[case]).map(|(ours, bare)| ours / bare));
            format!("{:.1} ({ratio})", Spread::of(self.micros[case].iter().copied()).median)
        };
        std::iter::once(name.to_owned()).chain((0..CASES.len()).map(cell)).collect()
    }
}

/// Runs a program with these last arguments and returns the CPU time that it prints.
fn run(program: &[String], arguments: &[&str]) -> Result<f64, Failure> {
    let (name, first) = program.split_first().ok_or("no program")?;
    let output = Command::new(name).args(first).args(arguments).stdin(Stdio::null()).output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    micros(&String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| complaint.lines().next().unwrap_or("no result").into())
}

/// The number in the line of a client.
fn micros(output: &str) -> Option<f64> {
    output.lines().last()?.rsplit_once("cpu_us_per_request=")?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(client: Client, micros: f64) -> Side {
        Side {
            client,
            program: Ok(Vec::new()),
            micros: [const { Vec::new() }; CASES.len()].map(|_: Vec<f64>| vec![micros]),
        }
    }

    #[test]
    fn a_row_has_the_ratio_to_the_bare_client() {
        let (bare, ours) = (side(Client::Bare, 10.0), side(Client::Ours, 25.0));
        assert_eq!(ours.row(&bare)[1..], vec!["25.0 (2.50 (2.50 to 2.50))"; 3]);
        let missing = Side { program: Err("no | compiler".into()), ..side(Client::Naive, 1.0) };
        assert_eq!(missing.row(&bare)[..2], [format!("skipped: {}", Client::Naive.name()), "no   compiler".to_owned()]);
    }

    #[test]
    fn the_line_of_a_client_is_read() {
        for (output, expected) in [
            ("naive in_flight=16 cpu_us_per_request=30.125\n", Some(30.125)),
            ("a warning\nnode in_flight=1 cpu_us_per_request=379.000\n", Some(379.0)),
            ("", None),
            ("naive in_flight=16", None),
        ] {
            assert_eq!(micros(output), expected, "{output}");
        }
    }
}
