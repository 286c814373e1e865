//! Parses the arguments of `cargo xtask`, without side effects.

/// How to call the program; printed on wrong usage.
pub const USAGE: &str = "\
usage: cargo xtask tidy [--graph [--dot] | --sample-comments N [--seed S]]
       cargo xtask api [--update]
       cargo xtask docs [--update]
       cargo xtask conformance [--update | --sample N [--seed S]]";

/// One command with its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Check the repository.
    Tidy,
    /// Print randomly chosen comments of production code. The same `seed` chooses the same ones.
    SampleComments {
        /// How many to print.
        count: usize,
        /// The seed. Without one a random seed is used and printed.
        seed: Option<u64>,
    },
    /// Print the module graph.
    Graph(GraphFormat),
    /// Compare the public API with its listings.
    Api,
    /// Write the listings of the public API.
    UpdateApi,
    /// Compare the generated pages of docs/ with their sources.
    Docs,
    /// Write the generated pages of docs/.
    UpdateDocs,
    /// Check the table of requirements and print it.
    Conformance,
    /// Set every requirement that has tests to `tested`.
    Update,
    /// Print `count` randomly chosen requirements that are tested. The same `seed` chooses the same ones.
    Sample {
        /// How many to name.
        count: usize,
        /// The seed. Without one a random seed is used and printed.
        seed: Option<u64>,
    },
}

/// The format of the printed module graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFormat {
    /// One line per module with the modules that it uses.
    Text,
    /// Graphviz.
    Dot,
}

/// Parses the arguments after the program's name.
///
/// # Errors
/// A sentence about the argument that is wrong.
pub fn parse(arguments: &[&str]) -> Result<Command, String> {
    match arguments {
        ["tidy"] => Ok(Command::Tidy),
        ["tidy", "--graph"] => Ok(Command::Graph(GraphFormat::Text)),
        ["tidy", "--graph", "--dot"] | ["tidy", "--dot"] => Ok(Command::Graph(GraphFormat::Dot)),
        ["tidy", "--sample-comments", count] => Ok(Command::SampleComments { count: number(count)?, seed: None }),
        ["tidy", "--sample-comments", count, "--seed", seed] => {
            Ok(Command::SampleComments { count: number(count)?, seed: Some(number(seed)?) })
        }
        ["api"] => Ok(Command::Api),
        ["api", "--update"] => Ok(Command::UpdateApi),
        ["docs"] => Ok(Command::Docs),
        ["docs", "--update"] => Ok(Command::UpdateDocs),
        ["conformance"] => Ok(Command::Conformance),
        ["conformance", "--update"] => Ok(Command::Update),
        ["conformance", "--sample", count] => Ok(Command::Sample { count: number(count)?, seed: None }),
        ["conformance", "--sample", count, "--seed", seed] => {
            Ok(Command::Sample { count: number(count)?, seed: Some(number(seed)?) })
        }
        [] => Err("no command given".to_owned()),
        _ => Err(format!("not understood: {}", arguments.join(" "))),
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("not a number: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_command_and_refuses_the_rest() {
        assert_eq!(parse(&["tidy"]), Ok(Command::Tidy));
        assert_eq!(parse(&["tidy", "--graph"]), Ok(Command::Graph(GraphFormat::Text)));
        assert_eq!(parse(&["tidy", "--graph", "--dot"]), Ok(Command::Graph(GraphFormat::Dot)));
        assert_eq!(parse(&["api", "--update"]), Ok(Command::UpdateApi));
        assert_eq!(parse(&["docs"]), Ok(Command::Docs));
        assert_eq!(parse(&["docs", "--update"]), Ok(Command::UpdateDocs));
        assert_eq!(parse(&["conformance", "--update"]), Ok(Command::Update));
        assert_eq!(
            parse(&["conformance", "--sample", "10", "--seed", "7"]),
            Ok(Command::Sample { count: 10, seed: Some(7) })
        );
        assert_eq!(
            parse(&["tidy", "--sample-comments", "20", "--seed", "7"]),
            Ok(Command::SampleComments { count: 20, seed: Some(7) })
        );
        assert_eq!(parse(&["conformance", "--sample", "ten"]), Err("not a number: ten".to_owned()));
        assert_eq!(parse(&["tidy", "--fix"]), Err("not understood: tidy --fix".to_owned()));
        assert_eq!(parse(&[]), Err("no command given".to_owned()));
    }
}
