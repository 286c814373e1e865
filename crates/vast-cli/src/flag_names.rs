//! The flags for the keys of a configuration. The library names keys in its messages, and the command names its flags.

use vast_client::{ConfigKey, ConfigPath};

use crate::args;

/// The flag for the setting at `path`. If the flag is given once for each entry, the text includes the entry.
pub(crate) fn flag(path: &ConfigPath) -> String {
    let name = path.key.and_then(flag_name).unwrap_or_default();
    path.entry.as_ref().map_or_else(|| format!("--{name}"), |entry| format!("--{name} {entry}"))
}

/// The flag for a key. It has the same name, except for lists, where each flag gives one entry. `None` for tables that have the
/// name of a flag which sets something else.
pub(crate) fn flag_name(key: ConfigKey) -> Option<String> {
    let name = match key {
        // `--break` is a break of a playlist, `--profile` the name of a profile.
        ConfigKey::Break | ConfigKey::Profile => return None,
        ConfigKey::ApiFrameworks => "api-framework",
        ConfigKey::Max => "break-duration",
        ConfigKey::Min => "break-min",
        ConfigKey::ForeignMacros => "foreign-macro",
        ConfigKey::Headers => "header",
        ConfigKey::Macros => "macro",
        ConfigKey::MediaTypes => "media-type",
        ConfigKey::MimeTypes => "mime-type",
        ConfigKey::Params => "param",
        ConfigKey::DeviceProfile => "profile",
        ConfigKey::RequiredDimensions => "dimensions",
        key => return Some(key.as_str().replace('_', "-")),
    };
    Some(name.to_owned())
}

/// The flags of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlagNames(&'static str);

impl FlagNames {
    /// The flags of the command of this name.
    pub(crate) const fn of(command: &'static str) -> Self {
        Self(command)
    }

    /// `text` with the flags in place of the keys in backticks: ``no answer within `source_timeout` `` becomes
    /// `no answer within --source-timeout`. Keys without a flag stay as they are.
    pub(crate) fn in_text(self, text: &str) -> String {
        let mut parts = text.split('`');
        let mut named = parts.next().unwrap_or_default().to_owned();
        // Parts alternate: inside of backticks, outside of them.
        while let Some(quoted) = parts.next() {
            let outside = parts.next();
            match self.flag_of(quoted).filter(|_| outside.is_some()) {
                Some(flag) => named.push_str(&flag),
                None => {
                    named.push('`');
                    named.push_str(quoted);
                    named.push_str(if outside.is_some() { "`" } else { "" });
                }
            }
            named.push_str(outside.unwrap_or_default());
        }
        named
    }

    fn flag_of(self, key: &str) -> Option<String> {
        let name = flag_name(ConfigKey::from_name(key)?)?;
        let definition = args::definition();
        let mut arguments = definition.find_subcommand(self.0)?.get_arguments();
        arguments.any(|argument| argument.get_long() == Some(&*name)).then(|| format!("--{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_backticks_become_the_flags_of_the_command() {
        let cases = [
            ("request", "no answer within `timeout`", "no answer within --timeout"),
            ("request", "no answer within `source_timeout`", "no answer within --source-timeout"),
            ("request", "more than 5 redirects (`max_redirects`): a", "more than 5 redirects (--max-redirects): a"),
            ("request", "set `max`, too", "set --break-duration, too"),
            ("request", "set `break`, too", "set `break`, too"),
            ("request", "kept (`fallback_reserve`)", "kept (`fallback_reserve`)"),
            ("request", "`htp://x`: the scheme", "`htp://x`: the scheme"),
            ("request", "a `mode", "a `mode"),
            ("request", "``", "``"),
            ("parse", "more than 5 redirects (`max_redirects`)", "more than 5 redirects (`max_redirects`)"),
            ("track", "no answer within `timeout`", "no answer within --timeout"),
        ];
        for (command, text, expected) in cases {
            assert_eq!(FlagNames::of(command).in_text(text), expected, "{command}");
        }
    }
}
