//! One server as a state machine: it chooses the next answer of a sequence.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::answer::Answer;
use super::folder;
use super::prepared::PreparedAnswer;
use super::reply::Reply;
use super::request::{Request, decoded_path};
use super::scenario::{Repeat, Script, ServerScript, Sink};
use super::template::BaseUrls;

/// The smallest transparent GIF, as pixel servers send it.
const PIXEL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

impl Script {
    /// Makes the servers ready to reply, in order. `base_url` gives the base URL of a server by its name, without a slash
    /// at the end: `http://127.0.0.1:41234`, or `http://east.test` for a transport in memory.
    pub fn prepare(&self, base_url: impl Fn(&str) -> String) -> Vec<Server> {
        let url = |server: &ServerScript| (server.name.clone(), base_url(&server.name));
        let urls: BaseUrls = self.servers().iter().map(url).collect();
        self.servers().iter().map(|server| Server::new(server, &urls)).collect()
    }
}

/// A server that is ready to reply. Its only state is the position in each sequence, so tasks can share it. Made by
/// [`Script::prepare`].
#[derive(Debug)]
pub struct Server {
    name: String,
    by_path: HashMap<String, Sequence>,
    otherwise: Sequence,
    folder: Option<Folder>,
}

/// A folder whose files are served, and the values of their placeholders.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    urls: BaseUrls,
    own: String,
}

impl Server {
    fn new(script: &ServerScript, urls: &BaseUrls) -> Self {
        let own = urls.get(&script.name).map_or("", String::as_str);
        let mut by_path: HashMap<String, Sequence> = HashMap::new();
        let mut otherwise = Sequence::new(script.repeat);
        for answer in &script.answers {
            let sequence = match &answer.path {
                Some(path) => sequence_of(&mut by_path, path, script.repeat),
                None => &mut otherwise,
            };
            sequence.answers.push(PreparedAnswer::new(answer, urls, own));
        }
        if otherwise.answers.is_empty() {
            otherwise.answers.push(PreparedAnswer::new(&last_resort(script.sink), urls, own));
        }
        let folder = |path: &PathBuf| Folder { path: path.clone(), urls: urls.clone(), own: own.to_owned() };
        Self { name: script.name.clone(), by_path, otherwise, folder: script.folder.as_ref().map(folder) }
    }

    /// The name in the script.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Replies to a request, and moves the sequence of the request's path one step on. `rng` is used only for delays that
    /// are distributions.
    pub fn reply(&self, request: &Request, rng: &mut fastrand::Rng) -> Reply {
        let path = decoded_path(&request.path_and_query);
        match self.by_path.get(path.as_ref()) {
            Some(sequence) => sequence.next().reply(request, rng),
            None => match self.file(&path) {
                Some(file) => file.reply(request, rng),
                None => self.otherwise.next().reply(request, rng),
            },
        }
    }

    /// Reads the file with this path. `None` if the script has an answer for this path, which has precedence.
    fn file(&self, path: &str) -> Option<PreparedAnswer> {
        let Folder { path: folder, urls, own } = self.folder.as_ref()?;
        folder::answer(folder, path).map(|answer| PreparedAnswer::new(&answer, urls, own))
    }
}

#[derive(Debug)]
struct Sequence {
    answers: Vec<PreparedAnswer>,
    repeat: Repeat,
    taken: AtomicUsize,
}

impl Sequence {
    fn new(repeat: Repeat) -> Self {
        Self { answers: Vec::new(), repeat, taken: AtomicUsize::new(0) }
    }

    /// The next answer. A sequence is never empty: it is made with its first answer, and the default sequence has a last
    /// resort.
    fn next(&self) -> &PreparedAnswer {
        let step = self.taken.fetch_add(1, Ordering::Relaxed);
        match self.repeat {
            Repeat::Last => &self.answers[step.min(self.answers.len() - 1)],
            Repeat::Cycle => &self.answers[step % self.answers.len()],
        }
    }
}

fn sequence_of<'a>(by_path: &'a mut HashMap<String, Sequence>, path: &str, repeat: Repeat) -> &'a mut Sequence {
    by_path.entry(decoded_path(path).into_owned()).or_insert_with(|| Sequence::new(repeat))
}

/// The answer to a request for which the script has none.
fn last_resort(sink: Option<Sink>) -> Answer {
    match sink {
        None => Answer::new().status(404),
        Some(Sink::NoContent) => Answer::new().status(204),
        Some(Sink::Gif) => {
            Answer::new().header("Content-Type", "image/gif").header("Cache-Control", "no-store").body(PIXEL)
        }
    }
}
