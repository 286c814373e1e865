//! The viewer and the slot of a request, and the rules for the data that each source may receive.

mod ad_request;
mod address_text;
mod break_rules;
mod disclosure;
mod given_request;
mod identity;
mod privacy;
mod profile;
mod run_options;
mod setters;
mod slot;
mod values;
mod viewer_headers;
mod viewer_values;

pub use ad_request::{AdRequest, Consent, Device};
pub use break_rules::{BreakRules, Dedup, RankKey, Rate, Separation};
pub use disclosure::{Disclosure, SourceTree};
pub use given_request::GivenRequest;
pub(crate) use identity::Identity;
pub use privacy::{IfaPolicy, IpPolicy, Privacy, UserAgentPolicy};
pub use profile::{Codec, DeliveryKind, DeviceProfile};
pub use run_options::RunOptions;
pub(crate) use setters::{pair_adders, setters};
pub use slot::Slot;
pub(crate) use values::{MAX_URL_BYTES, RequestValues};
pub use vast_xml::macros::{ForeignMacroError, ForeignMacros};
