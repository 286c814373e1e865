//! All names of the standard as enums: the reader compares numbers instead of texts and recognizes names in wrong case.

use crate::name_table::{NameTable, Packed};

/// Builds an enum of names, their spellings and the table to look them up.
macro_rules! names {
    ($(#[$doc:meta])* $type:ident in $table:ident, $all:ident: $($variant:ident = $spelling:literal,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum $type {
            $($variant,)*
            /// A name that is not in the list.
            Unknown,
        }

        static $table: NameTable = NameTable::new(&[$($spelling,)*]);
        const $all: &[$type] = &[$($type::$variant,)*];

        impl $type {
            /// The name with this index.
            #[allow(dead_code)] // Not every enum uses this function.
            pub(crate) const fn at(number: usize) -> $type {
                if number < $all.len() { $all[number] } else { $type::Unknown }
            }

            /// The name with this local name, and whether its case is right.
            pub(crate) fn find(local_name: &str) -> ($type, bool) {
                $type::find_packed(Packed::of(local_name.as_bytes()), local_name.as_bytes())
            }

            /// Like `find`, for a name that is packed already.
            #[inline(always)]
            pub(super) fn find_packed(packed: Packed, local_name: &[u8]) -> ($type, bool) {
                match $table.find_packed(packed, local_name) {
                    Some(found) => ($all[found.index], found.exact),
                    None => ($type::Unknown, true),
                }
            }

            /// The spelling of the standard.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $($type::$variant => $spelling,)*
                    $type::Unknown => "",
                }
            }
        }
    };
}

names! {
    /// Elements, of all versions.
    Name in ELEMENTS, ALL_ELEMENTS:
    Vast = "VAST",
    VideoAdServingTemplate = "VideoAdServingTemplate",
    Ad = "Ad",
    InLine = "InLine",
    Wrapper = "Wrapper",
    AdSystem = "AdSystem",
    AdTitle = "AdTitle",
    AdServingId = "AdServingId",
    Impression = "Impression",
    Category = "Category",
    Description = "Description",
    Advertiser = "Advertiser",
    Pricing = "Pricing",
    Survey = "Survey",
    Expires = "Expires",
    Error = "Error",
    ViewableImpression = "ViewableImpression",
    Viewable = "Viewable",
    NotViewable = "NotViewable",
    ViewUndetermined = "ViewUndetermined",
    AdVerifications = "AdVerifications",
    Verification = "Verification",
    JavaScriptResource = "JavaScriptResource",
    // VAST 4.0 only.
    FlashResource = "FlashResource",
    ExecutableResource = "ExecutableResource",
    VerificationParameters = "VerificationParameters",
    Extensions = "Extensions",
    Extension = "Extension",
    Creatives = "Creatives",
    Creative = "Creative",
    CreativeExtensions = "CreativeExtensions",
    CreativeExtension = "CreativeExtension",
    UniversalAdId = "UniversalAdId",
    VastAdTagUri = "VASTAdTagURI",
    VastAdTagUrl = "VASTAdTagURL",
    BlockedAdCategories = "BlockedAdCategories",
    Linear = "Linear",
    Duration = "Duration",
    AdParameters = "AdParameters",
    MediaFiles = "MediaFiles",
    MediaFile = "MediaFile",
    Mezzanine = "Mezzanine",
    InteractiveCreativeFile = "InteractiveCreativeFile",
    ClosedCaptionFiles = "ClosedCaptionFiles",
    ClosedCaptionFile = "ClosedCaptionFile",
    VideoClicks = "VideoClicks",
    ClickThrough = "ClickThrough",
    ClickTracking = "ClickTracking",
    CustomClick = "CustomClick",
    TrackingEvents = "TrackingEvents",
    Tracking = "Tracking",
    Icons = "Icons",
    Icon = "Icon",
    StaticResource = "StaticResource",
    IFrameResource = "IFrameResource",
    HtmlResource = "HTMLResource",
    IconClicks = "IconClicks",
    IconClickThrough = "IconClickThrough",
    IconClickTracking = "IconClickTracking",
    IconClickFallbackImages = "IconClickFallbackImages",
    IconClickFallbackImage = "IconClickFallbackImage",
    IconViewTracking = "IconViewTracking",
    AltText = "AltText",
    NonLinearAds = "NonLinearAds",
    NonLinear = "NonLinear",
    NonLinearClickThrough = "NonLinearClickThrough",
    NonLinearClickTracking = "NonLinearClickTracking",
    NonLinearCustomClick = "NonLinearCustomClick",
    CompanionAds = "CompanionAds",
    Companion = "Companion",
    CompanionClickThrough = "CompanionClickThrough",
    CompanionClickTracking = "CompanionClickTracking",
    // VAST 1.0 only.
    Url = "URL",
    Code = "Code",
    Video = "Video",
    AdId = "AdID",
    CompanionImpression = "CompanionImpression",
    NonLinearImpression = "NonLinearImpression",
    // DAAST only.
    Daast = "DAAST",
    DaastAdTagUri = "DAASTAdTagURI",
    AdInteractions = "AdInteractions",
    // VMAP only.
    Vmap = "VMAP",
    AdBreak = "AdBreak",
    AdSource = "AdSource",
    VastAdData = "VASTAdData",
    VastData = "VASTData",
    AdTagUri = "AdTagURI",
    CustomAdData = "CustomAdData",
}

