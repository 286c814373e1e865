//! Instructions of writing a document as XML and as JSON, beside those of reading it.

use std::hint::black_box;

use vast_client::wire::ParsedData;

use crate::document::{self, Document};
use crate::effort::{Effort, Failure};
use crate::gate;
use crate::instructions;
use crate::table::Table;

/// The argument that makes this binary write a document many times.
pub(crate) const ARGUMENT: &str = "--write";

pub(crate) fn measure(_effort: Effort) -> Result<Table, Failure> {
    let note = "Instructions (callgrind) of `vast_xml::write`, which allocates a text for each document, of `vast_xml::write_into` \
                with one text for all documents, and of the JSON of the same model (`wire::ParsedData`) into one buffer.";
    let columns = &["document", "parse", "write", "write_into", "JSON", "write / parse", "JSON / parse"];
    let mut table = Table::new("Writing a document", note, columns);
    for Document { name, .. } in document::all().into_iter().filter(gate::is_small) {
        let Some(parse) = instructions::per_unit(gate::ARGUMENT, &format!("parse/{name}"))? else {
            table.row([name, "skipped: valgrind", "", "", "", "", ""].map(str::to_owned));
            continue;
        };
        let count = |form: &str| instructions::per_unit(ARGUMENT, &format!("{form}/{name}"));
        let [write, into, json] =
            [count("write")?, count("into")?, count("json")?].map(|count| count.unwrap_or(f64::NAN));
        let counts = [parse, write, into, json].map(|count| format!("{count:.0}"));
        let ratios = [write / parse, json / parse].map(|ratio| format!("{ratio:.2}"));
        table.row([vec![name.to_owned()], counts.to_vec(), ratios.to_vec()].concat());
    }
    Ok(table)
}

/// Writes a document many times. Example of arguments: `json/one ad 1000`.
pub(crate) fn repeat(arguments: &[String]) -> Result<(), Failure> {
    let [what, units] = arguments else { return Err("a document and a number".into()) };
    let (form, name) = what.split_once('/').ok_or("a form and a document")?;
    let document = document::all().into_iter().find(|document| document.name == name);
    let Document { text, .. } = document.ok_or_else(|| format!("no document {name}"))?;
    let vast = vast_xml::parse(text.as_bytes(), &document::options())?.vast;
    let (mut xml, mut json) = (String::new(), Vec::new());
    for _ in 0..units.parse::<u64>()? {
        match form {
            "write" => drop(black_box(vast_xml::write(black_box(&vast)))),
            "into" => {
                xml.clear();
                vast_xml::write_into(black_box(&vast), &mut xml);
            }
            "json" => {
                json.clear();
                serde_json::to_writer(&mut json, &ParsedData::from(black_box(&vast)))?;
            }
            other => return Err(format!("no form {other}").into()),
        }
        black_box((&xml, &json));
    }
    Ok(())
}
