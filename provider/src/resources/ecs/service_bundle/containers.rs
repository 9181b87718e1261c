//! From the model to the containers of a task. Must not know what a service is told beside its task definition.

use std::collections::BTreeMap;

use tfplugin::Diagnostic;
use tfplugin::schema::AttributePath;

use super::diagnostics::Remedy;
use super::model::{HealthCheck, Image, Log, Service, ServiceBundle, Sidecar};
use super::surroundings::Surroundings;
use crate::ecs::api::LogGroup;
use crate::ecs::definition::{self, Container};
use crate::ecs::sdk::overrides::{self, LOG_CONFIGURATION, Overrides};

type Texts = BTreeMap<String, String>;

/// A service within its bundle.
pub(super) struct Place<'a> {
    pub(super) bundle: &'a ServiceBundle,
    pub(super) key: &'a str,
    pub(super) service: &'a Service,
    pub(super) surroundings: &'a Surroundings,
}

impl Place<'_> {
    /// The container of the service.
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
            environment: over(&self.bundle.environment, &service.environment),
            secrets: over(&self.bundle.secrets, &service.secrets),
            port: service.port,
            port_name: published.map(|_| key.to_owned()),
            app_protocol: published.and_then(|published| published.app_protocol.clone()),
            health_check: service.health_check.as_ref().map(HealthCheck::definition),
            log: self.log(service.log.as_ref(), &overrides),
            stop_timeout: service.stop_timeout,
            overrides,
        })
    }

    /// The containers beside it.
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
        let said = sizes
            .into_iter()
            .filter_map(|(name, size)| Some((name, size?)));
        overrides.extend(said.map(|(name, size)| (name.to_owned(), size.into())));
        let image = sidecar.image.reference().map_err(|error| {
            let detail = format!("It cannot be used: {error}. {}", error.remedy());
            Diagnostic::error("Illegal image", detail).at(at().image())
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

    /// Where a container logs to that names this log, unless it logs by settings of its own.
    fn log(&self, own: Option<&Log>, overrides: &Overrides) -> Option<definition::Log> {
        let log = own.or(self.bundle.log.as_ref())?;
        let ours = !overrides.contains_key(LOG_CONFIGURATION);
        ours.then(|| log.definition(&self.bundle.name, self.surroundings))
    }

    /// The reference of the image; empty where a service that runs is to keep its own and nothing else is named.
    fn image(&self) -> Result<String, Diagnostic> {
        let path = || ServiceBundle::paths().services().key(self.key).image();
        let image = self.service.image.as_ref().or(self.bundle.image.as_ref());
        let image = image.ok_or_else(|| {
            let detail = "Set `image` here or for the whole bundle.";
            Diagnostic::error("No image", detail).at(path())
        })?;
        if self.bundle.image_may_be_unversioned() && image.tag.is_none() && image.digest.is_none() {
            return Ok(String::new());
        }
        image.reference().map_err(|error| {
            let path = match self.service.image {
                Some(_) => path(),
                None => ServiceBundle::paths().image(),
            };
            let detail = format!("It cannot be used: {error}. {}", error.remedy());
            Diagnostic::error("Illegal image", detail).at(path)
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
        let detail = format!("It cannot be used: {error}. {}", error.remedy());
        Diagnostic::error("Illegal settings of a container", detail).at(path)
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
    fn definition(&self, bundle: &str, surroundings: &Surroundings) -> definition::Log {
        let LogGroup { name, region } = self.log_group(surroundings);
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

    /// The group that it names.
    pub(super) fn log_group(&self, surroundings: &Surroundings) -> LogGroup {
        let own = self.region.clone();
        LogGroup {
            name: self.group.clone(),
            region: own.unwrap_or_else(|| surroundings.region.clone()),
        }
    }
}

impl Image {
    /// The reference ECS pulls, if the image is legal, which [`super::checks`] has checked.
    fn reference(&self) -> Result<String, crate::ecs::image::ImageError> {
        crate::ecs::image::reference(
            &self.repository_url,
            self.tag.as_deref(),
            self.digest.as_deref(),
        )
    }
}

/// The entries of a bundle with those of a service over them.
fn over(bundle: &Texts, service: &Texts) -> Texts {
    let mut all = bundle.clone();
    all.extend(service.clone());
    all
}
