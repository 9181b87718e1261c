//! A whole provider: greetings, kept as files in a directory.

use std::path::PathBuf;
use std::process::ExitCode;

use tfplugin::{
    Configure, Configured, Create, Delete, Diagnostic, Diagnostics, Failure, Outcome, Provider,
    Read, Resource, Schema, Stored, Update,
};

/// Keeps greetings as files.
#[derive(Schema)]
#[provider]
struct Config {
    /// The directory that greetings are kept in. It must exist.
    #[attr(required)]
    directory: String,
}

/// A greeting.
#[derive(Schema)]
#[resource(name = "hello_greeting", version = 0)]
struct Greeting {
    /// Who is greeted. Changing it makes a new greeting.
    #[attr(required, requires_replace, validate = length(1..=64))]
    name: String,
    /// How loud, from 0 to 10.
    #[attr(optional, default = 5, validate = range(0..=10))]
    volume: i64,
    /// The file that holds the greeting.
    #[attr(computed, keep)]
    file: String,
}

struct Greetings(Configured<PathBuf>);

fn problem(summary: &str, file: &str, error: std::io::Error) -> Diagnostic {
    Diagnostic::error(summary, format!("{file}: {error}"))
}

impl Greetings {
    fn write(&self, plan: GreetingPlan) -> Result<Stored<Greeting>, Diagnostics> {
        let name: String = plan.name.settle(Greeting::paths().name())?;
        let volume: i64 = plan.volume.settle(Greeting::paths().volume())?;
        let file = self.0.get()?.join(format!("{name}.txt"));
        let file = file.display().to_string();
        std::fs::write(&file, volume.to_string())
            .map_err(|error| problem("The greeting cannot be written", &file, error))?;
        Ok(Stored::new(Greeting { name, volume, file }))
    }
}

impl Resource for Greetings {
    type Model = Greeting;

    async fn create(&self, request: Create<Greeting>) -> Outcome<Greeting> {
        self.write(request.plan).map_err(Failure::nothing)
    }

    async fn read(&self, request: Read<Greeting>) -> Result<Option<Stored<Greeting>>, Diagnostics> {
        let file: String = request.prior.file.settle(Greeting::paths().file())?;
        let name: String = request.prior.name.settle(Greeting::paths().name())?;
        let text = std::fs::read_to_string(&file).ok();
        let volume = text.and_then(|text| text.parse().ok());
        Ok(volume.map(|volume| Stored::new(Greeting { name, volume, file })))
    }

    async fn update(&self, request: Update<Greeting>) -> Outcome<Greeting> {
        self.write(request.plan).map_err(Failure::unchanged)
    }

    async fn delete(&self, request: Delete<Greeting>) -> Result<(), Failure<Greeting>> {
        let file = request.prior.file.into_known().unwrap_or_default();
        std::fs::remove_file(&file).map_err(|error| {
            Failure::unchanged(problem("The greeting cannot be removed", &file, error))
        })
    }
}

async fn configure(request: Configure<Config>) -> Result<PathBuf, Diagnostics> {
    let directory = request.config.directory;
    let directory: String = directory.settle(Config::paths().directory())?;
    Ok(PathBuf::from(directory))
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
