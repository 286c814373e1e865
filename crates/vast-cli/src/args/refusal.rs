//! Clap's several paragraphs as one line and a hint.

use clap::error::ErrorKind;

use crate::problem::Problem;

/// Where to look.
const HELP: &str = "`--help` lists what there is";

/// What is said about arguments that could not be read.
pub(super) fn problem(error: &clap::Error) -> Problem {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Problem::Told(shown(error)),
        // Clap would show the whole help.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Problem::usage("COMMAND: name one, for example `request`").with_hint(Some(HELP))
        }
        _ => mistake(&error.render().to_string()),
    }
}

/// Help, with colours when stdout takes them.
fn shown(error: &clap::Error) -> String {
    let rendered = error.render();
    match anstream::AutoStream::choice(&std::io::stdout()) {
        anstream::ColorChoice::Never => rendered.to_string(),
        _ => rendered.ansi().to_string(),
    }
}

/// The first paragraph is the complaint, one that begins with `tip:` the hint; the usage is what `--help` is for.
fn mistake(text: &str) -> Problem {
    let mut paragraphs = text.split("\n\n").map(one_line);
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let tip = paragraphs.find_map(|paragraph| paragraph.strip_prefix("tip: ").map(str::to_owned));
    Problem::usage(message).with_hint(tip.or_else(|| Some(HELP.to_owned())))
}

fn one_line(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}
