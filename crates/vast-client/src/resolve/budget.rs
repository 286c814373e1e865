//! What a tree may cost: what an ad sends can cost only bounded work.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::{ErrorType, Failure};

/// The most wrapper documents of one source's tree.
const TREE_DOCUMENTS: u32 = 20;
/// The most wrapper documents of one request, over all its sources.
const REQUEST_DOCUMENTS: u32 = 200;

/// The most ads of one source's tree.
pub(super) const TREE_ADS: usize = 100;

/// Counts the wrapper documents of a tree.
pub(super) struct Budget<'a> {
    of_request: &'a AtomicU32,
    of_tree: AtomicU32,
}

impl<'a> Budget<'a> {
    /// The budget of one tree. `of_request` counts those of the whole request.
    pub(super) fn new(of_request: &'a AtomicU32) -> Self {
        Self { of_request, of_tree: AtomicU32::new(0) }
    }

    /// The number of the next document, from 1.
    ///
    /// # Errors
    /// A [`Failure`] when there were too many.
    pub(super) fn next_document(&self) -> Result<u32, Failure> {
        let number = counted(&self.of_tree, TREE_DOCUMENTS, "one source")?;
        counted(self.of_request, REQUEST_DOCUMENTS, "one request")?;
        Ok(number)
    }
}

fn counted(count: &AtomicU32, most: u32, of: &str) -> Result<u32, Failure> {
    let number = count.fetch_add(1, Ordering::Relaxed) + 1;
    if number > most {
        return Err(Failure::new(ErrorType::WrapperLimit, format!("more than {most} wrapper documents of {of}")));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r012_documents_are_counted_per_tree_and_per_request() {
        let request = AtomicU32::new(185);
        let taken = |budget: &Budget<'_>| (0..30).map_while(|_| budget.next_document().ok()).max();
        assert_eq!(taken(&Budget::new(&request)), Some(15), "the request has had 185 of its 200");
        let request = AtomicU32::new(0);
        let budget = Budget::new(&request);
        assert_eq!(taken(&budget), Some(20));
        let refused = budget.next_document().expect_err("the twenty-first");
        assert_eq!((refused.error_type, refused.vast_error_code), (ErrorType::WrapperLimit, Some(302)));
        assert_eq!(request.load(Ordering::Relaxed), 20, "what one tree is refused is not taken from the others");
    }
}
