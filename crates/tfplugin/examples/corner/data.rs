//! A data source: reads the note of a life, which exists or not, and breaks on request.

use tfplugin::validate::{length, one_of};
use tfplugin::{
    Configured, DataSource, Diagnostic, Diagnostics, ReadData, Schema, Timeouts, Validate,
};

use super::life::Life;
use super::store::Store;

/// The note of a life.
#[derive(Schema)]
#[data_source(name = "corner_note", timeouts(read = "5m"))]
pub(crate) struct Note {
    /// Name of the life.
    #[attr(required, validate = length(1..=20))]
    name: String,
    /// Text in front of the note.
    #[attr(optional, default = "note: ")]
    prefix: String,
    /// Defect to show.
    #[attr(optional, validate = one_of(&["panic", "warn", "wait"]))]
    misbehave: Option<String>,
    /// Remarks, each with a number of its own.
    #[attr(optional)]
    remarks: Option<Vec<Remark>>,
    /// The note, after the prefix.
    #[attr(computed)]
    text: Option<String>,
    /// How long the read may take.
    #[block]
    timeouts: Option<Timeouts>,
}

/// A remark.
#[derive(Schema)]
struct Remark {
    /// The remark.
    #[attr(required)]
    text: String,
    /// Number of the remark, from one.
    #[attr(computed)]
    number: i64,
}

/// The notes in a store.
pub(crate) struct Notes(pub(crate) Configured<Store>);

impl DataSource for Notes {
    type Model = Note;

    async fn read(&self, request: ReadData<Note>) -> Result<Note, Diagnostics> {
        let ReadData { config, call, .. } = request;
        let name: String = config.name.settle(Note::paths().name())?;
        let prefix: String = config.prefix.settle(Note::paths().prefix())?;
        let misbehave = config.misbehave.into_known();
        match misbehave.as_deref() {
            Some("panic") => panic!("the note of {name} fell down"),
            Some("warn") => {
                let warning = Diagnostic::warning("The note is hard to read", "Write larger.");
                call.warnings.push(warning.at(Note::paths().name()));
            }
            Some("wait") => {
                tokio::time::sleep_until(call.deadline.into()).await;
                let detail = "Allow more time in the block `timeouts`.";
                return Err(Diagnostic::error("The note was not found in time", detail).into());
            }
            _ => {}
        }
        let Some(life) = self.0.get()?.load::<Life>(&name)? else {
            let detail = format!("There is no life {name:?}. Create it first.");
            let missing = Diagnostic::error("No such life", detail);
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
                let error = Diagnostic::error("The name has a slash", "Remove the slash.");
                error.at(Note::paths().name()).into()
            }
            _ => Diagnostics::new(),
        }
    }
}
