//! The content of a token: everything that is needed to call the trackers of an event.

use std::borrow::Cow;
use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use http::{HeaderMap, HeaderName, HeaderValue};
use vast_client::Consent;
use vast_client::request::{IpPolicy, Privacy, UserAgentPolicy};
use vast_client::track::DeferredUrl;
use vast_client::transport::{AddressRule, Origin, Target};

/// The most bytes of a content. A longer one is not sealed, and one that inflates to more is not opened.
const MAX_BYTES: usize = 64 << 10;
/// A content shorter than this is not deflated. Its URL is short enough, and deflating takes several times as long as sealing.
const LEAST_DEFLATED: usize = 1024;
/// How many origins a thread remembers.
const MOST_ORIGINS: usize = 16;

thread_local! {
    // Each needs some 100 KiB, far more than a content, so they are not made for each token.
    static DEFLATER: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
    // Most tokens name one of a few sources. The newest origins with their texts, newest first.
    static ORIGINS: RefCell<Vec<(String, Origin)>> = const { RefCell::new(Vec::new()) };
}

/// An event with its trackers. An event that is sealed borrows its texts from the answer, one that was read from the content of its token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SealedEvent<'a> {
    /// When the token was made, in seconds since 1970.
    pub(crate) issued: u32,
    /// How long it is valid, in minutes.
    pub(crate) lifetime: u16,
    /// The number that identifies the event in its session. Two tokens of one event have the same.
    pub(crate) once: u16,
    /// The number of the ad in the answer.
    pub(crate) ad: u16,
    /// The name of the event.
    pub(crate) event: Cow<'a, str>,
    pub(crate) placement: Cow<'a, str>,
    /// Empty for none.
    pub(crate) tenant: Cow<'a, str>,
    pub(crate) source: Cow<'a, str>,
    /// The addresses to which the beacons may be sent.
    pub(crate) rule: Cow<'a, AddressRule>,
    /// What the servers of the source may know about the device.
    pub(crate) privacy: DevicePrivacy,
    /// `gdpr`, `coppa` and `lmt`; the strings of the consent are in the URLs.
    pub(crate) consent: [Option<bool>; 3],
    /// The headers about the device, if the trackers see the device of the ad request.
    pub(crate) device: Option<Vec<(String, String)>>,
    /// Document and URL of each tracker.
    pub(crate) trackers: Vec<(u8, DeferredUrl)>,
    /// The page of a click.
    pub(crate) page: Option<DeferredUrl>,
}

/// The part of [`Privacy`] that decides the headers of a beacon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct DevicePrivacy {
    pub(crate) ip: IpPolicy,
    pub(crate) user_agent: UserAgentPolicy,
    pub(crate) forward_for: bool,
}

impl From<&Privacy> for DevicePrivacy {
    fn from(privacy: &Privacy) -> Self {
        Self { ip: privacy.ip, user_agent: privacy.user_agent, forward_for: privacy.forward_for }
    }
}

impl From<DevicePrivacy> for Privacy {
    fn from(part: DevicePrivacy) -> Self {
        let DevicePrivacy { ip, user_agent, forward_for } = part;
        Self { ip, user_agent, forward_for, ..Self::default() }
    }
}

impl DevicePrivacy {
    /// Nothing about the device.
    const NOTHING: Self = Self { ip: IpPolicy::None, user_agent: UserAgentPolicy::None, forward_for: false };

    fn bits(self) -> u8 {
        let ip = match self.ip {
            IpPolicy::Full => 0,
            IpPolicy::Truncate => 1,
            _ => 2,
        };
        let user_agent = match self.user_agent {
            UserAgentPolicy::Full => 0,
            UserAgentPolicy::Generalise => 1,
            _ => 2,
        };
        ip | user_agent << 2 | u8::from(self.forward_for) << 4
    }

    fn of_bits(bits: u8) -> Self {
        let ip = match bits & 3 {
            0 => IpPolicy::Full,
            1 => IpPolicy::Truncate,
            _ => Self::NOTHING.ip,
        };
        let user_agent = match bits >> 2 & 3 {
            0 => UserAgentPolicy::Full,
            1 => UserAgentPolicy::Generalise,
            _ => Self::NOTHING.user_agent,
        };
        Self { ip, user_agent, forward_for: bits & 16 != 0 }
    }
}

/// Whether the content is deflated.
const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;

impl<'a> SealedEvent<'a> {
    /// The event as bytes, in place of those in `into`; `None` if a part is too long.
    #[cfg(any(test, feature = "properties"))]
    pub(crate) fn write(&self, into: &mut Vec<u8>) -> Option<()> {
        let origin = self.rule.named.as_ref().map(ToString::to_string);
        self.write_with(&origin.unwrap_or_default(), into)
    }

