//! What a source's tree may cost: whatever servers answer, they can cause only bounded work.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::{ErrorType, Failure};

/// The most wrapper documents of one source's tree.
const TREE_DOCUMENTS: u32 = 20;
/// The most wrapper documents of one request, over all its sources.
const REQUEST_DOCUMENTS: u32 = 200;
/// The most ads of one source's tree.
pub(crate) const TREE_ADS: usize = 100;

/// Counts what all lanes of a request cost together.
#[derive(Debug, Default)]
pub(crate) struct RequestBudget {
    documents: AtomicU32,
}

/// Counts what one lane costs.
#[derive(Debug, Default)]
pub(super) struct LaneBudget {
    documents: AtomicU32,
}

impl LaneBudget {
    /// The number of the next wrapper document, from 1.
    ///
    /// # Errors
    /// A [`Failure`] when there were too many, in this lane or in the request.
    pub(super) fn next_document(&self, of_request: &RequestBudget) -> Result<u32, Failure> {
        let number = counted(&self.documents, TREE_DOCUMENTS, "one source")?;
        counted(&of_request.documents, REQUEST_DOCUMENTS, "one request")?;
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
        let request = RequestBudget { documents: AtomicU32::new(185) };
        let taken = |lane: &LaneBudget, request| (0..30).map_while(|_| lane.next_document(request).ok()).max();
        assert_eq!(taken(&LaneBudget::default(), &request), Some(15), "the request has had 185 of its 200");
        let (lane, request) = (LaneBudget::default(), RequestBudget::default());
        assert_eq!(taken(&lane, &request), Some(20));
        let refused = lane.next_document(&request).expect_err("the twenty-first");
        assert_eq!((refused.error_type, refused.vast_error_code), (ErrorType::WrapperLimit, Some(302)));
        assert_eq!(
            request.documents.load(Ordering::Relaxed),
            20,
            "what one tree is refused is not taken from the others"
        );
    }
}
