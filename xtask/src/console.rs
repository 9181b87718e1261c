//! Everything that is printed: lines, tables, and phases with their elapsed time.
//!
//! On a terminal a running phase is a spinner; elsewhere it is one line at its start and one at its end.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use anstream::println;
use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().dimmed();

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
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
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

/// Something that takes a while. It has failed unless [`Phase::done`] is called.
pub(crate) struct Phase {
    name: String,
    start: Instant,
    spinner: Option<ProgressBar>,
    open: bool,
}

impl Phase {
    /// Says that it begins.
    pub(crate) fn start(name: impl Into<String>) -> Self {
        let name = name.into();
        let spinner = std::io::stdout().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = ProgressBar::new_spinner()
                .with_style(style)
                .with_message(name.clone());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        if spinner.is_none() {
            println!("… {name}");
        }
        Self {
            name,
            start: Instant::now(),
            spinner,
            open: true,
        }
    }

    /// Shows a line of progress.
    pub(crate) fn progress(&self, text: &str) {
        match &self.spinner {
            Some(bar) => bar.suspend(|| faint(text)),
            None => faint(text),
        }
    }

    /// Says that it ended well, what came of it, and how long it took.
    pub(crate) fn done(mut self, result: &str) {
        self.clear();
        let between = if result.is_empty() { "" } else { ": " };
        let took = seconds(self.start.elapsed());
        good(&format!(
            "{}{between}{result} {FAINT}({took}){FAINT:#}",
            self.name
        ));
    }

    fn clear(&mut self) {
        self.open = false;
        if let Some(bar) = self.spinner.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Phase {
    fn drop(&mut self) {
        if self.open {
            self.clear();
            bad(&format!(
                "{} (after {})",
                self.name,
                seconds(self.start.elapsed())
            ));
        }
    }
}
