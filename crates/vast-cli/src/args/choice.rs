//! Closed sets as values of arguments.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use vast_check::Severity;
use vast_client::SourceOrder;
use vast_client::{FetchMode, MediaType};

/// `--mode` and `--fallback-mode`.
pub(super) fn mode() -> impl TypedValueParser<Value = FetchMode> {
    of(FetchMode::ALL, FetchMode::as_str)
}

/// `--media-type`.
pub(super) fn media_type() -> impl TypedValueParser<Value = MediaType> {
    of(MediaType::ALL, MediaType::as_str)
}

/// `--order`.
pub(super) fn order() -> impl TypedValueParser<Value = SourceOrder> {
    of(SourceOrder::ALL, SourceOrder::as_str)
}

/// `--severity`.
pub(super) fn severity() -> impl TypedValueParser<Value = Severity> {
    of(&Severity::ALL, Severity::as_str)
}

fn of<T: Copy + Send + Sync + 'static>(
    choices: &[T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> + use<T> {
    let choices = choices.to_vec();
    PossibleValuesParser::new(choices.iter().map(|choice| name(*choice))).try_map(move |given| {
        choices.iter().copied().find(|choice| name(*choice) == given).ok_or("not one of the values")
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
        for mode in FetchMode::ALL {
            assert_eq!(file(&format!("mode = \"{mode}\"")).fetch.strategy.mode, *mode);
        }
        for order in SourceOrder::ALL {
            assert_eq!(file(&format!("order = \"{}\"", order.as_str())).fetch.strategy.order, *order);
        }
        for media_type in MediaType::ALL {
            let read = file(&format!("[filter]\nmedia_types = [\"{}\"]", media_type.as_str()));
            assert_eq!(read.fetch.parse_filter.media_types, [*media_type]);
        }
    }
}
