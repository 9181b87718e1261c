//! A complete provider that stores greetings as files in a directory.

use std::io::{Error, ErrorKind};
use std::path::PathBuf;
use std::process::ExitCode;

use tfplugin::validate::{length, range};
use tfplugin::{
    Configure, Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Import, Imported,
    Outcome, Planned, Provider, Read, Resource, Schema, Stored, Timeouts, Update, Validate,
};

/// Stores greetings as files.
#[derive(Schema)]
#[provider]
struct Config {
    /// Directory that contains the greetings. The directory must exist.
    #[attr(required)]
    directory: String,
}

/// A greeting.
#[derive(Schema)]
#[resource(
    name = "hello_greeting",
    version = 0,
    timeouts(create = "1m", update = "1m")
)]
pub(crate) struct Greeting {
    /// Name of the person to greet. Changing this forces a new resource.
    #[attr(required, requires_replace, validate = length(1..=64))]
    pub(crate) name: String,
    /// Volume of the greeting.
    #[attr(optional, default = 5, validate = range(0..=10))]
    pub(crate) volume: i64,
    /// Phrases in the greeting, in order.
    #[attr(optional, default = Vec::<Phrase>::new())]
    pub(crate) phrases: Vec<Phrase>,
    /// Path of the file that contains the greeting.
    #[attr(computed, keep)]
    pub(crate) file: String,
    /// Time limits.
    #[block]
    pub(crate) timeouts: Option<Timeouts>,
}

/// A phrase in one language.
#[derive(Schema)]
pub(crate) struct Phrase {
    /// Language tag, such as `fr`.
    #[attr(required, validate = length(2..=8))]
    pub(crate) language: String,
    /// Text of the phrase.
    #[attr(required)]
    pub(crate) text: String,
}

/// Directory from the provider configuration. `None` if the directory is unknown during planning.
pub(crate) type Directory = Option<PathBuf>;

pub(crate) struct Greetings(pub(crate) Configured<Directory>);

fn problem(summary: &str, file: &str, error: &Error) -> Diagnostic {
    Diagnostic::error(
        summary,
        format!("{file}: {error}. Check the directory and its permissions."),
    )
}

/// Returns the contents of the file: a line with the volume, followed by a line for each phrase.
fn text_of(volume: i64, phrases: &[Phrase]) -> String {
    let lines = phrases
        .iter()
        .map(|phrase| format!("\n{}: {}", phrase.language, phrase.text));
    format!("{volume}{}", lines.collect::<String>())
}

fn parse(text: &str) -> Option<(i64, Vec<Phrase>)> {
    let mut lines = text.lines();
    let volume = lines.next()?.parse().ok()?;
    let phrases = lines.map(|line| {
        let (language, text) = line.split_once(": ")?;
        Some(Phrase {
            language: language.to_owned(),
            text: text.to_owned(),
        })
    });
    Some((volume, phrases.collect::<Option<_>>()?))
}

impl Greetings {
    fn file(&self, name: &str) -> Result<Option<String>, Diagnostics> {
        let directory = self.0.get()?;
        let file = directory
            .as_ref()
            .as_ref()
            .map(|directory| directory.join(format!("{name}.txt")));
        Ok(file.map(|file| file.display().to_string()))
    }

    async fn write(
        &self,
        plan: GreetingPlan,
        deadline: std::time::Instant,
    ) -> Result<Stored<Greeting>, Diagnostics> {
        let paths = Greeting::paths();
        let name: String = plan.name.settle(paths.name())?;
        let volume: i64 = plan.volume.settle(paths.volume())?;
        let phrases: Vec<Phrase> = plan.phrases.settle(paths.phrases())?;
        let timeouts = plan.timeouts.settle(paths.timeouts())?;
        let unknown = || {
            Diagnostic::error(
                "Directory is unknown",
                "Set `directory` in the provider block.",
            )
        };
        let file = self.file(&name)?.ok_or_else(unknown)?;
        // Blocking operations run on a separate thread, which allows the provider to process interrupts in the meantime.
        let (target, text) = (file.clone(), text_of(volume, &phrases));
        let work = tokio::task::spawn_blocking(move || std::fs::write(target, text));
        let written = match tokio::time::timeout_at(deadline.into(), work).await {
            Ok(done) => done.map_err(Error::other).and_then(|result| result),
            Err(_) => Err(Error::from(ErrorKind::TimedOut)),
        };
        written.map_err(|error| problem("Greeting could not be written", &file, &error))?;
        Ok(Stored::new(Greeting {
            name,
            volume,
            phrases,
            file,
            timeouts,
        }))
    }
}

