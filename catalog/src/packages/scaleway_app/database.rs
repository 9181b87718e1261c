//! The PostgreSQL instance, its users, and their passwords. Passwords exist only in Secret Manager and in the database.

use scaleway_blocks as scaleway;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::network::Network;
use super::profiles::Settings;
use super::{Common, Inputs};

/// User that owns the database, for migrations.
const ADMINISTRATOR: &str = "administrator";
/// Users of the application. A rotation changes the password of the user that the container does not use.
const USERS: [&str; 2] = ["app_a", "app_b"];
/// Start of a generated password, which contains every class of characters that Scaleway requires. Source: "How to manage users",
/// Managed Database documentation.
const CLASSES: &str = "Pw1-";

/// References to the database.
pub(super) struct Database {
    pub(super) instance: scaleway::RdbInstanceReference,
    pub(super) host: Expr<Str>,
    pub(super) port: Expr<Num>,
    pub(super) name: Expr<Str>,
    /// User that the container uses.
    pub(super) user: Local<Str>,
    /// ID of each password, with its revision, by user: `region/secret/revision`.
    pub(super) passwords: Local<Map<Str>>,
    pub(super) privileges: tfmodgen::Many<scaleway::RdbPrivilegeReference>,
}

/// Passwords of the database users.
struct Passwords {
    versions: Local<Map<Num>>,
    values: tfmodgen::Many<scaleway::ephemeral::SecretVersionReference>,
    ids: Local<Map<Str>>,
}

/// Declares the database.
pub(super) fn database(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    settings: &Settings,
    network: &Network,
) -> Database {
    m.file("database");
    let number: Expr<Num> = inputs.database_password_version.forward();
    let slots = m
        .local(
            "database_user_versions",
            IntoExpr::<Map<Num>>::into_expr([
                (USERS[0], floor((number.clone() + 1) / 2)),
                (USERS[1], floor(number.clone() / 2) + 1),
            ]),
        )
        .comment("An increase of the number changes the password of one user. The container uses the other user until it is deployed again.");
    let user = m.local(
        "database_user",
        conditional((number % 2).equals(1), USERS[0], USERS[1]),
    );
    let passwords = passwords(m, inputs, common, &slots);
    let instance = instance(m, common, settings, network, &passwords);
    let database = m.resource(scaleway::RdbDatabase::new(
        "this",
        instance.id(),
        &inputs.database_name,
    ));
    let users = m.resource(
        scaleway::RdbUser::new("app", instance.id(), Expr::<Str>::null()).for_each(
            &slots,
            |_, each| {
                scaleway::RdbUser::new("app", instance.id(), each.key())
                    .is_admin(false)
                    .password_wo(decoded(&passwords, each.key()))
                    .password_wo_version(each.value())
            },
        ),
    );
    let privileges = m.resource(
        scaleway::RdbPrivilege::new(
            "app",
            database.name(),
            instance.id(),
            "readwrite",
            Expr::<Str>::null(),
        )
        .for_each(&slots, |_, each| {
            scaleway::RdbPrivilege::new(
                "app",
                database.name(),
                instance.id(),
                "readwrite",
                users.get(each.key()).name(),
            )
            .comment("The users of the application do not own objects. Migrations run as the administrator.")
        }),
    );
    let endpoint = instance.handle().first("private_network");
    Database {
        host: endpoint.attribute("ip"),
        port: endpoint.attribute("port"),
        name: database.name(),
        user,
        passwords: passwords.ids,
        privileges,
        instance,
    }
}

/// Declares the passwords. A password is generated once, stored, and read back, so that a repeated apply after a failure uses
/// the same password.
fn passwords(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    common: &Common,
    slots: &Local<Map<Num>>,
) -> Passwords {
    let administrator: Expr<Map<Num>> = [(
        ADMINISTRATOR,
        inputs.database_password_version.forward::<Expr<Num>>(),
    )]
    .into_expr();
    let versions = m.local(
        "database_password_versions",
        merge([administrator, (**slots).clone()]),
    );
    let secrets = m.resource(
        scaleway::Secret::new("database_password", Expr::<Str>::null()).for_each(
            &versions,
            |_, each| {
                scaleway::Secret::new(
                    "database_password",
                    template([
                        (&common.prefix).into(),
                        "-database-".into(),
                        each.key().into(),
                    ]),
                )
                .description(template([
                    "Password of the database user ".into(),
                    each.key().into(),
                    ".".into(),
                ]))
                .tags(&common.tags)
            },
        ),
    );
    let stored = m.resource(
        scaleway::SecretVersion::new("database_password", Expr::<Str>::null())
            .for_each(&versions, |_, each| {
                scaleway::SecretVersion::new("database_password", secrets.get(each.key()).id())
                    .comment("The password is write-only, so it is in neither the plan nor the state.")
                    .data_wo(template([CLASSES.into(), uuid().into()]))
                    .data_wo_version(each.value())
                    .create_before_destroy()
                    .lifecycle_comment("A new number replaces the version. The old version is deleted after the database has the new password.")
            }),
    );
    let values = m.ephemeral(
        scaleway::ephemeral::SecretVersion::new("database_password").for_each(
            &versions,
            |read, each| {
                read.secret_id(secrets.get(each.key()).id())
                    .revision(stored.get(each.key()).revision())
            },
        ),
    );
    let ids = m.local(
        "database_password_ids",
        versions.iterate("user", "number").into_map(|user, _| {
            let id = template([
                secrets.get(&user).id().into(),
                "/".into(),
                stored.get(&user).revision().into(),
            ]);
            (user, id)
        }),
    );
    Passwords {
        versions,
        values,
        ids,
    }
}

/// Returns a password that was read back. The ephemeral resource returns it in Base64 encoding.
fn decoded(passwords: &Passwords, user: impl IntoExpr<Str>) -> Expr<Str> {
    base64decode(passwords.values.get(user).data())
}

/// Declares the instance.
fn instance(
    m: &mut Module,
    common: &Common,
    settings: &Settings,
    network: &Network,
    passwords: &Passwords,
) -> scaleway::RdbInstanceReference {
    m.resource(
        scaleway::RdbInstance::new("this", settings.text("database_node_type"))
            .name(&common.prefix)
            .engine(settings.text("database_engine"))
            .is_ha_cluster(settings.bool("database_high_availability"))
            .volume_type("sbs_5k")
            .volume_size_in_gb(settings.number("database_volume_gb"))
            .encryption_at_rest(true)
            .user_name(ADMINISTRATOR)
            .password_wo(decoded(passwords, ADMINISTRATOR))
            .password_wo_version(passwords.versions.get(ADMINISTRATOR))
            .disable_backup(false)
            .backup_schedule_frequency(24)
            .backup_schedule_retention(settings.number("database_backup_days"))
            .backup_same_region(false)
            .argument_comment("Backups remain available if the region fails.")
            .tags(&common.tags)
            .private_network(
                scaleway::RdbInstancePrivateNetwork::new(&network.private_network_id)
                    .enable_ipam(true),
            )
            .timeouts(
                scaleway::RdbInstanceTimeouts::new()
                    .create("60m")
                    .update("60m")
                    .delete("30m"),
            )
            .postcondition(
                |own| length(own.attribute::<List<Any>>("load_balancer")).equals(0),
                "The database has a public endpoint. Delete the endpoint in the console, and run apply again.",
            ),
    )
}
