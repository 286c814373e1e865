//! A page of the documentation as steps.

/// A page, and what its blocks ask a test to do.
pub(super) struct Page {
    pub(super) name: String,
    pub(super) steps: Vec<Step>,
    lines: Vec<String>,
}

/// A block of a page.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// A file that the commands of the page use.
    File { name: String, text: String },
    /// Commands.
    Commands(Vec<Command>),
    /// Commands with their output.
    Console(Vec<Example>),
    /// Commands that a test cannot run.
    NotRun { reason: String },
}

/// A command of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Command {
    /// Its line in the page, from 1.
    pub(super) line: usize,
    /// The command as the shell reads it, with its comment.
    pub(super) text: String,
    /// The exit code that it must have.
    pub(super) code: i32,
}

/// A command with its output.
#[derive(Debug, PartialEq)]
pub(super) struct Example {
    pub(super) command: Command,
    pub(super) output: String,
    /// The lines of the output in the page, as a range of indices.
    shown: std::ops::Range<usize>,
}

impl Page {
    /// Reads a page. A directive that this does not know, or one without a block, is a mistake of its author.
    pub(super) fn parse(name: &str, text: &str) -> Self {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut steps = Vec::new();
        let mut index = 0;
        while index < lines.len() {
            let Some(kind) = lines[index].strip_prefix("```") else {
                index += 1;
                continue;
            };
            let end = (index + 1..lines.len()).find(|end| lines[*end].starts_with("```"));
            let end = end.unwrap_or_else(|| panic!("{name}:{}: the block has no end", index + 1));
            let directive = index.checked_sub(1).map_or("", |above| lines[above].as_str());
            steps.extend(step(directive, kind, index + 1, &lines[index + 1..end]));
            index = end + 1;
        }
        Self { name: name.to_owned(), steps, lines }
    }

    /// The page with the outputs of its examples.
    pub(super) fn text(&self) -> String {
        let mut lines = self.lines.clone();
        let examples = self.steps.iter().rev().filter_map(|step| match step {
            Step::Console(examples) => Some(examples.iter().rev()),
            _ => None,
        });
        for example in examples.flatten() {
            lines.splice(example.shown.clone(), example.output.lines().map(str::to_owned));
        }
        lines.join("\n") + "\n"
    }
}

/// The step of a block whose first line has this index.
fn step(directive: &str, kind: &str, first: usize, lines: &[String]) -> Option<Step> {
    let value = |name: &str| directive.strip_prefix(&format!("<!-- {name}: "))?.strip_suffix(" -->").map(str::to_owned);
    if let Some(name) = value("file") {
        return Some(Step::File { name, text: lines.join("\n") + "\n" });
    }
    if let Some(reason) = value("not run") {
        return Some(Step::NotRun { reason });
    }
    match kind {
        "sh" => Some(Step::Commands(commands(first, lines))),
        "console" => Some(Step::Console(examples(first, lines))),
        _ => None,
    }
}

fn command(line: usize, text: &str) -> Command {
    let code = text.split_once("# exit code ").map_or(0, |(_, code)| code.trim().parse().expect("an exit code"));
    Command { line, text: text.to_owned(), code }
}

/// The commands of a block. A line that ends with `\` goes on.
fn commands(first: usize, lines: &[String]) -> Vec<Command> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in lines.iter().enumerate() {
        let (start, before) = open.take().unwrap_or((first + number + 1, String::new()));
        let text = before + line;
        match text.strip_suffix('\\') {
            Some(text) => open = Some((start, text.to_owned())),
            None if text.trim().is_empty() || text.trim_start().starts_with('#') => {}
            None => found.push(command(start, &text)),
        }
    }
    found
}

fn examples(first: usize, lines: &[String]) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let index = first + number;
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(text), _) => {
                let (command, shown) = (command(index + 1, text), index + 1..index + 1);
                found.push(Example { command, output: String::new(), shown });
            }
            (None, Some(example)) => {
                example.output += &format!("{line}\n");
                example.shown.end = index + 1;
            }
            (None, None) => panic!("line {}: output before the first command", index + 1),
        }
    }
    found
}

/// An output without what differs between two runs: times, bars of a timeline, widths of columns, spaces at the ends of lines.
pub(super) fn compared(output: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for line in output.trim_end().lines() {
        for word in line.split_whitespace().filter(|word| word.chars().any(|character| character != '━')) {
            let is_time = ["ms", "ms,", "s"].contains(&word);
            if let Some(number) = words
                .last_mut()
                .filter(|last| is_time && last.starts_with(|first: char| first == '<' || first.is_ascii_digit()))
            {
                *number = "N";
            }
            words.push(word);
        }
        words.push("\n");
    }
    words.join(" ")
}

#[test]
fn a_page_becomes_steps() {
    let text = "# Title\n<!-- file: a.toml -->\n```toml\nx = 1\n```\n```sh\nvast a \\\n  --b\n# only a comment\nvast c  # exit code 3\n```\n\
                <!-- not run: no network -->\n```sh\npip install x\n```\n```console\n$ vast d\none\ntwo\n$ vast e\n```\n```rust\nfn f() {}\n```\n";
    let mut page = Page::parse("page.md", text);
    let command = |line, text: &str, code| Command { line, text: text.to_owned(), code };
    let example = |command, output: &str, shown| Example { command, output: output.to_owned(), shown };
    let expected = vec![
        Step::File { name: "a.toml".to_owned(), text: "x = 1\n".to_owned() },
        Step::Commands(vec![command(7, "vast a   --b", 0), command(10, "vast c  # exit code 3", 3)]),
        Step::NotRun { reason: "no network".to_owned() },
        Step::Console(vec![
            example(command(17, "vast d", 0), "one\ntwo\n", 17..19),
            example(command(20, "vast e", 0), "", 20..20),
        ]),
    ];
    assert_eq!(page.steps, expected);
    assert_eq!(page.text(), text);
    let Some(Step::Console(examples)) = page.steps.last_mut() else { panic!("the examples") };
    examples[0].output = "three\n".to_owned();
    examples[1].output = "four\nfive\n".to_owned();
    assert!(page.text().contains("$ vast d\nthree\n$ vast e\nfour\nfive\n```"), "{}", page.text());
}

#[test]
fn times_and_bars_are_not_compared_and_everything_else_is() {
    let shown = "✓ filled in 12 ms\neast   no ad   1.20 s  ━━━━  a reason\n\n";
    assert_eq!(compared(shown), compared("✓ filled in <1 ms\neast  no ad  30 s ━━━━━━━━ a reason"));
    for other in
        ["✓ filled in 12 ms\nwest   no ad   1.20 s  ━━━━  a reason", "✓ filled in 12 ms east no ad 1.20 s a reason"]
    {
        assert_ne!(compared(shown), compared(other));
    }
}
