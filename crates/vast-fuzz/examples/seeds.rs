//! Writes the inputs that the mutations of a body begin with as files, for libFuzzer: `seeds BODY FOLDER`.

use std::error::Error;
use std::path::Path;

use vast_fuzz::{Body, Corpus};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, folder] = &arguments[..] else { return Err("arguments: a body and a folder".into()) };
    let names = || Body::ALL.iter().map(|body| body.name()).collect::<Vec<_>>().join(", ");
    let body = Body::ALL.iter().find(|body| body.name() == name);
    let body = body.ok_or_else(|| format!("no body {name}, only {}", names()))?;
    let mut corpus = Corpus::default();
    corpus.add_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures"))?;
    std::fs::create_dir_all(folder)?;
    for (number, input) in body.inputs(&corpus).into_iter().enumerate() {
        std::fs::write(Path::new(folder).join(format!("seed-{number}")), input)?;
    }
    Ok(())
}
