//! What all messages have in common: a mark, a version, the name of a key, a signature, and the signed part.

use bytes::Bytes;

use crate::seal::{RecordSeal, SIGNATURE_BYTES};

/// The version of the formats. It follows the mark.
const VERSION: u8 = 1;
/// Where the signature begins: after the mark, the version and the name of the key.
const SIGNATURE: usize = 4;
/// The bytes before the signed part.
const HEAD: usize = SIGNATURE + SIGNATURE_BYTES;

/// The first bytes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MessageMark(pub(crate) [u8; 2]);

/// Why a message cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// Whoever wrote it has none of the secrets.
    #[error("it is not signed with a secret of this gateway")]
    NotSigned,
    /// Its format is that of a later version.
    #[error("a newer version of this program wrote it")]
    Newer,
    /// It is no message of this program, or a part of one.
    #[error("it is damaged")]
    Damaged,
}

/// The message whose signed part `write` adds; `room` is its length if it is known.
pub(crate) fn sealed(mark: MessageMark, seal: &RecordSeal, room: usize, write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut out = Vec::with_capacity(HEAD + room);
    out.resize(HEAD, 0);
    write(&mut out);
    let (id, signature) = seal.sign(&out[HEAD..]);
    out[..2].copy_from_slice(&mark.0);
    out[2..SIGNATURE].copy_from_slice(&[VERSION, id]);
    out[SIGNATURE..HEAD].copy_from_slice(&signature);
    out.into()
}

/// The signed part of a message whose signature is right.
pub(crate) fn opened<'b>(mark: MessageMark, seal: &RecordSeal, bytes: &'b [u8]) -> Result<&'b [u8], MessageError> {
    let contents = unverified(mark, bytes)?;
    let signature = bytes.get(SIGNATURE..HEAD).and_then(|part| part.first_chunk()).ok_or(MessageError::Damaged)?;
    if seal.verify(bytes[SIGNATURE - 1], contents, signature) { Ok(contents) } else { Err(MessageError::NotSigned) }
}

/// The signed part of a message, whatever its signature is.
pub(crate) fn unverified(mark: MessageMark, bytes: &[u8]) -> Result<&[u8], MessageError> {
    let after_mark = bytes.strip_prefix(&mark.0).ok_or(MessageError::Damaged)?;
    match after_mark.first() {
        Some(&VERSION) => {}
        Some(version) if *version > VERSION => return Err(MessageError::Newer),
        _ => return Err(MessageError::Damaged),
    }
    bytes.get(HEAD..).ok_or(MessageError::Damaged)
}
