//! Recording requests.

use std::path::{Path, PathBuf};

use clap::Args;

/// Recording requests.
#[derive(Debug, Args)]
#[command(next_help_heading = "Recording")]
pub(crate) struct RecordArgs {
    /// Record the request to this new file, or to a file in this folder: an existing folder, or a path that ends with `/`. A recording has
    /// the answers of all servers with their times; `vast replay` and `vast explain` read it. Personal values are replaced by
    /// placeholders. With --repeat, a folder.
    #[arg(long, value_name = "PATH")]
    record: Option<PathBuf>,
    /// With --record: keep personal values, such as the device's address, advertising id and consent. Do not share such a file.
    #[arg(long, requires = "record")]
    record_full: bool,
    /// With --record: replace an existing file.
    #[arg(long, requires = "record")]
    force: bool,
}

/// Where recordings go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordPath<'a> {
    /// All to this file.
    File(&'a Path),
    /// Each to a file in this folder.
    Folder(&'a Path),
}

impl RecordArgs {
    /// Where the request is recorded, if it is.
    pub(crate) fn path(&self) -> Option<RecordPath<'_>> {
        let path = self.record.as_deref()?;
        let is_folder = path.is_dir() || path.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
        Some(if is_folder { RecordPath::Folder(path) } else { RecordPath::File(path) })
    }

    /// Whether personal values are kept.
    pub(crate) fn is_full(&self) -> bool {
        self.record_full
    }

    /// Whether an existing file is replaced.
    pub(crate) fn is_forced(&self) -> bool {
        self.force
    }
}
