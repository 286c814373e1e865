//! `vast serve`.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::Child;

use crate::binary::{VastRun, vast};
use crate::signals::send;

/// A gateway that has printed its first lines.
struct Serving {
    child: Child,
    lines: Vec<String>,
}

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    fn start_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let ports = ["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        let program = variables
            .iter()
            .fold(vast(&[&ports, arguments].concat()), |program, (name, value)| program.environment(name, value));
        Self::of(program)
    }

    fn of(program: VastRun) -> Self {
        let mut child = program.start();
        let mut reader = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line: &String| !line.ends_with("/metrics")) {
            let mut line = String::new();
            assert!(reader.read_line(&mut line).expect("text") > 0, "it ended: {lines:?}");
            lines.push(line.trim_end().to_owned());
        }
        Self { child, lines }
    }

    /// The tag of the placement.
    fn tag(&self, placement: &str) -> String {
        let end = format!("/v1/{placement}/vast");
        let line = self.lines.iter().find(|line| line.ends_with(&end)).unwrap_or_else(|| panic!("{:?}", self.lines));
        line.trim_start_matches("tag").trim().to_owned()
    }

    /// What the admin port answers at this path.
    fn admin(&self, path: &str) -> String {
        let state = self.lines.iter().find_map(|line| line.strip_prefix("admin").map(str::trim)).expect("an address");
        get(&format!("{}{path}", state.trim_end_matches('/')))
    }

    /// Whether `/readyz` of the admin port answers with 200.
    fn is_ready(&self) -> bool {
        self.admin("/readyz").starts_with("HTTP/1.1 200")
    }

    /// Ends it with a signal. Returns its exit code and what it wrote to stderr.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        send(signal, &self.child);
        let code = self.child.wait().expect("it ends").code();
        let mut said = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        (code, said)
    }
}

/// The response to a GET request for this URL.
fn get(url: &str) -> String {
    let (address, path) = url.trim_start_matches("http://").split_once('/').expect("a path");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).expect("it reads");
    // The body may be a picture.
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn sources_are_one_placement_that_vast_request_plays() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("house.xml");
    std::fs::write(&path, include_str!("house.xml")).expect("it can be written");
    for signal in ["-INT", "-TERM"] {
        let gateway = Serving::start(&[&format!("house={}", path.display())]);
        let played = vast(&["request", &gateway.tag("default")]).run();
        assert_eq!(played.code, Some(0), "{played:?}");
        let (code, said) = gateway.end(signal);
        assert_eq!((code, said.as_str()), (Some(0), "answers: 1, 1 with an ad; 0 cut; trackers left: 0\n"), "{signal}");
    }
}

#[test]
fn a_changed_file_with_a_mistake_is_a_line_on_stderr_without_any_flag() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, "[placement.a]\nsource = [{ xml = '<VAST/>' }]\n").expect("it can be written");
    for flags in [&[][..], &["--log", "off"]] {
        let file = path.to_str().expect("text");
        let gateway = Serving::start(&[&["--config", file], flags].concat());
        std::fs::write(&path, "[placement.a]\nsource = [{ xml = '<VAST/>' }]\nmode = 'fast'\n").expect("it is written");
        send("-HUP", &gateway.child);
        while !gateway.admin("/api/state").contains("is not one of parallel") {}
        std::fs::write(&path, "[placement.a]\nsource = [{ xml = '<VAST/>' }]\n").expect("it can be written");
        let (_, said) = gateway.end("-TERM");
        let is_said =
            said.contains("WARN the configuration file cannot be used") && said.contains("line 3, `placement.a.mode`");
        assert_eq!(is_said, flags.is_empty(), "{said}");
    }
}

