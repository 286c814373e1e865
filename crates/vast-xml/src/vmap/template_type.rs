//! `AdTagURI@templateType` and `CustomAdData@templateType` (VMAP 1.0.1, section 2.3.2).

use crate::Text;

/// What an ad server answers, or what custom ad data is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TemplateType {
    /// `vast`: of any version.
    Vast,
    /// `vast1`.
    Vast1,
    /// `vast2`.
    Vast2,
    /// `vast3`.
    Vast3,
    /// `vast4`, which VMAP is too old to know.
    Vast4,
    /// `proprietary`.
    Proprietary,
    /// Any other, as written.
    Other(Text),
}

impl TemplateType {
    /// The value as the standard spells it.
    pub fn as_str(&self) -> &str {
        match self {
            TemplateType::Vast => "vast",
            TemplateType::Vast1 => "vast1",
            TemplateType::Vast2 => "vast2",
            TemplateType::Vast3 => "vast3",
            TemplateType::Vast4 => "vast4",
            TemplateType::Proprietary => "proprietary",
            TemplateType::Other(other) => other,
        }
    }

    /// Reads a value in any case.
    pub fn from_name(name: &str) -> TemplateType {
        let known = [
            TemplateType::Vast,
            TemplateType::Vast1,
            TemplateType::Vast2,
            TemplateType::Vast3,
            TemplateType::Vast4,
            TemplateType::Proprietary,
        ];
        let found = known.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| TemplateType::Other(Text::from(name)))
    }

    /// Whether it is VAST, of whatever version: `vast42` is, too.
    pub fn is_vast(&self) -> bool {
        self.as_str().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("vast"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vast_is_vast_of_any_version_and_case() {
        for (name, known, vast) in [
            ("vast3", TemplateType::Vast3, true),
            ("VAST", TemplateType::Vast, true),
            ("vast42", TemplateType::Other("vast42".into()), true),
            ("Proprietary", TemplateType::Proprietary, false),
            ("acme", TemplateType::Other("acme".into()), false),
            ("é", TemplateType::Other("é".into()), false),
        ] {
            let read = TemplateType::from_name(name);
            assert_eq!((read.is_vast(), read), (vast, known), "{name}");
        }
    }
}
