//! The checkout that is checked: its files, and the crates in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders without sources of ours: build output, history, downloads of other tools.
const SKIPPED: [&str; 7] = ["target", ".git", "node_modules", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache"];

/// The trees for the tests of the checks. They break the rules on purpose.
const FIXTURE_TREES: &str = "xtask/tests/trees";

/// A checkout, listed once.
#[derive(Debug)]
pub struct Repository {
    /// The root folder.
    pub root: PathBuf,
    /// Every file, relative to the root, with `/`, sorted.
    pub files: Vec<String>,
    /// Every folder, relative to the root, with `/`, sorted.
    pub folders: Vec<String>,
    /// Every crate of the workspace, sorted by folder.
    pub crates: Vec<Crate>,
}

/// One crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crate {
    /// The package's name as in its manifest, such as `vast-xml`.
    pub name: String,
    /// Its folder relative to the root, such as `crates/vast-xml`.
    pub folder: String,
    /// Whether it may be published: its manifest does not say `publish = false`.
    pub published: bool,
    /// The names of its normal and build dependencies, without development dependencies.
    pub dependencies: Vec<String>,
}

impl Repository {
    /// Lists the files below `root` and reads the manifests of `crates/*` and `xtask`.
    ///
    /// # Errors
    /// When a folder cannot be listed or a manifest cannot be read or is not TOML.
    pub fn open(root: &Path) -> io::Result<Self> {
        let mut repository = Self { root: root.to_owned(), files: Vec::new(), folders: Vec::new(), crates: Vec::new() };
        repository.list("")?;
        repository.files.sort();
        repository.folders.sort();
        repository.crates =
            repository.manifests().map(|manifest| repository.read_crate(manifest)).collect::<Result<_, _>>()?;
        Ok(repository)
    }

    /// The text of a file; `None` if it is not UTF-8, because the rules about text then do not apply.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn text(&self, file: &str) -> io::Result<Option<String>> {
        match fs::read_to_string(self.root.join(file)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
            Err(error) => Err(io::Error::new(error.kind(), format!("{file}: {error}"))),
        }
    }

    /// The Rust files, relative to the root.
    pub fn rust_files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str).filter(|file| file.ends_with(".rs"))
    }

    /// Whether a file or folder with this name exists.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/').to_owned();
        self.files.binary_search(&path).is_ok() || self.folders.binary_search(&path).is_ok()
    }

    /// Whether the crate with this name may be published.
    pub fn publishes(&self, package: &str) -> bool {
        self.crates.iter().any(|unit| unit.name == package && unit.published)
    }

    fn list(&mut self, folder: &str) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            // In a linked worktree `.git` is a file.
            if SKIPPED.contains(&name.as_str()) || path == FIXTURE_TREES {
                continue;
            }
            if !entry.file_type()?.is_dir() {
                self.files.push(path);
            } else {
                self.list(&path)?;
                self.folders.push(path);
            }
        }
        Ok(())
    }

    fn manifests(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str).filter(|file| match file.strip_suffix("/Cargo.toml") {
            Some("xtask") => true,
            Some(folder) => folder.strip_prefix("crates/").is_some_and(|name| !name.contains('/')),
            None => false,
        })
    }

    fn read_crate(&self, manifest: &str) -> io::Result<Crate> {
        let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidData, format!("{manifest}: {message}"));
        let text = fs::read_to_string(self.root.join(manifest))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| invalid(error.to_string()))?;
        let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        let name = name.ok_or_else(|| invalid("no package name".to_owned()))?;
        let mut dependencies = dependency_names(&table);
        if let Some(targets) = table.get("target").and_then(toml::Value::as_table) {
            dependencies.extend(targets.values().filter_map(toml::Value::as_table).flat_map(dependency_names));
        }
        let folder = manifest.trim_end_matches("/Cargo.toml").to_owned();
        let publish = table.get("package").and_then(|package| package.get("publish")).and_then(toml::Value::as_bool);
        Ok(Crate { name: name.to_owned(), folder, published: publish != Some(false), dependencies })
    }
}

/// The packages under `[dependencies]` and `[build-dependencies]`. A renamed package is listed with its real name.
fn dependency_names(table: &toml::Table) -> Vec<String> {
    let tables = ["dependencies", "build-dependencies"].into_iter().filter_map(|key| table.get(key)?.as_table());
    let entries = tables.flatten();
    let real_name = |(key, value): (&String, &toml::Value)| {
        value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
    };
    entries.map(real_name).collect()
}