impl Resource for Greetings {
    type Model = Greeting;

    async fn create(&self, request: Create<Greeting>) -> Outcome<Greeting> {
        self.write(request.plan, request.call.deadline)
            .await
            .map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Greeting>) -> Result<Option<Stored<Greeting>>, Diagnostics> {
        let paths = Greeting::paths();
        let name: String = request.prior.name.settle(paths.name())?;
        let timeouts = request.prior.timeouts.settle(paths.timeouts())?;
        let file = match (self.file(&name)?, request.prior.file.into_known()) {
            (Some(file), _) | (None, Some(file)) => file,
            (None, None) => return Ok(None),
        };
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            // `None` causes the next plan to create the object, so it is returned only if the file does not exist.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(problem("Greeting could not be read", &file, &error).into()),
        };
        let (volume, phrases) = parse(&text).ok_or_else(|| {
            let detail = format!(
                "{file} is not a greeting: its first line must be a number. Delete the file, and then apply again."
            );
            Diagnostic::error("File is not a greeting", detail)
        })?;
        Ok(Some(Stored::new(Greeting {
            name,
            volume,
            phrases,
            file,
            timeouts,
        })))
    }

    async fn update(&self, request: Update<Greeting>) -> Outcome<Greeting> {
        self.write(request.plan, request.call.deadline)
            .await
            .map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Greeting>) -> Result<(), Failure<Greeting>> {
        let file = request.prior.file.into_known().unwrap_or_default();
        match std::fs::remove_file(&file) {
            // Deleting again after an interrupted operation must succeed.
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::unchanged(problem(
                "Greeting could not be deleted",
                &file,
                &error,
            ))),
            _ => Ok(()),
        }
    }

    /// Checks conditions that depend on nested values. Unknown values are accepted, because they are checked again once they
    /// are known.
    fn validate(&self, request: Validate<Greeting>) -> Diagnostics {
        let mut found = Diagnostics::new();
        for (index, phrase) in request
            .config
            .phrases
            .known()
            .into_iter()
            .flatten()
            .enumerate()
        {
            let text = phrase.known().and_then(|phrase| phrase.text.known());
            if text.is_some_and(|text| text.contains('\n')) {
                let detail = "A phrase must be a single line. Split the text into several phrases.";
                let path = Greeting::paths().phrases().index(index).text();
                found.push(Diagnostic::error("Phrase contains several lines", detail).at(path));
            }
        }
        found
    }

    /// Imports by name, as in `tofu import hello_greeting.world world`. The framework then calls `read` to set the other
    /// attributes.
    async fn import(&self, request: Import) -> Result<Imported<Greeting>, Diagnostics> {
        let name = Planned::Known(request.id);
        Ok(Imported::new(GreetingPlan {
            name,
            ..GreetingPlan::default()
        }))
    }
}

async fn configure(request: Configure<Config>) -> Result<Directory, Diagnostics> {
    // The directory is known during apply. During planning, it can depend on a resource that does not exist yet.
    Ok(request.config.directory.into_known().map(PathBuf::from))
}

pub(crate) fn provider() -> Provider {
    let directory = Configured::new();
    Provider::new("hello", "1.0.0")
        .configure(&directory, configure)
        .resource(Greetings(directory.clone()))
}

fn main() -> ExitCode {
    tfplugin::serve(provider())
}
