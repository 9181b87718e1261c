//! Tests of the tutorial's resource that run without Terraform and OpenTofu. They use requests that a provider author can
//! construct.

#[path = "../examples/hello.rs"]
#[expect(dead_code, reason = "the example is a separate program")]
mod hello;

use std::error::Error;
use std::path::PathBuf;

use hello::{Greeting, Greetings, Phrase};
use tfplugin::{
    Configured, Create, Delete, Import, Planned, Read, Remains, Resource as _, Update, Validate,
};

fn greetings(directory: Option<PathBuf>) -> Greetings {
    let handle = Configured::new();
    handle.set(directory);
    Greetings(handle)
}

fn greeting(volume: i64, text: &str) -> Greeting {
    Greeting {
        name: "world".into(),
        volume,
        phrases: vec![Phrase {
            language: "fr".into(),
            text: text.into(),
        }],
        file: String::new(),
        timeouts: None,
    }
}

#[tokio::test]
async fn greeting_is_created_updated_imported_and_deleted() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let greetings = greetings(Some(directory.path().into()));
    let file = directory.path().join("world.txt");

    let created = greetings
        .create(Create::for_test(greeting(5, "Bonjour")))
        .await;
    let Ok(created) = created else {
        return Err("create failed".into());
    };
    assert_eq!(std::fs::read_to_string(&file)?, "5\nfr: Bonjour");
    assert_eq!(created.state.file, file.display().to_string());

    let changed = Update::for_test(created.state, greeting(7, "Salut"));
    let Ok(changed) = greetings.update(changed).await else {
        return Err("update failed".into());
    };
    assert_eq!(std::fs::read_to_string(&file)?, "7\nfr: Salut");

    let imported = greetings
        .import(Import::for_test("world"))
        .await
        .map_err(|_| "import failed")?;
    let found = greetings
        .read(Read::for_test(imported.state))
        .await
        .map_err(|_| "read failed")?;
    let found = found.ok_or("the greeting was not found")?.state;
    assert_eq!((found.volume, found.phrases[0].text.as_str()), (7, "Salut"));

    let state: hello::GreetingPlan = changed.state.into();
    assert!(
        greetings
            .delete(Delete::for_test(state.clone()))
            .await
            .is_ok()
    );
    assert!(!file.exists());
    assert!(
        greetings
            .delete(Delete::for_test(state.clone()))
            .await
            .is_ok(),
        "deleting a deleted greeting succeeds"
    );
    assert!(matches!(
        greetings.read(Read::for_test(state)).await,
        Ok(None)
    ));
    Ok(())
}

#[tokio::test]
async fn unreadable_file_is_an_error_instead_of_a_deleted_greeting() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let greetings = greetings(Some(directory.path().into()));
    // A directory exists at the path of the file, so the path cannot be read as a file.
    std::fs::create_dir(directory.path().join("world.txt"))?;
    let read = greetings.read(Read::for_test(greeting(5, "Bonjour"))).await;
    assert!(read.is_err_and(|error| error.has_errors()));
    let created = greetings
        .create(Create::for_test(greeting(5, "Bonjour")))
        .await;
    assert!(created.is_err_and(|failure| matches!(failure.remains, Remains::Nothing)));
    Ok(())
}

#[tokio::test]
async fn unknown_directory_does_not_fail_the_plan() {
    let stored = Greeting {
        file: "elsewhere/world.txt".into(),
        ..greeting(5, "Bonjour")
    };
    let read = greetings(None).read(Read::for_test(stored)).await;
    assert!(matches!(read, Ok(None)), "the stored file does not exist");
}

#[test]
fn phrase_with_several_lines_is_rejected_at_its_path() {
    let found = greetings(None).validate(Validate::for_test(greeting(5, "Bon\njour")));
    let paths: Vec<String> = found.iter().map(|found| found.path.to_string()).collect();
    assert_eq!(paths, ["phrases[0].text"]);
    let mut unknown: hello::GreetingPlan = greeting(5, "Bon\njour").into();
    unknown.phrases = Planned::Unknown;
    assert!(
        !greetings(None)
            .validate(Validate::for_test(unknown))
            .has_errors()
    );
}