#[test]
fn a_start_that_fails_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gateway.toml");
    let outbox = "[outbox]\npath = 'nowhere/beacons'\n[placement.a]\nsource = [{ xml = '<VAST/>' }]\n";
    std::fs::write(&path, outbox).expect("it can be written");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address").to_string();
    let file = path.to_str().expect("text");
    // Arguments, exit code, the message, whether it speaks of addresses.
    for (arguments, code, message, is_address) in [
        (&["serve"][..], 2, "name the ad servers (SOURCE...), a file (--config FILE), or try --demo", false),
        (&["serve", "--config", file, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"], 3, "nowhere", false),
        (&["serve", "https://a.example/", "--listen", &taken], 3, "in use", true),
        (
            &["serve", "https://a.example/", "--listen", "127.0.0.1:7", "--admin", "127.0.0.1:7"],
            2,
            "taken by `listen`",
            false,
        ),
    ] {
        let run = vast(arguments).run();
        assert_eq!(run.code, Some(code), "{run:?}");
        let has_hint = run.stderr.contains("choose another address with");
        assert!(run.stderr.contains(message) && has_hint == is_address, "{run:?}");
    }
}

#[test]
fn an_answer_is_one_line_of_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("house.xml");
    std::fs::write(&path, include_str!("house.xml")).expect("it can be written");
    let gateway = Serving::start(&[&format!("house={}", path.display()), "--log", "info", "--log-format", "json"]);
    let tag = gateway.tag("default");
    assert_eq!(vast(&["request", &tag]).run().code, Some(0));
    get(&tag.replace("/v1/default/vast", "/b/1token-of-an-event?p=00:00:05"));
    let (_, said) = gateway.end("-TERM");
    let lines: Vec<serde_json::Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of_requests: Vec<_> = lines.iter().filter(|line| line.get("outcome").is_some()).collect();
    let [line, event] = &*of_requests else { panic!("{said}") };
    for (key, expected) in [("message", "reported"), ("outcome", "unknown")] {
        assert_eq!(event[key], expected, "{event}");
    }
    assert_eq!(event["status"], 404, "{event}");
    assert!(!said.contains("token-of-an-event") && !said.contains("00:00:05"), "{said}");
    for (key, expected) in [("message", "served"), ("placement", "default"), ("outcome", "filled"), ("source", "house")]
    {
        assert_eq!(line[key], expected, "{line}");
    }
    assert!(line["request"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
}

#[test]
fn a_gateway_whose_log_nobody_reads_answers_and_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("house.xml");
    std::fs::write(&path, include_str!("house.xml")).expect("it can be written");
    let gateway = Serving::start(&[&format!("house={}", path.display()), "--log", "info", "--log-format", "json"]);
    let tag = gateway.tag("default");
    // More lines than a pipe has room for.
    (0..1_000).for_each(|_| assert!(get(&tag).starts_with("HTTP/1.1 200")));
    let (code, said) = gateway.end("-TERM");
    assert_eq!(code, Some(0));
    assert!(said.len() > 4 << 10, "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn lines_that_nobody_reads_have_one_thread_in_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, "[placement.a]\nsource = [{ xml = \"<VAST/>\" }]\n").expect("it can be written");
    let (unread, mut full) = std::io::pipe().expect("a pipe");
    std::io::Write::write_all(&mut full, &[b'\n'; 64 << 10]).expect("a pipe has room for this");
    let ports = ["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    let file = path.display().to_string();
    let arguments = [&ports[..], &["--config", &file]].concat();
    let gateway = Serving::of(vast(&arguments).stderr(full));
    let writers = || {
        let threads = std::fs::read_dir(format!("/proc/{}/task", gateway.child.id())).expect("a process");
        let names = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("comm")).ok());
        names.filter(|name| ["log", "message"].contains(&name.trim())).count()
    };
    let failures = || {
        let metrics = gateway.admin("/metrics");
        let count = metrics.lines().find_map(|line| line.strip_prefix("vast_gateway_config_failures_total "));
        count.and_then(|count| count.parse::<u32>().ok()).expect("a count")
    };
    for failed in 1..=4 {
        std::fs::write(&path, format!("[placement.a]\nsource_{failed} = 1\n")).expect("it can be written");
        send("-HUP", &gateway.child);
        while failures() < failed {}
    }
    let threads = writers();
    send("-KILL", &gateway.child);
    assert_eq!(threads, 1);
    drop(unread);
}

#[cfg(target_os = "linux")]
#[test]
fn the_service_manager_learns_when_the_gateway_answers_and_when_it_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(std::time::Duration::from_secs(60))).expect("a limit");
    let receive = || {
        let mut bytes = [0; 64];
        let length = socket.recv(&mut bytes).expect("a message in time");
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    let gateway = Serving::start_with(&["https://ads.example/"], &[("NOTIFY_SOCKET", &path.display().to_string())]);
    assert_eq!(receive(), "READY=1");
    assert_eq!(gateway.end("-TERM").0, Some(0));
    assert_eq!(receive(), "STOPPING=1");
}

#[test]
fn the_demo_has_a_tag_for_each_placement() {
    let gateway = Serving::start(&["--demo"]);
    for placement in ["default", "race", "wrapped", "recovering"] {
        let played = vast(&["request", &gateway.tag(placement)]).run();
        assert_eq!(played.code, Some(0), "{placement}: {played:?}");
    }
    assert_eq!(gateway.end("-TERM").0, Some(0));
}

#[test]
fn a_file_is_read_again_at_a_signal() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gateway.toml");
    let write = |name: &str| {
        let text = format!(
            "[placement.{name}]\nsource = [{{ xml = \"<VAST version='4.2'/>\" }}]\n[server]\ndrain.announce = \"0s\"\n"
        );
        std::fs::write(&path, text).expect("it can be written");
    };
    write("one");
    let gateway = Serving::start(&["--config", &path.display().to_string()]);
    let (one, two) = (gateway.tag("one"), gateway.tag("one").replace("one", "two"));
    let code = |tag: &str| vast(&["request", tag]).run().code;
    assert_eq!((code(&one), code(&two)), (Some(1), Some(3)));
    write("two");
    send("-HUP", &gateway.child);
    while code(&two) != Some(1) {}
    assert_eq!(code(&one), Some(3));
    assert_eq!(gateway.end("-TERM").0, Some(0));
}

