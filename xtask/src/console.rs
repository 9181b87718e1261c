//! Console output: lines, tables, and phases with their elapsed time.
//!
//! On a terminal, a running phase shows a spinner. Otherwise, it prints one line when it starts and one line when it
//! ends.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anstream::println;
use anstyle::{AnsiColor, Style};
use anyhow::Result;
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressStyle};
use tfharness::toolchain::Progress;

use crate::interrupt::{self, Interrupted};

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().dimmed();

/// Width of tables when standard output is not a terminal.
const TABLE_WIDTH: u16 = 120;

/// Table style with a single line below the header.
const TABLE_STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// Prints a heading, preceded by an empty line.
pub(crate) fn heading(text: &str) {
    println!("\n{BOLD}{text}{BOLD:#}");
}

/// Prints a line.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints an output line from a child process.
pub(crate) fn faint(text: &str) {
    println!("{FAINT}  {text}{FAINT:#}");
}

/// Prints a success line.
pub(crate) fn good(text: &str) {
    println!("{GOOD}✓{GOOD:#} {text}");
}

/// Prints a failure line.
pub(crate) fn bad(text: &str) {
    println!("{BAD}✗{BAD:#} {text}");
}

/// Prints a table with a header.
pub(crate) fn table<R, C>(head: &[&str], rows: R)
where
    R: IntoIterator<Item = C>,
    C: IntoIterator<Item = String>,
{
    let width = ::console::Term::stdout()
        .size_checked()
        .map_or(TABLE_WIDTH, |(_, columns)| columns);
    let mut table = Table::new();
    table
        .load_style(TABLE_STYLE)
        .set_width(width)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head.iter().copied());
    for row in rows {
        table.add_row(row.into_iter().collect::<Vec<_>>());
    }
    println!("{table}");
}

/// Formats a duration: `0.42 s`, `12.3 s`, `4 min 05 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        short if short < 10.0 => format!("{short:.2} s"),
        medium if medium < 120.0 => format!("{medium:.1} s"),
        _ => format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60),
    }
}

/// Runs phases sequentially and shows their progress. Clones share the running phase.
///
/// After an interrupt, no further phase starts.
#[derive(Clone)]
pub(crate) struct Stage {
    phase: Arc<Mutex<Option<Phase>>>,
    interrupted: fn() -> bool,
}

impl Default for Stage {
    fn default() -> Self {
        Self {
            phase: Arc::default(),
            interrupted: interrupt::happened,
        }
    }
}

impl Stage {
    /// Runs `work` as a phase and prints its start, result, and duration.
    ///
    /// # Errors
    /// Returns an error if `work` fails, or [`Interrupted`] if the program was interrupted before the phase started.
    pub(crate) fn run<T, E: Into<anyhow::Error>>(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T> {
        self.run_with_summary(name, work, |_| String::new())
    }

    /// Runs a phase as [`Stage::run`] does, and prints a summary of its result.
    ///
    /// # Errors
    /// Returns an error under the same conditions as [`Stage::run`].
    pub(crate) fn run_with_summary<T, E: Into<anyhow::Error>>(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<T, E>,
        tell: impl FnOnce(&T) -> String,
    ) -> Result<T> {
        self.execute(name, std::io::stdout().is_terminal(), work, tell)
    }

    /// Runs a phase as [`Stage::run`] does, without a spinner, for work that prints its own progress.
    ///
    /// # Errors
    /// Returns an error under the same conditions as [`Stage::run`].
    pub(crate) fn run_without_spinner<T, E: Into<anyhow::Error>>(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T> {
        self.execute(name, false, work, |_| String::new())
    }

    fn execute<T, E: Into<anyhow::Error>>(
        &self,
        name: &str,
        spinner: bool,
        work: impl FnOnce() -> Result<T, E>,
        tell: impl FnOnce(&T) -> String,
    ) -> Result<T> {
        if (self.interrupted)() {
            return Err(Interrupted.into());
        }
        *self.phase() = Some(Phase::start(name, spinner));
        let result = work().map_err(Into::into);
        match &result {
            Ok(value) => self.finish(Some(&tell(value))),
            Err(_) => self.finish(None),
        }
        result
    }

    fn finish(&self, result: Option<&str>) {
        if let Some(phase) = self.phase().take() {
            phase.end(result);
        }
    }

    fn phase(&self) -> MutexGuard<'_, Option<Phase>> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Stage {
    fn begin(&self, name: &str) {
        *self.phase() = Some(Phase::start(name, std::io::stdout().is_terminal()));
    }

    fn line(&self, line: &str) {
        if let Some(phase) = self.phase().as_ref() {
            phase.line(line);
        }
    }

    fn end(&self, _: &str, _: Duration) {
        self.finish(Some(""));
    }

    fn fail(&self, _: &str, _: Duration) {
        self.finish(None);
    }
}

/// A phase in progress. It shows a spinner on a terminal. Otherwise, it prints one line at its start and one line at
/// its end.
struct Phase {
    name: String,
    start: Instant,
    spinner: Option<ProgressBar>,
}

impl Phase {
    fn start(name: &str, spinner: bool) -> Self {
        let spinner = spinner.then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = ProgressBar::new_spinner()
                .with_style(style)
                .with_message(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        if spinner.is_none() {
            println!("… {name}");
        }
        Self {
            name: name.into(),
            start: Instant::now(),
            spinner,
        }
    }

    fn line(&self, text: &str) {
        match &self.spinner {
            Some(bar) => bar.suspend(|| faint(text)),
            None => faint(text),
        }
    }

    fn end(self, result: Option<&str>) {
        if let Some(bar) = &self.spinner {
            bar.finish_and_clear();
        }
        let (name, took) = (self.name, seconds(self.start.elapsed()));
        match result {
            Some("") => good(&format!("{name} {FAINT}({took}){FAINT:#}")),
            Some(result) => good(&format!("{name}: {result} {FAINT}({took}){FAINT:#}")),
            None => bad(&format!("{name} {FAINT}(after {took}){FAINT:#}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_phase_starts_after_an_interrupt() {
        let stage = Stage {
            interrupted: || true,
            ..Stage::default()
        };
        let mut begun = false;
        let end = stage.run("apply", || {
            begun = true;
            anyhow::Ok(())
        });
        assert!(end.is_err_and(|error| error.is::<Interrupted>()));
        assert!(!begun, "a phase started after the interrupt");
    }
}
