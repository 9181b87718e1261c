//! Everything that is printed: lines, tables, and phases with their elapsed time.
//!
//! On a terminal a running phase is a spinner; elsewhere it is one line at its start and one at its end.

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

/// Columns of a table that goes elsewhere than to a terminal.
const PAGE: u16 = 120;

/// A line below the head and nothing else.
const PLAIN: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// Prints a heading with an empty line before it.
pub(crate) fn heading(text: &str) {
    println!("\n{BOLD}{text}{BOLD:#}");
}

/// Prints a line.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints a line of what a child process says.
pub(crate) fn faint(text: &str) {
    println!("{FAINT}  {text}{FAINT:#}");
}

/// Prints something that holds.
pub(crate) fn good(text: &str) {
    println!("{GOOD}✓{GOOD:#} {text}");
}

/// Prints something that does not hold.
pub(crate) fn bad(text: &str) {
    println!("{BAD}✗{BAD:#} {text}");
}

/// Prints a table with a head.
pub(crate) fn table<R, C>(head: &[&str], rows: R)
where
    R: IntoIterator<Item = C>,
    C: IntoIterator<Item = String>,
{
    let width = ::console::Term::stdout()
        .size_checked()
        .map_or(PAGE, |(_, columns)| columns);
    let mut table = Table::new();
    table
        .load_style(PLAIN)
        .set_width(width)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head.iter().copied());
    for row in rows {
        table.add_row(row.into_iter().collect::<Vec<_>>());
    }
    println!("{table}");
}

/// A time as people read it: `0.42 s`, `12.3 s`, `4 min 05 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        short if short < 10.0 => format!("{short:.2} s"),
        medium if medium < 120.0 => format!("{medium:.1} s"),
        _ => format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60),
    }
}

/// What takes a while, one phase after another. Clones are the same stage, so that each source of lines can show them.
///
/// No phase begins after an interrupt: the children are asked to end, and nothing starts new ones.
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
    /// Runs `work` as a phase: says that it begins, how it ended and how long it took.
    ///
    /// # Errors
    /// Those of `work`, and [`Interrupted`] where it was not begun any more.
    pub(crate) fn run<T, E: Into<anyhow::Error>>(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T> {
        self.telling(name, work, |_| String::new())
    }

    /// As [`Stage::run`], with what came of it.
    ///
    /// # Errors
    /// As [`Stage::run`].
    pub(crate) fn telling<T, E: Into<anyhow::Error>>(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<T, E>,
        tell: impl FnOnce(&T) -> String,
    ) -> Result<T> {
        self.during(name, std::io::stdout().is_terminal(), work, tell)
    }

    /// As [`Stage::run`], for work that shows its own progress.
    ///
    /// # Errors
    /// As [`Stage::run`].
    pub(crate) fn aloud<T, E: Into<anyhow::Error>>(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T> {
        self.during(name, false, work, |_| String::new())
    }

    fn during<T, E: Into<anyhow::Error>>(
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

/// Something under way: a spinner on a terminal, else a line at its start and one at its end.
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
    fn nothing_begins_after_an_interrupt() {
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
        assert!(!begun, "a phase began");
    }
}
