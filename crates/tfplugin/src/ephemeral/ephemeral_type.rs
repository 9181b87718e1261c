//! Type-erased ephemeral resources, which operate on values. They support validation, open, renew, and close.

use std::sync::Arc;
use std::time::SystemTime;

use tfschema::Value;

use super::{Close, EphemeralResource, Open, Opened, Renew, Renewed};
use crate::attribute::Codec;
use crate::call::{BoxFuture, Call, Runner};
use crate::diagnostics::Diagnostics;
use crate::erased::{Described, decode, mismatch};
use crate::private::Private;
use crate::selfcheck;
use crate::timeouts::DEFAULT_TIMEOUT;

/// Future that a handler returns.
type Pending<T> = BoxFuture<'static, Result<T, Diagnostics>>;

/// Ephemeral resource type that the provider serves.
#[derive(Clone)]
pub(crate) struct EphemeralType {
    pub(crate) described: Arc<Described>,
    erased: Arc<dyn ErasedEphemeral>,
}

/// Opened ephemeral resource that contains values.
pub(crate) struct OpenValue {
    pub(crate) result: Value,
    pub(crate) private: Private,
    pub(crate) renew_at: Option<SystemTime>,
}

/// Outcome of an open operation.
pub(crate) enum OpenOutcome {
    /// Opened resource.
    Open(OpenValue),
    /// Known part of the result. The operation is deferred because the configuration contains unknown values.
    Deferred(Value),
}

/// [`EphemeralResource`] that operates on values.
trait ErasedEphemeral: Send + Sync {
    fn open(self: Arc<Self>, config: Value, call: Call) -> Pending<OpenValue>;
    fn renew(self: Arc<Self>, private: Private, call: Call) -> Pending<Renewed>;
    fn close(self: Arc<Self>, private: Private, call: Call) -> Pending<()>;
}

impl<E: EphemeralResource> ErasedEphemeral for E {
    fn open(self: Arc<Self>, config: Value, call: Call) -> Pending<OpenValue> {
        Box::pin(async move {
            let config = decode(config).map_err(|error| mismatch("The configuration", error))?;
            let opened = EphemeralResource::open(&*self, Open { config, call }).await?;
            let Opened {
                result,
                private,
                renew_at,
            } = opened;
            Ok(OpenValue {
                result: result.encode(),
                private,
                renew_at,
            })
        })
    }

    fn renew(self: Arc<Self>, private: Private, call: Call) -> Pending<Renewed> {
        Box::pin(async move { EphemeralResource::renew(&*self, Renew { private, call }).await })
    }

    fn close(self: Arc<Self>, private: Private, call: Call) -> Pending<()> {
        Box::pin(async move { EphemeralResource::close(&*self, Close { private, call }).await })
    }
}

impl EphemeralType {
    pub(crate) fn new(ephemeral: impl EphemeralResource) -> Self {
        let ephemeral = Arc::new(ephemeral);
        let validator = Arc::clone(&ephemeral);
        let described = Described::new(ephemeral.definition(), move |request| {
            validator.validate(request)
        });
        Self {
            described: Arc::new(described),
            erased: ephemeral,
        }
    }

    /// Validates a configuration, any part of which can be unknown.
    pub(crate) async fn validate(&self, runner: &Runner, config: Value) -> Diagnostics {
        let call = runner.call(DEFAULT_TIMEOUT).confidential(true);
        let described = Arc::clone(&self.described);
        // Ephemeral resources have no write-only attributes, so it is irrelevant whether the client supports them.
        let check = async move { Ok(described.check(config, true)) };
        let rpc = "ValidateEphemeralResourceConfig";
        let (Ok(found) | Err(found)) = runner.handled(rpc, &call, check).await;
        found
    }

    /// Opens the ephemeral resource, and returns the result and the warnings.
    ///
    /// # Errors
    /// Returns an error if the ephemeral resource cannot be opened, or if the result violates the plugin protocol.
    pub(crate) async fn open(
        &self,
        runner: &Runner,
        config: Value,
        may_defer: bool,
    ) -> Result<(OpenOutcome, Diagnostics), Diagnostics> {
        if !config.is_wholly_known() {
            return match may_defer {
                true => {
                    let known = self.described.deferred(&config);
                    Ok((OpenOutcome::Deferred(known), Diagnostics::new()))
                }
                false => Err(self.described.unknown_configuration().into()),
            };
        }
        let call = runner.call(DEFAULT_TIMEOUT).confidential(true);
        let config = self.described.with_defaults(&config);
        let opening = Arc::clone(&self.erased).open(config.clone(), call.clone());
        let opening = runner.handled("OpenEphemeralResource", &call, opening);
        let opened = opening.await.and_then(|opened| {
            let result = self.checked(runner, &config, opened.result)?;
            Ok(OpenOutcome::Open(OpenValue { result, ..opened }))
        });
        call.warnings.attach(opened)
    }

    fn checked(
        &self,
        runner: &Runner,
        config: &Value,
        result: Value,
    ) -> Result<Value, Diagnostics> {
        let result = self.described.complete(result);
        let definition = self.described.definition();
        let violations = runner.violations("The result", &definition.type_name, || {
            selfcheck::opened(&definition.schema.block, config, &result)
        });
        violations.into_result()?;
        Ok(result)
    }

    /// Renews the opened resource. Returns the private data to keep, the next renewal time, and the warnings.
    ///
    /// # Errors
    /// Returns an error if the resource cannot be renewed.
    pub(crate) async fn renew(
        &self,
        runner: &Runner,
        private: Private,
    ) -> Result<((Private, Option<SystemTime>), Diagnostics), Diagnostics> {
        let call = runner.call(DEFAULT_TIMEOUT).confidential(true);
        let renewing = Arc::clone(&self.erased).renew(private.clone(), call.clone());
        let renewing = runner.handled("RenewEphemeralResource", &call, renewing);
        let renewed = renewing
            .await
            .map(|renewed| (renewed.private.unwrap_or(private), renewed.renew_at));
        call.warnings.attach(renewed)
    }

    /// Closes the opened resource, and returns the diagnostics. A stop does not cancel the call. After an interrupt, the
    /// host closes all opened resources, and a canceled handler would leave a lease or a token active.
    pub(crate) async fn close(&self, runner: &Runner, private: Private) -> Diagnostics {
        let call = runner.call_after_stop(DEFAULT_TIMEOUT).confidential(true);
        let closing = Arc::clone(&self.erased).close(private, call.clone());
        let closing = runner.handled("CloseEphemeralResource", &call, closing);
        match call.warnings.attach(closing.await) {
            Ok(((), diagnostics)) | Err(diagnostics) => diagnostics,
        }
    }
}
