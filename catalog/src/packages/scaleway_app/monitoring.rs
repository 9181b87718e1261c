//! Cockpit: data sources and a token for the application, and the alert manager with its contacts.

use scaleway_blocks as scaleway;
use scaleway_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::profiles::Settings;
use super::{Common, Inputs};

/// Name of the contact for the webhook.
const WEBHOOK: &str = "webhook";

/// Data sources of the application. Without monitoring, all maps are empty and all values are null.
pub(super) struct Sources {
    /// URL to which the application pushes, by kind: `logs`, `metrics`, and `traces`.
    pub(super) push_urls: Local<Map<Str>>,
    /// Secret environment variable with the token.
    pub(super) tokens: Expr<Map<Str>>,
    /// URL of the data source for metrics of the application.
    pub(super) metrics_url: Expr<Str>,
    /// URL of the data source for metrics of Scaleway products.
    pub(super) product_metrics_url: Expr<Str>,
    pub(super) grafana_url: Expr<Str>,
}

/// References to the alert manager.
pub(super) struct Alerts {
    pub(super) manager: tfmodgen::Maybe<scaleway::CockpitAlertManagerReference>,
    /// Contact and route for the webhook as JSON, or null.
    pub(super) webhook: Expr<Str>,
}

/// Declares the data sources and the token.
pub(super) fn sources(m: &mut Module, common: &Common, settings: &Settings) -> Sources {
    m.file("monitoring");
    let enabled = settings.bool("monitoring");
    let (logs, metrics) = (
        settings.number("log_retention_days"),
        settings.number("metrics_retention_days"),
    );
    let days: Expr<Map<Num>> = [
        ("logs", logs.clone()),
        ("metrics", metrics),
        ("traces", logs),
    ]
    .into_expr();
    let days = m.local(
        "cockpit_retention_days",
        conditional(&enabled, days, Vec::<(&str, i32)>::new()),
    );
    let sources = m.resource(
        scaleway::CockpitSource::new("this", Expr::<Num>::null()).for_each(&days, |_, each| {
            scaleway::CockpitSource::new("this", each.value())
                .name(template([
                    (&common.prefix).into(),
                    "-".into(),
                    each.key().into(),
                ]))
                .r#type(each.key())
        }),
    );
    let token = m.resource(
        scaleway::CockpitToken::new("push", template([(&common.prefix).into(), "-push".into()]))
            .comment("The container can push data, but cannot read data or change rules.")
            .scopes(
                scaleway::CockpitTokenScopes::new()
                    .write_logs(true)
                    .write_metrics(true)
                    .write_traces(true)
                    .query_logs(false)
                    .query_metrics(false)
                    .query_traces(false)
                    .setup_alerts(false)
                    .setup_logs_rules(false)
                    .setup_metrics_rules(false),
            )
            .when(&enabled),
    );
    let push_urls = m.local("cockpit_push_urls", sources.map(|source| source.push_url()));
    let tokens: Expr<Map<Str>> =
        [("COCKPIT_TOKEN", token.one(|token| token.secret_key()))].into_expr();
    let products = m.data(
        data::CockpitSources::new("products")
            .comment(
                "Scaleway stores the metrics of its products in a data source for each region.",
            )
            .origin("scaleway")
            .r#type("metrics")
            .when(&enabled),
    );
    let grafana = m.data(data::CockpitGrafana::new("this").when(&enabled));
    let null = Expr::<Str>::null;
    let own: Expr<Str> = sources.get("metrics").url();
    let product: Expr<Str> = products
        .assumed()
        .sources()
        .typed::<List<Object>>()
        .at(0)
        .attribute("url");
    Sources {
        push_urls,
        tokens: conditional(&enabled, tokens, Vec::<(&str, &str)>::new()),
        metrics_url: r#try([own, null()]),
        product_metrics_url: r#try([product, null()]),
        grafana_url: grafana.one(|grafana| grafana.grafana_url()),
    }
}

/// Declares the alert manager. Source: "scaleway_cockpit_alert_manager", documentation of the provider.
pub(super) fn alerts(m: &mut Module, inputs: &Inputs<Declared>, settings: &Settings) -> Alerts {
    let enabled = settings.bool("monitoring");
    let available = m.data(data::CockpitPreconfiguredAlert::new("available").when(&enabled));
    let ids: Expr<List<Str>> = available
        .assumed()
        .alerts()
        .typed::<List<Object>>()
        .each_attribute("preconfigured_rule_id");
    let emails: Expr<List<Str>> = inputs.alert_emails.forward();
    let manager = m.resource(
        scaleway::CockpitAlertManager::new("this")
            .comment("A project has one alert manager for each region.")
            .preconfigured_alert_ids(ids)
            .contact_points_for_each(&emails, |each| {
                scaleway::CockpitAlertManagerContactPoints::new().email(each.value())
            })
            .precondition(
                length(&emails).at_least(1),
                "The environment has monitoring, so alert_emails must contain at least one e-mail address.",
            )
            .when(&enabled),
    );
    let url: Expr<Str> = inputs.alert_webhook_url.forward();
    let contact = object_value([
        entry("name", WEBHOOK),
        entry(
            "webhook_configs",
            [object_value([
                entry("url", &url),
                entry("send_resolved", true),
            ])],
        ),
    ]);
    // Without continue, alerts that the webhook receives would not reach the e-mail contacts.
    let route = object_value([entry("receiver", WEBHOOK), entry("continue", true)]);
    let webhook = conditional(
        url.is_null(),
        Expr::<Str>::null(),
        jsonencode(object_value([
            entry("receiver", contact),
            entry("route", route),
        ])),
    );
    Alerts { manager, webhook }
}
