//! For whom and for what an ad is asked: what differs from call to call, and what of it each source is allowed to know.

mod ad_request;
mod disclosure;
mod identity;
mod privacy;
mod run_options;
mod slot;
mod values;

pub use ad_request::{AdRequest, Consent, Device};
pub use disclosure::{Disclosure, SourceTree};
pub(crate) use identity::Identity;
pub use privacy::{IfaPolicy, IpPolicy, Privacy, UserAgentPolicy};
pub use run_options::RunOptions;
pub use slot::Slot;
pub(crate) use values::{MAX_URL_BYTES, RequestValues};
pub use vast_xml::macros::{ForeignMacroError, ForeignMacros};
