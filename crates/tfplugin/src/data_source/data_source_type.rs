//! Type-erased data sources, which operate on values. They support validation and read.

use std::sync::Arc;

use tfschema::Value;

use super::{DataSource, ReadData};
use crate::attribute::Codec;
use crate::call::{BoxFuture, Call, Runner};
use crate::diagnostics::Diagnostics;
use crate::erased::{Described, decode, mismatch};
use crate::timeouts::{Operation, Timeouts};

type ReadFn = dyn Fn(Value, Call) -> BoxFuture<'static, Result<Value, Diagnostics>> + Send + Sync;

/// Data source type that the provider serves.
#[derive(Clone)]
pub(crate) struct DataSourceType {
    pub(crate) described: Arc<Described>,
    read: Arc<ReadFn>,
}

/// Outcome of a read operation.
pub(crate) enum ReadOutcome {
    /// Result of the read operation.
    State(Value),
    /// Known part of the result. The read is deferred because the configuration contains unknown values.
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
                let config =
                    decode(config).map_err(|error| mismatch("The configuration", error))?;
                let state = data_source.read(ReadData { config, call }).await?;
                Ok(state.encode())
            })
        };
        Self {
            described: Arc::new(described),
            read: Arc::new(read),
        }
    }

    /// Reads the data source, and returns the result and the warnings.
    ///
    /// Terraform and OpenTofu read a data source after its configuration is known. A client that supports deferred actions
    /// (`may_defer`) can request the read earlier.
    ///
    /// # Errors
    /// Returns an error if the data source cannot be read, or if the result violates the plugin protocol.
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
                false => Err(self.described.unknown_configuration().into()),
            };
        }
        let timeouts = Timeouts::stated(&config).or(&self.described.definition().timeouts);
        let call = runner
            .call(timeouts.of(Operation::Read))
            .confidential(self.described.is_confidential());
        let config = self.described.with_defaults(&config);
        let read = (self.read)(config, call.clone());
        let read = runner.handled("ReadDataSource", &call, read).await;
        let state = read.and_then(|state| self.described.checked(runner, "The result", state));
        call.warnings.attach(state.map(ReadOutcome::State))
    }
}
