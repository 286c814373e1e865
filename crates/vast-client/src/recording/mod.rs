//! Recordings: what entered a request from outside, so that the request can be repeated offline and explained later.

mod exchange;
mod model;
mod policy_fact;
mod recorded_time;

pub use exchange::{
    BodyPiece, ExchangeEnd, RecordedContent, RecordedDocument, RecordedError, RecordedExchange, RecordedFailure,
    RecordedResponse,
};
pub use model::{
    DeliveryRecord, FactTime, JournalTimes, PersonalValues, RecordedAnswer, RecordedRequest, RecordedSource, Recording,
};
pub use policy_fact::PolicyFact;
pub use recorded_time::RecordedTime;
