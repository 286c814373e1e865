//! A model in which no field is empty. Every field is listed, so that a new field without a value here is a compile error.
//! The tests then check that the reader gives this value back.

use crate::model::*;
use crate::text::Text;
use std::time::Duration;

/// Builds the model. The function returns the next text each time one is needed.
pub(super) struct Texts<F>(pub(super) F);

type Attributes = Vec<Attribute>;

impl<F: FnMut() -> String> Texts<F> {
    fn text(&mut self) -> Text {
        Text::from((self.0)())
    }

    fn some(&mut self) -> Option<Text> {
        Some(self.text())
    }

    fn list(&mut self) -> Vec<Text> {
        vec![self.text(), self.text()]
    }

    fn attributes(&mut self) -> Attributes {
        ["vendor:key", "plain"].map(|name| Attribute { name: name.into(), value: self.text() }).into()
    }

    fn element(&mut self, name: &str) -> Element {
        let leaf = Element { name: "leaf".into(), attributes: self.attributes(), children: vec![] };
        let children = vec![Node::Text(self.text()), Node::Element(leaf), Node::Text(self.text())];
        Element { name: name.into(), attributes: self.attributes(), children }
    }

    /// Attributes only: in an element that contains one text, the reader does not keep unknown elements.
    fn extra(&mut self) -> Extra {
        ExtraParts { attributes: self.attributes(), ..ExtraParts::default() }.into()
    }

    fn extra_with_elements(&mut self) -> Extra {
        let elements = vec![self.element("vendor:Thing"), self.element("Thing")];
        ExtraParts { attributes: self.attributes(), elements, ..ExtraParts::default() }.into()
    }

    /// Also has unknown parts of a group (`Creatives`) and of an element that contains only a text (`Error`).
    fn extra_of_ad(&mut self) -> Extra {
        let mut extra = self.extra_with_elements();
        *extra.of_child_mut("Creatives", 0) = self.extra_with_elements();
        *extra.of_child_mut("Error", 0) = self.extra();
        extra
    }

    fn extension(&mut self, name: &str) -> Extension {
        let mut element = self.element(name);
        let value = self.text();
        element.attributes.push(Attribute { name: "type".into(), value: value.clone() });
        Extension { extension_type: Some(value), element }
    }

    pub(super) fn vast(&mut self) -> Vast {
        let mut extra = self.extra_with_elements();
        extra.attributes.push(Attribute { name: "xmlns:vendor".into(), value: "https://vendor.example".into() });
        *extra.of_child_mut("Error", 1) = self.extra();
        let ads = vec![self.ad(Self::inline), self.ad(Self::wrapper)];
        Vast { version: self.some(), errors: self.list(), ads, extra }
    }

    fn ad(&mut self, kind: fn(&mut Self) -> AdKind) -> Ad {
        Ad {
            id: self.some(),
            sequence: Some(2),
            ad_type: Some(AdType::Other(self.text())),
            conditional_ad: Some(true),
            kind: kind(self),
            extra: self.extra_with_elements(),
        }
    }

    fn inline(&mut self) -> AdKind {
        AdKind::InLine(Box::new(InLine {
            ad_system: self.ad_system(),
            ad_title: self.some(),
            ad_serving_id: self.some(),
            impressions: self.impressions(),
            categories: vec![Category { value: self.text(), authority: self.some(), extra: self.extra() }],
            description: self.some(),
            advertiser: Some(Advertiser { name: self.text(), id: self.some(), extra: self.extra() }),
            pricing: self.pricing(),
            surveys: vec![Survey { url: self.text(), survey_type: self.some(), extra: self.extra() }],
            expires: Some(u64::MAX),
            errors: self.list(),
            viewable_impression: self.viewable_impression(),
            ad_verifications: self.verifications(),
            creatives: self.creatives(),
            extensions: vec![self.extension("Extension"), self.extension("vendor:Extension")],
            extra: self.extra_of_ad(),
        }))
    }

    fn wrapper(&mut self) -> AdKind {
        AdKind::Wrapper(Box::new(Wrapper {
            vast_ad_tag_uri: self.text(),
            follow_additional_wrappers: Some(false),
            allow_multiple_ads: Some(true),
            fallback_on_no_ad: Some(false),
            ad_system: self.ad_system(),
            impressions: self.impressions(),
            errors: self.list(),
            pricing: self.pricing(),
            viewable_impression: self.viewable_impression(),
            ad_verifications: self.verifications(),
            creatives: self.creatives(),
            blocked_ad_categories: vec![BlockedAdCategories {
                categories: self.list(),
                authority: self.some(),
                extra: self.extra(),
            }],
            extensions: vec![self.extension("Extension")],
            extra: self.extra_of_ad(),
        }))
    }

