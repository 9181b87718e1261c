//! Checks that the private key exists only in Secrets Manager. Searches every file, output, and log from real runs, in
//! every notation that a program might use.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use bigdecimal::num_bigint::BigUint;
use memchr::memmem;
use serde_json::{Value, json};
use tfharness::gateway::rules::Rule;
use tfharness::toolchain::python;
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace, on};

use crate::authority::{Authority, SECRET};
use crate::clis::with_every_cli;
use crate::key_owner::{self, Issuer, KeyOwner};
use crate::openssl;
use crate::scenario::side_by_side;

/// Text that both CLIs print if a provider is killed during a call. The summary depends on how the connection was
/// closed ("Plugin did not respond", "Plugin error", "Request cancelled"). The detail always names the call.
const CRASHED: &str = "(*GRPCProvider).";

/// Resource types, key algorithms, and numbers of malformed documents. All types read documents with the same code, so one
/// row has all of them.
const OWNERS: [(KeyOwner, &str, usize); 4] = [
    (key_owner::ROOT, "ECDSA_P384", usize::MAX),
    (key_owner::ROOT, "RSA_3072", 1),
    (key_owner::INTERMEDIATE, "ED25519", 2),
    (key_owner::CERTIFICATE, "RSA_2048", 2),
];

#[test]
fn generated_keys_exist_only_in_their_secrets() -> Result<()> {
    with_every_cli(|cli, aws| {
        side_by_side(&OWNERS, 2, |(owner, algorithm, documents)| {
            expect_no_trace(cli, &aws.sibling(), owner, algorithm, *documents)
                .with_context(|| format!("{} with {algorithm}", owner.kind))
        })
        .map(drop)
    })
}

/// Runs scenarios that include failures during key operations, with trace logging.
fn expect_no_trace(
    cli: &Cli,
    aws: &LocalAws,
    owner: &KeyOwner,
    algorithm: &str,
    documents: usize,
) -> Result<()> {
    let issuer = Issuer::create(cli, aws)?;
    let printed = Printed::default();
    let open = || {
        let workspace = printed.hear(owner.workspace(cli, aws, &issuer)).trace();
        workspace.var("key_algorithm", algorithm).init()
    };
    let mut stack = open()?;

    // The provider is killed after it stored the key, which causes the CLI to print the crash.
    let kill = on("secretsmanager", "CreateSecret")
        .first()
        .kill_after(&stack.providers());
    aws.add_rule(&kill);
    stack.failing(|stack| stack.apply_once())?;
    ensure!(
        kill.fired() == 1,
        "expected the provider to be killed once, found {}",
        kill.fired()
    );
    let stored = Authority::read(aws, owner.secret)?;
    let requests = Requests::with_key(aws, stored.key_pem()?)?;
    // The key is adopted through a plan file, which remains in the workspace.
    stack.plan()?;
    stack.succeed(&["apply", "-no-color", "harness.tfplan"])?;
    stack.expect_empty_plan()?;
    let made = Authority::read(aws, owner.secret)?;
    openssl::expect_pair(made.key_pem()?, made.certificate_pem()?)?;
    ensure!(
        stored.key_pem()? == made.key_pem()?,
        "expected the same key"
    );
    stack.set_var("tags", json!({ "team": "platform" }));
    stack.apply()?;
    requests.expect_only_writes()?;

    // The malformed document contains the key at a position that an error might quote.
    let second = open()?;
    for (what, broken) in broken_documents(&made)?.into_iter().take(documents) {
        let put = json!({ "SecretId": made.arn, "SecretString": broken });
        aws.call("secretsmanager", "PutSecretValue", put)?;
        second.failing(|stack| stack.apply_once()).context(what)?;
        second
            .failing(|stack| stack.import(&owner.address(), &made.arn))
            .context(what)?;
        stack.failing(|stack| stack.plan()).context(what)?;
    }

    let mut haystack = Haystack::default();
    haystack.add("the command output", &printed.text());
    haystack.add("the journal", &format!("{:?}", aws.journal()));
    for stack in [&stack, &second] {
        haystack.add("the state", &stack.state_text()?);
        haystack.add_workspace(stack)?;
    }
    haystack.add(
        "the plan as JSON",
        &stack.succeed(&["show", "-json", "harness.tfplan"])?,
    );
    haystack.add("the unzipped plan file", &unzipped(&stack)?);
    haystack.expect_complete(owner.secret)?;
    let issuing = Authority::read(aws, key_owner::ISSUER_SECRET)?;
    haystack.expect_none(&needles(issuing.key_pem()?)?)?;
    haystack.expect_none(&needles(made.key_pem()?)?)
}

