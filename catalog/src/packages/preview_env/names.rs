//! Names, hosts, and labels of an environment.

use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::Inputs;
use super::in_production;
use crate::preview::conventions::labels;

/// Names of an environment.
pub(super) struct Names {
    /// Namespace, and prefix for names in the namespace of the database.
    pub(super) environment: Local<Str>,
    /// Database, and its user.
    pub(super) database: Local<Str>,
    pub(super) web_hosts: Local<List<Str>>,
    pub(super) api_hosts: Local<List<Str>>,
    pub(super) web_url: Local<Str>,
    pub(super) api_url: Local<Str>,
    pub(super) labels: Local<Map<Str>>,
    /// Start of the digest of the API image, or of the hash of its name, for names of jobs.
    pub(super) api_digest: Local<Str>,
    pub(super) state_key: Local<Str>,
}

impl Names {
    pub(super) fn declare(m: &mut Module, inputs: &Inputs<Declared>) -> Self {
        let number = &inputs.pull_request;
        let environment = m
            .local(
                "environment",
                conditional(
                    in_production(inputs),
                    template([(&inputs.app).into(), "-production".into()]),
                    template(["preview-pr-".into(), number.into()]),
                ),
            )
            .comment(
                "Name of the namespace, and prefix for names in the namespace of the database.",
            );
        let app = replace(&inputs.app, "-", "_");
        let database = m
            .local(
                "database_name",
                conditional(
                    in_production(inputs),
                    app.clone(),
                    template([app.into(), "_pr_".into(), number.into()]),
                ),
            )
            .comment("Name of the database and of its user.");
        let web_hosts = hosts(m, inputs, "web", &["", "www."], "pr");
        let api_hosts = hosts(m, inputs, "api", &["api."], "pr-api");
        let url = |hosts: &Local<List<Str>>| template(["https://".into(), hosts.at(0).into()]);
        let (web_url, api_url) = (url(&web_hosts), url(&api_hosts));
        let image = &inputs.api_image;
        let digest = conditional(
            strcontains(image, "@sha256:"),
            r#try([split("@sha256:", image).at(1), "".into_expr()]),
            sha256(image),
        );
        let state_key = conditional(
            in_production(inputs),
            "preview/production.tfstate",
            template(["preview/pr-".into(), number.into(), ".tfstate".into()]),
        );
        Self {
            web_url: m.local("web_url", web_url),
            api_url: m.local("api_url", api_url),
            labels: m.local("labels", labels(&inputs.app)),
            api_digest: m
                .local("api_digest", substr(digest, 0, 12))
                .comment("The name of a job contains the start of the digest. The full digest is in the image and in an annotation, because a label has at most 63 characters."),
            state_key: m.local("state_key", state_key),
            environment,
            database,
            web_hosts,
            api_hosts,
        }
    }
}

/// Declares the hosts of a service: the specified hosts, or those of the profile.
fn hosts(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    service: &str,
    production: &[&str],
    preview: &str,
) -> Local<List<Str>> {
    let given = inputs.hosts.attribute::<List<Str>>(service);
    let production: Vec<Expr<Str>> = production
        .iter()
        .map(|prefix| template([(*prefix).into(), (&inputs.domain).into()]))
        .collect();
    let production: Expr<List<Str>> = production.into_expr();
    let preview = template([
        (&inputs.pull_request).into(),
        format!(".{preview}.").into(),
        (&inputs.domain).into(),
    ]);
    let preview: Expr<List<Str>> = [preview].into_expr();
    let own = conditional(
        in_production(inputs),
        tolist(production.any()),
        tolist(preview.any()),
    );
    m.local(
        &format!("{service}_hosts"),
        conditional(given.is_null(), own, given),
    )
}
