//! The numbered requirements and their stages.

use std::fmt;
use std::str::FromStr;

/// The number of the last requirement; the first is 1.
pub const LAST: u16 = 196;

/// One requirement, written `R-034`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement(u16);

impl Requirement {
    /// All of them in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=LAST).map(Self)
    }

    /// The requirement with this number, if it exists.
    pub fn numbered(number: u16) -> Option<Self> {
        (1..=LAST).contains(&number).then_some(Self(number))
    }

    /// The stage that it belongs to.
    pub fn stage(self) -> Stage {
        Stage::ALL.into_iter().find(|stage| self.0 <= stage.last()).unwrap_or(Stage::Write)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "R-{:03}", self.0)
    }
}

impl FromStr for Requirement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("R-").filter(|digits| digits.len() == 3 && !digits.starts_with('+'));
        let number = digits.and_then(|digits| digits.parse().ok()).and_then(Self::numbered);
        number.ok_or_else(|| format!("`{text}` is no requirement: they are R-001 to R-{LAST:03}"))
    }
}

/// The stages of the pipeline, and writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Requests for documents.
    Fetch,
    /// Reading one document.
    Parse,
    /// Following wrappers to a usable ad.
    Resolve,
    /// Choosing ads, media and schedule.
    Select,
    /// Calling trackers.
    Track,
    /// Writing documents.
    Write,
}

impl Stage {
    /// All of them in order.
    pub const ALL: [Self; 6] = [Self::Fetch, Self::Parse, Self::Resolve, Self::Select, Self::Track, Self::Write];

    /// The name of the stage.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fetch => "FETCH",
            Self::Parse => "PARSE",
            Self::Resolve => "RESOLVE",
            Self::Select => "SELECT",
            Self::Track => "TRACK",
            Self::Write => "WRITE",
        }
    }

    /// The number of the stage's last requirement. Its first one follows the last one of the stage before.
    fn last(self) -> u16 {
        match self {
            Self::Fetch => 28,
            Self::Parse => 72,
            Self::Resolve => 108,
            Self::Select => 141,
            Self::Track => 176,
            Self::Write => LAST,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_exactly_its_own_form() {
        assert_eq!("R-034".parse::<Requirement>().map(|requirement| requirement.to_string()), Ok("R-034".to_owned()));
        for wrong in ["R-000", "R-197", "R-34", "r-034", "R-0034", "R-+34", "034"] {
            assert!(wrong.parse::<Requirement>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn counts_the_requirements_of_each_stage() {
        let count = |stage| Requirement::all().filter(|requirement| requirement.stage() == stage).count();
        assert_eq!(Stage::ALL.map(count), [28, 44, 36, 33, 35, 20]);
    }
}
