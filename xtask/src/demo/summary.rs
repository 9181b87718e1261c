//! Summaries before and after an apply. The first summary lists the resources to create, by module and type. The second
//! summary lists the number of resources and the slowest resource for each service.

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

/// Prints the resources that the package of an example creates. Prints nothing for an example without a package.
///
/// # Errors
/// Returns an error if a declaration is invalid, or if the example uses a package that is not declared.
pub(super) fn print_plan(repository: &Repository, example: &str) -> Result<()> {
    let main = repository.path(&format!("examples/{example}/main.tf"));
    let text = std::fs::read_to_string(&main)
        .with_context(|| format!("reading examples/{example}/main.tf"))?;
    let Some(name) = package_of(&text) else {
        return Ok(());
    };
    let catalog = catalog(repository)?;
    let package = catalog.packages.get(name).with_context(|| {
        format!("examples/{example} uses modules/{name}, which is not declared")
    })?;
    for line in tree(package).lines() {
        console::line(&format!("  {line}"));
    }
    console::faint("×n: several instances; ?: optional");
    Ok(())
}

/// Returns the name of the package that a configuration refers to by path.
fn package_of(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("\"../../modules/")?;
    let (name, _) = rest.split_once('"')?;
    Some(name)
}

/// Creation time of each resource, from the CLI output.
#[derive(Clone, Default)]
pub(super) struct Times(Arc<Mutex<BTreeMap<String, Duration>>>);

impl Times {
    /// Records the creation time in an output line.
    pub(super) fn record(&self, line: &str) {
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

/// Parses a duration in the format that Terraform and OpenTofu print, such as `1m4s` or `12s`.
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

/// Prints the number of resources and the slowest resource for each service.
pub(super) fn print_result(times: &Times, state: &State) {
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
    console::table(
        &["service", "resources", "longest", "slowest resource"],
        rows,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_from_terraform_and_opentofu_are_parsed() {
        let times = Times::default();
        times.record("aws_lb.this: Still creating... [01m00s elapsed]");
        times.record("module.a.aws_lb.this: Creation complete after 1m4s [id=arn]");
        times.record("aws_vpc.this[\"a: b\"]: Creation complete after 12s [id=vpc-1]");
        assert_eq!(times.of("module.a.aws_lb.this"), Duration::from_secs(64));
        assert_eq!(times.of("aws_vpc.this[\"a: b\"]"), Duration::from_secs(12));
        assert_eq!(times.of("aws_lb.this"), Duration::ZERO);
    }

    #[test]
    fn package_of_an_example_is_found_by_module_source() {
        assert_eq!(
            package_of("module \"x\" {\n  source = \"../../modules/skreg\"\n}"),
            Some("skreg")
        );
        assert_eq!(package_of("resource \"a\" \"b\" {}"), None);
    }
}
