//! Tests of the precedence of credential and region sources, as documented for the `hashicorp/aws` provider (section
//! "Authentication and Configuration").
//!
//! Each test case runs this program as a child process with an empty environment, a separate home directory, and a
//! loopback server. The server replaces ECS, STS, the container credentials endpoint, and the instance metadata
//! service. It records the credentials that signed the call. The test does not use libtest, because each case requires
//! a separate process environment.

mod rows;
mod server;

use std::path::Path;
use std::process::{Command, ExitCode};

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::{Value, json};
use skreg::aws::config::{
    AssumeRole, AssumeRoleWithWebIdentity, AwsSettings, StaticCredentials, WebIdentityToken,
};
use skreg::aws::{AwsError, Clients};
use zeroize::Zeroizing;

use self::rows::{Expected, Row};
use self::server::Server;

/// Environment variable that passes the provider block to the child process.
const BLOCK: &str = "PRECEDENCE_PROVIDER_BLOCK";
/// Placeholder for the server address in variables and files.
const SERVER: &str = "{server}";
/// Placeholder for the home directory in variables and settings.
const HOME: &str = "{home}";

fn main() -> ExitCode {
    if let Ok(block) = std::env::var(BLOCK) {
        return connect(&serde_json::from_str(&block).expect("a provider block"));
    }
    let filters: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    // Prints results in the libtest format, which other tools parse.
    let mut failed = Vec::new();
    for row in rows::all() {
        let name = format!("precedence::{}", row.name);
        let chosen =
            filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
        if !chosen {
            continue;
        }
        let outcome = outcome(&row);
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("test {name} ... {word}");
        failed.extend(outcome.err().map(|reason| format!("{name}: {reason}")));
    }
    failed.iter().for_each(|reason| println!("{reason}"));
    match failed.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Runs a test case and compares the recorded request with the expected request.
fn outcome(row: &Row) -> Result<(), String> {
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let server = Server::start();
    let filled = |text: &str| {
        text.replace(SERVER, server.url())
            .replace(HOME, &home.path().display().to_string())
    };
    for (path, content) in row.files {
        write(&home.path().join(path), &filled(content));
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let variables = row.environment.iter();
    let child = Command::new(program)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_ENDPOINT_URL_ECS", server.url())
        .env("AWS_ENDPOINT_URL_STS", server.url())
        .env(BLOCK, filled(&row.block.to_string()))
        .envs(variables.map(|(name, value)| (*name, filled(value))))
        .output()
        .map_err(|error| error.to_string())?;
    let stderr = String::from_utf8_lossy(&child.stderr).into_owned();
    match row.expected {
        Expected::Error(words) => {
            let refused = !child.status.success() && words.iter().all(|word| stderr.contains(word));
            refused
                .then_some(())
                .ok_or_else(|| format!("expected {words:?}, found {stderr}"))
        }
        Expected::Signed { key, region } => {
            if !child.status.success() {
                return Err(stderr);
            }
            let found = server.signer_of_last_call();
            let expected = (key.to_owned(), region.to_owned());
            (found.as_ref() == Some(&expected))
                .then_some(())
                .ok_or_else(|| format!("expected {expected:?}, found {found:?}"))
        }
    }
}

fn write(path: &Path, content: &str) {
    let folder = path.parent().expect("a path with a parent directory");
    std::fs::create_dir_all(folder).expect("the directory can be created");
    std::fs::write(path, content).expect("the file can be written");
}

/// Runs in the child process: connects with a provider block and makes one call.
fn connect(block: &Value) -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let result = runtime.block_on(async {
        let clients = Clients::connect(&settings(block)).await;
        let clients = clients.map_err(|error| format!("{error}. {}", error.remedy()))?;
        if block["secret"].as_bool() == Some(true) {
            let request = clients.secrets_manager.describe_secret().secret_id("x");
            return called("secretsmanager:DescribeSecret", request.send().await);
        }
        called("ecs:ListClusters", clients.ecs.list_clusters().send().await)
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn called<T, E, R>(action: &'static str, response: Result<T, SdkError<E, R>>) -> Result<(), String>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let response = response.map_err(|error| AwsError::new(action, &error));
    response.map(drop).map_err(|error| error.to_string())
}

fn settings(block: &Value) -> AwsSettings {
    let text = |key: &str| block[key].as_str().map(str::to_owned);
    let files = |key: &str| block[key].as_str().map(Into::into).into_iter().collect();
    let keys = text("access_key").map(|access_key| StaticCredentials {
        access_key,
        secret_key: Zeroizing::new("secret".to_owned()),
        token: None,
    });
    AwsSettings {
        region: text("region"),
        profile: text("profile"),
        static_credentials: keys,
        shared_config_files: files("shared_config_file"),
        shared_credentials_files: files("shared_credentials_file"),
        assume_role: text("assume_role").map(|role_arn| AssumeRole {
            role_arn,
            ..AssumeRole::default()
        }),
        assume_role_with_web_identity: text("web_identity_role").map(|role_arn| {
            AssumeRoleWithWebIdentity {
                role_arn,
                token: WebIdentityToken::Inline(Zeroizing::new("jwt".to_owned())),
                session_name: None,
                duration: None,
                policy: None,
                policy_arns: Vec::new(),
            }
        }),
        max_retries: block["retries"].is_null().then_some(0),
        ..AwsSettings::default()
    }
}

/// Returns a provider block that contains only the region.
fn region_only() -> Value {
    json!({ "region": "eu-central-1" })
}
