//! Checks written documents with an independent XML reader, that of Python.

use super::full::Texts;
use crate::options::ParseOptions;
use crate::{parse, write};
use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Command, Stdio};

/// A document that uses every element once, in canonical form.
const WHOLE: &str = include_str!("../../../../../fixtures/xml/inline-4.2.xml");

/// Prints every element of the document on stdin, sorted: path of names without namespace, attributes, and text in hex.
const LIST: &str = r#"
import sys, xml.etree.ElementTree as tree
def local(name): return name.rsplit('}')[-1]
def walk(element, path):
    path = path + '/' + local(element.tag)
    attributes = sorted((local(name), value) for name, value in element.attrib.items())
    text = ((element.text or '') + ''.join(child.tail or '' for child in element)).strip()
    yield repr((path, attributes, text.encode('utf-8').hex()))
    for child in element: yield from walk(child, path)
print('\n'.join(sorted(walk(tree.fromstring(sys.stdin.buffer.read()), ''))))
"#;

/// The elements that Python finds. Without Python, returns `None` and adds a line to the file that `VAST_SKIPS` names.
fn list(document: &str) -> Option<Vec<String>> {
    let started = Command::new("python3").args(["-c", LIST]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut python) = started else {
        skipped();
        return None;
    };
    python.stdin.take().expect("a pipe").write_all(document.as_bytes()).expect("python reads");
    let output = python.wait_with_output().expect("python ends");
    assert!(output.status.success(), "python refuses\n{document}");
    Some(String::from_utf8(output.stdout).expect("plain letters").lines().map(str::to_owned).collect())
}

fn skipped() {
    let Some(path) = std::env::var_os("VAST_SKIPS") else { return };
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| writeln!(file, "skipped: python3")).expect("a file for skipped tests");
}

#[test]
fn r177_another_reader_finds_the_same_elements() {
    let vast = parse(WHOLE.as_bytes(), &ParseOptions::default()).expect("a document").vast;
    let (Some(before), Some(after)) = (list(WHOLE), list(&write(&vast))) else { return };
    assert!(before.len() > 60, "{} elements", before.len());
    // The document has the boolean `1`; the canonical form is `true`.
    let spelled = |line: &String| line.replace("('maintainAspectRatio', '1')", "('maintainAspectRatio', 'true')");
    assert_eq!(after, before.iter().map(spelled).collect::<Vec<_>>());
}

#[test]
fn r177_another_reader_gets_hostile_text_unchanged() {
    let text = "a]]>&amp;<b>\"'\t\u{1}\0\u{ffff}\r\u{2028}é😀 --><!--z";
    let vast = Texts(|| text.to_owned()).vast();
    let Some(lines) = list(&write(&vast)) else { return };
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let kept = text.replace(['\u{1}', '\0', '\u{ffff}'], "");
    let exact = hex(&kept);
    let has = |path: &str, hex: &str| lines.iter().any(|line| line.contains(path) && line.contains(hex));
    assert!(has("/VAST/Ad/InLine/AdTitle'", &exact), "the title");
    assert!(has("/Linear/AdParameters'", &exact), "the parameters");
    assert!(has("/VAST/Ad/InLine/Impression'", &exact), "a URL");
    assert!(has("/VAST/Thing'", &exact), "an element tree");
}