names! {
    /// Attributes of all versions, in the order in which the writer puts them into a start tag.
    Key in ATTRIBUTES, ALL_ATTRIBUTES:
    Id = "id",
    Version = "version",
    Sequence = "sequence",
    AdId = "adId",
    ConditionalAd = "conditionalAd",
    AdType = "adType",
    FollowAdditionalWrappers = "followAdditionalWrappers",
    AllowMultipleAds = "allowMultipleAds",
    FallbackOnNoAd = "fallbackOnNoAd",
    Authority = "authority",
    Model = "model",
    Currency = "currency",
    SkipOffset = "skipoffset",
    XmlEncoded = "xmlEncoded",
    Event = "event",
    Delivery = "delivery",
    Type = "type",
    Program = "program",
    Width = "width",
    Height = "height",
    AssetWidth = "assetWidth",
    AssetHeight = "assetHeight",
    ExpandedWidth = "expandedWidth",
    ExpandedHeight = "expandedHeight",
    XPosition = "xPosition",
    YPosition = "yPosition",
    Codec = "codec",
    Bitrate = "bitrate",
    MinBitrate = "minBitrate",
    MaxBitrate = "maxBitrate",
    Duration = "duration",
    Offset = "offset",
    Scalable = "scalable",
    MaintainAspectRatio = "maintainAspectRatio",
    MinSuggestedDuration = "minSuggestedDuration",
    ApiFramework = "apiFramework",
    FileSize = "fileSize",
    MediaType = "mediaType",
    VariableDuration = "variableDuration",
    Language = "language",
    AdSlotId = "adSlotId",
    PxRatio = "pxratio",
    RenderingMode = "renderingMode",
    AltText = "altText",
    HoverText = "hoverText",
    ResourceType = "resourceType",
    CreativeType = "creativeType",
    Required = "required",
    Vendor = "vendor",
    BrowserOptional = "browserOptional",
    IdRegistry = "idRegistry",
    IdValue = "idValue",
    // VMAP only.
    TimeOffset = "timeOffset",
    BreakType = "breakType",
    BreakId = "breakId",
    RepeatAfter = "repeatAfter",
    FollowRedirects = "followRedirects",
    TemplateType = "templateType",
    // A misspelling of `apiFramework` in the examples of the CTV addendum.
    ApiFramwork = "apiFramwork",
}

/// A set of element names.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NameSet(u128);

// Each name has a bit.
const _: () = assert!(ALL_ELEMENTS.len() < u128::BITS as usize);

impl NameSet {
    pub(crate) fn contains(self, name: Name) -> bool {
        self.0 & (1 << name as u32) != 0
    }
}

impl FromIterator<Name> for NameSet {
    fn from_iter<I: IntoIterator<Item = Name>>(names: I) -> NameSet {
        NameSet(names.into_iter().fold(0, |set, name| set | 1 << name as u32))
    }
}

/// The number of element names, `Unknown` included.
#[cfg(test)]
pub(super) const ELEMENT_COUNT: usize = ALL_ELEMENTS.len() + 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_by_its_spelling() {
        for name in ALL_ELEMENTS {
            assert_eq!(Name::find(name.as_str()), (*name, true));
            assert_eq!(Name::find(&name.as_str().to_uppercase()).0, *name);
        }
        for key in ALL_ATTRIBUTES {
            assert_eq!(Key::find(key.as_str()), (*key, true));
        }
    }
}