/// Counts the requests that contain a key.
struct Requests {
    all: Rule,
    /// Requests that write the secret.
    writes: [Rule; 2],
}

impl Requests {
    fn with_key(aws: &LocalAws, key_pem: &str) -> Result<Self> {
        let line = key_pem
            .lines()
            .nth(1)
            .context("the key is not in PEM format")?;
        let count = |service: &str, action: &str| {
            let rule = on(service, action).mentioning(line).every().before(|| ());
            aws.add_rule(&rule);
            rule
        };
        Ok(Self {
            all: count("*", "*"),
            writes: ["CreateSecret", "PutSecretValue"]
                .map(|action| count("secretsmanager", action)),
        })
    }

    /// Checks that only requests that write the secret contained the key.
    fn expect_only_writes(&self) -> Result<()> {
        let writes: usize = self.writes.iter().map(Rule::fired).sum();
        let all = self.all.fired();
        ensure!(
            all == writes && writes > 0,
            "expected the key only in requests that write it, found {all} requests and {writes} writes"
        );
        Ok(())
    }
}

/// Returns every notation of the key, with its name.
pub(crate) fn needles(key_pem: &str) -> Result<Vec<(String, String)>> {
    let mut needles = vec![(
        "first line of the PEM".to_owned(),
        "PRIVATE KEY-----".to_owned(),
    )];
    let body = key_pem.lines().filter(|line| !line.starts_with("-----"));
    needles.extend(
        body.enumerate()
            .map(|(index, line)| (format!("line {} of the PEM", index + 2), line.to_owned())),
    );
    for (name, digits) in openssl::secret_numbers(key_pem)? {
        let number = BigUint::parse_bytes(digits.as_bytes(), 16)
            .context("expected hexadecimal digits from openssl")?;
        let octets = number.to_bytes_be();
        // A substring from the middle, without padding or line breaks.
        let part = &octets[8..24];
        let joined = |separator: &str, write: fn(&u8) -> String| {
            part.iter().map(write).collect::<Vec<_>>().join(separator)
        };
        let decimal = number.to_string();
        for (notation, text) in [
            ("hexadecimal", joined("", |octet| format!("{octet:02x}"))),
            (
                "upper-case hexadecimal",
                joined("", |octet| format!("{octet:02X}")),
            ),
            (
                "hexadecimal with colons",
                joined(":", |octet| format!("{octet:02x}")),
            ),
            ("a list of octets", joined(", ", u8::to_string)),
            ("a list of octets in Go format", joined(" ", u8::to_string)),
            ("decimal", decimal[..40.min(decimal.len())].to_owned()),
        ] {
            needles.push((format!("{name} in {notation}"), text));
        }
    }
    // The last line of a PEM might be too short for a unique match.
    needles.retain(|(_, text)| text.len() >= 16);
    ensure!(
        needles.len() >= 8,
        "expected more notations of the key, found {}",
        needles.len()
    );
    Ok(needles)
}

