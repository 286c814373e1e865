//! A record as bytes: a version, a checksum, then the fields in order. Numbers are little-endian; the length of a text is
//! written before the text.
//!
//! The checksum finds errors that the checksums of redb do not find: bits that changed in memory before the page was written,
//! and rows that another program wrote.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::super::ledger::DeadReason;
use super::super::record::{DeliveryProgress, LastAttempt, Record, StoredBeacon, Timestamp};
use crate::transport::{AddressRule, Target};

/// The version of this encoding. It is the first byte of each record.
const VERSION: u8 = 1;
/// The number of bytes before the fields: version (1) and checksum (4).
const HEAD: usize = 5;

/// Why bytes cannot be read as a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordDecodeError {
    /// The checksum is wrong or a field is cut off.
    #[error("the record is damaged")]
    Damaged,
    /// A newer version wrote the bytes.
    #[error("a newer version of this program wrote the record")]
    Newer,
}

/// The fields of a record that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordScope {
    /// All fields: an attempt needs them.
    Full,
    /// All fields except the headers, which a delivered beacon does not need any more.
    WithoutHeaders,
}

impl StoredBeacon {
    /// The beacon as bytes: the format of the outbox on disk, which [`from_bytes`](Self::from_bytes) reads. `reason` is the reason
    /// of a dead letter.
    pub fn to_bytes(&self, reason: Option<DeadReason>, scope: RecordScope) -> Vec<u8> {
        encode(self, reason, scope)
    }

    /// The beacon in these bytes, and the reason if it is a dead letter.
    ///
    /// # Errors
    /// The bytes are damaged, or a newer version wrote them.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Self, Option<DeadReason>), RecordDecodeError> {
        decode(bytes)
    }
}

/// A record as bytes.
pub(super) fn encode(stored: &StoredBeacon, reason: Option<DeadReason>, form: RecordScope) -> Vec<u8> {
    let mut out = Vec::with_capacity(stored.record.size() + 64);
    encode_into(&mut out, stored, reason, form);
    out
}

/// Adds a record as bytes.
pub(super) fn encode_into(bytes: &mut Vec<u8>, stored: &StoredBeacon, reason: Option<DeadReason>, form: RecordScope) {
    let StoredBeacon { record, progress } = stored;
    let start = bytes.len();
    let mut out = FieldWriter(bytes);
    out.0.extend_from_slice(&[VERSION, 0, 0, 0, 0]);
    out.number(record.created.millis());
    out.number(record.expires.millis());
    out.number(progress.due.millis());
    out.number(progress.attempts);
    out.number(progress.in_doubt);
    out.0.push(reason.map_or(0, number_of));
    out.number(record.hop);
    out.0.push(u8::from(record.rule.allow_private));
    let named = record.rule.named.as_ref().map(ToString::to_string).unwrap_or_default();
    let texts = [&record.key, &*record.group, &record.event, &record.source, &record.url, &record.consent, &named];
    texts.into_iter().for_each(|text| out.bytes(text.as_bytes()));
    out.last(progress.last.as_ref());
    match form {
        RecordScope::Full => out.headers(&record.headers),
        RecordScope::WithoutHeaders => out.headers(&HeaderMap::new()),
    }
    let checksum = crc32fast::hash(&bytes[start + HEAD..]);
    bytes[start + 1..start + HEAD].copy_from_slice(&checksum.to_le_bytes());
}

/// The record in these bytes.
pub(super) fn decode(bytes: &[u8]) -> Result<(StoredBeacon, Option<DeadReason>), RecordDecodeError> {
    let (&version, rest) = bytes.split_first().ok_or(RecordDecodeError::Damaged)?;
    if version != VERSION {
        return Err(if version > VERSION { RecordDecodeError::Newer } else { RecordDecodeError::Damaged });
    }
    let (checksum, fields) = rest.split_first_chunk().ok_or(RecordDecodeError::Damaged)?;
    if crc32fast::hash(fields) != u32::from_le_bytes(*checksum) {
        return Err(RecordDecodeError::Damaged);
    }
    FieldReader(fields).stored().ok_or(RecordDecodeError::Damaged)
}

