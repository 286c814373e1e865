//! A folder as answers: its files are read once, so that replying needs no I/O and no path can lead out of it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::Answer;
use super::error::ScriptError;

/// No file that a script names may be larger. VAST documents and their media stand-ins are small.
const FILE_LIMIT: u64 = 64 << 20;

/// One answer per file, and the list of them at `/`.
pub(crate) fn answers(folder: &Path) -> Result<Vec<Answer>, ScriptError> {
    let names = file_names(folder).map_err(|source| ScriptError::Read { path: folder.to_owned(), source })?;
    let mut answers = vec![index(&names)];
    for name in &names {
        let body = read(&folder.join(name))?;
        let answer = Answer::new().path(format!("/{name}")).body(body);
        answers.push(answer.header("Content-Type", content_type(name)));
    }
    Ok(answers)
}

/// The whole file, if it is not larger than 64 MiB.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ScriptError> {
    read_limited(path).map_err(|source| ScriptError::Read { path: path.to_owned(), source })
}

fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(FILE_LIMIT + 1).read_to_end(&mut content)?;
    if content.len() as u64 > FILE_LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 64 MiB"));
    }
    Ok(content)
}

/// Sorted; folders and names that are not UTF-8 are left out.
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
    Answer::new().path("/").header("Content-Type", "text/html; charset=utf-8").body(page)
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
