//! Finds the table of a version.

use super::facts::Edition;
use super::{v2_0, v3_0, v4_0, v4_1, v4_2, v4_3};
use crate::version::Version;

/// The table of this version.
pub(crate) fn edition(version: Version) -> &'static Edition {
    match version {
        Version::V2_0 => &v2_0::EDITION,
        Version::V3_0 => &v3_0::EDITION,
        Version::V4_0 => &v4_0::EDITION,
        Version::V4_1 => &v4_1::EDITION,
        Version::V4_2 => &v4_2::EDITION,
        Version::V4_3 => &v4_3::EDITION,
    }
}
