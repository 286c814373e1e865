//! Reads small files that a configuration or an argument names.

use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// The size limit of a configuration file: that of `vast request --config`, and that of a gateway.
pub const MAX_CONFIG_BYTES: u64 = 4 << 20;

/// The content of a regular file of at most `max_bytes`. Every file of a configuration is read by this function: `--config`,
/// certificates, keys.
///
/// The kind of the file is checked before the file is opened, because opening a FIFO waits for another process, and a
/// device such as `/dev/zero` has no end.
///
/// # Errors
/// The error of the file system; [`ErrorKind::IsADirectory`]; [`ErrorKind::InvalidInput`] for a path that is not a
/// regular file; [`ErrorKind::FileTooLarge`].
pub fn read_regular_file(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    check(&fs::metadata(path)?, max_bytes)?;
    let file = File::open(path)?;
    // Check again, because another file may have this path now.
    check(&file.metadata()?, max_bytes)?;
    let mut content = Vec::new();
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut content)?;
    if content.len() as u64 > max_bytes { Err(too_large(max_bytes)) } else { Ok(content) }
}

fn check(metadata: &fs::Metadata, max_bytes: u64) -> io::Result<()> {
    if metadata.is_dir() {
        Err(ErrorKind::IsADirectory.into())
    } else if !metadata.is_file() {
        let kind = FileKind::of(metadata.file_type()).as_str();
        Err(io::Error::new(ErrorKind::InvalidInput, format!("{kind}, not a regular file")))
    } else if metadata.len() > max_bytes {
        Err(too_large(max_bytes))
    } else {
        Ok(())
    }
}

/// The kind of a file, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
pub(crate) enum FileKind {
    #[strum(serialize = "a regular file")]
    Regular,
    #[strum(serialize = "a folder")]
    Folder,
    #[strum(serialize = "a symbolic link")]
    Link,
    #[strum(serialize = "a pipe")]
    Pipe,
    #[strum(serialize = "a socket")]
    Socket,
    #[strum(serialize = "a device")]
    Device,
}

impl FileKind {
    pub(crate) fn of(file: FileType) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::FileTypeExt;
            if file.is_fifo() {
                return Self::Pipe;
            }
            if file.is_socket() {
                return Self::Socket;
            }
        }
        match file {
            file if file.is_file() => Self::Regular,
            file if file.is_dir() => Self::Folder,
            file if file.is_symlink() => Self::Link,
            _ => Self::Device,
        }
    }

    /// The name with its article, for example `a pipe`.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

fn too_large(max_bytes: u64) -> io::Error {
    io::Error::new(ErrorKind::FileTooLarge, format!("larger than {max_bytes} bytes"))
}
