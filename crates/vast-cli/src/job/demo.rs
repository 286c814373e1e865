//! `vast demo`.

use std::io::ErrorKind;

use super::{interrupt, runtime};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::{demo, render};

pub(super) fn run() -> Result<Exit, Problem> {
    runtime::many(Box::pin(interrupt::or(show())))
}

async fn show() -> Result<Exit, Problem> {
    match demo::run(render::view(false)).await {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Problem::new(Exit::Failed, format!("the demonstration cannot go on: {error}")))
        }
        _ => Ok(Exit::Done),
    }
}