    fn ad_system(&mut self) -> Option<AdSystem> {
        Some(AdSystem { name: self.text(), version: self.some(), extra: self.extra() })
    }

    fn impressions(&mut self) -> Vec<Impression> {
        vec![Impression { url: self.text(), id: self.some(), extra: self.extra_with_elements() }]
    }

    fn pricing(&mut self) -> Option<Pricing> {
        Some(Pricing { value: self.text(), model: self.some(), currency: self.some(), extra: self.extra() })
    }

    fn viewable_impression(&mut self) -> Option<ViewableImpression> {
        Some(ViewableImpression {
            id: self.some(),
            viewable: self.list(),
            not_viewable: self.list(),
            view_undetermined: self.list(),
            extra: self.extra_with_elements(),
        })
    }

    fn verifications(&mut self) -> Vec<Verification> {
        let executables =
            [Executable::Native { mime_type: self.some() }, Executable::JavaScript { browser_optional: Some(true) }];
        let resources = executables.map(|executable| VerificationResource {
            url: self.text(),
            api_framework: self.some(),
            executable,
            extra: self.extra_with_elements(),
        });
        vec![Verification {
            vendor: self.some(),
            resources: resources.into(),
            parameters: self.some(),
            tracking_events: self.tracking_events(),
            place: Place::Native,
            extra: self.extra_with_elements(),
        }]
    }

    fn tracking_events(&mut self) -> Vec<Tracking> {
        let offsets = [
            None,
            Some(Offset::Time(Duration::from_millis(3_723_004))),
            Some(Offset::Percent(Percent::from_millionths(12_345_678))),
        ];
        let trackers = offsets.map(|offset| {
            let event = if offset.is_some() { Event::Progress } else { Event::Other(self.text()) };
            Tracking { event, offset, url: self.text(), extra: self.extra_with_elements() }
        });
        trackers.into()
    }

    fn clicks(&mut self) -> Vec<Click> {
        vec![self.click(), self.click()]
    }

    fn click(&mut self) -> Click {
        Click { url: self.text(), id: self.some(), extra: self.extra_with_elements() }
    }

    fn ad_parameters(&mut self) -> Option<AdParameters> {
        let raw = self.text();
        Some(AdParameters {
            value: raw.clone(),
            raw,
            xml_encoded: Some(false),
            api_framework: self.some(),
            extra: self.extra(),
        })
    }

    fn resources(&mut self) -> Vec<Resource> {
        let raw = self.text();
        let html = HtmlResource { content: raw.clone(), raw, xml_encoded: Some(false), extra: self.extra() };
        let file = StaticResource { url: self.text(), creative_type: self.some(), extra: self.extra_with_elements() };
        vec![Resource::Html(html), Resource::IFrame(self.text()), Resource::Static(file)]
    }

    fn creatives(&mut self) -> Vec<Creative> {
        let universal_ad_id = UniversalAdId {
            registry: self.some(),
            value: self.text(),
            place: Place::Native,
            extra: self.extra_with_elements(),
        };
        vec![Creative {
            id: self.some(),
            ad_id: self.some(),
            sequence: Some(7),
            api_framework: self.some(),
            universal_ad_ids: vec![universal_ad_id],
            linear: self.linear(),
            non_linear_ads: self.non_linear_ads(),
            companion_ads: self.companion_ads(),
            creative_extensions: vec![self.extension("CreativeExtension"), self.extension("CreativeExtension")],
            extra: self.extra_with_elements(),
        }]
    }

    fn linear(&mut self) -> Option<Linear> {
        Some(Linear {
            skip_offset: Some(Offset::Percent(Percent::whole(25))),
            duration: Some(Duration::from_millis(360_000_001)),
            ad_parameters: self.ad_parameters(),
            media_files: self.media_files(),
            mezzanines: self.mezzanines(),
            interactive_creative_files: self.interactive_creative_files(),
            closed_caption_files: vec![ClosedCaptionFile {
                url: self.text(),
                mime_type: self.some(),
                language: self.some(),
                extra: self.extra_with_elements(),
            }],
            click_through: Some(self.click()),
            click_tracking: self.clicks(),
            custom_clicks: self.clicks(),
            tracking_events: self.tracking_events(),
            icons: self.icons(),
            extra: self.extra_with_elements(),
        })
    }

