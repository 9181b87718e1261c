//! A provider process with a gRPC client. Requests encode values as JSON, which the protocol allows. Responses use
//! MessagePack and are decoded with `rmpv`, which is independent of this crate.

use rmpv::Value as Packed;
use serde_json::{Value as Json, json};
use tfplugin_proto::tfplugin6::provider_client::ProviderClient;
use tfplugin_proto::tfplugin6::{
    Diagnostic, DynamicValue, apply_resource_change, configure_provider, plan_resource_change,
};
use tonic::transport::Channel;

use crate::host::{COOKIE, End, Host, Line};

/// Running provider with a gRPC client.
pub(crate) struct Provider {
    pub(crate) host: Host,
    pub(crate) channel: Channel,
    pub(crate) client: ProviderClient<Channel>,
}

impl Provider {
    /// Starts the corner provider.
    pub(crate) async fn start() -> Self {
        Self::of("corner").await
    }

    /// Starts an example as a provider.
    pub(crate) async fn of(example: &str) -> Self {
        let mut host = Host::start(example, &[], &[COOKIE, ("TF_LOG", "debug")]);
        let line = Line::parse(&host.line().await);
        Self::connected(host, &line).await
    }

    /// Starts the corner provider with `--debug`, which allows several hosts to attach.
    pub(crate) async fn under_debug() -> Self {
        let mut host = Host::start("corner", &["--debug"], &[("TF_LOG", "debug")]);
        let line = Line::to_reattach(&host.reattach().await);
        Self::connected(host, &line).await
    }

    async fn connected(host: Host, line: &Line) -> Self {
        let channel = line.connect().await.expect("connect to the provider");
        let client = ProviderClient::new(channel.clone());
        Self {
            host,
            channel,
            client,
        }
    }

    /// Starts the corner provider, and configures it with a folder in its temporary directory.
    pub(crate) async fn configured() -> Self {
        Self::start().await.configured_here().await
    }

    pub(crate) async fn configured_here(self) -> Self {
        let mut provider = self;
        let directory = provider.host.directory.path().join("store");
        assert_eq!(
            provider
                .configure(directory.to_str().expect("UTF-8 path"))
                .await,
            []
        );
        provider
    }

    pub(crate) async fn configure(&mut self, directory: &str) -> Vec<Diagnostic> {
        let config = json!({ "directory": directory, "password": null, "note": [] });
        let request = configure_provider::Request {
            terraform_version: "1.11.4".into(),
            config: value(&config),
            ..Default::default()
        };
        let response = self
            .client
            .configure_provider(request)
            .await
            .expect("response");
        response.into_inner().diagnostics
    }

    /// Plans the creation of an object, and returns the request for applying the plan.
    pub(crate) async fn creation(
        &mut self,
        type_name: &str,
        config: Json,
    ) -> apply_resource_change::Request {
        let request = plan_resource_change::Request {
            type_name: type_name.into(),
            proposed_new_state: value(&config),
            config: value(&config),
            ..Default::default()
        };
        let planned = received(self.client.plan_resource_change(request)).await;
        assert_eq!(planned.diagnostics, []);
        apply_resource_change::Request {
            type_name: type_name.into(),
            planned_state: planned.planned_state,
            config: value(&config),
            planned_private: planned.planned_private,
            ..Default::default()
        }
    }

    /// Plans and applies the creation of an object.
    pub(crate) async fn create(
        &mut self,
        type_name: &str,
        config: Json,
    ) -> apply_resource_change::Response {
        let request = self.creation(type_name, config).await;
        let response = self.client.apply_resource_change(request).await;
        response.expect("response").into_inner()
    }

    pub(crate) async fn end(self) -> End {
        self.host.shut_down(self.channel).await
    }
}

/// Sends a request and returns the response. A gRPC error fails the test.
pub(crate) async fn received<T>(
    call: impl Future<Output = Result<tonic::Response<T>, tonic::Status>>,
) -> T {
    call.await.expect("response").into_inner()
}

pub(crate) fn value(json: &Json) -> Option<DynamicValue> {
    Some(DynamicValue {
        json: json.to_string().into(),
        ..Default::default()
    })
}

/// Returns the attributes of an object in a response.
pub(crate) fn object(value: Option<DynamicValue>) -> Vec<(String, Packed)> {
    let bytes = value.expect("value").msgpack;
    let packed = rmpv::decode::read_value(&mut &bytes[..]).expect("MessagePack");
    let Packed::Map(pairs) = packed else {
        panic!("expected an object, found {packed}")
    };
    pairs
        .into_iter()
        .map(|(key, value)| (key.as_str().expect("attribute name").to_owned(), value))
        .collect()
}

pub(crate) fn attribute(object: &[(String, Packed)], name: &str) -> Packed {
    let found = object.iter().find(|(key, _)| key == name);
    found
        .unwrap_or_else(|| panic!("{name} is missing in {object:?}"))
        .1
        .clone()
}

pub(crate) fn texts(diagnostics: &[Diagnostic]) -> String {
    diagnostics
        .iter()
        .map(|d| format!("{}: {}\n", d.summary, d.detail))
        .collect()
}