    /// [`write`](Self::write) for a caller that knows the text of the origin that the rule names, empty for none: it is the same for most
    /// events of an answer.
    pub(crate) fn write_with(&self, origin: &str, into: &mut Vec<u8>) -> Option<()> {
        into.clear();
        into.push(PLAIN);
        let mut fields = ContentWriter(into);
        fields.0.extend_from_slice(&self.issued.to_be_bytes());
        for number in [self.lifetime, self.once, self.ad] {
            fields.0.extend_from_slice(&number.to_be_bytes());
        }
        fields.0.push(self.privacy.bits());
        let flag = |flag: Option<bool>| flag.map_or(0, |flag| 1 + u8::from(flag));
        fields.0.push(self.consent.iter().fold(0, |bits, one| bits * 3 + flag(*one)));
        fields.0.push(u8::from(self.rule.allow_private));
        for text in [&self.event, &self.placement, &self.tenant, &self.source] {
            fields.text(text)?;
        }
        fields.text(origin)?;
        let device = self.device.as_deref();
        fields.0.push(u8::try_from(device.map_or(0, |device| device.len() + 1)).ok()?);
        for (name, value) in device.unwrap_or_default() {
            fields.text(name)?;
            fields.text(value)?;
        }
        fields.text(self.page.as_ref().map_or("", DeferredUrl::as_str))?;
        fields.count(self.trackers.len())?;
        for (hop, url) in &self.trackers {
            fields.0.push(*hop);
            fields.text(url.as_str())?;
        }
        if into.len() > MAX_BYTES {
            return None;
        }
        let deflated = (into.len() >= LEAST_DEFLATED).then(|| deflated(&into[1..])).flatten();
        if let Some(deflated) = deflated.filter(|deflated| deflated.len() < into.len()) {
            *into = deflated;
        }
        Some(())
    }

    /// The event in these bytes, which [`plain_content`] has returned; `None` if they are something else.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut fields = ContentReader(bytes.strip_prefix(&[PLAIN])?);
        let issued = u32::from_be_bytes(fields.array()?);
        let [lifetime, once, ad] = [fields.count()?, fields.count()?, fields.count()?];
        let privacy = DevicePrivacy::of_bits(fields.byte()?);
        let bits = fields.byte()?;
        let consent = [9, 3, 1].map(|unit| Some(bits / unit % 3).filter(|flag| *flag > 0).map(|flag| flag == 2));
        let allow_private = fields.byte()? == 1;
        let [event, placement, tenant, source, named] = fields.texts()?;
        let [event, placement, tenant, source] = [event, placement, tenant, source].map(Cow::Borrowed);
        let named = if named.is_empty() { None } else { Some(origin_of(named)?) };
        let device = match fields.byte()? {
            0 => None,
            count => Some(
                (1..count)
                    .map(|_| Some((fields.text()?.to_owned(), fields.text()?.to_owned())))
                    .collect::<Option<_>>()?,
            ),
        };
        let page = Some(fields.text()?).filter(|page| !page.is_empty()).map(DeferredUrl::from_text);
        let count = fields.count()?;
        let trackers = (0..count).map(|_| Some((fields.byte()?, DeferredUrl::from_text(fields.text()?))));
        let trackers = trackers.collect::<Option<_>>()?;
        let rule = Cow::Owned(AddressRule { named, allow_private });
        fields.0.is_empty().then_some(SealedEvent {
            issued,
            lifetime,
            once,
            ad,
            event,
            placement,
            tenant,
            source,
            rule,
            privacy,
            consent,
            device,
            trackers,
            page,
        })
    }

    /// The part of the consent that the token has.
    pub(crate) fn consent(&self) -> Consent {
        let mut consent = Consent::default();
        [consent.gdpr, consent.coppa, consent.limit_ad_tracking] = self.consent;
        consent
    }

    /// The headers of the device that the token has.
    pub(crate) fn device_headers(&self) -> Option<HeaderMap> {
        let pair = |(name, value): &(String, String)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        };
        Some(self.device.as_ref()?.iter().filter_map(pair).collect())
    }
}

/// The bytes of a content in the form that [`SealedEvent::read`] reads; `None` if they are damaged.
pub(crate) fn plain_content(content: Vec<u8>) -> Option<Vec<u8>> {
    match content.split_first()? {
        (&DEFLATED, deflated) => inflated(deflated),
        _ => Some(content),
    }
}

/// The origin with this text.
fn origin_of(text: &str) -> Option<Origin> {
    ORIGINS.with_borrow_mut(|known| {
        let place = known.iter().position(|(known, _)| known == text);
        if let Some(place) = place {
            known[..=place].rotate_right(1);
        } else {
            let origin = Target::parse(text, None).ok()?.origin().clone();
            known.truncate(MOST_ORIGINS - 1);
            known.insert(0, (text.to_owned(), origin));
        }
        known.first().map(|(_, origin)| origin.clone())
    })
}

/// The deflated form with its mark; `None` if it would not be shorter.
fn deflated(plain: &[u8]) -> Option<Vec<u8>> {
    let mut deflated = Vec::with_capacity(plain.len());
    deflated.push(DEFLATED);
    let status = DEFLATER.with_borrow_mut(|deflater| {
        deflater.reset();
        deflater.compress_vec(plain, &mut deflated, FlushCompress::Finish)
    });
    (status.ok()? == Status::StreamEnd).then_some(deflated)
}

