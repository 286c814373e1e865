//! `vast mock`, `vast demo`, `vast completions` and `vast man`.

use std::io::{BufRead, BufReader, Read};

use crate::binary::vast;

#[cfg(unix)]
#[test]
fn a_folder_is_served_until_a_signal() {
    for signal in ["-INT", "-TERM"] {
        serve_until(signal);
    }
}

#[cfg(unix)]
fn serve_until(signal: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("empty.xml"), "<VAST version=\"3.0\"/>").expect("it can be written");
    let mut server = vast(&["mock", "--dir", folder.path().to_str().expect("a path")]).start();
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("a pipe")).read_line(&mut line).expect("text");
    let (name, url) = line.trim_end().split_once(' ').expect("a name and a URL");
    assert_eq!(name, "files");
    let document = format!("{url}/empty.xml");
    assert_eq!(vast(&["request", &document]).run().code, Some(1));
    std::fs::write(folder.path().join("empty.xml"), include_str!("house.xml")).expect("it can be written");
    assert_eq!(vast(&["request", &document]).run().code, Some(0), "the file as it is now");
    std::fs::write(folder.path().join("new.xml"), include_str!("house.xml")).expect("it can be written");
    assert_eq!(vast(&["request", &format!("{url}/new.xml")]).run().code, Some(0), "a file that is new");
    std::fs::remove_file(folder.path().join("empty.xml")).expect("it can be removed");
    assert_eq!(vast(&["request", &document]).run().code, Some(3), "a file that is gone");
    crate::signals::send(signal, &server);
    assert_eq!(server.wait().expect("it ends").code(), Some(0), "a signal is the normal end");
    let mut said = String::new();
    server.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert!(said.contains("files#1 GET /empty.xml -> 200, 21 bytes"), "{said}");
    assert_eq!(said.lines().count(), 4, "{said}");
}

#[test]
fn a_wrong_scenario_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrong.toml");
    std::fs::write(&path, "[[server]]\nname = \"east\"\ncolour = 1\n").expect("it can be written");
    let ended = vast(&["mock", path.to_str().expect("a path")]).run();
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("wrong.toml: line 3, `colour = 1`: unknown field `colour`"), "{ended:?}");
}

#[test]
fn a_port_in_use_is_a_failure() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let ended = vast(&["mock", "--dir", ".", "--port", &port]).run();
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains(&format!("port {port}")), "{ended:?}");
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = vast(&["completions", shell]).run();
        assert_eq!(ended.code, Some(0));
        assert!(ended.stdout.contains("fallback-mode"), "{shell}");
    }
}

#[test]
fn manual_pages_know_the_commands() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a path");
    assert_eq!(vast(&["man", "--dir", path]).run().code, Some(0));
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    for (name, part) in [
        ("vast.1", "vast\\-request(1)"),
        ("vast-request.1", "\\-\\-source\\-timeout"),
        ("vast-outbox-stats.1", "outbox"),
    ] {
        assert!(page(name).contains(part), "{name}: {}", page(name));
    }
    let printed = vast(&["man"]).run();
    assert_eq!((printed.code, printed.stdout), (Some(0), page("vast.1")));
    let new = format!("{path}/new/man1");
    assert_eq!(vast(&["man", "--dir", &new]).run().code, Some(0));
    assert_eq!(page("new/man1/vast.1"), page("vast.1"));
    let wrong = vast(&["man", "--dir", &format!("{path}/vast.1")]).run();
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}
