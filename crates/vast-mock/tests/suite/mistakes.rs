//! The errors of invalid scripts: where they are and why.

use std::path::Path;

use vast_mock::{Answer, Problem, Script, ScriptError};

fn error(text: &str) -> String {
    Script::parse(text, Path::new("/nowhere")).expect_err("a mistake").to_string()
}

fn error_in_answer(line: &str) -> String {
    error(&format!("[[server]]\nname = 'east'\n\n[[server.answer]]\npath = '/vast'\n{line}\n"))
}

#[test]
fn unknown_keys_are_named_with_the_known_ones() {
    let message = error_in_answer("dealy = '1s'");
    assert!(message.starts_with("line 6, `dealy = '1s'`: unknown field `dealy`, expected one of `path`"), "{message}");
    assert!(message.contains("`delay`") && message.contains("`connection_close`"), "{message}");
    let message = error("[[server]]\nname = 'east'\nprot = 1\nsink = true");
    assert!(
        message.starts_with("line 3, `prot = 1`: unknown field `prot`, expected one of `name`, `port`"),
        "{message}"
    );
}

#[test]
fn values_of_the_wrong_kind_are_named_with_their_line() {
    let cases = [
        ("delay = 200", "line 6, `delay = 200`: invalid type: integer `200`, expected a duration with its unit"),
        ("delay = 0.5", "expected a duration with its unit in quotes"),
        ("delay = '200'", "line 6, `delay = '200'`: `200` is not a duration; write \"200ms\""),
        ("delay = '-1s'", "`-1s` is negative"),
        ("delay = { uniform = [1, 2] }", "invalid type: integer `1`, expected a duration with its unit"),
        ("delay = { gauss = ['1s', '1s'] }", "unknown variant `gauss`, expected one of `uniform`, `normal`, `pareto`"),
        ("fault = 'explode'", "unknown variant `explode`, expected one of `reset`, `hang`, `close`"),
        ("encoding = 'zip'", "unknown variant `zip`, expected one of `gzip`, `deflate`, `br`"),
        ("status = 'ok'", "line 6, `status = 'ok'`: invalid type"),
        ("headers = { A = 1 }", "expected a text or a list of texts"),
        ("truncate = -1", "line 6, `truncate = -1`"),
    ];
    for (line, expected) in cases {
        let message = error_in_answer(line);
        assert!(message.starts_with("line 6, ") && message.contains(expected), "{line}: {message}");
    }
}

#[test]
fn broken_rules_are_named_with_line_server_answer_and_key() {
    let cases = [
        ("status = 20", "`status`: not between 100 and 999"),
        ("chunk = 0", "`chunk`: pieces need at least one byte"),
        ("in_body = 'reset'", "`in_body`: needs `truncate`: after how many bytes"),
        (
            "wire = true\nstatus = 404",
            "`wire`: excludes `status`, `headers`, `encoding`, `chunked`, `redirect` and `connection_close`: the bytes have the whole response",
        ),
        ("raw = true", "`raw`: needs `encoding`, the encoding of the body"),
        (
            "delay = { uniform = ['2s', '1s'] }",
            "`delay`: uniform needs [shortest, longest], pareto needs a shape above 0",
        ),
        (
            "chunk_delay = { pareto = ['2s', 0.0] }",
            "`chunk_delay`: uniform needs [shortest, longest], pareto needs a shape above 0",
        ),
        ("headers = { 'a b' = 'c' }", "`headers`: not a header name, or a value with a line break"),
        ("headers.a = \"b\\r\\nc: d\"", "`headers`: not a header name, or a value with a line break"),
        ("redirect = \"/\\n\"", "`redirect`: not a header name, or a value with a line break"),
    ];
    for (line, expected) in cases {
        assert_eq!(error_in_answer(line), format!("line 6: server \"east\", answer 1, key {expected}"));
    }
    let second =
        "[[server]]\nname = 'a'\nsink = true\n[[server]]\nname = 'b'\n[[server.answer]]\n[[server.answer]]\npath = 'x'";
    assert_eq!(error(second), "line 8: server \"b\", answer 2, key `path`: does not begin with `/`");
    let inline =
        "[[server]]\nname = 'a'\nanswer = [{ status = 20 }]\n[[server]]\nname = 'b'\n[[server.answer]]\nstatus = 200";
    assert_eq!(error(inline), "line 3: server \"a\", answer 1, key `status`: not between 100 and 999");
    let both = error_in_answer("body = 'a'\nfile = 'b'");
    assert_eq!(both, "line 7: server \"east\", answer 1, key `file`: `body` and `file` exclude each other");
}

#[test]
fn servers_need_a_unique_name_and_an_answer() {
    assert_eq!(error("[request]"), "key `server`: no [[server]] table");
    assert_eq!(
        error("[[server]]\nname = 'a'\nsink = true\n[[server]]\nsink = true\nname = 'a'"),
        "line 6: server \"a\", key `name`: another server has this name"
    );
    for name in ["self", "", "a b", "request.path", "ä"] {
        let message = error(&format!("[[server]]\nname = '{name}'\nsink = true"));
        assert!(message.starts_with("line 2: ") && message.contains("a name is made of letters"), "{message}");
    }
    let empty = error("[[server]]\nname = 'a'\nsink = false");
    assert_eq!(empty, "line 1: server \"a\", key `answer`: a server needs [[server.answer]], `directory` or `sink`");
    assert!(error("[[server]]\nsink = true").contains("missing field `name`"));
    assert!(error("[[server]]\nname = 'a'\nsink = 'jpeg'").contains("expected true, false or \"gif\""));
    assert!(error("[[server]]\nname = 'a'\nrepeat = 'never'").contains("expected `last` or `cycle`"));
    assert!(error("[[server]\nname").starts_with("line 1, "));
}

#[test]
fn files_that_cannot_be_read_are_named() {
    assert!(error_in_answer("file = 'none.xml'").starts_with("cannot read /nowhere/none.xml: "));
    assert!(error("[[server]]\nname = 'a'\ndirectory = 'none'").starts_with("cannot read /nowhere/none: "));
    let missing = Script::load("/nowhere/scenario.toml").expect_err("no file").to_string();
    assert!(missing.starts_with("cannot read /nowhere/scenario.toml: "), "{missing}");
}

#[test]
fn the_builder_keeps_the_same_rules() {
    let built = Script::builder().server("east").answer(Answer::new()).answer(Answer::new().pieces_of(0)).build();
    let Err(ScriptError::Rule { place, problem }) = built else { panic!("not a rule") };
    assert_eq!((place.line, place.answer, place.key, problem), (None, Some(1), "chunk", Problem::EmptyPieces));
    let twice = Script::builder().server("a").answer(Answer::new()).server("a").answer(Answer::new()).build();
    assert_eq!(twice.expect_err("twice").to_string(), "server \"a\", key `name`: another server has this name");
}