/// The plain form with its mark.
fn inflated(deflated: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(deflated.len().saturating_mul(4).min(MAX_BYTES));
    plain.push(PLAIN);
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(false);
        loop {
            let read = usize::try_from(inflater.total_in()).ok()?;
            let status = inflater.decompress_vec(deflated.get(read..)?, &mut plain, FlushDecompress::None).ok()?;
            let is_torn = plain.len() < plain.capacity();
            match status {
                Status::StreamEnd => return (plain.len() <= MAX_BYTES).then_some(plain),
                _ if is_torn || plain.len() > MAX_BYTES => return None,
                Status::Ok | Status::BufError => plain.reserve(plain.len().max(256)),
            }
        }
    })
}

/// Writes numbers in network order, and texts after their length.
struct ContentWriter<'v>(&'v mut Vec<u8>);

impl ContentWriter<'_> {
    fn count(&mut self, count: usize) -> Option<()> {
        self.0.extend_from_slice(&u16::try_from(count).ok()?.to_be_bytes());
        Some(())
    }

    fn text(&mut self, text: &str) -> Option<()> {
        self.count(text.len())?;
        self.0.extend_from_slice(text.as_bytes());
        Some(())
    }
}

struct ContentReader<'a>(&'a [u8]);

impl<'a> ContentReader<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn count(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::from(self.count()?);
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn texts<const N: usize>(&mut self) -> Option<[&'a str; N]> {
        let mut texts = [""; N];
        for text in &mut texts {
            *text = self.text()?;
        }
        Some(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> SealedEvent<'static> {
        SealedEvent {
            issued: 1_795_335_307,
            lifetime: 360,
            once: 7,
            ad: 1,
            event: "firstQuartile".into(),
            placement: "preroll".into(),
            tenant: "acme".into(),
            source: "east".into(),
            rule: Cow::Owned(AddressRule::of(&Target::parse("http://127.0.0.1:8081/x", None).expect("a URL"))),
            privacy: DevicePrivacy {
                ip: IpPolicy::Truncate,
                user_agent: UserAgentPolicy::Generalise,
                forward_for: true,
            },
            consent: [Some(true), None, Some(false)],
            device: Some(vec![("x-device-ip".into(), "192.0.2.7".into())]),
            trackers: vec![
                (0, DeferredUrl::from_text("https://t.example/\u{1}p")),
                (3, DeferredUrl::from_text("https://u.example/")),
            ],
            page: Some(DeferredUrl::from_text("https://page.example/")),
        }
    }

    #[test]
    fn origins_are_known_again_and_few_are_remembered() {
        for round in 0..3 {
            for number in 0..2 * MOST_ORIGINS {
                let text = format!("https://east-{number}.example:8443");
                let expected = Target::parse(&text, None).expect("a URL").origin().clone();
                let read = [&*text, &*text].map(origin_of);
                assert_eq!(read, [Some(expected.clone()), Some(expected)], "{round}");
            }
            assert_eq!(origin_of("not an origin"), None);
        }
        assert_eq!(ORIGINS.with_borrow(Vec::len), MOST_ORIGINS);
    }

    #[test]
    fn an_event_can_be_read_back() {
        let mut few = event();
        (few.device, few.page, few.trackers, few.rule) = (None, None, Vec::new(), Cow::default());
        (few.privacy, few.consent) = (DevicePrivacy::default(), [None; 3]);
        let mut long = event();
        long.trackers = (0..40).map(|hop| (hop, DeferredUrl::from_text("https://t.example/same?x=1&y=2"))).collect();
        for (event, is_deflated) in [(event(), None), (few, Some(false)), (long, Some(true))] {
            let mut bytes = b"of another event".to_vec();
            event.write(&mut bytes).expect("short enough");
            let content = plain_content(bytes.clone()).expect("not damaged");
            assert_eq!(SealedEvent::read(&content).as_ref(), Some(&event));
            assert!(is_deflated.is_none_or(|is_deflated| (bytes[0] == DEFLATED) == is_deflated));
            for end in 0..bytes.len() {
                let content = plain_content(bytes[..end].to_vec()).unwrap_or_default();
                assert_eq!(SealedEvent::read(&content), None, "cut at {end}");
            }
        }
    }

    #[test]
    fn all_rules_about_the_device_can_be_read_back() {
        for bits in 0..=255 {
            let read = DevicePrivacy::of_bits(bits);
            assert_eq!(DevicePrivacy::of_bits(read.bits()), read, "{bits}");
        }
        assert_eq!(DevicePrivacy::of_bits(0b1111).ip, IpPolicy::None, "an unknown rule discloses nothing");
    }

    #[test]
    fn sizes_are_bounded() {
        let mut event = event();
        event.page = Some(DeferredUrl::from_text("x".repeat(MAX_BYTES)));
        assert_eq!(event.write(&mut Vec::new()), None);
        let bomb = deflated(&vec![0; MAX_BYTES + 1]).expect("deflated");
        assert_eq!(plain_content(bomb), None);
    }
}
