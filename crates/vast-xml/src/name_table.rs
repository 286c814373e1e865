//! A fixed set of names, built at compile time, that finds a name in one probe whatever the case of its letters.

const SLOTS: usize = 512;

/// Up to 254 names. Of two that differ only in case, the first is found.
pub(crate) struct NameTable {
    names: &'static [&'static str],
    /// The number of a name plus one, 0 for none; open addressing.
    slots: [u8; SLOTS],
}

/// A name that is in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its place in the list the table was made from.
    pub(crate) index: usize,
    /// Whether it was spelled exactly so.
    pub(crate) exact: bool,
}

impl NameTable {
    pub(crate) const fn new(names: &'static [&'static str]) -> NameTable {
        assert!(names.len() < 255);
        let mut slots = [0; SLOTS];
        let mut index = 0;
        while index < names.len() {
            let mut slot = hash(names[index].as_bytes());
            while slots[slot] != 0 {
                slot = (slot + 1) % SLOTS;
            }
            index += 1;
            slots[slot] = index as u8;
        }
        NameTable { names, slots }
    }

    pub(crate) fn find(&self, name: &str) -> Option<Found> {
        let mut slot = hash(name.as_bytes());
        while let Some(index) = usize::from(self.slots[slot]).checked_sub(1) {
            let known = self.names[index];
            if known == name {
                return Some(Found { index, exact: true });
            }
            if known.eq_ignore_ascii_case(name) {
                return Some(Found { index, exact: false });
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }
}

/// Four letters and the length tell all names of the standard apart well enough.
const fn hash(name: &[u8]) -> usize {
    let length = name.len();
    if length == 0 {
        return 0;
    }
    let sum = length * 5
        + lower(name[0]) * 31
        + lower(name[length / 2]) * 131
        + lower(name[length * 3 / 4]) * 17
        + lower(name[length - 1]) * 71;
    sum % SLOTS
}

const fn lower(letter: u8) -> usize {
    (letter | 0x20) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    static NAMES: NameTable = NameTable::new(&["id", "adId", "", "ADID"]);

    #[test]
    fn finds_names_in_any_case_and_says_so() {
        assert_eq!(NAMES.find("id"), Some(Found { index: 0, exact: true }));
        assert_eq!(NAMES.find("ID"), Some(Found { index: 0, exact: false }));
        assert_eq!(NAMES.find("adId"), Some(Found { index: 1, exact: true }));
        assert_eq!(NAMES.find("AdID"), Some(Found { index: 1, exact: false }));
        assert_eq!(NAMES.find(""), Some(Found { index: 2, exact: true }));
        assert_eq!(NAMES.find("ie"), None);
        assert_eq!(NAMES.find("identifier"), None);
    }
}
