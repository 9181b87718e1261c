//! Drift: differences between the planned state and the running state of a service. Fields have the names of the ECS API.

use std::fmt::Display;

/// Difference between the planned state and the running state of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drift {
    /// A field has a different value.
    Differs {
        /// Field that differs.
        field: Field,
        /// Both values, if they are short and not sensitive.
        values: Option<Values>,
    },
    /// A field that `container_overrides_json` configures has a different value.
    Override(Field),
    /// A field that the resource does not manage is set.
    Unmodelled(Field),
    /// A planned sidecar container is missing.
    MissingSidecar(String),
    /// A running sidecar container is not planned.
    UnplannedSidecar(String),
    /// The service does not run the pinned revision.
    Revision(Values),
    /// The revision with this name is deregistered.
    Deregistered(String),
    /// The task definition of the service no longer exists.
    NoTaskDefinition,
    /// The deletion of the service was started but not completed.
    DeletionStarted,
    /// The creation of the service was started but not completed.
    CreationStarted,
    /// The last deployment failed.
    DeploymentFailed,
    /// A deployment is in progress.
    DeploymentInProgress,
    /// The service has not been described since the last apply.
    NotDescribed,
}

/// A field of a service, its task definition, or one of its containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Sidecar container that has the field. `None` for the service, its task definition, and its main container.
    pub sidecar: Option<String>,
    /// Path in the ECS API, such as `runtimePlatform.cpuArchitecture`.
    pub path: String,
    /// Name of the entry, if only one entry of the field differs.
    pub entry: Option<String>,
}

/// Running and planned values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// Running value.
    pub running: String,
    /// Planned value.
    pub planned: String,
}

/// Collects the differences of a service or one of its containers.
#[derive(Debug, Default)]
pub(super) struct Differences {
    sidecar: Option<String>,
    found: Vec<Drift>,
}

impl Differences {
    /// Creates an empty collection for a sidecar container.
    pub(super) fn of_sidecar(name: &str) -> Self {
        Self {
            sidecar: Some(name.to_owned()),
            found: Vec::new(),
        }
    }

    /// Adds a field if it differs.
    pub(super) fn note(&mut self, path: &str, differs: bool) {
        if differs {
            let field = self.field(path);
            self.push(Drift::Differs {
                field,
                values: None,
            });
        }
    }

    /// Adds a field if both of its values are set and differ.
    pub(super) fn value<T: PartialEq + Display>(
        &mut self,
        path: &str,
        planned: Option<T>,
        running: Option<T>,
    ) {
        if let (Some(planned), Some(running)) = (planned, running)
            && planned != running
        {
            self.values(path, &planned, &running);
        }
    }

    /// Adds a field with its values.
    pub(super) fn values(&mut self, path: &str, planned: &impl Display, running: &impl Display) {
        let values = Values {
            running: running.to_string(),
            planned: planned.to_string(),
        };
        let field = self.field(path);
        self.push(Drift::Differs {
            field,
            values: Some(values),
        });
    }

    /// Adds the entries of a field that have different values.
    pub(super) fn entries<'e>(&mut self, path: &str, entries: impl IntoIterator<Item = &'e str>) {
        for entry in entries {
            let field = Field {
                entry: Some(entry.to_owned()),
                ..self.field(path)
            };
            self.push(Drift::Differs {
                field,
                values: None,
            });
        }
    }

    /// Adds a difference.
    pub(super) fn push(&mut self, drift: Drift) {
        self.found.push(drift);
    }

    /// Returns the field with this path in the service or container.
    pub(super) fn field(&self, path: &str) -> Field {
        Field {
            sidecar: self.sidecar.clone(),
            path: path.to_owned(),
            entry: None,
        }
    }

    /// Adds the differences of another collection.
    pub(super) fn extend(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// Returns the differences in insertion order.
    pub(super) fn into_drift(self) -> Vec<Drift> {
        self.found
    }
}
