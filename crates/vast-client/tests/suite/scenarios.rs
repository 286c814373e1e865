//! The modes, limits and rules of the pipeline, one file of `scenarios/` per test, on a paused clock.

use std::collections::BTreeSet;

use crate::scenario::run::{folder, run};

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                run(stringify!($name)).await;
            }
        )*

        /// Every scenario file must have a test, and the list of tests must not be empty.
        #[test]
        fn every_file_is_a_test() {
            let listed = BTreeSet::from([$(stringify!($name).to_owned()),*]);
            assert!(!listed.is_empty(), "no scenario is listed");
            assert_eq!(files(), listed);
        }
    };
}

fn files() -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder()).expect("the folder of the scenarios");
    let names = entries.map(|entry| entry.expect("a file").file_name().into_string().expect("a name in UTF-8"));
    names.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect()
}

scenarios! {
    ad_serving_id_in_all_levels
    ads_of_a_tree_are_counted
    allow_multiple_ads
    beacons_do_not_hold_up
    blocked_addresses
    blocked_beacons
    buffet_fills_a_break
    buffet_one_after_the_other
    buffet_resolved_ahead
    categories_are_blocked
    collect_deadline
    collect_fills_break
    collect_waits_for_all
    config_name_taken
    config_not_a_url
    config_timeout_below_min_useful
    config_zero_sources
    empty_documents
    encodings
    errors_not_reported
    errors_of_cancelled_lanes
    errors_of_timed_out_lanes
    errors_relative_to_their_documents
    errors_to_the_failing_path
    fallback_after_errors
    fallback_after_no_ad
    fallback_after_rejection
    fallback_fills_rest_of_break
    fallback_has_time
    fallback_mode
    fallback_not_asked
    fallback_on_no_ad_below_a_wrapper
    fallback_on_no_ad_in_a_pod
    fallback_on_no_ad_of_a_stand_alone_ad
    fallback_reserve_configured
    fallback_without_time
    filter_any_media_file
    follow_additional_wrappers
    hop_cut_by_source
    hop_fails
    hop_failures
    hop_is_retried
    macros_stay_private
    max_ads
    min_useful_configured
    mixed_sources
    mixed_versions
    named_source_may_be_private
    names_of_duplicates
    no_time_is_skipped
    one_source_all_modes
    one_source_fails_all_modes
    one_source_hangs_sequential
    parallel_deadline
    parallel_fills_break
    parallel_first_in_order
    parallel_no_patience
    parallel_patience
    parallel_patience_longest
    parallel_patience_not_needed
    parallel_source_ahead_fails
    parallel_three_of_one_second
    params_are_appended
    playlist
    playlist_before_an_ad
    playlist_before_an_ad_in_collect
    playlist_errors_are_reported
    playlist_flags_of_the_ad_source
    playlist_leaves_time_for_the_fallback
    playlist_loses_a_race
    playlist_macros_of_its_tags
    playlist_of_more_breaks_than_are_run
    playlist_that_names_itself
    playlist_with_ads_inside
    playlist_without_an_ad_asks_the_fallback
    pod_cut_by_time
    pod_in_a_pod
    pod_in_order
    pod_is_shortened
    pod_of_twenty_wrappers
    pod_with_spares
    race_broken_then_fill
    race_empty_then_fill
    race_error_then_fill
    race_first_in_time
    redirect_followed
    redirect_loop
    resolver_never_answers
    retry_after_503
    retry_after_fits
    retry_after_longest
    retry_after_too_long
    retry_backs_off
    retry_not_after_404
    retry_not_after_a_body
    retry_runs_out
    retry_timeouts
    sequential_all_hang
    sequential_fills_break
    sequential_hanging_first
    sequential_in_order
    split_order
    staggered_configured
    staggered_default
    staggered_fast_first
    staggered_longest
    staggered_same_tag
    staggered_same_tag_in_between
    timeout_covers_the_body
    timeout_longer_than_default
    timeout_nobody_answers
    timeout_of_one_source
    track_off
    track_winner_only
    trackers_keep_their_answer
    unknown_host
    wrapper_depth_configured
    wrapper_depth_five
    wrapper_depth_six
    wrapper_documents_are_counted
    wrapper_loop
    wrapper_refused
    wrapper_to_a_playlist
    wrapper_to_another_server
}
