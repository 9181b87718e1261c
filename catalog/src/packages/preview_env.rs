//! An environment of an application on Kubernetes: for a pull request, in production, or on a local cluster. The package
//! `preview-env`.

mod api;
mod configuration;
mod database;
mod inputs;
mod migration;
mod names;
mod namespace;
mod network;
mod pods;
mod quota;
mod routes;
mod web;

use tfmodgen::prelude::*;
use tfmodgen::{Declared, Package};

use crate::preview::chart::with_chart;
use crate::preview::conventions::{PRODUCTION, module};
use inputs::Inputs;
use names::Names;

/// Target system of the package.
const TARGET: &str = "kubernetes";

/// Returns the package, which has no parts.
pub(super) fn package() -> Package {
    with_chart(Package::new(TARGET, root()))
}

fn root() -> Part<Inputs, Outputs> {
    let mut m = module(
        "preview-env",
        "An environment of an application on Kubernetes, for a pull request, for production, or on a local cluster: a web application, an API, a database, and routes.",
    );
    let inputs = Inputs::declare(&mut m);
    let names = Names::declare(&mut m, &inputs);
    let sizes = quota::Sizes::declare(&mut m, &inputs);
    let namespace = namespace::namespace(&mut m, &inputs, &names, &sizes);
    network::policies(&mut m, &inputs, &names, &namespace);
    let configuration = configuration::configuration(&mut m, &inputs, &names, &namespace);
    let database = database::database(&mut m, &inputs, &names);
    let common = Common {
        inputs: &inputs,
        names: &names,
        sizes: &sizes,
        namespace: &namespace,
        configuration: &configuration,
    };
    let jobs = migration::jobs(&mut m, &common, &database);
    let web = web::web(&mut m, &common);
    let api = api::api(&mut m, &common, &jobs);
    routes::routes(&mut m, &common, &[&web, &api]);
    scenarios(&mut m, &inputs, &namespace);
    let outputs = outputs(&names, &sizes, &namespace, &jobs);
    Part::new(m, inputs, outputs)
}

/// Everything that the pods of the environment use.
struct Common<'a> {
    inputs: &'a Inputs<Declared>,
    names: &'a Names,
    sizes: &'a quota::Sizes,
    namespace: &'a namespace::Namespace,
    configuration: &'a configuration::Configuration,
}

/// A service with its hosts.
struct Service {
    /// Name of the service, and of its route.
    name: &'static str,
    reference: kubernetes_blocks::ServiceV1Reference,
}

fn scenarios(m: &mut Module, inputs: &Inputs<Declared>, namespace: &namespace::Namespace) {
    m.scenario("a_pull_request_has_a_quota", |plan| {
        plan.expect(
            length(namespace.quota.object()).equals(1),
            "The namespace of a pull request must have a quota.",
        )
        .given(&inputs.replicas, 1)
    });
}

fn outputs(
    names: &Names,
    sizes: &quota::Sizes,
    namespace: &namespace::Namespace,
    jobs: &migration::Jobs,
) -> Outputs<Declared> {
    Outputs {
        web_url: output(&names.web_url),
        api_url: output(&names.api_url),
        database_name: output(&names.database),
        namespace: output(&namespace.name),
        migration_job: output(jobs.migration_name()),
        demand: output(&sizes.demand),
        state_key: output(&names.state_key),
    }
}

/// Returns whether the environment is in production.
fn in_production(inputs: &Inputs<Declared>) -> Expr<Bool> {
    inputs.profile.equals(PRODUCTION)
}

tfmodgen::outputs! {
    /// Outputs of the package.
    struct Outputs {
        /// URL of the web application.
        web_url: Str,
        /// URL of the API.
        api_url: Str,
        /// Name of the database, which is also the name of its user.
        database_name: Str,
        /// Namespace of the environment.
        namespace: Str,
        /// Name of the job that migrates the database for the image of the API.
        migration_job: Str,
        /// Resources that the pods require during a rolling update: millicores, MiB, and pods.
        demand: Map<Num>,
        /// Suggested key for the state of the environment in a bucket.
        state_key: Str,
    }
}
