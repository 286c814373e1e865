//! The children of each element in the order in which the writer writes them: first those of the 4.2 schema in its
//! order, then those that later versions added.

use super::names::Name;

/// The children of an element in canonical order. Empty for elements that have only text and for those that the model keeps
/// as element trees.
pub(crate) const fn children(parent: Name) -> &'static [Name] {
    use Name::*;
    match parent {
        Vast => &[Ad, Error],
        Ad => &[InLine, Wrapper],
        InLine => &[
            AdSystem,
            Error,
            Extensions,
            Impression,
            Pricing,
            ViewableImpression,
            AdServingId,
            AdTitle,
            AdVerifications,
            Advertiser,
            Category,
            Creatives,
            Description,
            Expires,
            Survey,
        ],
        Wrapper => &[
            AdSystem,
            Error,
            Extensions,
            Impression,
            Pricing,
            ViewableImpression,
            AdVerifications,
            BlockedAdCategories,
            Creatives,
            VastAdTagUri,
        ],
        ViewableImpression => &[Viewable, NotViewable, ViewUndetermined],
        AdVerifications => &[Verification],
        Verification => &[ExecutableResource, JavaScriptResource, TrackingEvents, VerificationParameters],
        Extensions => &[Extension],
        Creatives => &[Creative],
        Creative => &[CompanionAds, CreativeExtensions, Linear, NonLinearAds, UniversalAdId],
        CreativeExtensions => &[CreativeExtension],
        Linear => &[Icons, TrackingEvents, AdParameters, Duration, MediaFiles, VideoClicks],
        MediaFiles => &[ClosedCaptionFiles, MediaFile, Mezzanine, InteractiveCreativeFile],
        ClosedCaptionFiles => &[ClosedCaptionFile],
        VideoClicks => &[ClickTracking, ClickThrough, CustomClick],
        TrackingEvents => &[Tracking],
        Icons => &[Icon],
        Icon => &[HtmlResource, IFrameResource, StaticResource, IconClicks, IconViewTracking],
        IconClicks => &[IconClickFallbackImages, IconClickThrough, IconClickTracking],
        IconClickFallbackImages => &[IconClickFallbackImage],
        IconClickFallbackImage => &[AltText, HtmlResource, IFrameResource, StaticResource],
        NonLinearAds => &[TrackingEvents, NonLinear, Icons],
        NonLinear => &[
            HtmlResource,
            IFrameResource,
            StaticResource,
            AdParameters,
            NonLinearClickThrough,
            NonLinearClickTracking,
            NonLinearCustomClick,
            Duration,
            MediaFiles,
            TrackingEvents,
        ],
        CompanionAds => &[Companion],
        Companion => &[
            HtmlResource,
            IFrameResource,
            StaticResource,
            AdParameters,
            AltText,
            CompanionClickThrough,
            CompanionClickTracking,
            CreativeExtensions,
            TrackingEvents,
        ],
        Vmap => &[AdBreak, Extensions],
        AdBreak => &[AdSource, TrackingEvents, Extensions],
        AdSource => &[VastAdData, AdTagUri, CustomAdData],
        VastAdData => &[Vast],
        _ => &[],
    }
}

/// Whether an element only groups others. The model has no type for it: its children belong to its parent.
pub(crate) const fn is_group(name: Name) -> bool {
    use Name::*;
    matches!(
        name,
        AdVerifications
            | ClosedCaptionFiles
            | CreativeExtensions
            | Creatives
            | Extensions
            | IconClickFallbackImages
            | IconClicks
            | Icons
            | MediaFiles
            | TrackingEvents
            | VastAdData
            | VideoClicks
    )
}

#[cfg(test)]
mod tests {
    use super::super::names::ELEMENT_COUNT;
    use super::*;

    #[test]
    fn each_group_has_children_and_a_parent() {
        let all: Vec<Name> = (0..ELEMENT_COUNT).map(Name::at).collect();
        for group in all.iter().filter(|name| is_group(**name)) {
            assert!(!children(*group).is_empty(), "{group:?}");
            assert!(all.iter().any(|parent| children(*parent).contains(group)), "{group:?}");
        }
    }
}