    fn media_files(&mut self) -> Vec<MediaFile> {
        vec![MediaFile {
            url: self.text(),
            id: self.some(),
            delivery: Some(Delivery::Other(self.text())),
            mime_type: self.some(),
            width: Some(1),
            height: Some(2),
            codec: self.some(),
            bitrate: Some(3),
            min_bitrate: Some(4),
            max_bitrate: Some(100_000),
            scalable: Some(true),
            maintain_aspect_ratio: Some(false),
            api_framework: self.some(),
            file_size: Some(u64::MAX),
            media_type: self.some(),
            extra: self.extra_with_elements(),
        }]
    }

    fn mezzanines(&mut self) -> Vec<Mezzanine> {
        vec![Mezzanine {
            url: self.text(),
            id: self.some(),
            delivery: Some(Delivery::Streaming),
            mime_type: self.some(),
            width: Some(5),
            height: Some(6),
            codec: self.some(),
            file_size: Some(7),
            media_type: self.some(),
            place: Place::Native,
            extra: self.extra_with_elements(),
        }]
    }

    fn interactive_creative_files(&mut self) -> Vec<InteractiveCreativeFile> {
        vec![InteractiveCreativeFile {
            url: self.text(),
            mime_type: self.some(),
            api_framework: self.some(),
            variable_duration: Some(true),
            place: Place::Native,
            extra: self.extra_with_elements(),
        }]
    }

    fn icons(&mut self) -> Vec<Icon> {
        let image = FallbackImage {
            width: Some(8),
            height: Some(9),
            alt_text: self.some(),
            resources: self.resources(),
            extra: self.extra_with_elements(),
        };
        vec![Icon {
            program: self.some(),
            width: Some(10),
            height: Some(11),
            x_position: self.some(),
            y_position: self.some(),
            duration: Some(Duration::from_secs(12)),
            offset: Some(Offset::Time(Duration::from_millis(13))),
            api_framework: self.some(),
            px_ratio: Some(1.5),
            alt_text: self.some(),
            hover_text: self.some(),
            resources: self.resources(),
            click_through: Some(self.click()),
            click_tracking: self.clicks(),
            fallback_images: vec![image],
            view_tracking: self.list(),
            place: Place::Native,
            extra: self.extra_with_elements(),
        }]
    }

    fn non_linear_ads(&mut self) -> Option<NonLinearAds> {
        let ad = NonLinear {
            id: self.some(),
            width: Some(14),
            height: Some(15),
            expanded_width: Some(16),
            expanded_height: Some(17),
            scalable: Some(false),
            maintain_aspect_ratio: Some(true),
            min_suggested_duration: Some(Duration::from_secs(18)),
            api_framework: self.some(),
            resources: self.resources(),
            ad_parameters: self.ad_parameters(),
            click_through: Some(self.click()),
            click_tracking: self.clicks(),
            custom_clicks: self.clicks(),
            duration: Some(Duration::from_secs(19)),
            media_files: self.media_files(),
            interactive_creative_files: self.interactive_creative_files(),
            tracking_events: self.tracking_events(),
            extra: self.extra_with_elements(),
        };
        Some(NonLinearAds {
            non_linears: vec![ad],
            tracking_events: self.tracking_events(),
            icons: self.icons(),
            extra: self.extra_with_elements(),
        })
    }

    fn companion_ads(&mut self) -> Option<CompanionAds> {
        let companion = Companion {
            id: self.some(),
            width: Some(20),
            height: Some(21),
            asset_width: Some(22),
            asset_height: Some(23),
            expanded_width: Some(24),
            expanded_height: Some(25),
            api_framework: self.some(),
            ad_slot_id: self.some(),
            px_ratio: Some(0.1),
            rendering_mode: Some(RenderingMode::Other(self.text())),
            resources: self.resources(),
            ad_parameters: self.ad_parameters(),
            alt_text: self.some(),
            click_through: Some(self.click()),
            click_tracking: self.clicks(),
            creative_extensions: vec![self.extension("CreativeExtension")],
            tracking_events: self.tracking_events(),
            extra: self.extra_with_elements(),
        };
        Some(CompanionAds {
            required: Some(Required::Other(self.text())),
            companions: vec![companion],
            extra: self.extra_with_elements(),
        })
    }
}
