//! The web application: a deployment and a service.

use kubernetes_blocks as kubernetes;
use tfmodgen::prelude::*;

use kubernetes::{
    DeploymentV1SpecTemplateSpecContainerLivenessProbe as LivenessProbe,
    DeploymentV1SpecTemplateSpecContainerLivenessProbeHttpGet as HttpGet,
    DeploymentV1SpecTemplateSpecContainerPort as Port,
    DeploymentV1SpecTemplateSpecContainerReadinessProbe as ReadinessProbe,
    DeploymentV1SpecTemplateSpecContainerVolumeMount as VolumeMount,
    DeploymentV1SpecTemplateSpecVolume as Volume,
    DeploymentV1SpecTemplateSpecVolumeConfigMap as VolumeConfigMap,
};

use super::configuration::{ConfigMap, RUNTIME};
use super::network::{COMPONENT, HTTP};
use super::pods::deployment::{container, pod};
use super::{Common, Service};

/// Name of the service.
const WEB: &str = "web";

/// Pods of a deployment.
pub(super) struct Pods {
    /// Hashes of the configuration, as annotations. A change of an annotation replaces the pods.
    pub(super) checksums: Expr<Map<Str>>,
    /// Labels in addition to those of every pod.
    pub(super) labels: &'static [(&'static str, &'static str)],
    pub(super) pod: kubernetes::DeploymentV1SpecTemplateSpec,
}

/// Declares the web application.
pub(super) fn web(m: &mut Module, common: &Common<'_>) -> Service {
    m.file("web");
    let inputs = common.inputs;
    let configuration = &common.configuration.web;
    let file = template([(&inputs.web_root).into(), format!("/{RUNTIME}").into()]);
    let container = container(WEB, &inputs.web_image, common)
        .port(Port::new(HTTP).name("http"))
        .volume_mount(
            VolumeMount::new(file, "configuration")
                .sub_path(RUNTIME)
                .read_only(true),
        )
        .readiness_probe(readiness(&get("/")))
        .liveness_probe(liveness(&get("/")));
    let pod = pod(common)
        .container(container)
        .volume(volume("configuration", configuration));
    let checksums = [("checksum/configuration", configuration.checksum.clone())].into_expr();
    let pods = Pods {
        checksums,
        labels: &[],
        pod,
    };
    m.resource(deployment(common, WEB, &inputs.web_image, pods));
    service(m, common, WEB)
}

/// Returns a request to a container.
pub(super) fn get(path: &str) -> HttpGet {
    HttpGet::new().path(path).port("http")
}

/// Returns a probe that determines whether a container receives requests.
pub(super) fn readiness(get: &HttpGet) -> ReadinessProbe {
    ReadinessProbe::new()
        .period_seconds(5)
        .timeout_seconds(3)
        .failure_threshold(3)
        .http_get(get.clone())
}

/// Returns a probe that determines whether a container is restarted.
pub(super) fn liveness(get: &HttpGet) -> LivenessProbe {
    LivenessProbe::new()
        .initial_delay_seconds(10)
        .period_seconds(10)
        .timeout_seconds(3)
        .failure_threshold(6)
        .http_get(get.clone())
}

/// Returns a volume with the data of a config map.
pub(super) fn volume(name: &str, map: &ConfigMap) -> Volume {
    Volume::new()
        .name(name)
        .config_map(VolumeConfigMap::new().name(&map.name))
}

/// Returns a deployment. A change of an annotation of its pods replaces them.
pub(super) fn deployment(
    common: &Common<'_>,
    name: &str,
    image: &tfmodgen::Variable<Str>,
    pods: Pods,
) -> kubernetes::DeploymentV1 {
    let (names, inputs) = (common.names, common.inputs);
    let selector: Vec<(&str, Expr<Str>)> = vec![
        (COMPONENT, name.into_expr()),
        (
            "app.kubernetes.io/part-of",
            inputs.app.forward::<Expr<Str>>(),
        ),
    ];
    let mut labels = selector.clone();
    labels.extend(
        pods.labels
            .iter()
            .map(|&(key, value)| (key, value.into_expr())),
    );
    let image: Expr<Map<Str>> = [("image", image.forward::<Expr<Str>>())].into_expr();
    let secrets: Expr<Map<Str>> =
        [("secrets-version", tostring(inputs.secrets_version.any()))].into_expr();
    let metadata = kubernetes::DeploymentV1Metadata::new()
        .labels(merge([(*names.labels).clone(), labels.into_expr()]))
        .annotations(merge([image.clone(), secrets, pods.checksums]));
    let rolling = kubernetes::DeploymentV1SpecStrategyRollingUpdate::new()
        .max_surge("1")
        .max_unavailable("0");
    let spec = kubernetes::DeploymentV1Spec::new(kubernetes::DeploymentV1SpecTemplate::new(
        metadata, pods.pod,
    ))
    .replicas(tostring(common.sizes.replicas.any()))
    .revision_history_limit(3)
    .progress_deadline_seconds(240)
    .selector(kubernetes::DeploymentV1SpecSelector::new().match_labels(selector))
    .strategy(
        kubernetes::DeploymentV1SpecStrategy::new()
            .r#type("RollingUpdate")
            .rolling_update(rolling),
    );
    kubernetes::DeploymentV1::new(
        name,
        kubernetes::DeploymentV1Metadata::new()
            .name(name)
            .namespace(&common.namespace.name)
            .labels(&names.labels)
            .annotations(image),
        spec,
    )
    .wait_for_rollout(true)
    .timeouts(
        kubernetes::DeploymentV1Timeouts::new()
            .create("5m")
            .update("5m"),
    )
}

/// Declares the service of a deployment.
pub(super) fn service(m: &mut Module, common: &Common<'_>, name: &'static str) -> Service {
    let selector: Expr<Map<Str>> = [
        (COMPONENT, name.into_expr()),
        (
            "app.kubernetes.io/part-of",
            common.inputs.app.forward::<Expr<Str>>(),
        ),
    ]
    .into_expr();
    let port = kubernetes::ServiceV1SpecPort::new(80)
        .name("http")
        .target_port("http")
        .protocol("TCP");
    let reference = m.resource(kubernetes::ServiceV1::new(
        name,
        kubernetes::ServiceV1Metadata::new()
            .name(name)
            .namespace(&common.namespace.name)
            .labels(&common.names.labels),
        kubernetes::ServiceV1Spec::new()
            .r#type("ClusterIP")
            .selector(selector)
            .port(port),
    ));
    Service { name, reference }
}
