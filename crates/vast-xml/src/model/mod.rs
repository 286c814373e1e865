//! The document as plain data: one file per chapter of the standard, public fields, no behaviour beyond questions.
//!
//! Names are those of VAST 4.x in Rust's spelling; older names are mapped to them while reading. `Option` means that the
//! document may leave the value out: defaults are given by methods, so that absent and default stay distinguishable.
//! What the standard does not know is kept in [`Extra`].

mod click;
mod companion;
mod creative;
mod element;
mod event;
mod extension;
mod extra;
mod icon;
mod inline;
mod layout;
mod linear;
mod media;
mod non_linear;
mod offset;
mod parameters;
mod place;
mod resource;
mod tracking;
mod vast;
mod verification;
mod viewable;
mod wrapper;

pub use click::Click;
pub use companion::{Companion, CompanionAds, RenderingMode, Required};
pub use creative::{Creative, UniversalAdId};
pub use element::{Attribute, Element, Node};
pub use event::Event;
pub use extension::Extension;
pub use extra::{Extra, ExtraParts};
pub use icon::{FallbackImage, Icon};
pub use inline::{AdSystem, Advertiser, Category, Impression, InLine, Pricing, Survey};
pub use layout::Layout;
pub use linear::Linear;
pub use media::{ClosedCaptionFile, Delivery, InteractiveCreativeFile, MediaFile, Mezzanine};
pub use non_linear::{NonLinear, NonLinearAds};
pub use offset::{Offset, Percent};
pub use parameters::AdParameters;
pub use place::Place;
pub use resource::{HtmlResource, Resource, StaticResource};
pub use tracking::{Tracking, is_placeholder};
pub use vast::{Ad, AdKind, AdType, Vast};
pub use verification::{Executable, Verification, VerificationResource};
pub use viewable::ViewableImpression;
pub use wrapper::{BlockedAdCategories, Wrapper};