/// Returns malformed documents. Each contains the key at a different position.
fn broken_documents(made: &Authority) -> Result<Vec<(&'static str, String)>> {
    let key = made.key_pem()?;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut document = made.document.clone();
        change(&mut document);
        document.to_string()
    };
    let mut cut = made.document.to_string();
    cut.pop();
    Ok(vec![
        ("a truncated document", cut),
        (
            "the key instead of the certificate",
            with(&|document| document["certificates"] = json!([key])),
        ),
        (
            "the key instead of the type",
            with(&|document| document["type"] = json!(key)),
        ),
        (
            "the key instead of the version",
            with(&|document| document["v"] = json!(key)),
        ),
        (
            "the key instead of the algorithm",
            with(&|document| document["algorithm"] = json!(key)),
        ),
        (
            "the key as a field name",
            with(&|document| document[key] = json!(1)),
        ),
        (
            "the key in a list",
            with(&|document| document["private_key_pem"] = json!([key])),
        ),
        ("only the key", key.to_owned()),
    ])
}

/// Output from the commands, on both streams.
#[derive(Clone, Default)]
pub(crate) struct Printed(Arc<Mutex<String>>);

impl Printed {
    pub(crate) fn hear(&self, workspace: Workspace) -> Workspace {
        let Self(lines) = self.clone();
        workspace.listen(move |line| {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(lines, "{line}");
        })
    }

    pub(crate) fn text(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Strings to search, with their sources.
#[derive(Default)]
pub(crate) struct Haystack(Vec<(String, String)>);

impl Haystack {
    pub(crate) fn add(&mut self, place: &str, text: &str) {
        self.0.push((place.to_owned(), text.to_owned()));
    }

    /// Adds every file in the workspace: state, backup, plan, trace log, crash log, temporary files, and home
    /// directories.
    pub(crate) fn add_workspace(&mut self, stack: &Stack) -> Result<()> {
        let environment = stack.environment()?;
        let base = Path::new(&environment["HOME"])
            .parent()
            .context("the home directory is not in the workspace")?;
        self.add_files(base)
    }

    fn add_files(&mut self, directory: &Path) -> Result<()> {
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                // The mirror contains only the programs of the providers, which exist before the run. Their constants can
                // be next to each other, so that a program contains a needle such as the last line of a PEM block.
                if path.file_name() != Some("mirror".as_ref()) {
                    self.add_files(&path)?;
                }
            } else if kind.is_file() {
                let bytes =
                    std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
                self.add(
                    &path.display().to_string(),
                    &String::from_utf8_lossy(&bytes),
                );
            }
        }
        Ok(())
    }

    fn expect_complete(&self, secret: &str) -> Result<()> {
        self.expect_contains(&[
            ("the command output", "Error: "),
            // Text that a CLI prints for a killed provider, which proves that the crash is included.
            ("the command output", CRASHED),
            ("the state", "BEGIN CERTIFICATE"),
            ("terraform.tfstate.backup", secret),
            ("trace.log", "tf_rpc=ApplyResourceChange"),
            ("trace.log", "terraform-provider-skreg_v0.1.0: "),
            ("harness.tfplan", "PK"),
            ("the plan as JSON", secret),
            ("the unzipped plan file", secret),
            ("the journal", "PutSecretValue"),
        ])
    }

    /// Checks that the expected strings are included, because a search through empty text would always succeed.
    pub(crate) fn expect_contains(&self, all: &[(&str, &str)]) -> Result<()> {
        for (place, expected) in all {
            let mut places = self.0.iter().filter(|(name, _)| name.ends_with(place));
            let found = places.any(|(_, text)| text.contains(expected));
            let known: Vec<_> = self
                .0
                .iter()
                .map(|(name, text)| format!("{name} ({})", text.len()))
                .collect();
            ensure!(
                found,
                "expected {expected:?} in {place}; without it, the search proves nothing. Searched sources: {known:#?}"
            );
        }
        Ok(())
    }

    /// Removes the records of a program from the trace logs. Lines that continue a record are indented.
    pub(crate) fn drop_records(&mut self, program: &str) {
        let logs = self.0.iter_mut();
        for (_, log) in logs.filter(|(name, _)| name.ends_with("trace.log")) {
            let mut dropping = false;
            let mut kept = String::new();
            for line in log.lines() {
                if !line.starts_with(' ') {
                    dropping = line.contains(program);
                }
                if !dropping {
                    kept.push_str(line);
                    kept.push('\n');
                }
            }
            *log = kept;
        }
    }

