//! `vast check`.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use vast_check::{CheckOptions, DocumentKind, Remark, Report, known_rules};
use vast_xml::{AnyDocument, ParseOptions, parse_any};

use super::input::{self, InputDocument, InputRequest};
use super::wrappers;
use crate::args::{CheckArgs, CheckFormat, SourceArgument, SourceLocation};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render::CheckedInputs;
use crate::{render, stdio};

/// How many documents `--follow` adds at most.
const MOST_FOLLOWED: usize = 20;
/// How many wrappers deep `--follow` goes.
const DEEPEST: usize = 5;

pub(super) fn run(arguments: &CheckArgs) -> Result<Exit, CommandError> {
    if arguments.list_rules {
        stdio::print(&render::rules())?;
        return Ok(Exit::Done);
    }
    if let Some(id) = &arguments.explain {
        let rule =
            known_rules().find(|rule| rule.id == id).ok_or_else(|| CommandError::usage("--explain: no such rule"))?;
        stdio::print(&render::rule(&rule))?;
        return Ok(Exit::Done);
    }
    let (inputs, has_folder) = expanded(&arguments.inputs)?;
    let is_single = inputs.len() == 1 && !has_folder && !arguments.follow;
    let mut run = CheckRun { arguments, is_single, reports: Vec::new(), failed: 0, worst: Exit::Done };
    for input in inputs {
        run.input(&input)?;
    }
    let CheckRun { reports, failed, worst, .. } = run;
    stdio::print(&render::reports(&CheckedInputs { reports: &reports, failed, is_single }, arguments)?)?;
    Ok(worst)
}

/// Replaces each folder among the inputs by its files. Also returns whether there was a folder.
fn expanded(inputs: &[SourceArgument]) -> Result<(Vec<SourceArgument>, bool), CommandError> {
    let mut found = Vec::new();
    let mut has_folder = false;
    for input in inputs {
        match &input.location {
            SourceLocation::Given(path) if Path::new(path).is_dir() => {
                has_folder = true;
                let files = documents_in(Path::new(path))?;
                if files.is_empty() {
                    let message = format!("INPUT: the folder `{path}` has no *.xml files");
                    return Err(CommandError::new(Exit::Failed, message));
                }
                found.extend(files.into_iter().map(of_path));
            }
            _ => found.push(input.clone()),
        }
    }
    if found.iter().filter(|input| input.location == SourceLocation::Stdin).count() > 1 {
        return Err(CommandError::usage("INPUT: standard input can be checked once"));
    }
    Ok((found, has_folder))
}

fn of_path(path: String) -> SourceArgument {
    SourceArgument { text: path.clone(), name: None, location: SourceLocation::Given(path) }
}

