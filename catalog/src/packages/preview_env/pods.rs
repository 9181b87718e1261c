//! Parts of pods that deployments and jobs have in common. The builders of both have different types with the same methods.

/// Generates the functions for the pods of a deployment or a job. The types are in scope.
macro_rules! pods {
    () => {
        use tfmodgen::prelude::*;

        use super::super::Common;

        /// Returns a container with its image, resources, and security context.
        pub(crate) fn container(
            name: &str,
            image: impl IntoExpr<Str>,
            common: &Common<'_>,
        ) -> Container {
            Container::new(name)
                .image(image)
                .image_pull_policy("IfNotPresent")
                .resources(resources(name, common))
                .security_context(security_context())
                .volume_mount(VolumeMount::new("/tmp", "temporary"))
        }

        /// Returns the resources of a container.
        pub(crate) fn resources(name: &str, common: &Common<'_>) -> Resources {
            Resources::new()
                .requests(common.sizes.of(name, "requests"))
                .limits(common.sizes.of(name, "limits"))
        }

        /// Returns a security context without the root user, capabilities, and write access to the image.
        pub(crate) fn security_context() -> SecurityContext {
            SecurityContext::new()
                .allow_privilege_escalation(false)
                .read_only_root_filesystem(true)
                .capabilities(Capabilities::new().drop(["ALL"]))
        }

        /// Returns the environment variables of the API and its jobs: the configuration.
        pub(crate) fn from_configuration(common: &Common<'_>) -> EnvFrom {
            let configuration = &common.configuration.api.name;
            EnvFrom::new().config_map_ref(ConfigMapRef::new(configuration))
        }

        /// Returns the environment variables of the API and its jobs: the secret values.
        pub(crate) fn from_secret(common: &Common<'_>) -> EnvFrom {
            EnvFrom::new().secret_ref(SecretRef::new(&common.configuration.secret))
        }

        /// Returns a pod without containers.
        pub(crate) fn pod(common: &Common<'_>) -> PodSpec {
            PodSpec::new()
                .service_account_name(&common.namespace.service_account)
                .automount_service_account_token(false)
                .enable_service_links(false)
                .image_pull_secrets(ImagePullSecrets::new(&common.namespace.pull_secret))
                .security_context(
                    PodSecurityContext::new()
                        .run_as_non_root(true)
                        .seccomp_profile(SeccompProfile::new().r#type("RuntimeDefault")),
                )
                .volume(
                    Volume::new()
                        .name("temporary")
                        .empty_dir(EmptyDir::new().size_limit("256Mi")),
                )
        }
    };
}

/// Pods of deployments.
pub(super) mod deployment {
    use kubernetes_blocks::{
        DeploymentV1SpecTemplateSpec as PodSpec,
        DeploymentV1SpecTemplateSpecContainer as Container,
        DeploymentV1SpecTemplateSpecContainerEnvFrom as EnvFrom,
        DeploymentV1SpecTemplateSpecContainerEnvFromConfigMapRef as ConfigMapRef,
        DeploymentV1SpecTemplateSpecContainerEnvFromSecretRef as SecretRef,
        DeploymentV1SpecTemplateSpecContainerResources as Resources,
        DeploymentV1SpecTemplateSpecContainerSecurityContext as SecurityContext,
        DeploymentV1SpecTemplateSpecContainerSecurityContextCapabilities as Capabilities,
        DeploymentV1SpecTemplateSpecContainerVolumeMount as VolumeMount,
        DeploymentV1SpecTemplateSpecImagePullSecrets as ImagePullSecrets,
        DeploymentV1SpecTemplateSpecSecurityContext as PodSecurityContext,
        DeploymentV1SpecTemplateSpecSecurityContextSeccompProfile as SeccompProfile,
        DeploymentV1SpecTemplateSpecVolume as Volume,
        DeploymentV1SpecTemplateSpecVolumeEmptyDir as EmptyDir,
    };

    pods!();
}

/// Pods of jobs.
pub(super) mod job {
    use kubernetes_blocks::{
        JobV1SpecTemplateSpec as PodSpec, JobV1SpecTemplateSpecContainer as Container,
        JobV1SpecTemplateSpecContainerEnvFrom as EnvFrom,
        JobV1SpecTemplateSpecContainerEnvFromConfigMapRef as ConfigMapRef,
        JobV1SpecTemplateSpecContainerEnvFromSecretRef as SecretRef,
        JobV1SpecTemplateSpecContainerResources as Resources,
        JobV1SpecTemplateSpecContainerSecurityContext as SecurityContext,
        JobV1SpecTemplateSpecContainerSecurityContextCapabilities as Capabilities,
        JobV1SpecTemplateSpecContainerVolumeMount as VolumeMount,
        JobV1SpecTemplateSpecImagePullSecrets as ImagePullSecrets,
        JobV1SpecTemplateSpecSecurityContext as PodSecurityContext,
        JobV1SpecTemplateSpecSecurityContextSeccompProfile as SeccompProfile,
        JobV1SpecTemplateSpecVolume as Volume, JobV1SpecTemplateSpecVolumeEmptyDir as EmptyDir,
    };

    pods!();
}
