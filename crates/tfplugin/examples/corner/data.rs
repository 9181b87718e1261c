//! A data source that reads the note about a life, and fails on request.

use tfplugin::validate::{length, one_of};
use tfplugin::{
    Configured, DataSource, Diagnostic, Diagnostics, ReadData, ReadTimeouts, Schema, Validate,
};

use super::life::Life;
use super::store::Store;

/// Note about a life.
#[derive(Schema)]
#[data_source(name = "corner_note", timeouts(read = "5m"))]
pub(crate) struct Note {
    /// Name of the life.
    #[attr(required, validate = length(1..=20))]
    name: String,
    /// Prefix for the note.
    #[attr(optional, default = "note: ")]
    prefix: String,
    /// Failure to cause.
    #[attr(optional, validate = one_of(&["panic", "warn", "wait"]))]
    misbehave: Option<String>,
    /// Remarks, numbered in order.
    #[attr(optional)]
    remarks: Option<Vec<Remark>>,
    /// Prefix, followed by the note.
    #[attr(computed)]
    text: Option<String>,
    /// Time limits.
    #[block]
    timeouts: Option<ReadTimeouts>,
}

/// A remark.
#[derive(Schema)]
struct Remark {
    /// Text of the remark, which is sensitive. The message of a panic is therefore not reported.
    #[attr(required, sensitive)]
    text: String,
    /// Number of the remark, starting at one.
    #[attr(computed)]
    number: i64,
}

/// Notes in a store.
pub(crate) struct Notes(pub(crate) Configured<Store>);

impl DataSource for Notes {
    type Model = Note;

    async fn read(&self, request: ReadData<Note>) -> Result<Note, Diagnostics> {
        let ReadData { config, call, .. } = request;
        let name: String = config.name.settle(Note::paths().name())?;
        let prefix: String = config.prefix.settle(Note::paths().prefix())?;
        let misbehave = config.misbehave.into_known();
        match misbehave.as_deref() {
            Some("panic") => panic!("requested panic for {name}"),
            Some("warn") => {
                let warning = Diagnostic::warning("Note is hard to read", "Use a larger font.");
                call.warnings.push(warning.at(Note::paths().name()));
            }
            Some("wait") => {
                tokio::time::sleep_until(call.deadline.into()).await;
                let detail = "Increase `read` in the `timeouts` block.";
                return Err(Diagnostic::error("Reading the note timed out", detail).into());
            }
            _ => {}
        }
        let Some(life) = self.0.get()?.load::<Life>(&name)? else {
            let detail = format!("The life {name:?} does not exist. Create it first.");
            let missing = Diagnostic::error("Life does not exist", detail);
            return Err(missing.at(Note::paths().name()).into());
        };
        let remarks = config.remarks.into_known().map(|remarks| {
            let remarks = remarks.into_iter().filter_map(|remark| remark.into_known());
            let numbered = remarks.zip(1..).map(|(remark, number)| Remark {
                text: remark.text.into_known().unwrap_or_default(),
                number,
            });
            numbered.collect()
        });
        Ok(Note {
            text: life.note.map(|note| format!("{prefix}{note}")),
            name,
            prefix,
            misbehave,
            remarks,
            timeouts: config.timeouts.settle(Note::paths().timeouts())?,
        })
    }

    fn validate(&self, request: Validate<Note>) -> Diagnostics {
        match request.config.name.known() {
            Some(name) if name.contains('/') => {
                let error =
                    Diagnostic::error("Name contains a slash", "Remove the slash from the name.");
                error.at(Note::paths().name()).into()
            }
            _ => Diagnostics::new(),
        }
    }
}
