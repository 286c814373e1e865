//! The documentation: each command of README.md and of the pages in docs/ is run, and the output that a page shows is compared.
//!
//! - A block `sh` has commands, one per line. Each must end with 0, or with the number after `# exit code`.
//! - A block `console` has commands after `$ ` and their output, stdout and stderr together. Times are not compared.
//!   `UPDATE_DOCS=1 cargo test -p vast-cli --test cli documentation` writes the output into the pages.
//! - `<!-- file: NAME -->` above a block: the block is the content of this file, which the commands of the page use.
//! - `<!-- not run: REASON -->` above a block: it needs what a test does not have.
//!
//! `https://NAME.example` is the server NAME of `servers.toml`. `vast serve` and `vast mock` run until the next one starts or the page ends.

mod error_types;
mod page;
mod workplace;

use std::path::{Path, PathBuf};

use page::{Command, Page, Step};
use vast_mock::{Mock, Script};
use workplace::Workplace;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn is_update() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// README.md and all pages of docs/.
fn pages() -> Vec<PathBuf> {
    let mut found = vec![repository().join("README.md")];
    let mut folders = vec![repository().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder of the documentation") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

async fn servers() -> Mock {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/documentation");
    let script = std::fs::read_to_string(folder.join("servers.toml")).expect("the script of the servers");
    let script = Script::parse(&script, &folder).expect("a good script");
    Mock::start(script).await.expect("the servers start")
}

/// Runs a page. Returns how many commands ran, and what is wrong with it.
fn run(page: &mut Page, mock: &Mock) -> (usize, Vec<String>) {
    let (mut ran, mut wrong) = (0, Vec::new());
    let mut workplace = Workplace::new(mock, &repository());
    // A page may show a file after the command that uses it.
    for step in &page.steps {
        if let Step::File { name, text } = step {
            workplace.write(name, text);
        }
    }
    for step in &mut page.steps {
        let mut run = |command: &Command, wrong: &mut Vec<String>| {
            ran += 1;
            let place = format!("{}:{}: {}", page.name, command.line, command.text);
            match workplace.run(command) {
                Ok(output) => output,
                Err(reason) => {
                    wrong.push(format!("{place}: {reason}"));
                    String::new()
                }
            }
        };
        match step {
            Step::Commands(commands) => commands.iter().for_each(|command| drop(run(command, &mut wrong))),
            Step::Console(examples) => {
                for example in examples {
                    let output = run(&example.command, &mut wrong);
                    if is_update() {
                        example.output = output;
                    } else if page::compared(&example.output) != page::compared(&output) {
                        let place = format!("{}:{}", page.name, example.command.line);
                        wrong.push(format!(
                            "{place}: another output than the page shows; UPDATE_DOCS=1 writes it:\n{output}"
                        ));
                    }
                }
            }
            Step::File { .. } | Step::NotRun { .. } => {}
        }
    }
    (ran, wrong)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_documentation_runs_and_its_output_is_true() {
    let mock = servers().await;
    let (mut all, mut wrong) = (0, Vec::new());
    for path in pages() {
        let text = std::fs::read_to_string(&path).expect("a page");
        let name = path.strip_prefix(repository()).expect("a path of the repository").display().to_string();
        let mut page = Page::parse(&name, &text);
        let (ran, mistakes) = tokio::task::block_in_place(|| run(&mut page, &mock));
        all += ran;
        wrong.extend(mistakes);
        // A quick start whose commands are not found would prove nothing.
        assert!(ran > 0 || !(name == "README.md" || name.starts_with("docs/quick-start/shell")), "{name}: no command");
        if is_update() && page.text() != text {
            std::fs::write(&path, page.text()).expect("the page can be written");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all > 60, "only {all} commands were found");
}