/// The beacon in these bytes; `None` if they cannot be read.
pub(super) fn stored(bytes: &[u8]) -> Option<StoredBeacon> {
    decode(bytes).ok().map(|(stored, _)| stored)
}

/// The time of the event, read without decoding the other fields.
pub(super) fn created(bytes: &[u8]) -> Timestamp {
    let field = bytes.get(HEAD..).and_then(|fields| fields.first_chunk());
    field.map_or(Timestamp::ZERO, |field| Timestamp::from_millis(u64::from_le_bytes(*field)))
}

/// The beacons of a claim as bytes: for each one its number and its attempts.
pub(super) fn encode_claim(beacons: &[(u64, u32)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(beacons.len() * 12);
    let mut out = FieldWriter(&mut bytes);
    for (id, attempts) in beacons {
        out.number(*id);
        out.number(*attempts);
    }
    bytes
}

/// The beacons of the claim in these bytes.
pub(super) fn decode_claim(bytes: &[u8]) -> Vec<(u64, u32)> {
    let beacon = |mut bytes: FieldReader<'_>| Some((bytes.long()?, bytes.int()?));
    bytes.chunks_exact(12).filter_map(|bytes| beacon(FieldReader(bytes))).collect()
}

/// The number of a reason in the file. Never change a number, because existing files contain it.
fn number_of(reason: DeadReason) -> u8 {
    match reason {
        DeadReason::Refused => 1,
        DeadReason::Uncallable => 2,
        DeadReason::Expired => 3,
        DeadReason::InDoubt => 4,
        DeadReason::TooLarge => 5,
        DeadReason::Evicted => 6,
        DeadReason::TooManyExchanges => 7,
    }
}

/// Adds fields behind the bytes that are there.
pub(super) struct FieldWriter<'a>(pub(super) &'a mut Vec<u8>);

/// A number of a fixed length.
pub(super) trait LittleEndian {
    fn write(self, out: &mut Vec<u8>);
}

impl LittleEndian for u64 {
    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

impl LittleEndian for u32 {
    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

impl FieldWriter<'_> {
    pub(super) fn number(&mut self, number: impl LittleEndian) {
        number.write(self.0);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.number(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn last(&mut self, last: Option<&LastAttempt>) {
        self.0.push(u8::from(last.is_some()));
        if let Some(LastAttempt { at, status, message }) = last {
            self.number(at.millis());
            self.number(u32::from(status.unwrap_or_default()));
            self.bytes(message.as_bytes());
        }
    }

    fn headers(&mut self, headers: &HeaderMap) {
        self.number(u32::try_from(headers.len()).unwrap_or(u32::MAX));
        for (name, value) in headers {
            self.bytes(name.as_str().as_bytes());
            self.bytes(value.as_bytes());
        }
    }
}

/// Reads fields from the beginning of the bytes; `None` if they end too early.
pub(super) struct FieldReader<'a>(pub(super) &'a [u8]);

impl<'a> FieldReader<'a> {
    fn stored(&mut self) -> Option<(StoredBeacon, Option<DeadReason>)> {
        let [created, expires, due] = [self.timestamp()?, self.timestamp()?, self.timestamp()?];
        let [attempts, in_doubt] = [self.int()?, self.int()?];
        let reason = self.byte()?;
        let reason = DeadReason::ALL.iter().copied().find(|known| number_of(*known) == reason);
        let hop = self.int()?;
        let allow_private = self.byte()? != 0;
        let [key, group, event, source, url, consent, named] =
            [self.text()?, self.text()?, self.text()?, self.text()?, self.text()?, self.text()?, self.text()?];
        let named = Target::parse(named, None).ok().map(|target| target.origin().clone());
        let last = self.last()?;
        let headers = Arc::new(self.headers()?);
        let record = Record {
            key: key.to_owned(),
            group: group.into(),
            event: event.to_owned().into(),
            source: source.into(),
            hop,
            url: url.to_owned(),
            rule: AddressRule { named, allow_private },
            headers,
            consent: consent.into(),
            created,
            expires,
        };
        let progress = DeliveryProgress { due, attempts, in_doubt, last };
        Some((StoredBeacon { record: Arc::new(record), progress }, reason))
    }

