//! Must not compile. A comment marks the line of the expected error.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use tfplugin::{Schema, WriteOnly};

#[derive(Schema)]
struct Card {
    #[attr(optional, write_only)]
    pin: WriteOnly<String>,
}

impl PartialEq for Card {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Card {}

impl PartialOrd for Card {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Card {
    fn cmp(&self, other: &Self) -> Ordering {
        self.pin.value().cmp(&other.pin.value())
    }
}

#[derive(Schema)]
#[resource(name = "library_reader", version = 0)]
struct Reader {
    #[attr(optional)]
    cards: Option<BTreeSet<Card>>, //~ a set cannot contain write-only arguments
}

fn main() {}
