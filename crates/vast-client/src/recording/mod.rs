//! Recordings: what entered a request from outside, so that the request can be repeated offline and explained later.

mod answer_parts;
mod assemble;
mod capture;
mod decoded_text;
mod directory;
mod exchange;
mod file;
mod model;
mod personal;
mod personal_answers;
mod personal_form;
mod placeholder;
mod policy_fact;
mod query_value;
mod received;
mod recorded_time;
mod recorder;
mod recorder_settings;
mod replacer;
mod writer;

pub use crate::config::RecordingReason;
pub use directory::{DirectoryLimits, EXTENSION, file_name};
pub use exchange::{
    BodyPiece, ExchangeEnd, RecordedContent, RecordedDocument, RecordedError, RecordedExchange, RecordedFailure,
    RecordedResponse,
};
pub use file::{FORMAT_VERSION, RecordingError, RecordingErrorKind, RecordingReader, read_file, to_bytes};
pub use model::{
    DeliveryRecord, FactTime, JournalTimes, PersonalValues, RecordedAnswer, RecordedRequest, RecordedSource, Recording,
};
pub use policy_fact::PolicyFact;
pub use received::ReceivedDocument;
pub use recorded_time::RecordedTime;
pub use recorder::Recorder;
pub(crate) use recorder::Sampled;
pub use recorder_settings::RecorderSettings;
pub use writer::{RecorderStats, RecordingReceiver};
