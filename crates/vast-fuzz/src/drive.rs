//! Runs properties on mutations. The same seed gives the same inputs.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fastrand::Rng;

use crate::body::Body;
use crate::corpus::Corpus;
use crate::mutate::mutated;

/// An input for which a property does not hold.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The property.
    pub body: Body,
    /// The number of the input in the run, from 0, including the corpus.
    pub number: usize,
    /// The input, reduced as far as it still fails.
    pub input: Vec<u8>,
    /// The message of the panic.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { body, number, input, message } = self;
        write!(formatter, "{}, input {number}: {message}\ninput: b\"{}\"", body.name(), input.escape_ascii())
    }
}

impl std::error::Error for Failure {}

/// Runs a property on the inputs of the corpus and on `mutations` mutations of them. Returns the number of inputs.
///
/// # Errors
/// The first [`Failure`].
pub fn drive(body: Body, corpus: &Corpus, mutations: usize, seed: u64) -> Result<usize, Failure> {
    let (inputs, tokens) = (body.inputs(corpus), body.tokens());
    let mut rng = Rng::with_seed(seed);
    for (number, input) in inputs.iter().enumerate() {
        check(body, number, input)?;
    }
    for number in 0..mutations {
        check(body, inputs.len() + number, &mutated(&mut rng, body.style(), &inputs, tokens))?;
    }
    Ok(inputs.len() + mutations)
}

fn check(body: Body, number: usize, input: &[u8]) -> Result<(), Failure> {
    if complaint(body, input).is_none() {
        return Ok(());
    }
    let input = smaller(body, input.to_vec());
    let message = complaint(body, &input).unwrap_or_default();
    Err(Failure { body, number, input, message })
}

/// The message of the panic if the property does not hold for this input.
fn complaint(body: Body, input: &[u8]) -> Option<String> {
    // The properties keep no state between two runs.
    let panic = catch_unwind(AssertUnwindSafe(|| body.run(input))).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    Some(text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
}

/// An input that fails is reduced with at most this many runs.
const REDUCTIONS: usize = 4_000;

/// Removes pieces of the input, large ones first, as long as the rest still fails.
fn smaller(body: Body, mut input: Vec<u8>) -> Vec<u8> {
    let mut piece = input.len() / 2;
    let mut runs = 0;
    while piece > 0 {
        let mut at = 0;
        while at < input.len() && runs < REDUCTIONS {
            runs += 1;
            let mut rest = input.clone();
            rest.drain(at..(at + piece).min(input.len()));
            if complaint(body, &rest).is_some() {
                input = rest;
            } else {
                at += piece;
            }
        }
        piece /= 2;
    }
    input
}
