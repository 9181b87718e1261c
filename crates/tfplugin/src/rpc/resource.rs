//! RPCs for managed resources.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::{
    apply_resource_change, generate_resource_config, get_resource_identity_schemas,
    import_resource_state, move_resource_state, plan_resource_change, read_resource,
    upgrade_resource_identity, upgrade_resource_state, validate_resource_config,
};
use tfschema::Value;

use super::Answered;
use crate::call::Warnings;
use crate::convert::{from_proto, schema_to_proto, to_proto};
use crate::diagnostics::Diagnostic;
use crate::private::Private;
use crate::resource::{
    Applied, ApplyInput, Moved, PlanInput, StoredState, Upgrade, UpgradeIdentity,
};
use crate::session::Session;

/// Validates the configuration of a resource. Any value can be unknown.
pub(super) async fn validate(
    session: Arc<Session>,
    request: validate_resource_config::Request,
) -> Answered<validate_resource_config::Response> {
    let resource = session.resource(&request.type_name)?;
    let config = from_proto::value(request.config, &resource.described.value_type())?;
    let write_only = from_proto::write_only_allowed(request.client_capabilities);
    Ok(validate_resource_config::Response {
        diagnostics: to_proto::diagnostics(resource.described.check(config, write_only)),
    })
}

/// Reads stored state of the current or an earlier schema version.
pub(super) async fn upgrade(
    session: Arc<Session>,
    request: upgrade_resource_state::Request,
) -> Answered<upgrade_resource_state::Response> {
    let resource = session.resource(&request.type_name)?;
    let stored = Upgrade {
        version: request.version,
        state: from_proto::raw_state(request.raw_state)?,
        warnings: Warnings::default(),
    };
    let (state, warnings) = resource.upgrade(&session.runner, stored)?;
    Ok(upgrade_resource_state::Response {
        upgraded_state: to_proto::value(&state, &resource.described.value_type())?,
        diagnostics: to_proto::diagnostics(warnings),
    })
}

/// Reads an object. A null state means that the object no longer exists.
pub(super) async fn read(
    session: Arc<Session>,
    request: read_resource::Request,
) -> Answered<read_resource::Response> {
    let resource = session.resource(&request.type_name)?;
    let ty = resource.described.value_type();
    let kept = StoredState {
        state: from_proto::value(request.current_state, &ty)?,
        private: from_proto::private(&request.private)?,
    };
    let identity_type = resource.identity_type();
    let prior = from_proto::identity(request.current_identity, identity_type.as_deref())?;
    let (kept, warnings) = resource.read(&session.runner, kept).await?;
    let identity = resource.same_identity(&session.runner, prior.as_ref(), &kept.state)?;
    Ok(read_resource::Response {
        new_state: to_proto::value(&kept.state, &ty)?,
        new_identity: to_proto::identity(identity.as_ref(), identity_type.as_deref())?,
        private: kept.private.to_bytes().into(),
        diagnostics: to_proto::diagnostics(warnings),
        ..Default::default()
    })
}

/// Plans a change. Returns the planned state and the attributes whose change requires replacement.
pub(super) async fn plan(
    session: Arc<Session>,
    request: plan_resource_change::Request,
) -> Answered<plan_resource_change::Response> {
    let resource = session.resource(&request.type_name)?;
    let ty = resource.described.value_type();
    let input = PlanInput {
        prior: from_proto::value(request.prior_state, &ty)?,
        proposed: from_proto::value(request.proposed_new_state, &ty)?,
        config: from_proto::value(request.config, &ty)?,
        private: from_proto::private(&request.prior_private)?,
    };
    let identity_type = resource.identity_type();
    let prior = from_proto::identity(request.prior_identity, identity_type.as_deref())?;
    let (planned, warnings) = resource.plan(&session.runner, input).await?;
    let identity = match (planned.plan.is_null(), planned.requires_replace.is_empty()) {
        (true, _) => prior,
        // A replacement creates an object that has a new identity.
        (false, false) => resource.identity_of(&planned.plan),
        (false, true) => resource.same_identity(&session.runner, prior.as_ref(), &planned.plan)?,
    };
    // OpenTofu 1.12 cannot store a plan whose identity is partially unknown. Terraform and OpenTofu accept a plan without an
    // identity.
    let identity = identity.filter(Value::is_wholly_known);
    Ok(plan_resource_change::Response {
        planned_state: to_proto::value(&planned.plan, &ty)?,
        planned_identity: to_proto::identity(identity.as_ref(), identity_type.as_deref())?,
        requires_replace: planned
            .requires_replace
            .iter()
            .map(to_proto::attribute_path)
            .collect(),
        planned_private: planned.private.to_bytes().into(),
        diagnostics: to_proto::diagnostics(warnings),
        ..Default::default()
    })
}

