//! An ephemeral resource over values: its check of configuration, and the calls of its life.

use std::sync::Arc;
use std::time::SystemTime;

use tfschema::Value;

use super::{Close, EphemeralResource, Open, Opened, Renew, Renewed};
use crate::attribute::Codec;
use crate::call::{BoxFuture, Call, Runner};
use crate::diagnostics::Diagnostics;
use crate::erased::{Described, decode, misfit};
use crate::private::Private;
use crate::selfcheck;
use crate::timeouts::DEFAULT_TIMEOUT;

/// The result of a handler that is not awaited yet.
type Pending<T> = BoxFuture<'static, Result<T, Diagnostics>>;

/// An ephemeral resource type of the provider.
#[derive(Clone)]
pub(crate) struct EphemeralType {
    pub(crate) described: Arc<Described>,
    erased: Arc<dyn ErasedEphemeral>,
}

/// What is open, over values.
pub(crate) struct OpenValue {
    pub(crate) result: Value,
    pub(crate) private: Private,
    pub(crate) renew_at: Option<SystemTime>,
}

/// What an opening comes to.
pub(crate) enum OpenOutcome {
    /// It is open.
    Open(OpenValue),
    /// The configuration is not known yet: the result as far as it is known.
    Deferred(Value),
}

/// An [`EphemeralResource`] over values.
trait ErasedEphemeral: Send + Sync {
    fn open(self: Arc<Self>, config: Value, call: Call) -> Pending<OpenValue>;
    fn renew(self: Arc<Self>, private: Private, call: Call) -> Pending<Renewed>;
    fn close(self: Arc<Self>, private: Private, call: Call) -> Pending<()>;
}

impl<E: EphemeralResource> ErasedEphemeral for E {
    fn open(self: Arc<Self>, config: Value, call: Call) -> Pending<OpenValue> {
        Box::pin(async move {
            let config = decode(config).map_err(|error| misfit("The configuration", error))?;
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

    /// Checks a configuration; anything in it may be unknown.
    pub(crate) async fn validate(&self, runner: &Runner, config: Value) -> Diagnostics {
        let call = runner.call(DEFAULT_TIMEOUT);
        let described = Arc::clone(&self.described);
        // No ephemeral resource has write-only attributes, so it does not matter whether the command line knows them.
        let check = async move { Ok(described.check(config, true)) };
        let rpc = "ValidateEphemeralResourceConfig";
        let (Ok(found) | Err(found)) = runner.confidential(rpc, &call, check).await;
        found
    }

    /// Opens. Warnings come beside the result.
    ///
    /// # Errors
    /// It cannot be opened, or the result breaks the protocol.
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
                false => Err(self.described.not_known_yet().into()),
            };
        }
        let call = runner.call(DEFAULT_TIMEOUT);
        let config = self.described.with_defaults(&config);
        let opening = Arc::clone(&self.erased).open(config.clone(), call.clone());
        let opening = runner.confidential("OpenEphemeralResource", &call, opening);
        let opened = opening.await.and_then(|opened| {
            let result = self.checked(runner, &config, opened.result)?;
            Ok(OpenOutcome::Open(OpenValue { result, ..opened }))
        });
        call.warnings.beside(opened)
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

    /// Renews what is open. Warnings come beside the result; private data are those to keep.
    ///
    /// # Errors
    /// It cannot be renewed.
    pub(crate) async fn renew(
        &self,
        runner: &Runner,
        private: Private,
    ) -> Result<((Private, Option<SystemTime>), Diagnostics), Diagnostics> {
        let call = runner.call(DEFAULT_TIMEOUT);
        let renewing = Arc::clone(&self.erased).renew(private.clone(), call.clone());
        let renewing = runner.confidential("RenewEphemeralResource", &call, renewing);
        let renewed = renewing
            .await
            .map(|renewed| (renewed.private.unwrap_or(private), renewed.renew_at));
        call.warnings.beside(renewed)
    }

    /// Closes what is open, and returns what to tell the user. A stop does not cancel it: the host closes every opening after
    /// an interrupt too, and a handler that gives up leaves a lease or a token behind.
    pub(crate) async fn close(&self, runner: &Runner, private: Private) -> Diagnostics {
        let call = runner.call_after_stop(DEFAULT_TIMEOUT);
        let closing = Arc::clone(&self.erased).close(private, call.clone());
        let closing = runner.confidential("CloseEphemeralResource", &call, closing);
        match call.warnings.beside(closing.await) {
            Ok(((), diagnostics)) | Err(diagnostics) => diagnostics,
        }
    }
}
