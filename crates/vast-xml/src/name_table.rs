//! A fixed set of names, built at compile time. A look-up ignores the case of letters and usually needs one comparison.

use crate::sixteen::{Sixteen, WIDTH, first};

const SLOTS: usize = 512;
const MOST: usize = 255;
/// The number of bytes of a name that are compared as numbers.
const PACKED: usize = WIDTH;
/// A number with 0x01 in each byte.
const ONES: u64 = u64::MAX / 255;

/// A table of up to 255 names. If two names differ only in case, a look-up finds the first one.
pub(crate) struct NameTable {
    names: &'static [&'static str],
    packed: [Packed; MOST],
    /// A hash table with open addressing. A slot has the index of a name plus one, or 0 if it is empty.
    slots: [u8; SLOTS],
}

/// A name that is in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The index in the list from which the table was made.
    pub(crate) index: usize,
    /// Whether the case of all letters is the same too.
    pub(crate) exact: bool,
}

impl NameTable {
    pub(crate) const fn new(names: &'static [&'static str]) -> NameTable {
        assert!(names.len() <= MOST);
        let mut slots = [0; SLOTS];
        let mut packed = [Packed { head: 0, tail: 0, length: 0 }; MOST];
        let mut index = 0;
        while index < names.len() {
            packed[index] = Packed::of(names[index].as_bytes());
            let mut slot = packed[index].slot();
            while slots[slot] != 0 {
                slot = (slot + 1) % SLOTS;
            }
            index += 1;
            slots[slot] = index as u8;
        }
        NameTable { names, packed, slots }
    }

    pub(crate) fn find(&self, name: &str) -> Option<Found> {
        self.find_packed(Packed::of(name.as_bytes()), name.as_bytes())
    }

    /// Like [`NameTable::find`], for a name that is already packed.
    #[inline(always)]
    pub(crate) fn find_packed(&self, packed: Packed, name: &[u8]) -> Option<Found> {
        let mut slot = packed.slot();
        while let Some(index) = usize::from(self.slots[slot]).checked_sub(1) {
            if self.packed[index] == packed && (packed.length <= PACKED || self.names[index].as_bytes() == name) {
                return Some(Found { index, exact: true });
            }
            if self.names[index].len() == packed.length && self.names[index].as_bytes().eq_ignore_ascii_case(name) {
                return Some(Found { index, exact: false });
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }
}

/// The first 16 bytes of a name as two numbers, and its length; missing bytes are zero. Names are compared and hashed
/// without a loop over their letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    head: u64,
    tail: u64,
    pub(crate) length: usize,
}

