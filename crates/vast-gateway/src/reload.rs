//! Reading the configuration file again. Its content is compared, because the notices of file systems miss the way in which container
//! platforms replace files: a symbolic link to a folder is moved.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use vast_client::ConfigError;

use crate::config::{GatewayConfig, GatewayConfigError, LoadedFile};
use crate::generation::Generation;
use crate::state::GatewayState;

/// How often the file is read.
const POLL: Duration = Duration::from_secs(2);

/// Reads the configuration file again.
#[derive(Clone)]
pub(crate) struct Reloader {
    state: Arc<GatewayState>,
    path: Arc<Path>,
    change: Arc<dyn Fn(&mut GatewayConfig) + Send + Sync>,
    last: Arc<Mutex<LastRead>>,
}

/// What was read last.
struct LastRead {
    file: Result<LoadedFile, GatewayConfigError>,
    /// Why the file could be read, but not be used.
    problem: Option<GatewayConfigError>,
}

/// What a reload has done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reload {
    /// The file has not changed.
    Unchanged,
    /// The file is in use. The value is the number of the configuration.
    Replaced(usize),
}

impl Reloader {
    /// `loaded` is in use. `change` overrides settings of the file.
    pub(crate) fn new(
        state: &Arc<GatewayState>,
        path: PathBuf,
        loaded: LoadedFile,
        change: Arc<dyn Fn(&mut GatewayConfig) + Send + Sync>,
    ) -> Self {
        let last = Arc::new(Mutex::new(LastRead { file: Ok(loaded), problem: None }));
        Self { state: Arc::clone(state), path: path.into(), change, last }
    }

    /// Reads the file, and uses it if it has changed and is right as a whole.
    ///
    /// # Errors
    /// The first mistake, also if the file has had it before. The configuration that was in use stays in use.
    pub(crate) fn reload(&self) -> Result<Reload, GatewayConfigError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let read = GatewayConfig::load(&self.path);
        // A key in a file or in the environment is a part of what is compared.
        if read == last.file {
            return last.problem.clone().map_or(read.map(|_| Reload::Unchanged), Err);
        }
        last.file.clone_from(&read);
        let replaced = read.and_then(|loaded| {
            let mut config = loaded.config;
            (self.change)(&mut config);
            self.state.replace(&config)
        });
        last.problem = replaced.as_ref().err().cloned();
        match &replaced {
            Ok(number) => {
                self.state.set_config_problem(None);
                tracing::info!(generation = number, "the configuration was replaced");
            }
            Err(error) => {
                self.state.counters.failed_reloads.add_one();
                self.state.set_config_problem(Some(error.to_string()));
                tracing::warn!(%error, "the configuration file cannot be used: the older one stays in use");
            }
        }
        replaced.map(Reload::Replaced)
    }

    /// The configuration that a reload would use. It is checked, but not used.
    ///
    /// # Errors
    /// The first mistake.
    pub(crate) async fn pending(&self) -> Result<GatewayConfig, GatewayConfigError> {
        let reloader = self.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut config = GatewayConfig::load(&reloader.path)?.config;
            (reloader.change)(&mut config);
            Generation::compile(&config, reloader.state.client.orchestrator(), None, None)?;
            Ok(config)
        });
        let failed = |_| GatewayConfigError::of_table("server", ConfigError::general("the file cannot be read"));
        read.await.map_err(failed)?
    }

    /// [`reload`](Self::reload) on a thread that may wait for a disk.
    pub(crate) async fn reload_in_background(&self) -> Result<Reload, GatewayConfigError> {
        let reloader = self.clone();
        let reloaded = tokio::task::spawn_blocking(move || reloader.reload()).await;
        reloaded.unwrap_or(Ok(Reload::Unchanged))
    }

    /// Reads the file again and again.
    pub(crate) async fn poll(self) {
        loop {
            tokio::time::sleep(POLL).await;
            // A mistake was logged when it was found.
            drop(self.reload_in_background().await);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use vast_client::env::Env;
    use vast_client::{ClientConfig, FetchConfig, SourceConfig, VastClient};

    use super::*;

    /// Waits until the placements have these names.
    async fn until(state: &GatewayState, names: &[&str]) {
        let found = || state.generation().placements().map(|placement| placement.name.clone()).collect::<Vec<_>>();
        let began = tokio::time::Instant::now();
        while found() != names {
            assert!(began.elapsed() < 3 * POLL, "{:?}, expected {names:?}", found());
            tokio::time::sleep(POLL / 4).await;
        }
    }

    /// Container platforms replace a configuration by moving a symbolic link to its folder.
    #[tokio::test(start_paused = true)]
    async fn a_moved_link_is_seen_and_a_file_with_a_mistake_is_not_used() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let versions = ["one", "two", "three"];
        for name in versions {
            std::fs::create_dir(at(name)).expect("a folder");
            let end = if name == "two" { "what\n" } else { "" };
            let text = format!("[placement.{name}]\nsource = [{{ xml = '<VAST/>' }}]\n{end}");
            std::fs::write(at(name).join("gateway.toml"), text).expect("a file");
        }
        symlink("one", at("..data")).expect("a link");
        symlink("..data/gateway.toml", at("gateway.toml")).expect("a link");
        let client = VastClient::from_config(ClientConfig::from(FetchConfig::new([SourceConfig::inline("<VAST/>")])));
        let client = client.expect("a client");
        let loaded = GatewayConfig::load(&at("gateway.toml")).expect("a configuration");
        let generation =
            Generation::compile(&loaded.config, client.orchestrator(), None, None).expect("a configuration");
        let state = GatewayState::new(client, Env::system(), Arc::default(), generation, None);
        let polling = tokio::spawn(Reloader::new(&state, at("gateway.toml"), loaded, Arc::new(|_| {})).poll());
        for (version, in_use) in [("two", "one"), ("three", "three")] {
            symlink(version, at("new")).expect("a link");
            std::fs::rename(at("new"), at("..data")).expect("the link is moved");
            tokio::time::sleep(2 * POLL).await;
            until(&state, &[in_use]).await;
            assert_eq!(state.config_problem().is_some(), version == "two", "{version}");
        }
        polling.abort();
    }

    #[tokio::test]
    async fn a_file_with_a_mistake_is_refused_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("gateway.toml");
        let write = |url: &str| {
            let text = format!("[placement.a]\nsource = [{{ url = '{url}' }}]\n");
            std::fs::write(&path, text).expect("a file");
        };
        write("https://a.example/");
        let client = VastClient::from_config(ClientConfig::from(FetchConfig::new([SourceConfig::inline("<VAST/>")])));
        let client = client.expect("a client");
        let loaded = GatewayConfig::load(&path).expect("a configuration");
        let generation =
            Generation::compile(&loaded.config, client.orchestrator(), None, None).expect("a configuration");
        let state = GatewayState::new(client, Env::system(), Arc::default(), generation, None);
        let reloader = Reloader::new(&state, path.clone(), loaded, Arc::new(|_| {}));
        // The file can be read, but not be used. A caller who asks after the file was polled must hear of it too.
        write("https://[host]/");
        let refused = reloader.reload().expect_err("a mistake");
        assert_eq!(reloader.reload(), Err(refused));
        assert_eq!(state.counters.failed_reloads.get(), 1, "it is logged and counted once");
        write("https://b.example/");
        assert_eq!(reloader.reload(), Ok(Reload::Replaced(2)));
        assert_eq!(reloader.reload(), Ok(Reload::Unchanged));
        assert_eq!(state.config_problem(), None);
    }
}
