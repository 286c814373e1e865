//! Closed sets as values of arguments.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use vast_check::Severity;
use vast_client::SourceOrder;
use vast_client::{FetchMode, MediaType};

const MEDIA_TYPES: [(&str, MediaType); 3] =
    [("video", MediaType::Video), ("audio", MediaType::Audio), ("all", MediaType::All)];

const ORDERS: [(&str, SourceOrder); 4] = [
    ("listed", SourceOrder::Listed),
    ("weighted", SourceOrder::Weighted),
    ("fastest", SourceOrder::Fastest),
    ("split", SourceOrder::Split),
];

/// `--mode` and `--fallback-mode`.
pub(super) fn mode() -> impl TypedValueParser<Value = FetchMode> {
    of(&FetchMode::ALL.map(|mode| (mode.as_str(), mode)))
}

/// `--media-type`.
pub(super) fn media_type() -> impl TypedValueParser<Value = MediaType> {
    of(&MEDIA_TYPES)
}

/// `--order`.
pub(super) fn order() -> impl TypedValueParser<Value = SourceOrder> {
    of(&ORDERS)
}

/// `--severity`.
pub(super) fn severity() -> impl TypedValueParser<Value = Severity> {
    of(&Severity::ALL.map(|severity| (severity.as_str(), severity)))
}

fn of<T: Copy + Send + Sync + 'static>(choices: &[(&'static str, T)]) -> impl TypedValueParser<Value = T> + use<T> {
    let choices = choices.to_vec();
    PossibleValuesParser::new(choices.iter().map(|(name, _)| *name)).try_map(move |given| {
        choices.iter().find(|(name, _)| *name == given).map(|(_, value)| *value).ok_or("not one of the values")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vast_client::ConfigFile;

    fn file(text: &str) -> ConfigFile {
        ConfigFile::try_from(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_name_means_the_same_as_an_argument_and_in_a_file() {
        for (name, order) in ORDERS {
            assert_eq!(file(&format!("order = \"{name}\"")).fetch.strategy.order, order);
        }
        for (name, media_type) in MEDIA_TYPES {
            let read = file(&format!("[filter]\nmedia_types = [\"{name}\"]"));
            assert_eq!(read.fetch.parse_filter.media_types, [media_type]);
        }
    }
}
