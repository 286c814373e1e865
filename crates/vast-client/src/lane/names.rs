//! The names of the sources of a plan.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::error::{ConfigError, ConfigKey, ConfigTable};

/// The names that were already given to sources. A name identifies a source in circuit breakers, metrics and results,
/// so it must be unique.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    counts: HashMap<String, usize>,
}

impl Names {
    /// The name of a source: the given one, else the default with a number if it is taken.
    ///
    /// # Errors
    /// The given name is empty or taken.
    pub(super) fn take(
        &mut self,
        given: Option<&str>,
        default: impl FnOnce() -> String,
        table: ConfigTable,
    ) -> Result<Arc<str>, ConfigError> {
        let name = match given {
            Some("") => {
                return Err(ConfigError::new(table.key(ConfigKey::Name), "is empty: leave it out, or give a name"));
            }
            Some(name) if self.taken.contains(name) => {
                let problem = format!("`{name}` is used by another source: results distinguish sources by name");
                return Err(ConfigError::new(table.key(ConfigKey::Name), problem));
            }
            Some(name) => name.to_owned(),
            None => self.numbered(&default()),
        };
        self.taken.insert(name.clone());
        Ok(name.into())
    }

    fn numbered(&mut self, name: &str) -> String {
        let count = self.counts.entry(name.to_owned()).or_default();
        loop {
            *count += 1;
            let numbered = if *count == 1 { name.to_owned() } else { format!("{name}#{count}") };
            if !self.taken.contains(&numbered) {
                return numbered;
            }
        }
    }
}
