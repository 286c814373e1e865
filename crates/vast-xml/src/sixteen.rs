//! Sixteen bytes of a text, examined together: a result has one bit for each byte, that of the first byte lowest.

use wide::u8x16;

/// How many bytes are examined together.
pub(crate) const WIDTH: usize = 16;

/// Sixteen neighbouring bytes.
#[derive(Clone, Copy)]
pub(crate) struct Sixteen(u8x16);

impl Sixteen {
    #[inline(always)]
    pub(crate) fn of(chunk: &[u8; WIDTH]) -> Sixteen {
        Sixteen(u8x16::new(*chunk))
    }

    /// The bytes with this value.
    #[inline(always)]
    pub(crate) fn equal(self, byte: u8) -> u32 {
        self.0.simd_eq(u8x16::splat(byte)).to_bitmask()
    }

    /// The bytes that are control characters of ASCII.
    #[inline(always)]
    pub(crate) fn controls(self) -> u32 {
        self.0.min(u8x16::splat(0x1f)).simd_eq(self.0).to_bitmask()
    }

    /// The bytes that end a name in a tag: those below `0`, and `=`, `>` and `?`.
    #[inline(always)]
    pub(crate) fn ends_of_names(self) -> u32 {
        let low = self.0.saturating_sub(u8x16::splat(b'0' - 1));
        // `=`, `>` and `?` become 2, 1 and 0.
        let sign = (self.0 ^ u8x16::splat(b'?')).saturating_sub(u8x16::splat(2));
        low.min(sign).simd_eq(u8x16::ZERO).to_bitmask()
    }

    /// The places at which the other chunk has the same byte.
    #[inline(always)]
    pub(crate) fn equal_in(self, other: Sixteen) -> u32 {
        self.0.simd_eq(other.0).to_bitmask()
    }
}

/// The bits of the first `count` bytes.
#[inline(always)]
pub(crate) fn first(count: usize) -> u32 {
    if count < WIDTH { (1 << count) - 1 } else { 0xffff }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bits of the bytes for which a condition is true.
    fn bits(chunk: [u8; WIDTH], is_true: impl Fn(u8) -> bool) -> u32 {
        chunk.iter().rev().fold(0, |bits, byte| bits << 1 | u32::from(is_true(*byte)))
    }

    #[test]
    fn each_byte_has_its_bit() {
        for byte in 0..=u8::MAX {
            for place in 0..WIDTH {
                let mut chunk = *b"a=\0\xff>b?/0<\x1f \x80&]c";
                chunk[place] = byte;
                let examined = Sixteen::of(&chunk);
                for other in [byte, b'=', 0, 0xff, 0x80] {
                    assert_eq!(examined.equal(other), bits(chunk, |one| one == other), "{chunk:?} {other}");
                    assert_eq!(
                        examined.equal_in(Sixteen::of(&[other; WIDTH])),
                        examined.equal(other),
                        "{chunk:?} {other}"
                    );
                }
                assert_eq!(examined.controls(), bits(chunk, |one| one < b' '), "{chunk:?}");
                let is_end = |one| one < b'0' || matches!(one, b'=' | b'>' | b'?');
                assert_eq!(examined.ends_of_names(), bits(chunk, is_end), "{chunk:?}");
            }
        }
        assert_eq!([0, 1, 15, 16].map(first), [0, 1, 0x7fff, 0xffff]);
    }
}