impl Packed {
    /// Packs a whole name.
    #[inline]
    pub(crate) const fn of(name: &[u8]) -> Packed {
        let length = name.len();
        let (head, tail) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            (Some(first), Some(_)) if length >= PACKED => {
                let (_, behind) = name.split_at(8);
                let tail = match behind.first_chunk::<8>() {
                    Some(second) => u64::from_le_bytes(*second),
                    None => 0,
                };
                (u64::from_le_bytes(*first), tail)
            }
            (Some(first), Some(last)) if length > 8 => {
                (u64::from_le_bytes(*first), u64::from_le_bytes(*last) >> (8 * (PACKED - length)))
            }
            (Some(first), _) => (u64::from_le_bytes(*first), 0),
            _ => (short(name), 0),
        };
        Packed { head, tail, length }
    }

    /// Packs the name at the beginning of a text. The name ends at the first byte that ends a name in a tag, at an
    /// ASCII character below `0`, or at `?`. Names hardly ever contain the latter two.
    #[inline(always)]
    pub(crate) fn at_start(text: &[u8]) -> Packed {
        match text.first_chunk::<PACKED>() {
            Some(chunk) => Packed::of_chunk(*chunk, text),
            None => {
                let mut chunk = [0; PACKED];
                for (to, from) in chunk.iter_mut().zip(text) {
                    *to = *from;
                }
                Packed::of_chunk(chunk, text)
            }
        }
    }

    #[inline(always)]
    fn of_chunk(chunk: [u8; PACKED], text: &[u8]) -> Packed {
        let both = u128::from_le_bytes(chunk);
        let (head, tail) = (both as u64, (both >> 64) as u64);
        let ends = Sixteen::of(&chunk).ends_of_names();
        if ends == 0 {
            let more = text[PACKED..].iter().take_while(|byte| !is_end(**byte)).count();
            return Packed { head, tail, length: PACKED + more };
        }
        let length = ends.trailing_zeros() as usize;
        let [of_head, of_tail] = MASKS[length];
        Packed { head: head & of_head, tail: tail & of_tail, length }
    }

    /// The slot for this name. It does not depend on the case of letters.
    #[inline(always)]
    const fn slot(self) -> usize {
        let lower = (self.head | (0x20 * ONES)) ^ (self.tail | (0x20 * ONES)).rotate_left(23);
        (lower.wrapping_add(self.length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize % SLOTS
    }
}

/// Whether the first `length` bytes of two texts are equal; both have so many.
#[inline(always)]
pub(crate) fn begin_equally(one: &[u8], other: &[u8], length: usize) -> bool {
    let (Some(one_head), Some(other_head)) = (one.first_chunk::<PACKED>(), other.first_chunk::<PACKED>()) else {
        return one.get(..length) == other.get(..length);
    };
    let unequal = !Sixteen::of(one_head).equal_in(Sixteen::of(other_head));
    if length <= PACKED {
        return unequal & first(length) == 0;
    }
    // The last bytes are compared as a chunk that overlaps the first one.
    match (chunk_before(one, length), chunk_before(other, length)) {
        (Some(one), Some(other)) if length <= 2 * PACKED => {
            (unequal | !Sixteen::of(one).equal_in(Sixteen::of(other))) & first(PACKED) == 0
        }
        _ => one.get(..length) == other.get(..length),
    }
}

/// The chunk that ends before byte `end`.
#[inline(always)]
fn chunk_before(text: &[u8], end: usize) -> Option<&[u8; PACKED]> {
    text.get(..end)?.last_chunk()
}

/// Masks for the first bytes of a head and a tail.
static MASKS: [[u64; 2]; PACKED] = {
    let mut masks = [[0; 2]; PACKED];
    let mut length = 1;
    while length < PACKED {
        let mask = (1_u128 << (8 * length)) - 1;
        masks[length] = [mask as u64, (mask >> 64) as u64];
        length += 1;
    }
    masks
};

/// Packs up to seven bytes.
const fn short(name: &[u8]) -> u64 {
    let length = name.len();
    match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u32::from_le_bytes(*first) as u64 | ((u32::from_le_bytes(*last) as u64) << (8 * (length - 4)))
        }
        _ => {
            let mut value = 0;
            let mut index = 0;
            while index < length {
                value |= (name[index] as u64) << (8 * index);
                index += 1;
            }
            value
        }
    }
}

/// Whether a byte ends a name. The same bytes as [`Sixteen::ends_of_names`].
fn is_end(byte: u8) -> bool {
    byte < b'0' || matches!(byte, b'=' | b'>' | b'?')
}

#[cfg(test)]
mod tests {
    use super::*;

    static NAMES: NameTable = NameTable::new(&["id", "adId", "", "ADID"]);

    #[test]
    fn a_name_is_packed_the_same_way_alone_and_in_a_text() {
        let name = "VASTAdTagURI:NonLinearClickTracking\u{e9}";
        for length in (0..=35).chain([name.len()]) {
            for end in [" ", ">", "=", "/", "\"", "", ">                    ", "=================="] {
                let text = [&name[..length], end].concat();
                assert_eq!(Packed::at_start(text.as_bytes()), Packed::of(&name.as_bytes()[..length]), "{text}");
            }
        }
    }

    #[test]
    fn texts_that_differ_at_any_byte_do_not_begin_equally() {
        let text: Vec<u8> = (0..70).collect();
        for length in 0..=60 {
            for end in length..70 {
                assert!(begin_equally(&text, &text[..end], length), "{length}");
            }
            for place in 0..70 {
                let mut other = text.clone();
                other[place] = 255;
                assert_eq!(begin_equally(&text, &other, length), place >= length, "{length} {place}");
            }
        }
    }

    #[test]
    fn finds_names_in_any_case_and_reports_wrong_case() {
        assert_eq!(NAMES.find("id"), Some(Found { index: 0, exact: true }));
        assert_eq!(NAMES.find("ID"), Some(Found { index: 0, exact: false }));
        assert_eq!(NAMES.find("adId"), Some(Found { index: 1, exact: true }));
        assert_eq!(NAMES.find("AdID"), Some(Found { index: 1, exact: false }));
        assert_eq!(NAMES.find(""), Some(Found { index: 2, exact: true }));
        assert_eq!(NAMES.find("ie"), None);
        assert_eq!(NAMES.find("identifier"), None);
    }
}
