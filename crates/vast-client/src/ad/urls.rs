//! Absolute URLs: a resolved ad is used without its documents, so the relative URLs of each level are resolved against the URL
//! of its document.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

use vast_xml::Text;
use vast_xml::model::{
    Ad, AdKind, Companion, Creative, Icon, Impression, InLine, InteractiveCreativeFile, Linear, MediaFile, NonLinear,
    Resource, Tracking, Vast, Verification, ViewableImpression, Wrapper,
};

/// Makes every URL of `ads` absolute. Nothing changes if the document has no http(s) URL, for example if it is a file.
pub(crate) fn resolve_ads(ads: &mut [Ad], document_url: &str) {
    DocumentUrls::new(document_url).ads(ads);
}

/// Makes every URL of a wrapper absolute, as [`resolve_ads`] does.
pub(super) fn resolve_wrapper(wrapper: &mut Wrapper, document_url: &str) {
    DocumentUrls::new(document_url).wrapper(wrapper);
}

/// Makes every one of `urls` absolute, as [`resolve_ads`] does.
pub(crate) fn resolve_urls(urls: &mut [Text], document_url: &str) {
    DocumentUrls::new(document_url).texts(urls);
}

/// The number of bytes by which the relative URLs of `document` grow when they are made absolute. `document` is not
/// changed.
///
/// The URL of a document may have 64 KiB, and a document may have thousands of relative URLs, so this number can be
/// much larger than the size of the document.
pub(crate) fn bytes_added(document: &mut Vast, document_url: &str) -> usize {
    let urls = DocumentUrls { counted: Some(Cell::new(0)), ..DocumentUrls::new(document_url) };
    urls.texts(&mut document.errors);
    urls.ads(&mut document.ads);
    urls.counted.map_or(0, Cell::into_inner)
}

/// The URLs of a document.
struct DocumentUrls<'a> {
    document_url: &'a str,
    /// The URL of the document, taken apart when the first relative URL is found. `None` if it is no http(s) URL.
    base: OnceCell<Option<Base<'a>>>,
    /// When it is there, URLs are not changed: this is the number of bytes that they would get longer.
    counted: Option<Cell<usize>>,
}

/// The URL of a document, taken apart.
struct Base<'a> {
    /// `https:`
    scheme: &'a str,
    /// `https://host:port`
    origin: &'a str,
    /// The path, from its first slash; empty when there is none.
    path: &'a str,
    /// Everything before the query and the fragment.
    before_query: &'a str,
    /// Everything before the fragment.
    before_fragment: &'a str,
}

impl<'a> Base<'a> {
    fn parse(url: &'a str) -> Option<Self> {
        let is_scheme = |scheme: &&str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        let scheme = ["http://", "https://"].into_iter().find(is_scheme)?.len() - "//".len();
        let before = |text: &'a str, end: char| text.split_once(end).map_or(text, |(before, _)| before);
        let before_fragment = before(url, '#');
        let before_query = before(before_fragment, '?');
        let (scheme, rest) = before_query.split_at_checked(scheme)?;
        let path = rest.get("//".len()..)?.find('/').map_or("", |at| rest.get("//".len() + at..).unwrap_or_default());
        let origin = before_query.get(..before_query.len() - path.len())?;
        Some(Self { scheme, origin, path, before_query, before_fragment })
    }

    /// What an absolute URL has at most before the text of `url`.
    fn prefix(&self, url: &str) -> &'a str {
        match url.as_bytes() {
            [] => "",
            _ if is_absolute(url) => "",
            [b'/', b'/', ..] => self.scheme,
            [b'/', ..] => self.origin,
            [b'#', ..] => self.before_fragment,
            _ => self.before_query,
        }
    }

    /// `url` as an absolute URL (RFC 3986 section 5.2). The bytes of `url` do not change, also in macros and query,
    /// because the ad server may have signed the URL.
    fn absolute<'u>(&self, url: &'u str) -> Cow<'u, str> {
        if url.is_empty() || is_absolute(url) {
            return Cow::Borrowed(url);
        }
        if url.starts_with("//") {
            return Cow::Owned(format!("{}{url}", self.scheme));
        }
        if url.starts_with('?') {
            return Cow::Owned(format!("{}{url}", self.before_query));
        }
        if url.starts_with('#') {
            return Cow::Owned(format!("{}{url}", self.before_fragment));
        }
        let (path, rest) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let merged = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
        Cow::Owned(format!("{}{}{rest}", self.origin, without_dot_segments(&merged)))
    }
}

