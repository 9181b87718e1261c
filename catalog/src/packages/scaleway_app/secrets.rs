//! Secrets of the application. Their values come from the input and exist only in Secret Manager, unless the container
//! receives the values.

use scaleway_blocks as scaleway;
use scaleway_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::database::Database;
use super::{Common, Inputs};

/// Secrets of the application.
pub(super) struct Secrets {
    /// ID of each secret with its revision, by name.
    pub(super) ids: Local<Map<Str>>,
    /// Values for the container, by name. Empty unless the container receives the values.
    pub(super) injected: Local<Map<Str>>,
}

/// Declares the secrets.
pub(super) fn secrets(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    database: &Database,
) -> Secrets {
    m.file("secrets");
    let ids = stored(m, inputs, common);
    let injected = injected(m, inputs, database, &ids);
    Secrets { ids, injected }
}

/// Declares the secrets and their versions, and returns the ID of each version.
fn stored(m: &mut Module, inputs: &Inputs<Declared>, common: &Common) -> Local<Map<Str>> {
    let versions = &inputs.secret_versions;
    let secrets = m.resource(scaleway::Secret::new("app", Expr::<Str>::null()).for_each(
        versions,
        |_, each| {
            scaleway::Secret::new(
                "app",
                template([(&common.prefix).into(), "-".into(), each.key().into()]),
            )
            .description(template([
                "Value of ".into(),
                each.key().into(),
                " for the container.".into(),
            ]))
            .tags(&common.tags)
        },
    ));
    let stored = m.resource(
        scaleway::SecretVersion::new("app", Expr::<Str>::null())
            .for_each(versions, |_, each| {
                scaleway::SecretVersion::new("app", secrets.get(each.key()).id())
                    .comment("The value is write-only, so it is in neither the plan nor the state.")
                    .data_wo(inputs.secret_values.get(each.key()))
                    .data_wo_version(each.value())
                    .create_before_destroy()
                    .lifecycle_comment("A new number replaces the version. The old version is deleted after the container uses the new version.")
            }),
    );
    m.local(
        "secret_ids",
        versions.iterate("name", "number").into_map(|name, _| {
            let id = template([
                secrets.get(&name).id().into(),
                "/".into(),
                stored.get(&name).revision().into(),
            ]);
            (name, id)
        }),
    )
}

/// Reads the values of the secrets, if the container receives them.
fn injected(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    database: &Database,
    ids: &Local<Map<Str>>,
) -> Local<Map<Str>> {
    let versions = &inputs.secret_versions;
    let none = || Vec::<(&str, &str)>::new();
    let read = |id: &Expr<Str>, version: data::SecretVersion| {
        let parts = split("/", id);
        let secret = join("/", slice(&parts, 0, 2));
        version.secret_id(secret).revision(parts.at(2))
    };
    let values = m.data(
        data::SecretVersion::new("app").for_each(
            conditional(
                &inputs.inject_secret_values,
                versions
                    .iterate("name", "number")
                    .into_map(|name, _| (name.clone(), name)),
                none(),
            ),
            |version, each| read(&ids.get(each.key()), version),
        ),
    );
    let password = m.data(
        read(
            &database.passwords.get(&database.user),
            data::SecretVersion::new("database_password"),
        )
        .when(&inputs.inject_secret_values),
    );
    let url = template([
        "postgres://".into(),
        (&database.user).into(),
        ":".into(),
        base64decode(password.assumed().data()).into(),
        "@".into(),
        (&database.host).into(),
        ":".into(),
        (&database.port).into(),
        "/".into(),
        (&database.name).into(),
        "?sslmode=require".into(),
    ]);
    m.local(
        "secret_values",
        merge([
            values.map(|version| base64decode(version.data())),
            conditional(
                &inputs.inject_secret_values,
                IntoExpr::<Map<Str>>::into_expr([("DATABASE_URL", url)]),
                none(),
            ),
        ]),
    )
}