/// The paths of the *.xml files in a folder and below it, in order. Symbolic links to folders are not followed, so that
/// the search cannot run in a circle.
fn documents_in(folder: &Path) -> Result<Vec<String>, CommandError> {
    let unreadable = |path: &Path, error: &std::io::Error| {
        CommandError::new(Exit::Failed, format!("INPUT: the folder `{}` cannot be read: {error}", path.display()))
    };
    let mut found = BTreeSet::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))? {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            let kind = entry.file_type().map_err(|error| unreadable(&folder, &error))?;
            let path = entry.path();
            let is_document = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml"));
            if kind.is_dir() {
                waiting.push(path);
            } else if is_document {
                found.insert(path.display().to_string());
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// A document that is to be checked because a wrapper or a break leads to it.
struct FollowedTag {
    url: String,
    /// The documents that lead to it, from the input on.
    path: Vec<String>,
}

/// The documents of one input that are still to be checked.
struct Following {
    seen: BTreeSet<String>,
    waiting: VecDeque<FollowedTag>,
}

impl Following {
    /// Adds the documents that `tags` of the document at the end of `path` lead to. Returns what has to be said about them.
    fn add(&mut self, tags: impl Iterator<Item = String>, path: &[String]) -> BTreeSet<Remark> {
        let mut remarks = BTreeSet::new();
        for url in tags {
            if path.contains(&url) {
                remarks.insert(Remark::LeadsBack);
            } else if !self.seen.contains(&url) && (path.len() > DEEPEST || self.seen.len() > MOST_FOLLOWED) {
                remarks.insert(Remark::WrapperNotFollowed);
            } else if self.seen.insert(url.clone()) {
                self.waiting.push_back(FollowedTag { url, path: path.to_vec() });
            }
        }
        remarks
    }
}

/// A check of several inputs.
struct CheckRun<'a> {
    arguments: &'a CheckArgs,
    is_single: bool,
    reports: Vec<(Report, String)>,
    failed: usize,
    worst: Exit,
}

impl CheckRun<'_> {
    /// Checks an input and, with `--follow`, the documents that its wrappers lead to.
    fn input(&mut self, input: &SourceArgument) -> Result<(), CommandError> {
        let CheckArgs { headers, timeout, network, .. } = self.arguments;
        let request = InputRequest { input, headers, timeout: *timeout, network };
        let rule = wrappers::rule(input);
        let mut following = Following { seen: BTreeSet::from([input.text.clone()]), waiting: VecDeque::new() };
        let mut found = (input::read(request), vec![input.text.clone()]);
        loop {
            let (document, path) = found;
            if let Some(document) = document.map(Some).or_else(|error| self.fail(error).map(|()| None))? {
                self.document(&document, &mut following, &path)?;
            }
            let Some(FollowedTag { url, mut path }) = following.waiting.pop_front() else { return Ok(()) };
            let document = input::follow(&url, &rule, request);
            path.push(url);
            found = (document, path);
        }
    }

    /// Counts an input that cannot be read. The command ends with its error if it is the only input, or if the usage is
    /// wrong.
    fn fail(&mut self, error: CommandError) -> Result<(), CommandError> {
        match error {
            CommandError::Message { exit, message, details, .. } if !self.is_single && exit != Exit::Usage => {
                stdio::error(&message, &details, None);
                self.failed += 1;
                self.worst = worse(self.worst, exit);
                Ok(())
            }
            error => Err(error),
        }
    }

    /// Checks the document at the end of `path`. With `--follow`, adds the documents that it leads to.
    fn document(
        &mut self,
        document: &InputDocument,
        following: &mut Following,
        path: &[String],
    ) -> Result<(), CommandError> {
        let InputDocument { body, charset, origin } = document;
        let charset = charset.as_deref();
        let ignored = self.arguments.ignore.iter().map(String::as_str).collect();
        let options = CheckOptions { charset, least: self.arguments.severity, ignored, ..CheckOptions::default() };
        let mut report = vast_check::check(body, &options);
        if self.arguments.follow {
            report.remarks.retain(|remark| *remark != Remark::WrapperNotFollowed);
            let parsed = parse_any(body, &ParseOptions { charset, ..ParseOptions::default() });
            let is_behind = path.len() > 1;
            match parsed {
                // A client does not read it, so the documents that it leads to do not count.
                Ok(AnyDocument::Vmap(_)) if is_behind => report.remarks.push(Remark::NestedPlaylist),
                Ok(document) => {
                    let tags = wrappers::absolute(wrappers::tags(&document), origin);
                    report.remarks.extend(following.add(tags, path));
                }
                Err(_) => {}
            }
        }
        if self.arguments.format == CheckFormat::Human {
            let text = vast_check::checked_text(body, charset).decoded;
            stdio::print(&render::report(&report, &text, origin, self.arguments.verbose))?;
        }
        self.worst = worse(self.worst, exit(&report));
        self.reports.push((report, origin.clone()));
        Ok(())
    }
}

fn exit(report: &Report) -> Exit {
    match report.kind {
        DocumentKind::Unreadable(_) => Exit::NotVast,
        _ if report.has_errors() => Exit::Findings,
        _ => Exit::Done,
    }
}

/// The worse of two exit codes of a check: 4, 3, 1, 0.
fn worse(one: Exit, other: Exit) -> Exit {
    if other.code() > one.code() { other } else { one }
}
