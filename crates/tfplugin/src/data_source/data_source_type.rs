//! A data source over values: its check of configuration, and its read.

use std::sync::Arc;

use tfschema::Value;

use super::{DataSource, ReadData};
use crate::attribute::Codec;
use crate::call::{BoxFuture, Call, Runner};
use crate::diagnostics::Diagnostics;
use crate::erased::{Described, decode, misfit};
use crate::timeouts::{Operation, Timeouts};

type ReadFn = dyn Fn(Value, Call) -> BoxFuture<'static, Result<Value, Diagnostics>> + Send + Sync;

/// A data source type of the provider.
#[derive(Clone)]
pub(crate) struct DataSourceType {
    pub(crate) described: Arc<Described>,
    read: Arc<ReadFn>,
}

/// What a read comes to.
pub(crate) enum ReadOutcome {
    /// The result.
    State(Value),
    /// The configuration is not known yet: the result as far as it is known.
    Deferred(Value),
}

impl DataSourceType {
    pub(crate) fn new<D: DataSource>(data_source: D) -> Self {
        let data_source = Arc::new(data_source);
        let validator = Arc::clone(&data_source);
        let described = Described::new(data_source.definition(), move |request| {
            validator.validate(request)
        });
        let read = move |config, call| -> BoxFuture<'static, Result<Value, Diagnostics>> {
            let data_source = Arc::clone(&data_source);
            Box::pin(async move {
                let config = decode(config).map_err(|error| misfit("The configuration", error))?;
                let state = data_source.read(ReadData { config, call }).await?;
                Ok(state.encode())
            })
        };
        Self {
            described: Arc::new(described),
            read: Arc::new(read),
        }
    }

    /// Reads. Warnings come beside the result.
    ///
    /// The command lines wait until the configuration is known. One that plans with deferrals does not have to, and
    /// says so (`may_defer`).
    ///
    /// # Errors
    /// The data source cannot be read, or the result breaks the protocol.
    pub(crate) async fn read(
        &self,
        runner: &Runner,
        config: Value,
        may_defer: bool,
    ) -> Result<(ReadOutcome, Diagnostics), Diagnostics> {
        if !config.is_wholly_known() {
            return match may_defer {
                true => {
                    let known = self.described.deferred(&config);
                    Ok((ReadOutcome::Deferred(known), Diagnostics::new()))
                }
                false => Err(self.described.not_known_yet().into()),
            };
        }
        let timeouts = Timeouts::stated(&config).or(&self.described.definition().timeouts);
        let call = runner.call(timeouts.of(Operation::Read));
        let config = self.described.with_defaults(&config);
        let read = (self.read)(config, call.clone());
        let read = runner.handled("ReadDataSource", &call, read).await;
        let state = read.and_then(|state| self.described.checked(runner, "The result", state));
        call.warnings.beside(state.map(ReadOutcome::State))
    }
}
