//! Closed sets as names.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::error::{ErrorType, Phase};
use crate::journal::Outcome;
use crate::policy::FetchMode;
use crate::policy::TierKind;
use crate::policy::TimeLimit;
use crate::report::CandidateVerdict;
use crate::select::RejectionReason;
use crate::track::BeaconState;

/// A closed set whose members have names.
pub trait Closed: Copy + 'static {
    /// What the set is called in the JSON Schema.
    const NAME: &'static str;
    /// All members.
    const ALL: &'static [Self];

    /// The member's name.
    fn name(self) -> &'static str;
}

/// A member of a closed set, written as its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<T>(pub T);

impl<T: Closed> Serialize for Name<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<T: Closed> JsonSchema for Name<T> {
    fn schema_name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = T::ALL.iter().map(|member| member.name()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

/// The list of a set's members. One that is left out does not compile, so that the schema cannot miss it.
macro_rules! closed {
    ($($set:ident { $($member:ident)* })*) => {$(
        impl Closed for $set {
            const NAME: &'static str = stringify!($set);
            const ALL: &'static [Self] = &[$($set::$member),*];

            fn name(self) -> &'static str {
                match self {
                    $($set::$member)|* => self.as_str(),
                }
            }
        }
    )*};
}

closed! {
    BeaconState { Queued Delivered Refused }
    CandidateVerdict { Kept PassedOver Rejected }
    ErrorType {
        Dns Connect Tls Timeout Reset HttpStatus Redirect BlockedAddress TooLarge Encoding NotXml NotVast Version Limit
        NoAd WrapperUri WrapperLimit WrapperNoAd Filtered Skipped Outbox Internal
    }
    FetchMode { Parallel Sequential Race Staggered Collect }
    Outcome { Filled NoAd Rejected Failed Cancelled Skipped NotStarted }
    Phase { Fetch Parse Resolve Select Track }
    RejectionReason {
        Linearity AdType NoCreative CategoryMissing CategoryBlocked NoMediaFile Scheme ApiFramework MediaType Dimensions
        Bitrate Duration Wrapper SlotFull
    }
    TierKind { Primary Fallback }
    TimeLimit { Request FallbackReserve PerSource Attempt Hop Connect Idle Beacon }
}
