//! Configuration of the web application, of the API, and of nginx, and the secret values of the API.

use kubernetes_blocks as kubernetes;
use tfmodgen::Declared;
use tfmodgen::prelude::*;

use super::Inputs;
use super::names::Names;
use super::namespace::{Namespace, first};

/// File that the web application reads.
pub(super) const RUNTIME: &str = "runtime-config.json";
/// File with the configuration of nginx.
pub(super) const NGINX: &str = "default.conf";
/// Configuration of nginx before and after the folder of `index.php`. PHP-FPM listens in the same pod.
const NGINX_START: &str = "\
server {
  listen 8080;
  server_tokens off;
  client_max_body_size 10m;

  location / {
    include fastcgi_params;
    fastcgi_pass 127.0.0.1:9000;
    fastcgi_param SCRIPT_FILENAME ";
const NGINX_END: &str = "/index.php;
    fastcgi_param SCRIPT_NAME /index.php;
    fastcgi_param HTTPS on;
  }
}
";

/// A config map, and the hash of its data.
pub(super) struct ConfigMap {
    pub(super) name: Expr<Str>,
    pub(super) checksum: Expr<Str>,
}

/// References to the configuration.
pub(super) struct Configuration {
    pub(super) web: ConfigMap,
    pub(super) api: ConfigMap,
    pub(super) nginx: ConfigMap,
    pub(super) secret: Expr<Str>,
}

/// Declares the configuration.
pub(super) fn configuration(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    names: &Names,
    namespace: &Namespace,
) -> Configuration {
    m.file("configuration");
    let base = &inputs.base;
    let runtime: Expr<Map<Str>> = [("apiUrl", (*names.api_url).clone())].into_expr();
    let runtime = jsonencode(merge([inputs.web_configuration.forward(), runtime]).any());
    let own: Expr<Map<Str>> = [
        ("APP_URL", (*names.api_url).clone()),
        ("WEB_URL", (*names.web_url).clone()),
        ("DB_CONNECTION", "pgsql".into_expr()),
        ("DB_HOST", base.attribute("postgresql_host")),
        (
            "DB_PORT",
            tostring(base.attribute::<Num>("postgresql_port").any()),
        ),
        ("DB_DATABASE", (*names.database).clone()),
        ("DB_USERNAME", (*names.database).clone()),
        ("DB_SSLMODE", base.attribute("postgresql_sslmode")),
    ]
    .into_expr();
    let nginx = template([
        NGINX_START.into(),
        (&inputs.api_root).into(),
        NGINX_END.into(),
    ]);
    let mut config_map = |label: &str, name: &str, data: Expr<Map<Str>>| {
        let metadata = kubernetes::ConfigMapV1Metadata::new()
            .name(name)
            .namespace(&namespace.name)
            .labels(&names.labels);
        let map = m.resource(kubernetes::ConfigMapV1::new(label, metadata).data(data));
        ConfigMap {
            name: first(&map.metadata()),
            checksum: sha256(jsonencode(map.data())),
        }
    };
    let web = config_map("web", "web-runtime", [(RUNTIME, runtime)].into_expr());
    let api = config_map(
        "api",
        "api",
        merge([inputs.api_configuration.forward(), own]),
    );
    let nginx = config_map("nginx", "nginx", [(NGINX, nginx)].into_expr());
    let password: Expr<Map<Str>> = [(
        "DB_PASSWORD",
        inputs.database_password.forward::<Expr<Str>>(),
    )]
    .into_expr();
    let secret = m.resource(
        kubernetes::SecretV1::new(
            "api",
            kubernetes::SecretV1Metadata::new()
                .name("api")
                .namespace(&namespace.name)
                .labels(&names.labels),
        )
        .comment("The values are write-only, so they are in neither the plan nor the state.")
        .r#type("Opaque")
        .data_wo(merge([inputs.secret_values.forward(), password]))
        .data_wo_revision(&inputs.secrets_version),
    );
    Configuration {
        web,
        api,
        nginx,
        secret: first(&secret.metadata()),
    }
}
