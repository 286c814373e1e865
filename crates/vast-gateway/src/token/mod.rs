//! Tokens of events: what a token contains ([`SealedEvent`]), how it is sealed, and how often it may be used. `docs/beacons.md` has the
//! format, which is a promise to users.

mod event;
mod kept_keys;
mod limits;
mod seal;

pub(crate) use event::{DevicePrivacy, SealedEvent, plain_content};
pub(crate) use limits::HitLimits;
pub(crate) use seal::{OpenedToken, Sealer, SessionId, TokenKind, TokenSecrets};
