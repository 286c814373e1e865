//! Why a request gets no ad although no ad server was asked.

use std::fmt;

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use crate::config::OnShed;
use crate::intake::BadParameter;
use crate::outcome::{AnswerOutcome, ShedReason};

/// A refusal as JSON.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RefusalText {
    /// The name of the outcome.
    pub(super) outcome: &'static str,
    /// A text for people.
    pub(super) message: String,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Shed(ShedReason, OnShed),
    UnknownPlacement(String),
    UnknownRoute,
    /// The route exists, but not with this method; the value lists the ones that it has.
    Method(&'static str),
    Forbidden(&'static str),
    BadParameter(BadParameter),
    /// A bug.
    Panicked,
}

impl Refusal {
    pub(crate) fn outcome(&self) -> AnswerOutcome {
        match self {
            Self::Shed(..) => AnswerOutcome::Shed,
            Self::UnknownPlacement(_) => AnswerOutcome::UnknownPlacement,
            Self::UnknownRoute | Self::Method(_) => AnswerOutcome::UnknownRoute,
            Self::Forbidden(_) => AnswerOutcome::Forbidden,
            Self::BadParameter(_) => AnswerOutcome::BadRequest,
            Self::Panicked => AnswerOutcome::Internal,
        }
    }

    /// The status. Load and bugs of the gateway are no error for a player: it continues with its content.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Shed(_, OnShed::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Shed(_, OnShed::Empty) | Self::Panicked => StatusCode::OK,
            Self::UnknownPlacement(_) | Self::UnknownRoute => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::BadParameter(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shed(reason, _) => write!(f, "too many requests: {}", reason.as_str()),
            Self::UnknownPlacement(name) => write!(f, "there is no placement `{name}`"),
            Self::UnknownRoute => f.write_str("there is no such route; an ad tag is /v1/PLACEMENT/vast"),
            Self::Method(allowed) => write!(f, "the methods of this route are {allowed}"),
            Self::Forbidden(reason) => f.write_str(reason),
            Self::BadParameter(bad) => write!(f, "{bad}"),
            Self::Panicked => f.write_str("a bug of the gateway"),
        }
    }
}
