//! Converts the model to the containers of a task. This module is independent of service settings outside the task
//! definition.

use std::collections::BTreeMap;

use tfplugin::Diagnostic;
use tfplugin::schema::AttributePath;

use super::diagnostics::Remedy;
use super::model::{HealthCheck, Image, Log, Service, ServiceBundle, Sidecar};
use super::provider_settings::ProviderSettings;
use crate::ecs::api::LogGroup;
use crate::ecs::definition::{self, Container};
use crate::ecs::sdk::overrides::{self, LOG_CONFIGURATION, Overrides};

type Texts = BTreeMap<String, String>;

/// Service with its bundle and the provider settings.
pub(super) struct ServiceContext<'a> {
    pub(super) bundle: &'a ServiceBundle,
    pub(super) key: &'a str,
    pub(super) service: &'a Service,
    pub(super) provider: &'a ProviderSettings,
}

impl ServiceContext<'_> {
    /// Returns the main container of the service.
    pub(super) fn container(&self) -> Result<Container, Diagnostic> {
        let (key, service) = (self.key, self.service);
        let at = ServiceBundle::paths().services().key(key);
        let overrides = overrides_of(
            service.container_overrides_json.as_deref(),
            at.container_overrides_json(),
        )?;
        let connect = service.service_connect.as_ref();
        let published = connect.and_then(|connect| connect.publish.as_ref());
        Ok(Container {
            name: key.to_owned(),
            image: self.image()?,
            command: service.command.clone().unwrap_or_default(),
            entry_point: service.entry_point.clone().unwrap_or_default(),
            environment: merged(&self.bundle.environment, &service.environment),
            secrets: merged(&self.bundle.secrets, &service.secrets),
            port: service.port,
            port_name: published.map(|_| key.to_owned()),
            app_protocol: published.and_then(|published| published.app_protocol.clone()),
            health_check: service.health_check.as_ref().map(HealthCheck::definition),
            log: self.log(service.log.as_ref(), &overrides),
            stop_timeout: service.stop_timeout,
            overrides,
        })
    }

    /// Returns the sidecars by name.
    pub(super) fn sidecars(&self) -> Result<BTreeMap<String, Container>, Diagnostic> {
        let sidecars = self.service.sidecars.iter();
        sidecars
            .map(|(name, sidecar)| Ok((name.clone(), self.sidecar(name, sidecar)?)))
            .collect()
    }

    fn sidecar(&self, name: &str, sidecar: &Sidecar) -> Result<Container, Diagnostic> {
        let at = || {
            ServiceBundle::paths()
                .services()
                .key(self.key)
                .sidecars()
                .key(name)
        };
        let mut overrides = overrides_of(
            sidecar.container_overrides_json.as_deref(),
            at().container_overrides_json(),
        )?;
        if !sidecar.essential {
            overrides.insert("essential".to_owned(), false.into());
        }
        let sizes = [("cpu", sidecar.cpu), ("memory", sidecar.memory)];
        let configured = sizes
            .into_iter()
            .filter_map(|(name, size)| Some((name, size?)));
        overrides.extend(configured.map(|(name, size)| (name.to_owned(), size.into())));
        let image = sidecar.image.reference().map_err(|error| {
            let detail = format!("The value is not valid: {error}. {}", error.remedy());
            Diagnostic::error("Invalid image", detail).at(at().image())
        })?;
        Ok(Container {
            name: name.to_owned(),
            image,
            command: sidecar.command.clone().unwrap_or_default(),
            entry_point: sidecar.entry_point.clone().unwrap_or_default(),
            environment: sidecar.environment.clone(),
            secrets: sidecar.secrets.clone(),
            port: sidecar.port,
            port_name: None,
            app_protocol: None,
            health_check: sidecar.health_check.as_ref().map(HealthCheck::definition),
            log: self.log(
                sidecar.log.as_ref().or(self.service.log.as_ref()),
                &overrides,
            ),
            stop_timeout: sidecar.stop_timeout,
            overrides,
        })
    }

    /// Returns the log configuration of a container, or `None` if its overrides configure logging.
    fn log(&self, own: Option<&Log>, overrides: &Overrides) -> Option<definition::Log> {
        let log = own.or(self.bundle.log.as_ref())?;
        let is_modelled = !overrides.contains_key(LOG_CONFIGURATION);
        is_modelled.then(|| log.definition(&self.bundle.name, self.provider))
    }

    /// Returns the image reference. The reference is empty if another process deploys the image and the configuration
    /// specifies no version. In that case, an existing service keeps its image.
    fn image(&self) -> Result<String, Diagnostic> {
        let path = || ServiceBundle::paths().services().key(self.key).image();
        let image = self.service.image.as_ref().or(self.bundle.image.as_ref());
        let image = image.ok_or_else(|| {
            let detail = "Set `image` for the service or for the bundle.";
            Diagnostic::error("Missing image", detail).at(path())
        })?;
        if self.bundle.image_may_be_unversioned() && image.tag.is_none() && image.digest.is_none() {
            return Ok(String::new());
        }
        image.reference().map_err(|error| {
            let path = match self.service.image {
                Some(_) => path(),
                None => ServiceBundle::paths().image(),
            };
            let detail = format!("The value is not valid: {error}. {}", error.remedy());
            Diagnostic::error("Invalid image", detail).at(path)
        })
    }
}

fn overrides_of(
    json: Option<&str>,
    path: impl Into<AttributePath>,
) -> Result<Overrides, Diagnostic> {
    let Some(json) = json else {
        return Ok(Overrides::new());
    };
    overrides::parse(json).map_err(|error| {
        let detail = format!("The value is not valid: {error}. {}", error.remedy());
        Diagnostic::error("Invalid container settings", detail).at(path)
    })
}

impl HealthCheck {
    fn definition(&self) -> definition::HealthCheck {
        definition::HealthCheck {
            command: self.command.clone(),
            interval: self.interval,
            timeout: self.timeout,
            retries: self.retries,
            start_period: self.start_period,
        }
    }
}

impl Log {
    fn definition(&self, bundle: &str, provider: &ProviderSettings) -> definition::Log {
        let LogGroup { name, region } = self.log_group(provider);
        definition::Log {
            group: name,
            region,
            stream_prefix: self
                .stream_prefix
                .clone()
                .unwrap_or_else(|| bundle.to_owned()),
            mode: self.mode.clone(),
        }
    }

    /// Returns the log group. The region defaults to the provider region.
    pub(super) fn log_group(&self, provider: &ProviderSettings) -> LogGroup {
        let own = self.region.clone();
        LogGroup {
            name: self.group.clone(),
            region: own.unwrap_or_else(|| provider.region.clone()),
        }
    }
}

impl Image {
    /// Returns the reference that ECS pulls, or an error if the image is not valid.
    fn reference(&self) -> Result<String, crate::ecs::image::ImageError> {
        crate::ecs::image::reference(
            &self.repository_url,
            self.tag.as_deref(),
            self.digest.as_deref(),
        )
    }
}

/// Merges the entries of a bundle and a service. Service entries take precedence.
fn merged(bundle: &Texts, service: &Texts) -> Texts {
    let mut all = bundle.clone();
    all.extend(service.clone());
    all
}
