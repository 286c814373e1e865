//! What `diff_answers` finds between the answers to two requests. In each case the servers of the second request differ.

use vast_client::FetchMode;
use vast_explain::{DiffOptions, DiffRow, diff_answers};

use super::servers::{AdServer, ad, ask, config, empty, wrapper};

/// The answers of the servers `east`, `west` and `north`.
type Answers = [String; 3];

async fn lines(a: &Answers, b: &Answers) -> Vec<String> {
    let answer = |bodies: &Answers| {
        let [east, west, north] = bodies.clone();
        let servers =
            vec![AdServer("east", 10, 200, east), AdServer("west", 5, 200, west), AdServer("north", 5, 200, north)];
        let mut config = config(&["east", "west"]);
        config.strategy.mode = FetchMode::Sequential;
        config.strategy.retry.max_retries = 0;
        ask(servers, config)
    };
    let (a, b) = (answer(a).await, answer(b).await);
    diff_answers(&a, &b, DiffOptions::default()).iter().map(line).collect()
}

/// A difference in one line: `ad | part name | a -> b`.
fn line(row: &DiffRow) -> String {
    let DiffRow { ad, part, name, a, b, .. } = row;
    let value = |value: &Option<String>| value.as_deref().unwrap_or("nothing").to_owned();
    format!("{} | {part} {name} | {} -> {}", ad.as_deref().unwrap_or("request"), value(a), value(b))
}

#[tokio::test(start_paused = true)]
async fn each_change_of_an_answer_is_a_row() {
    let none = empty;
    let shoes = || ad("shoes", "Shoes", 2000);
    let wrapped = || wrapper("Reseller", "north");
    let cases: [(&str, Answers, Answers, &[&str]); 7] = [
        ("the same", [shoes(), none(), none()], [shoes(), none(), none()], &[]),
        (
            "another source won with the same ad",
            [shoes(), none(), none()],
            [none(), shoes(), none()],
            &[
                "request | source winner | east -> west",
                "request | source outcome of east | filled -> no_ad",
                "request | source outcome of west | not_started -> filled",
                "Shoes | ad source | east -> west",
            ],
        ),
        (
            "only the outcome of a source that lost",
            [none(), shoes(), none()],
            ["<html/>".to_owned(), shoes(), none()],
            &["request | source outcome of east | no_ad -> failed"],
        ),
        (
            "no ad any more",
            [shoes(), none(), none()],
            [none(), none(), none()],
            &[
                "request | source winner | east -> nothing",
                "request | source outcome of east | filled -> no_ad",
                "request | source outcome of west | not_started -> no_ad",
                "request | ad version | 4.2 -> nothing",
                "Shoes | ad ad | InLine Shoes of Example Ads -> nothing",
            ],
        ),
        (
            "a media file and a tracker",
            [shoes(), none(), none()],
            [
                shoes().replace("shoes.mp4", "boots.mp4").replace("ads.example/start", "ads.example/begin"),
                none(),
                none(),
            ],
            &[
                "Shoes | media media file | video/mp4 1280x720 2000 kbit/s progressive https://cdn.example/shoes.mp4 -> video/mp4 1280x720 2000 kbit/s progressive https://cdn.example/boots.mp4",
                "Shoes | tracker start | https://ads.example/start -> https://ads.example/begin",
            ],
        ),
        (
            "an ad behind a wrapper",
            [wrapped(), none(), shoes()],
            [wrapped(), none(), shoes().replace("bitrate=\"2000\"", "bitrate=\"800\"")],
            &[
                "Shoes | media media file | video/mp4 1280x720 2000 kbit/s progressive https://cdn.example/shoes.mp4 -> video/mp4 1280x720 800 kbit/s progressive https://cdn.example/shoes.mp4",
            ],
        ),
        (
            "the impression of a wrapper",
            [wrapped(), none(), shoes()],
            [wrapped().replace("example/seen", "example/viewed"), none(), shoes()],
            &["Shoes | tracker impression | https://north.example/seen -> https://north.example/viewed"],
        ),
    ];
    for (case, a, b, expected) in cases {
        assert_eq!(lines(&a, &b).await, *expected, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_breaks_of_two_playlists_are_compared() {
    let playlist = |offset: &str, ad: &str| {
        format!(
            r#"<vmap:VMAP xmlns:vmap="http://www.iab.net/videosuite/vmap" version="1.0"><vmap:AdBreak timeOffset="{offset}" breakType="linear" breakId="pre">
            <vmap:AdSource><vmap:VASTAdData>{ad}</vmap:VASTAdData></vmap:AdSource></vmap:AdBreak></vmap:VMAP>"#
        )
    };
    let shoes = ad("shoes", "Shoes", 2000);
    let answers = |east: String| [east, empty(), empty()];
    let first = answers(playlist("start", &shoes));
    let cases: [(&str, String, &[&str]); 3] = [
        ("another time", playlist("end", &shoes), &["break pre | ad timeOffset | start -> end"]),
        (
            "another title",
            playlist("start", &ad("shoes", "Boots", 2000)),
            &["break pre: Shoes | ad title | Shoes -> Boots"],
        ),
        ("the same", playlist("start", &shoes), &[]),
    ];
    for (case, second, expected) in cases {
        assert_eq!(lines(&first, &answers(second)).await, *expected, "{case}");
    }
}