    pub(super) fn last(&mut self) -> Option<Option<LastAttempt>> {
        if self.byte()? == 0 {
            return Some(None);
        }
        let at = self.timestamp()?;
        let status = u16::try_from(self.int()?).ok().filter(|status| *status != 0);
        Some(Some(LastAttempt { at, status, message: self.text()?.to_owned().into() }))
    }

    fn headers(&mut self) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        for _ in 0..self.int()? {
            let name = HeaderName::from_bytes(self.bytes()?).ok()?;
            headers.append(name, HeaderValue::from_bytes(self.bytes()?).ok()?);
        }
        Some(headers)
    }

    pub(super) fn timestamp(&mut self) -> Option<Timestamp> {
        self.long().map(Timestamp::from_millis)
    }

    pub(super) fn long(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn int(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.int()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> StoredBeacon {
        let mut headers = HeaderMap::new();
        headers.insert("x-device-ip", HeaderValue::from_static("203.0.113.9"));
        headers.append("accept", HeaderValue::from_bytes(b"a\xffb").expect("a value"));
        let record = Record {
            key: "r.impression.0".to_owned(),
            group: "r".into(),
            event: "impression".into(),
            source: "east".into(),
            hop: 3,
            url: "https://ads.example/ü?x=[Y]".to_owned(),
            rule: AddressRule::of(&Target::parse("http://127.0.0.1:8080/v", None).expect("a URL")),
            headers: Arc::new(headers),
            consent: "gdpr=1".into(),
            created: Timestamp::from_millis(7),
            expires: Timestamp::from_millis(u64::MAX),
        };
        let last = LastAttempt { at: Timestamp::from_millis(9), status: Some(503), message: "busy".into() };
        let progress = DeliveryProgress { due: Timestamp::from_millis(8), attempts: 2, in_doubt: 1, last: Some(last) };
        StoredBeacon { record: Arc::new(record), progress }
    }

    #[test]
    fn written_values_are_read_back() {
        let stored = stored();
        let bytes = encode(&stored, Some(DeadReason::Evicted), RecordScope::Full);
        assert_eq!(created(&bytes), stored.record.created);
        let (read, reason) = decode(&bytes).expect("a record");
        assert_eq!(
            (&read.record, &read.progress, reason),
            (&stored.record, &stored.progress, Some(DeadReason::Evicted))
        );
        let (slim, reason) = decode(&encode(&stored, None, RecordScope::WithoutHeaders)).expect("a record");
        assert_eq!((slim.record.headers.len(), &slim.record.url, reason), (0, &stored.record.url, None));
        assert_eq!(decode_claim(&encode_claim(&[(1, 2), (u64::MAX, 4)])), [(1, 2), (u64::MAX, 4)]);
    }

    #[test]
    fn no_byte_can_turn_unseen_and_no_cut_is_a_record() {
        let bytes = encode(&stored(), None, RecordScope::Full);
        for place in 1..bytes.len() {
            let mut turned = bytes.clone();
            turned[place] ^= 1;
            assert_eq!(decode(&turned).err(), Some(RecordDecodeError::Damaged), "byte {place}");
            assert_eq!(decode(&bytes[..place]).err(), Some(RecordDecodeError::Damaged), "cut at {place}");
        }
        let newer = [&[VERSION + 1], &bytes[1..]].concat();
        assert_eq!(decode(&newer).err(), Some(RecordDecodeError::Newer));
        assert_eq!(decode(&[]).err(), Some(RecordDecodeError::Damaged));
    }
}
