//! Every key of a script, checked on the reply of the server.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use vast_mock::{Action, BodyPart, End, Framing, Reply, Request, Response, Script, Server};

const MS: fn(u64) -> Duration = Duration::from_millis;

/// The first server of a scenario whose answer has these lines. A second server has the name `west`.
fn server_with(answer: &str) -> Server {
    server_of(&format!(
        "[[server]]\nname = 'east'\n[[server.answer]]\n{answer}\n[[server]]\nname = 'west'\nsink = true"
    ))
}

fn server_of(text: &str) -> Server {
    let script = Script::parse(text, Path::new("")).expect("a valid script");
    script.prepare(|name| format!("http://{name}.test")).swap_remove(0)
}

fn ask(server: &Server, request: &Request) -> Reply {
    server.reply(request, &mut fastrand::Rng::with_seed(1))
}

fn response_to(answer: &str, request: &Request) -> Response {
    respond(&server_with(answer), request)
}

fn respond(server: &Server, request: &Request) -> Response {
    match ask(server, request).action {
        Action::Respond(response) => response,
        other => panic!("not a response: {other:?}"),
    }
}

fn response(answer: &str) -> Response {
    response_to(answer, &Request::get("/vast?cb=7"))
}

fn headers(response: &Response) -> Vec<(&str, &str)> {
    response.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn statuses(server: &Server, targets: &[&str]) -> Vec<u16> {
    targets.iter().map(|target| respond(server, &Request::get(*target)).status).collect()
}

#[test]
fn an_empty_answer_is_ok_at_once() {
    let reply = ask(&server_with(""), &Request::get("/"));
    assert_eq!(reply.after, Duration::ZERO);
    let Action::Respond(response) = reply.action else { panic!("not a response") };
    assert_eq!((response.status, response.reason), (200, "OK"));
    assert_eq!(headers(&response), [("Content-Length", "0")]);
    assert_eq!((response.parts, response.end), (vec![], End::Complete));
}

#[test]
fn status() {
    assert_eq!(response("status = 503").status, 503);
    let empty = response("status = 204\nbody = 'not sent'\nchunked = true");
    assert_eq!((empty.headers, empty.parts, empty.framing), (vec![], vec![], Framing::Length));
}

#[test]
fn delay_fixed_and_drawn() {
    let after = |delay: &str| ask(&server_with(&format!("delay = {delay}")), &Request::get("/")).after;
    assert_eq!(after("'200ms'"), MS(200));
    assert_eq!(after("'1.5s'"), MS(1500));
    assert_eq!(after("'1m 30s'"), MS(90_000));
    assert!((MS(100)..MS(300)).contains(&after("{ uniform = ['100ms', '300ms'] }")));
    assert_eq!(after("{ normal = ['200ms', '0ms'] }"), MS(200));
    assert!(after("{ pareto = ['100ms', 1.5] }") > MS(100));
}

#[test]
fn the_same_seed_gives_the_same_delays_and_another_gives_others() {
    let server = server_with("delay = { pareto = ['100ms', 1.5] }");
    let draw = |seed| {
        let mut rng = fastrand::Rng::with_seed(seed);
        (0..10).map(|_| server.reply(&Request::get("/"), &mut rng).after).collect::<Vec<_>>()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn delay_comes_before_a_fault_too() {
    let reply = |fault: &str| ask(&server_with(&format!("delay = '1s'\nfault = '{fault}'")), &Request::get("/"));
    assert_eq!(reply("reset"), Reply { after: MS(1000), action: Action::Reset });
    assert_eq!(reply("hang"), Reply { after: MS(1000), action: Action::Hang });
    assert_eq!(reply("close"), Reply { after: MS(1000), action: Action::Close });
}

#[test]
fn headers_may_repeat_and_may_lie() {
    let several = response("headers = { 'Content-Type' = 'text/xml', 'Set-Cookie' = ['a=1', 'b=2'] }");
    let expected =
        [("Content-Type", "text/xml"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Length", "0")];
    assert_eq!(headers(&several), expected);
    let lying = response("body = 'four'\nheaders = { 'content-length' = '99' }");
    assert_eq!(headers(&lying), [("content-length", "99")]);
}

#[test]
fn body_and_its_length() {
    let response = response("body = '<VAST/>'");
    assert_eq!((response.body(), response.header("content-length")), (b"<VAST/>".to_vec(), Some("7")));
    assert_eq!(response.parts.len(), 1);
}

#[test]
fn head_gets_the_head_only() {
    let head = Request { method: "HEAD".to_owned(), ..Request::get("/") };
    let response = response_to("body = '<VAST/>'\ntruncate = 3\nchunk = 2", &head);
    assert_eq!((response.header("content-length"), response.parts.len(), response.end), (Some("7"), 0, End::Complete));
    assert_eq!(response_to("body = 'x'\nchunked = true", &head).framing, Framing::Length);
}

#[test]
fn file_is_relative_to_the_script() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ad.xml"), "<VAST>{{self}}</VAST>").expect("written");
    let scenario = folder.path().join("scenario.toml");
    std::fs::write(&scenario, "[[server]]\nname = 'east'\n[[server.answer]]\nfile = 'ad.xml'").expect("written");
    let script = Script::load(&scenario).expect("a valid script");
    let server = script.prepare(|_| "http://own.test".to_owned()).swap_remove(0);
    assert_eq!(respond(&server, &Request::get("/")).body(), b"<VAST>http://own.test</VAST>");
}

#[test]
fn encoding_compresses_and_sets_its_header() {
    let gzip = response("encoding = 'gzip'\nbody = '<VAST>{{request.query.cb}}</VAST>'");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&gzip.body()[..]).read_to_string(&mut text).expect("gzip");
    assert_eq!((text.as_str(), gzip.header("content-encoding")), ("<VAST>7</VAST>", Some("gzip")));
    assert_eq!(gzip.header("content-length"), Some(gzip.body().len().to_string().as_str()));

    let deflate = response("encoding = 'deflate'\nbody = 'x'");
    text.clear();
    flate2::read::ZlibDecoder::new(&deflate.body()[..]).read_to_string(&mut text).expect("zlib");
    assert_eq!((text.as_str(), deflate.header("content-encoding")), ("x", Some("deflate")));
    assert_eq!(response("encoding = 'br'\nbody = 'x'").header("content-encoding"), Some("br"));
}

#[test]
fn raw_sets_the_encoding_and_keeps_the_bytes() {
    let raw = response("encoding = 'gzip'\nraw = true\nbody = 'not gzip {{self}}'");
    assert_eq!((raw.body(), raw.header("content-encoding")), (b"not gzip {{self}}".to_vec(), Some("gzip")));
}

#[test]
fn truncate_announces_all_and_sends_less() {
    let cut = response("body = '<VAST></VAST>'\ntruncate = 6");
    assert_eq!((cut.body(), cut.header("content-length"), cut.end), (b"<VAST>".to_vec(), Some("13"), End::Close));
    let generous = response("body = 'four'\ntruncate = 99");
    assert_eq!((generous.body(), generous.end), (b"four".to_vec(), End::Close));
}

#[test]
fn in_body_is_the_action_after_the_cut() {
    let end = |then: &str| response(&format!("body = 'four'\ntruncate = 2\nin_body = '{then}'")).end;
    assert_eq!([end("reset"), end("hang"), end("close")], [End::Reset, End::Hang, End::Close]);
    let head_only = response("body = 'four'\ntruncate = 0\nin_body = 'hang'");
    assert_eq!((head_only.parts, head_only.end), (vec![], End::Hang));
}

#[test]
fn chunk_and_chunk_delay_are_a_slow_body() {
    let part = |after, bytes: &'static str| BodyPart { after: MS(after), bytes: bytes.into() };
    let slow = response("body = 'abcde'\nchunk = 2\nchunk_delay = '50ms'");
    assert_eq!(slow.parts, [part(50, "ab"), part(50, "cd"), part(50, "e")]);
    assert_eq!(response("body = 'abc'\nchunk = 2").parts, [part(0, "ab"), part(0, "c")]);
    assert_eq!(response("body = 'abc'\nchunk_delay = '50ms'").parts, [part(50, "abc")]);
    let stuck = response("body = 'abcde'\nchunk = 2\nchunk_delay = '50ms'\ntruncate = 3\nin_body = 'hang'");
    assert_eq!((stuck.parts, stuck.end), (vec![part(50, "ab"), part(50, "c")], End::Hang));
}

#[test]
fn chunked_replaces_the_length() {
    let chunked = response("body = 'abc'\nchunked = true");
    assert_eq!(headers(&chunked), [("Transfer-Encoding", "chunked")]);
    assert_eq!((chunked.framing, chunked.body()), (Framing::Chunked, b"abc".to_vec()));
    assert_eq!(response("chunked = true").framing, Framing::Chunked);
}

#[test]
fn redirect_sets_status_and_location() {
    let found = response("redirect = '{{west}}/other?cb={{request.query.cb}}'");
    assert_eq!((found.status, found.header("location")), (302, Some("http://west.test/other?cb=7")));
    assert_eq!(response("redirect = '/x'\nstatus = 308").status, 308);
    let lying = response("redirect = '/x'\nheaders = { location = '/y' }");
    assert_eq!(headers(&lying), [("location", "/y"), ("Content-Length", "0")]);
}

#[test]
fn connection_close() {
    assert_eq!(response("connection_close = true").header("connection"), Some("close"));
}

#[test]
fn placeholders_in_body_and_headers() {
    let text = "body = '{{self}}{{request.path}} {{west}} {{nobody}}'\nheaders = { Link = '{{self}}{{request.path}}' }";
    let response = response(text);
    assert_eq!(response.body(), b"http://east.test/vast http://west.test {{nobody}}");
    assert_eq!(response.header("link"), Some("http://east.test/vast"));
}

const SEQUENCES: &str = "
[[server]]
name = 'east'
repeat = 'REPEAT'
[[server.answer]]
status = 500
[[server.answer]]
path = '/a b'
status = 201
[[server.answer]]
status = 200
[[server.answer]]
path = '/a b'
status = 202
";

#[test]
fn path_makes_a_sequence_and_repeat_continues_it() {
    let last = server_of(&SEQUENCES.replace("REPEAT", "last"));
    let targets = ["/", "/a%20b?x=1", "/x", "/a%20b", "/y", "/a%20b"];
    assert_eq!(statuses(&last, &targets), [500, 201, 200, 202, 200, 202]);
    let cycle = server_of(&SEQUENCES.replace("REPEAT", "cycle"));
    assert_eq!(statuses(&cycle, &targets), [500, 201, 200, 202, 500, 201]);
}

#[test]
fn a_path_without_answer_is_not_found() {
    assert_eq!(statuses(&server_with("path = '/vast'"), &["/vast", "/", "/vast/", "/VAST"]), [200, 404, 404, 404]);
}

#[test]
fn port_name_and_seed() {
    let script = Script::parse("[[server]]\nname = 'east'\nport = 8080\nsink = true", Path::new("")).expect("valid");
    assert_eq!((script.servers()[0].name(), script.servers()[0].port(), script.seed()), ("east", 8080, 1));
    assert_eq!(script.with_seed(9).seed(), 9);
}

#[test]
fn a_sink_answers_all_requests_without_a_scripted_answer() {
    let text = "[[server]]\nname = 'east'\nsink = true\n[[server.answer]]\npath = '/down'\nstatus = 500";
    assert_eq!(statuses(&server_of(text), &["/", "/down", "/x?y"]), [204, 500, 204]);
    let gif = respond(&server_of("[[server]]\nname = 'east'\nsink = 'gif'"), &Request::get("/"));
    assert_eq!((gif.header("content-type"), &gif.body()[..6]), (Some("image/gif"), &b"GIF89a"[..]));
}

#[test]
fn directory_serves_its_files_and_nothing_else() {
    let root = tempfile::tempdir().expect("a folder");
    let ads = root.path().join("ads");
    std::fs::create_dir_all(ads.join("deeper")).expect("made");
    for (name, text) in [("ads/a b.xml", "<VAST>{{self}}/x</VAST>"), ("ads/deeper/x", "no"), ("secret.xml", "no")] {
        std::fs::write(root.path().join(name), text).expect("written");
    }
    let script = Script::parse("[[server]]\nname = 'east'\ndirectory = 'ads'", root.path()).expect("valid");
    let server = script.prepare(|_| "http://own.test".to_owned()).swap_remove(0);

    let file = respond(&server, &Request::get("/a%20b.xml?cb=1"));
    assert_eq!(
        (file.body(), file.header("content-type")),
        (b"<VAST>http://own.test/x</VAST>".to_vec(), Some("application/xml"))
    );
    let index = String::from_utf8(respond(&server, &Request::get("/")).body()).expect("text");
    assert!(index.contains("<a href=\"/a%20b%2Exml\">a b.xml</a>") && !index.contains("deeper"), "{index}");
    std::fs::write(ads.join("new.xml"), "<VAST/>").expect("written");
    std::fs::remove_file(ads.join("a b.xml")).expect("removed");
    assert_eq!(statuses(&server, &["/new.xml", "/a%20b.xml"]), [200, 404], "the files as they are now");
    let outside = ["/../secret.xml", "/..%2Fsecret.xml", "/%2e%2e/secret.xml", "/deeper/x", "/deeper", "//secret.xml"];
    assert_eq!(statuses(&server, &outside), [404; 6]);
}

#[test]
fn tables_of_other_readers_are_ignored() {
    let text = "timeout = '3s'\n[request]\nmode = 'race'\n[[server]]\nname = 'a'\nsink = true\n[expect]\na = 'filled'";
    assert_eq!(Script::parse(text, Path::new("")).expect("valid").servers().len(), 1);
}
