//! [`Version`]: the versions of the standard that can be written.

use crate::model::Vast;
use std::fmt;
use std::str::FromStr;

/// A version of the standard that documents can be converted to. Any version from 1.0 to 4.4 can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Version {
    /// VAST 2.0.
    V2_0,
    /// VAST 3.0.
    V3_0,
    /// VAST 4.0.
    V4_0,
    /// VAST 4.1.
    V4_1,
    /// VAST 4.2.
    V4_2,
    /// VAST 4.3.
    V4_3,
}

impl Version {
    /// All versions, the oldest first.
    pub const ALL: [Version; 6] =
        [Version::V2_0, Version::V3_0, Version::V4_0, Version::V4_1, Version::V4_2, Version::V4_3];

    /// The value of `VAST@version` for this version.
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V2_0 => "2.0",
            Version::V3_0 => "3.0",
            Version::V4_0 => "4.0",
            Version::V4_1 => "4.1",
            Version::V4_2 => "4.2",
            Version::V4_3 => "4.3",
        }
    }

    /// The version that a document declares, by the `major.minor` at its beginning: `2.0.1` is 2.0. `None` if the
    /// document declares no version, or one that cannot be written, such as 1.0 or 4.4.
    pub fn of(vast: &Vast) -> Option<Version> {
        let (major, minor) = vast.version_number()?;
        Version::ALL.into_iter().find(|version| version.as_str() == format!("{major}.{minor}"))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A version that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVersion(String);

impl fmt::Display for UnknownVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Version::ALL.map(Version::as_str).join(", ");
        write!(formatter, "`{}` is not a version that can be written: {known}", self.0)
    }
}

impl std::error::Error for UnknownVersion {}

impl FromStr for Version {
    type Err = UnknownVersion;

    /// Reads `2.0`, `3.0`, `4.0`, `4.1`, `4.2` or `4.3`.
    ///
    /// # Errors
    ///
    /// [`UnknownVersion`] for any other text. Its message lists the known versions.
    fn from_str(text: &str) -> Result<Version, UnknownVersion> {
        let found = Version::ALL.into_iter().find(|version| version.as_str() == text);
        found.ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}