#[test]
fn a_socket_in_the_file_system_is_printed_as_nginx_writes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vast.sock").display().to_string();
    let gateway = Serving::start(&["https://ads.example/", "--listen", &format!("unix:{path}")]);
    assert!(gateway.lines.contains(&format!("tag    http://unix:{path}:/v1/default/vast")), "{:?}", gateway.lines);
    assert!(std::os::unix::net::UnixStream::connect(&path).is_ok());
    assert_eq!(gateway.end("-TERM").0, Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gateway.toml");
    let text = "[placement.a]\nsource = [{ xml = \"<VAST/>\" }]\n[server]\ndrain.announce = \"1h\"\n";
    std::fs::write(&path, text).expect("it can be written");
    for (first, second) in [("-TERM", "-TERM"), ("-INT", "-INT"), ("-TERM", "-INT")] {
        let gateway = Serving::start(&["--config", &path.display().to_string()]);
        assert!(gateway.is_ready());
        send(first, &gateway.child);
        while gateway.is_ready() {}
        assert_eq!(gateway.end(second).0, Some(143), "{first} {second}");
    }
}

#[test]
fn the_tag_of_a_port_with_tls_begins_with_https() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let issued = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    std::fs::write(at("tls.crt"), issued.cert.pem()).expect("it can be written");
    std::fs::write(at("tls.key"), issued.signing_key.serialize_pem()).expect("it can be written");
    std::fs::write(at("house.xml"), include_str!("house.xml")).expect("it can be written");
    let text = "[server]\ntls = { certificate = \"tls.crt\", key = \"tls.key\" }\ndrain.announce = \"0s\"\n\
        [placement.a]\nsource = [{ file = \"house.xml\" }]\n";
    std::fs::write(at("gateway.toml"), text).expect("it can be written");
    let gateway = Serving::start(&["--config", &at("gateway.toml").display().to_string()]);
    let tag = gateway.tag("a");
    assert!(tag.starts_with("https://127.0.0.1:"), "{tag}");
    let played = vast(&["request", "--ca-file", &at("tls.crt").display().to_string(), &tag]).run();
    assert_eq!(played.code, Some(0), "{played:?}");
    assert_eq!(gateway.end("-TERM").0, Some(0));
}

#[test]
fn a_wrong_use_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, "[placement.a]\nsourc = 1\n").expect("it can be written");
    let file = path.display().to_string();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").to_string();
    // Arguments, exit code, a part of the message.
    for (arguments, code, part) in [
        (&["serve"][..], 2, "SOURCE"),
        (&["serve", "-"], 2, "standard input"),
        (&["serve", "htp://x"], 2, "the scheme"),
        (&["serve", "--config", &file], 2, "line 2, `placement.a`: unknown key `sourc`"),
        (&["config", "check", &file], 2, "line 2, `placement.a`: unknown key `sourc`"),
        (&["serve", "https://a/", "--listen", &port], 3, &port),
        (&["serve", "https://a/", "--admin", "0.0.0.0:0"], 2, "can be reached from other machines"),
    ] {
        let run = vast(arguments).run();
        assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(part), "{arguments:?}: {run:?}");
    }
}

#[test]
fn the_configuration_of_a_gateway_is_shown_without_its_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("key"), "0123456789abcdef-value").expect("it can be written");
    let path = folder.path().join("gateway.toml");
    let text = "[tenant.acme]\nrate = 100\nkeys = [{ name = \"ssai\", file = \"key\" }]\n\
        [placement.preroll]\ntenant = \"acme\"\naccess = \"key\"\nmode = \"race\"\n\
        source = [{ url = \"https://a/\" }, { url = \"https://b/\" }]\n";
    // `vast serve` reads files of this size.
    let text = format!("#{}\n{text}", "x".repeat(3 << 20));
    std::fs::write(&path, text).expect("it can be written");
    let run = vast(&["config", "check", &path.display().to_string()]).run();
    assert_eq!(run.code, Some(0), "{run:?}");
    for part in ["1 placement, 1 tenant", "100/s", "ssai", "preroll", "key", "race", "2 sources, 0 fallbacks"] {
        assert!(run.stdout.contains(part), "{part}: {run:?}");
    }
    assert!(!run.stdout.contains("-value"), "{run:?}");
}