    pub(crate) fn expect_none(&self, needles: &[(String, String)]) -> Result<()> {
        for (place, text) in &self.0 {
            for (name, needle) in needles {
                // The error must not contain the private key, not even a test key.
                ensure!(
                    memmem::find(text.as_bytes(), needle.as_bytes()).is_none(),
                    "found the private key ({name}) in {place}"
                );
            }
        }
        Ok(())
    }
}

/// Returns the concatenated entries of the plan file.
pub(crate) fn unzipped(stack: &Stack) -> Result<String> {
    let script = "import sys, zipfile\narchive = zipfile.ZipFile(sys.argv[1])\nfor name in archive.namelist():\n    \
                  sys.stdout.buffer.write(archive.read(name))";
    let plan = stack.directory().join("harness.tfplan");
    let output = Command::new(&python()?.path)
        .args(["-c", script, plan.as_str()])
        .output()?;
    ensure!(
        output.status.success(),
        "Python cannot unzip {plan}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn search_finds_an_existing_key() -> Result<()> {
    let (key, _) = openssl::foreign_root("found")?;
    let needles = needles(&key)?;
    let escaped = json!({ "level": "trace", "message": key }).to_string();
    for (name, needle) in &needles {
        let mut haystack = Haystack::default();
        haystack.add("a log", &format!("… {needle} …"));
        ensure!(
            haystack
                .expect_none(std::slice::from_ref(&(name.clone(), needle.clone())))
                .is_err(),
            "{name}"
        );
    }
    let mut haystack = Haystack::default();
    haystack.add("a log line in JSON", &escaped);
    ensure!(
        haystack.expect_none(&needles[1..]).is_err(),
        "the body of an escaped PEM was not found"
    );
    Ok(())
}

#[test]
fn supplied_key_exists_only_in_its_secret() -> Result<()> {
    let hcl = r#"
        terraform {
          required_providers { skreg = { source = "skreg/skreg" } }
        }
        variable "key" {
          type      = string
          ephemeral = true
        }
        resource "skreg_pki_root_ca" "this" {
          subject                    = { common_name = "Supplied" }
          key_algorithm              = "ECDSA_P256"
          validity_days              = 3650
          private_key_pem_wo         = var.key
          private_key_pem_wo_version = 1
          secrets_manager            = { name = "SECRET" }
        }
    "#
    .replace("SECRET", SECRET);
    with_every_cli(|cli, aws| {
        let (key, _) = openssl::foreign_root("supplied")?;
        let (other, _) = openssl::foreign_root("other")?;
        let printed = Printed::default();
        let workspace = printed
            .hear(Workspace::inline(hcl.as_str()).cli(cli).aws(aws))
            .env("TF_VAR_key", &key)
            .trace();
        let mut stack = workspace.init()?;
        let requests = Requests::with_key(aws, &key)?;
        stack.plan()?;
        stack.succeed(&["apply", "-no-color", "harness.tfplan"])?;
        requests.expect_only_writes()?;
        let made = Authority::only(aws)?;
        made.expect_sound()?;
        ensure!(
            made.key_pem()? == key,
            "expected the supplied key in the secret"
        );
        let mut haystack = Haystack::default();
        haystack.add("the state", &stack.state_text()?);
        haystack.add(
            "the plan as JSON",
            &stack.succeed(&["show", "-json", "harness.tfplan"])?,
        );
        haystack.add("the unzipped plan file", &unzipped(&stack)?);

        // The key is ignored after creation.
        stack.set_env("TF_VAR_key", Some(&other));
        stack.expect_empty_plan()?;
        made.expect_same(&Authority::only(aws)?)?;
        haystack.add("the command output", &printed.text());
        haystack.add_workspace(&stack)?;
        haystack.expect_none(&needles(&key)?)?;
        haystack.expect_none(&needles(&other)?)
    })
}
