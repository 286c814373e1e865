//! What is written as it was read is read as it was written.

use super::documents::DELICATE;
use super::round_trip::{bytes, files, read};
use crate::write_as_read;
use std::path::Path;

/// Gives nothing for what is no VAST document.
fn check(name: &str, input: &[u8]) -> Option<()> {
    let first = read(input)?;
    let document = write_as_read(&first);
    let second = read(document.as_bytes()).unwrap_or_else(|| panic!("{name} is not read again:\n{document}"));
    assert_eq!(second, first, "{name} became\n{document}");
    // Layouts, too, which equality does not look at.
    assert_eq!(format!("{second:?}"), format!("{first:?}"), "{name} became\n{document}");
    assert_eq!(write_as_read(&second), document, "{name}");
    Some(())
}

fn check_folder(folder: &Path) -> usize {
    files(folder).iter().filter_map(|path| check(&path.display().to_string(), &bytes(path))).count()
}

#[test]
fn r195_every_fixture_is_written_as_it_was_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/xml");
    let checked = check_folder(&folder);
    assert!(checked >= 20, "{checked} documents");
}

/// Runs over a folder of other documents when `VAST_SAMPLES` names one.
#[test]
fn r195_every_sample_is_written_as_it_was_read() {
    let Some(folder) = std::env::var_os("VAST_SAMPLES") else { return };
    assert!(check_folder(Path::new(&folder)) > 0, "no documents in {folder:?}");
}

#[test]
fn r195_what_was_found_to_be_delicate_is_written_as_it_was_read() {
    for (name, document) in DELICATE {
        check(name, document.as_bytes()).unwrap_or_else(|| panic!("{name} is not VAST"));
    }
}
