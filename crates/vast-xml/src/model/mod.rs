//! The document as plain data: one file per chapter of the standard, public fields, and methods that only read.
//!
//! Names are those of VAST 4.x in Rust's spelling; the reader converts older names. `Option` means that the document
//! may omit the value. Methods give the defaults, so that an absent value differs from one that equals the default.
//! [`Extra`] has the parts that the standard does not define.

mod companion;
mod creative;
mod element;
mod event;
mod extra;
mod icon;
mod inline;
mod linear;
mod media;
mod non_linear;
mod offset;
mod resource;
mod tracking;
mod vast;
mod verification;
mod word;
mod wrapper;

pub use companion::{Companion, CompanionAds, RenderingMode, Required};
pub use creative::{Creative, UniversalAdId};
pub use element::{Attribute, Element, Extension, Node};
pub use event::Event;
pub use extra::{ChildExtra, Extra, ExtraParts, Place};
pub use icon::{FallbackImage, Icon};
pub use inline::{AdSystem, Advertiser, Category, Impression, InLine, Pricing, Survey};
pub use linear::Linear;
pub use media::{ClosedCaptionFile, Delivery, InteractiveCreativeFile, MediaFile, Mezzanine};
pub use non_linear::{NonLinear, NonLinearAds};
pub use offset::{Offset, Percent};
pub use resource::{AdParameters, HtmlResource, Resource, StaticResource};
pub use tracking::{Click, Tracking, ViewableImpression, is_placeholder};
pub(crate) use vast::NAMESPACE;
pub use vast::{Ad, AdKind, AdType, Vast};
pub use verification::{Executable, Verification, VerificationResource};
pub(crate) use word::{Word, words};
pub use wrapper::{BlockedAdCategories, Wrapper};