impl<'a> DocumentUrls<'a> {
    fn new(document_url: &'a str) -> Self {
        Self { document_url, base: OnceCell::new(), counted: None }
    }

    #[inline]
    fn resolve(&self, url: &mut Text) {
        if !is_http(url.as_bytes()) {
            self.resolve_unusual(url);
        }
    }

    /// [`resolve`](Self::resolve) for a URL that does not begin with `http://` or `https://`.
    #[cold]
    fn resolve_unusual(&self, url: &mut Text) {
        let Some(base) = self.base.get_or_init(|| Base::parse(self.document_url)) else { return };
        if let Some(counted) = &self.counted {
            counted.set(counted.get() + base.prefix(url).len());
        } else if let Cow::Owned(absolute) = base.absolute(url) {
            *url = absolute.into();
        }
    }

    fn ads(&self, ads: &mut [Ad]) {
        for ad in ads {
            match &mut ad.kind {
                AdKind::InLine(inline) => self.inline(inline),
                AdKind::Wrapper(wrapper) => self.wrapper(wrapper),
            }
        }
    }

    fn inline(&self, inline: &mut InLine) {
        let InLine { impressions, errors, surveys, viewable_impression, ad_verifications, creatives, .. } = inline;
        surveys.iter_mut().for_each(|survey| self.resolve(&mut survey.url));
        self.level(impressions, errors, viewable_impression, ad_verifications, creatives);
    }

    fn wrapper(&self, wrapper: &mut Wrapper) {
        let Wrapper { vast_ad_tag_uri, impressions, errors, viewable_impression, ad_verifications, creatives, .. } =
            wrapper;
        self.resolve(vast_ad_tag_uri);
        self.level(impressions, errors, viewable_impression, ad_verifications, creatives);
    }

    fn level(
        &self,
        impressions: &mut [Impression],
        errors: &mut [Text],
        viewable: &mut Option<ViewableImpression>,
        verifications: &mut [Verification],
        creatives: &mut [Creative],
    ) {
        impressions.iter_mut().for_each(|impression| self.resolve(&mut impression.url));
        self.texts(errors);
        if let Some(ViewableImpression { viewable, not_viewable, view_undetermined, .. }) = viewable {
            [viewable, not_viewable, view_undetermined].into_iter().for_each(|urls| self.texts(urls));
        }
        for Verification { resources, tracking_events, .. } in verifications {
            resources.iter_mut().for_each(|resource| self.resolve(&mut resource.url));
            self.tracking(tracking_events);
        }
        creatives.iter_mut().for_each(|creative| self.creative(creative));
    }

    fn texts(&self, urls: &mut [Text]) {
        urls.iter_mut().for_each(|url| self.resolve(url));
    }

    fn tracking(&self, trackers: &mut [Tracking]) {
        trackers.iter_mut().for_each(|tracking| self.resolve(&mut tracking.url));
    }

    fn creative(&self, creative: &mut Creative) {
        let Creative { linear, non_linear_ads, companion_ads, .. } = creative;
        linear.iter_mut().for_each(|linear| self.linear(linear));
        if let Some(ads) = non_linear_ads {
            ads.non_linears.iter_mut().for_each(|ad| self.non_linear(ad));
            self.tracking(&mut ads.tracking_events);
            ads.icons.iter_mut().for_each(|icon| self.icon(icon));
        }
        let companions = companion_ads.iter_mut().flat_map(|ads| &mut ads.companions);
        companions.for_each(|companion| self.companion(companion));
    }

