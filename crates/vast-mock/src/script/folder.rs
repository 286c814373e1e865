//! Serves the files of a folder. Each request reads the file again, so changes are seen. A path must be `/` or `/` and the
//! name of a file in the folder, so no path leads out of the folder.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::Answer;
use super::error::ScriptError;

/// The size limit of the files that a script names. VAST documents are small.
const FILE_LIMIT: u64 = 64 << 20;

/// Checks that the folder can be read.
pub(crate) fn check(folder: &Path) -> Result<(), ScriptError> {
    file_names(folder).map(drop).map_err(|source| ScriptError::Read { path: folder.to_owned(), source })
}

/// The answer for this decoded path: a file, or the list of files for `/`. `None` if there is no such file; status 500 for
/// a file that cannot be read.
pub(crate) fn answer(folder: &Path, path: &str) -> Option<Answer> {
    let names = file_names(folder).ok()?;
    if path == "/" {
        return Some(index(&names));
    }
    let name = names.iter().find(|name| path.strip_prefix('/') == Some(name.as_str()))?;
    Some(match read(&folder.join(name)) {
        Ok(body) => Answer::new().header("Content-Type", content_type(name)).body(body),
        Err(_) => Answer::new().status(500),
    })
}

/// The whole file, if it is a regular file of at most 64 MiB.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ScriptError> {
    read_limited(path).map_err(|source| ScriptError::Read { path: path.to_owned(), source })
}

fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    // The check is made before the file is opened, because opening a FIFO waits for another process.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() && !metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    if metadata.len() > FILE_LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 64 MiB"));
    }
    let mut content = Vec::new();
    File::open(path)?.take(FILE_LIMIT + 1).read_to_end(&mut content)?;
    if content.len() as u64 > FILE_LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 64 MiB"));
    }
    Ok(content)
}

/// The names of the files, sorted, without folders and without names that are not UTF-8.
fn file_names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let (true, Ok(name)) = (entry.path().is_file(), entry.file_name().into_string()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn index(names: &[String]) -> Answer {
    let mut page = String::from("<!doctype html>\n<ul>\n");
    for name in names {
        let href = utf8_percent_encode(name, NON_ALPHANUMERIC);
        page.push_str(&format!("<li><a href=\"/{href}\">{}</a></li>\n", escaped(name)));
    }
    page.push_str("</ul>\n");
    Answer::new().header("Content-Type", "text/html; charset=utf-8").body(page)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn content_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "xml" | "vast" | "vmap" => "application/xml",
        "json" => "application/json",
        "html" | "htm" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "js" => "text/javascript",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "m3u8" => "application/vnd.apple.mpegurl",
        "gif" => "image/gif",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        _ => "application/octet-stream",
    }
}
