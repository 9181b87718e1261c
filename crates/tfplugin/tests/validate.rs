//! Tests for the sentences that validators add to attribute descriptions.

use tfplugin::validate::{Validator, each, elements, keys, length, one_of, range, text};

#[test]
fn sentences_state_the_allowed_values() {
    let word = || text("be a word", |_| true);
    let table: [(std::sync::Arc<dyn Validator>, &str); 13] = [
        (length(1..=64), "Must be between 1 and 64 characters."),
        (length(1..), "Must not be empty."),
        (length(2..), "Must be at least 2 characters."),
        (length(..=8), "Must be at most 8 characters."),
        (elements(1..=10), "Must have between 1 and 10 elements."),
        (elements(1..), "Must not be empty."),
        (elements(..=5), "Must have at most 5 elements."),
        (range(0..=10), "Must be between 0 and 10."),
        (range(0..), "Must be at least 0."),
        (one_of(&["slow", "fast"]), "Must be `slow` or `fast`."),
        (one_of(&["a", "b", "c"]), "Must be one of `a`, `b`, or `c`."),
        (each(word()), "Each element must be a word."),
        (keys(word()), "Each key must be a word."),
    ];
    for (validator, sentence) in table {
        assert_eq!(validator.sentence(), sentence);
    }
}