    fn linear(&self, linear: &mut Linear) {
        let Linear { media_files, mezzanines, interactive_creative_files, closed_caption_files, .. } = linear;
        self.media(media_files, interactive_creative_files);
        mezzanines.iter_mut().for_each(|file| self.resolve(&mut file.url));
        closed_caption_files.iter_mut().for_each(|file| self.resolve(&mut file.url));
        let Linear { click_through, click_tracking, custom_clicks, tracking_events, icons, .. } = linear;
        let clicks = click_through.iter_mut().chain(click_tracking).chain(custom_clicks);
        clicks.for_each(|click| self.resolve(&mut click.url));
        self.tracking(tracking_events);
        icons.iter_mut().for_each(|icon| self.icon(icon));
    }

    fn media(&self, media_files: &mut [MediaFile], interactive: &mut [InteractiveCreativeFile]) {
        media_files.iter_mut().for_each(|file| self.resolve(&mut file.url));
        interactive.iter_mut().for_each(|file| self.resolve(&mut file.url));
    }

    fn non_linear(&self, ad: &mut NonLinear) {
        self.media(&mut ad.media_files, &mut ad.interactive_creative_files);
        let NonLinear { resources, click_through, click_tracking, custom_clicks, tracking_events, .. } = ad;
        self.resources(resources);
        let clicks = click_through.iter_mut().chain(click_tracking).chain(custom_clicks);
        clicks.for_each(|click| self.resolve(&mut click.url));
        self.tracking(tracking_events);
    }

    fn companion(&self, companion: &mut Companion) {
        let Companion { resources, click_through, click_tracking, tracking_events, .. } = companion;
        self.resources(resources);
        click_through.iter_mut().chain(click_tracking).for_each(|click| self.resolve(&mut click.url));
        self.tracking(tracking_events);
    }

    fn icon(&self, icon: &mut Icon) {
        let Icon { resources, click_through, click_tracking, fallback_images, view_tracking, .. } = icon;
        self.resources(resources);
        click_through.iter_mut().chain(click_tracking).for_each(|click| self.resolve(&mut click.url));
        fallback_images.iter_mut().for_each(|image| self.resources(&mut image.resources));
        self.texts(view_tracking);
    }

    fn resources(&self, resources: &mut [Resource]) {
        for resource in resources {
            match resource {
                Resource::Static(file) => self.resolve(&mut file.url),
                Resource::IFrame(url) => self.resolve(url),
                // HTML is code: the browser resolves the URLs in it.
                _ => {}
            }
        }
    }
}

/// Whether `url` begins as almost all URLs do. It compares eight bytes as one number, because it is called for each URL of each document.
fn is_http(url: &[u8]) -> bool {
    const HTTPS: u64 = u64::from_le_bytes(*b"https://");
    const HTTP: u64 = u64::from_le_bytes(*b"http://\0");
    match url.first_chunk().map(|start| u64::from_le_bytes(*start)) {
        Some(start) => start == HTTPS || start & (u64::MAX >> 8) == HTTP,
        None => url == b"http://",
    }
}

/// Whether `url` has a scheme, or begins with a macro, whose value may be a whole URL.
fn is_absolute(url: &str) -> bool {
    if is_http(url.as_bytes()) {
        return true;
    }
    let begins_with_macro = ["[", "{", "${", "%%"].iter().any(|start| url.starts_with(start));
    begins_with_macro || url.split(['/', '?', '#']).next().is_some_and(|scheme| scheme.contains(':'))
}

/// `path`, which begins with a slash, without the segments `.` and `..` (RFC 3986 section 5.2.4).
fn without_dot_segments(path: &str) -> String {
    if !path.contains("/.") {
        return path.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
        if is_last && matches!(segment, "." | "..") {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}