/// Applies a plan. If the apply operation fails, the response contains the state of the object that exists.
pub(super) async fn apply(
    session: Arc<Session>,
    request: apply_resource_change::Request,
) -> Answered<apply_resource_change::Response> {
    let resource = session.resource(&request.type_name)?;
    let ty = resource.described.value_type();
    let input = ApplyInput {
        prior: from_proto::value(request.prior_state, &ty)?,
        plan: from_proto::value(request.planned_state, &ty)?,
        config: from_proto::value(request.config, &ty)?,
        private: from_proto::private(&request.planned_private)?,
    };
    let known = if input.prior.is_null() {
        &input.plan
    } else {
        &input.prior
    };
    let known = known.clone().unknown_as_null();
    let Applied {
        kept,
        mut diagnostics,
    } = resource.apply(&session.runner, input).await;
    // An object whose state cannot be encoded must remain in the state. The response therefore contains the plan for a
    // created object, or the prior state otherwise, together with the private state and the error. Because of the error,
    // hosts mark a created object as tainted. Without the error, they would store the incorrect state as valid.
    let new_state = to_proto::value(&kept.state, &ty).or_else(|bug| {
        diagnostics.extend(bug);
        to_proto::value(&known, &ty)
    })?;
    let identity = resource.identity_of(&kept.state);
    let identity_type = resource.identity_type();
    let new_identity = to_proto::identity(identity.as_ref(), identity_type.as_deref());
    let new_identity = new_identity.unwrap_or_else(|bug| {
        diagnostics.extend(bug);
        None
    });
    Ok(apply_resource_change::Response {
        new_state,
        new_identity,
        private: kept.private.to_bytes().into(),
        diagnostics: to_proto::diagnostics(diagnostics),
        ..Default::default()
    })
}

/// Finds an existing object by the ID or identity that the user specifies. The host reads the object next.
pub(super) async fn import(
    session: Arc<Session>,
    request: import_resource_state::Request,
) -> Answered<import_resource_state::Response> {
    let resource = session.resource(&request.type_name)?;
    let identity_type = resource.identity_type();
    let identity = from_proto::identity(request.identity, identity_type.as_deref())?;
    let (kept, warnings) = match (identity, request.id.is_empty()) {
        (Some(identity), true) => {
            resource
                .import_by_identity(&session.runner, identity)
                .await?
        }
        (_, false) => resource.import(&session.runner, request.id).await?,
        (None, true) => {
            let detail = "Objects of this type are imported by ID. Set `id` instead of `identity` in the import block.";
            return Err(Diagnostic::error("Import without an ID", detail).into());
        }
    };
    let identity = resource.identity_of(&kept.state);
    let imported = import_resource_state::ImportedResource {
        type_name: request.type_name,
        state: to_proto::value(&kept.state, &resource.described.value_type())?,
        private: kept.private.to_bytes().into(),
        identity: to_proto::identity(identity.as_ref(), identity_type.as_deref())?,
    };
    Ok(import_resource_state::Response {
        imported_resources: vec![imported],
        diagnostics: to_proto::diagnostics(warnings),
        ..Default::default()
    })
}

/// Returns all identity schemas. Terraform and OpenTofu request them in version 1.12 and later.
pub(super) async fn identity_schemas(
    session: Arc<Session>,
    _: get_resource_identity_schemas::Request,
) -> Answered<get_resource_identity_schemas::Response> {
    let resources = session.provider.resources.iter();
    let identities = resources.filter_map(|(name, entry)| match entry.get_once() {
        Ok(resource) => {
            let identity = schema_to_proto::identity(resource.identity_schema()?);
            Some(Ok((name.clone(), identity)))
        }
        Err(error) => Some(Err(error)),
    });
    Ok(get_resource_identity_schemas::Response {
        identity_schemas: identities.collect::<Answered<_>>()?,
        ..Default::default()
    })
}

/// Reads a stored identity of the current or an earlier version.
pub(super) async fn upgrade_identity(
    session: Arc<Session>,
    request: upgrade_resource_identity::Request,
) -> Answered<upgrade_resource_identity::Response> {
    let resource = session.resource(&request.type_name)?;
    let stored = UpgradeIdentity {
        version: request.version,
        identity: from_proto::raw_state(request.raw_identity)?,
        warnings: Warnings::default(),
    };
    let (identity, warnings) = resource.upgrade_identity(stored)?;
    let identity_type = resource.identity_type();
    Ok(upgrade_resource_identity::Response {
        upgraded_identity: to_proto::identity(Some(&identity), identity_type.as_deref())?,
        diagnostics: to_proto::diagnostics(warnings),
    })
}

/// Converts the state of an object that has another type, as requested by a `moved` block.
pub(super) async fn move_state(
    session: Arc<Session>,
    request: move_resource_state::Request,
) -> Answered<move_resource_state::Response> {
    let resource = session.resource(&request.target_type_name)?;
    let source = Moved {
        source_provider: request.source_provider_address,
        source_type: request.source_type_name,
        source_version: request.source_schema_version,
        source_state: from_proto::raw_state(request.source_state)?,
        // Private data from another provider can have a different format. In this case, it is ignored.
        source_private: Private::from_bytes(&request.source_private).unwrap_or_default(),
        warnings: Warnings::default(),
    };
    let (kept, warnings) = resource.move_state(&session.runner, source)?;
    let identity = resource.identity_of(&kept.state);
    Ok(move_resource_state::Response {
        target_identity: to_proto::identity(
            identity.as_ref(),
            resource.identity_type().as_deref(),
        )?,
        target_state: to_proto::value(&kept.state, &resource.described.value_type())?,
        target_private: kept.private.to_bytes().into(),
        diagnostics: to_proto::diagnostics(warnings),
    })
}

/// Rejects a request to generate configuration for an imported object. Hosts generate it themselves, because the provider
/// does not report this capability.
pub(super) async fn generate_config(
    _: Arc<Session>,
    request: generate_resource_config::Request,
) -> Answered<generate_resource_config::Response> {
    let detail = format!(
        "Write the configuration of {} manually, based on its documentation.",
        request.type_name
    );
    Err(Diagnostic::error("Configuration cannot be generated", detail).into())
}
