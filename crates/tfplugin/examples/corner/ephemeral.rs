//! An ephemeral resource that records its calls in a file. Tests use the file to check when the lease was opened, renewed,
//! and closed, and which private data each call received.

use std::time::{Duration, SystemTime};

use tfplugin::validate::{length, one_of};
use tfplugin::{
    Close, Configured, Diagnostic, Diagnostics, EphemeralResource, Open, Opened, Private, Renew,
    Renewed, Schema, Secret, Validate,
};

use super::store::Store;

/// A lease.
#[derive(Schema)]
#[ephemeral_resource(name = "corner_lease")]
pub(crate) struct Lease {
    /// Name of the lease.
    #[attr(required, validate = length(1..=20))]
    name: String,
    /// String that the token contains.
    #[attr(optional, default = "plain")]
    seed: String,
    /// Whether the lease is renewed while it is open.
    #[attr(optional, default = false)]
    renewed: bool,
    /// Failure to cause.
    #[attr(optional, validate = one_of(&["panic in open", "panic in close", "another name", "fail to close", "warn"]))]
    misbehave: Option<String>,
    /// Token of the lease.
    #[attr(computed, sensitive)]
    token: Secret,
}

/// Leases in a store.
pub(crate) struct Leases(pub(crate) Configured<Store>);

/// Time between opening a lease and renewing it.
const RENEWAL: Duration = Duration::from_millis(200);

impl Leases {
    /// Records a call and the step in its private data.
    fn record(&self, call: &str, private: &Private) -> Result<(), Diagnostics> {
        let name = fact(private, "name");
        let line = format!("{call} {}\n", fact(private, "step"));
        self.0.get()?.append("corner_lease", &name, &line)
    }
}

fn fact(private: &Private, name: &str) -> String {
    let fact = private.get(name).and_then(|fact| fact.as_str());
    fact.unwrap_or_default().to_owned()
}

fn private(name: &str, step: &str, misbehave: Option<&str>) -> Private {
    let mut private = Private::default();
    private.set("name", name.into());
    private.set("step", step.into());
    private.set("misbehave", misbehave.into());
    private
}

impl EphemeralResource for Leases {
    type Model = Lease;

    async fn open(&self, request: Open<Lease>) -> Result<Opened<Lease>, Diagnostics> {
        let Open { config, call, .. } = request;
        let name: String = config.name.settle(Lease::paths().name())?;
        let seed: String = config.seed.settle(Lease::paths().seed())?;
        let renewed: bool = config.renewed.settle(Lease::paths().renewed())?;
        let misbehave: Option<String> = config.misbehave.into_known();
        let token = format!("token-of-{seed}");
        let result_name = match misbehave.as_deref() {
            Some("panic in open") => panic!("requested panic with {token}"),
            Some("another name") => format!("not {name}"),
            Some("warn") => {
                let warning = Diagnostic::warning("Lease expires soon", "Renew the lease soon.");
                call.warnings.push(warning.at(Lease::paths().name()));
                name.clone()
            }
            _ => name.clone(),
        };
        let private = private(&name, "o1", misbehave.as_deref());
        self.record("open", &private)?;
        let opened = Opened::new(Lease {
            name: result_name,
            seed,
            renewed,
            misbehave,
            token: Secret::new(token),
        });
        let opened = opened.private(private);
        Ok(match renewed {
            true => opened.renew_at(SystemTime::now() + RENEWAL),
            false => opened,
        })
    }

    async fn renew(&self, request: Renew) -> Result<Renewed, Diagnostics> {
        self.record("renew", &request.private)?;
        let name = fact(&request.private, "name");
        Ok(Renewed::last().private(private(&name, "r1", None)))
    }

    async fn close(&self, request: Close) -> Result<(), Diagnostics> {
        if request.call.cancel.is_cancelled() {
            let detail = "The call was canceled. The lease is still open.";
            return Err(Diagnostic::error("Lease could not be closed", detail).into());
        }
        self.record("close", &request.private)?;
        match fact(&request.private, "misbehave").as_str() {
            "panic in close" => panic!("requested panic with token-of-plain"),
            "fail to close" => {
                let detail = "The lease is still open. Close it manually.";
                Err(Diagnostic::error("Lease could not be closed", detail).into())
            }
            _ => Ok(()),
        }
    }

    fn validate(&self, request: Validate<Lease>) -> Diagnostics {
        match request.config.name.known() {
            Some(name) if name.contains('/') => {
                let error =
                    Diagnostic::error("Name contains a slash", "Remove the slash from the name.");
                error.at(Lease::paths().name()).into()
            }
            _ => Diagnostics::new(),
        }
    }
}
