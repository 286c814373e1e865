//! What a tag tester is asked: a placement, a device and parameters, and those of a second run to compare with.

use url::form_urlencoded;

use super::preset::DevicePreset;
use crate::admin::fields::Fields;
use crate::intake::{BadParameter, Query};
use crate::parameter::{MACRO_PREFIX, Parameter, ParameterRow, TABLE};

/// The names of the fields of the first and of the second run.
pub(in crate::admin) const TESTED: RunFields = RunFields { placement: "placement", preset: "preset", tag: "tag" };
pub(in crate::admin) const COMPARED: RunFields =
    RunFields { placement: "compare_placement", preset: "compare_preset", tag: "compare_tag" };

/// The names of the fields of a run.
#[derive(Debug, Clone, Copy)]
pub(in crate::admin) struct RunFields {
    pub(in crate::admin) placement: &'static str,
    pub(in crate::admin) preset: &'static str,
    /// Further parameters, as in the query of a tag.
    pub(in crate::admin) tag: &'static str,
}

/// What is asked in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::admin) struct TagSettings {
    pub(in crate::admin) placement: String,
    /// The parameters, as the query of a tag.
    pub(in crate::admin) query: String,
}

impl TagSettings {
    /// The parameters that the form has. The others are those of callers with keys or signatures, and have no effect in a test.
    pub(in crate::admin) fn parameters() -> impl Iterator<Item = &'static ParameterRow> {
        use Parameter::{Cachebuster, Debug, Expires, Key, KeyId, Signature};
        let has_effect =
            |row: &&ParameterRow| ![Cachebuster, Debug, Expires, Key, KeyId, Signature].contains(&row.parameter);
        TABLE.iter().filter(has_effect)
    }

    /// The first run.
    pub(in crate::admin) fn tested(fields: &Fields) -> Self {
        Self::of(fields, TESTED, fields)
    }

    /// The second run, if one is asked for: the first one with another placement, device or other parameters.
    pub(in crate::admin) fn compared(fields: &Fields) -> Option<Self> {
        let value = |name: &str| fields.get(name).map(|value| value.trim()).unwrap_or_default();
        let RunFields { placement, preset, tag } = COMPARED;
        if [placement, preset, tag].iter().all(|name| value(name).is_empty()) {
            return None;
        }
        let mut changed = fields.clone();
        // A chosen device comes before what was written out for the first run.
        for (name, value) in DevicePreset::of_key(value(preset)).map_or(&[][..], |preset| preset.values) {
            changed.insert((*name).to_owned(), (*value).to_owned());
        }
        for (name, value) in form_urlencoded::parse(value(tag).as_bytes()) {
            changed.insert(name.into_owned(), value.into_owned());
        }
        let own = |field: &str, of_first: &str| {
            if value(field).is_empty() { value(of_first) } else { value(field) }.to_owned()
        };
        changed.insert(TESTED.placement.to_owned(), own(placement, TESTED.placement));
        changed.insert(TESTED.preset.to_owned(), own(preset, TESTED.preset));
        Some(Self::tested(&changed))
    }

    fn of(fields: &Fields, names: RunFields, parameters: &Fields) -> Self {
        let value = |name: &str| fields.get(name).map(|value| value.trim()).unwrap_or_default();
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut known: Vec<String> = Vec::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() && !known.iter().any(|one| one == name) {
                query.append_pair(name, value);
                known.push(name.to_owned());
            }
        };
        // What is written out comes before the values of the device.
        for row in Self::parameters() {
            add(row.name, parameters.get(row.name).map(|value| value.trim()).unwrap_or_default());
        }
        for (name, value) in parameters.iter().filter(|(name, _)| name.starts_with(MACRO_PREFIX)) {
            add(name, value.trim());
        }
        for (name, value) in form_urlencoded::parse(value(names.tag).as_bytes()) {
            add(&name, value.trim());
        }
        for (name, value) in DevicePreset::of_key(value(names.preset)).map_or(&[][..], |preset| preset.values) {
            add(name, value);
        }
        Self { placement: value(names.placement).to_owned(), query: query.finish() }
    }

    /// The parameters as the gateway reads those of a tag.
    ///
    /// # Errors
    /// The first one that cannot be read.
    pub(super) fn parsed(&self) -> Result<Query<'_>, BadParameter> {
        Query::parse(&self.query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_written_comes_before_the_device_and_a_second_run_changes_only_its_own() {
        let first = [
            ("placement", "preroll"),
            ("preset", "roku"),
            ("w", "640"),
            ("m.genre", "news"),
            ("tag", "gdpr=1&w=9"),
            ("other", "x"),
        ];
        let tested = TagSettings::tested(&fields(&first));
        let ua = "ua=Roku%2FDVP-14.5+%2814.5.0.4173-A7%29";
        assert_eq!(tested.query, format!("w=640&m.genre=news&gdpr=1&{ua}&h=1080&ifa_type=rida"));
        assert_eq!(TagSettings::compared(&fields(&first)), None);
        let with =
            |added: &[(&str, &str)]| TagSettings::compared(&fields(&[&first, added].concat())).expect("a second run");
        assert_eq!(
            with(&[("compare_placement", "other")]),
            TagSettings { placement: "other".to_owned(), ..tested.clone() }
        );
        let changed = with(&[("compare_tag", "w=320&gdpr=0")]).query;
        assert!(changed.starts_with("gdpr=0&w=320&m.genre=news&ua=Roku"), "{changed}");
        let other = with(&[("compare_preset", "samsung")]).query;
        assert!(other.contains("Tizen") && other.contains("w=3840") && !other.contains("Roku"), "{other}");
    }
}
