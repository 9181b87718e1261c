//! The picture that a demo begins with, and what became of it: what is created, by part and type; then how much of each
//! service there is, and what took the time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tfharness::workspace::State;

use super::presence;
use crate::catalog::catalog;
use crate::console;
use crate::module::tree;
use crate::repository::Repository;

/// Shows what the package that an example uses creates. An example that uses none shows itself.
///
/// # Errors
/// When a declaration is wrong, or the example uses a package that is not declared.
pub(super) fn before(repository: &Repository, example: &str) -> Result<()> {
    let main = repository.path(&format!("examples/{example}/main.tf"));
    let text = std::fs::read_to_string(&main)
        .with_context(|| format!("reading examples/{example}/main.tf"))?;
    let Some(name) = package_of(&text) else {
        return Ok(());
    };
    let catalog = catalog(repository)?;
    let package = catalog.packages.get(name).with_context(|| {
        format!("examples/{example} uses modules/{name}, which nothing declares")
    })?;
    for line in tree(package).lines() {
        console::line(&format!("  {line}"));
    }
    console::faint("×n: one of each; ?: one or none");
    Ok(())
}

/// The name of the package that a configuration uses by its path.
fn package_of(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("\"../../modules/")?;
    let (name, _) = rest.split_once('"')?;
    Some(name)
}

/// How long each resource took, as the command line tells it.
#[derive(Clone, Default)]
pub(super) struct Times(Arc<Mutex<BTreeMap<String, Duration>>>);

impl Times {
    /// Hears a line of the command line.
    pub(super) fn hear(&self, line: &str) {
        let Some((address, rest)) = line.split_once(": Creation complete after ") else {
            return;
        };
        let time = rest.split_whitespace().next().and_then(duration);
        if let Some(time) = time {
            let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            times.insert(address.trim().to_owned(), time);
        }
    }

    fn of(&self, address: &str) -> Duration {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        times.get(address).copied().unwrap_or_default()
    }
}

/// A time as the command lines write it, such as `1m4s` or `12s`.
fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0;
    let mut number = String::new();
    for sign in text.chars() {
        let unit = match sign {
            digit if digit.is_ascii_digit() => {
                number.push(digit);
                continue;
            }
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        seconds += number.parse::<u64>().ok()? * unit;
        number.clear();
    }
    number.is_empty().then(|| Duration::from_secs(seconds))
}

/// Shows how many resources each service has now, and what took longest of them.
pub(super) fn after(times: &Times, state: &State) {
    let mut services: BTreeMap<&str, Vec<(Duration, &str)>> = BTreeMap::new();
    for resource in state.managed() {
        let service = presence::service(&resource.kind).unwrap_or("other");
        let address = resource.address.as_str();
        let made = services.entry(service).or_default();
        made.push((times.of(address), address));
    }
    let rows = services.into_iter().map(|(service, mut made)| {
        made.sort();
        let (longest, address) = made.last().copied().unwrap_or_default();
        [
            service.to_owned(),
            made.len().to_string(),
            format!("{} s", longest.as_secs()),
            address.to_owned(),
        ]
    });
    console::table(&["service", "resources", "longest", "which was"], rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_heard_from_either_command_line() {
        let times = Times::default();
        times.hear("aws_lb.this: Still creating... [01m00s elapsed]");
        times.hear("module.a.aws_lb.this: Creation complete after 1m4s [id=arn]");
        times.hear("aws_vpc.this[\"a: b\"]: Creation complete after 12s [id=vpc-1]");
        assert_eq!(times.of("module.a.aws_lb.this"), Duration::from_secs(64));
        assert_eq!(times.of("aws_vpc.this[\"a: b\"]"), Duration::from_secs(12));
        assert_eq!(times.of("aws_lb.this"), Duration::ZERO);
    }

    #[test]
    fn the_package_of_an_example_is_the_one_it_names() {
        assert_eq!(
            package_of("module \"x\" {\n  source = \"../../modules/skreg\"\n}"),
            Some("skreg")
        );
        assert_eq!(package_of("resource \"a\" \"b\" {}"), None);
    }
}
