//! How a request to the gateway ended.

use strum::VariantArray;

/// How a request to the gateway ended: the value of `X-Vast-Outcome`, of the label `outcome` and of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerOutcome {
    /// A usable ad, or a description of a document.
    Filled,
    /// Events of an ad were reported, and count or are known.
    Reported,
    /// Every source answered, and none has a usable ad.
    NoAd,
    /// No usable ad, and a source failed.
    Failed,
    /// No usable ad, and every source that failed was too slow.
    Timeout,
    /// The request was refused because of load: see [`ShedReason`].
    Shed,
    /// There is no such placement.
    UnknownPlacement,
    /// The key or the signature is missing, wrong or expired.
    Forbidden,
    /// A parameter or the body is wrong.
    BadRequest,
    /// There is no such route, or the route does not have this method.
    UnknownRoute,
    /// A bug: the code of the gateway panicked.
    Internal,
    /// The caller closed the connection before it had its answer.
    Cancelled,
}

impl AnswerOutcome {
    /// All outcomes.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The limit that shed a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum ShedReason {
    /// The requests in flight of the gateway.
    InFlight,
    /// The tasks of the process run too late, because its processors are busy.
    Lag,
    /// The requests per second of the tenant.
    TenantRate,
    /// The requests in flight of the tenant.
    TenantInFlight,
    /// The requests per second of the client address.
    ClientRate,
}

impl ShedReason {
    /// All reasons.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How the report of an event ended: the token of an answer that came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum HitEnd {
    /// The beacons are in the outbox.
    Queued,
    /// The event was reported before.
    Known,
    /// The token is too old.
    Expired,
    /// There is no such token: it is malformed, was changed, or was sealed with another secret; or it belongs to another tenant.
    Unknown,
    /// A browser loads the URL in advance, or asks for its head only. The event did not take place.
    Prefetch,
    /// The caller says that it is a program without a viewer, and such events are not delivered.
    Robot,
    /// The session has had too many hits, or the client has sent too many requests.
    Limited,
    /// The outbox is full or does not work, or the gateway has too many requests.
    Refused,
}

impl HitEnd {
    /// All ends.
    pub(crate) const ALL: &'static [Self] = Self::VARIANTS;

    /// The name: the value of `X-Vast-Outcome`, of the label `end` and of an entry of `/v1/beacons`.
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }

    /// The outcome by which the answer is counted.
    pub(crate) fn outcome(self) -> AnswerOutcome {
        match self {
            Self::Queued | Self::Known | Self::Prefetch | Self::Robot => AnswerOutcome::Reported,
            Self::Expired | Self::Unknown => AnswerOutcome::BadRequest,
            Self::Limited | Self::Refused => AnswerOutcome::Shed,
        }
    }
}
