//! Ephemeral resources, which provide values that are never stored, such as tokens or leases.
//!
//! Terraform and OpenTofu open an ephemeral resource during every plan and apply, renew it while it is in use, and then
//! close it. The result is written to neither the plan nor the state.

mod ephemeral_type;
mod request;

use std::future::Future;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Definition, Model, Validate};

pub use request::{Close, Open, Opened, Renew, Renewed};

pub(crate) use ephemeral_type::{EphemeralType, OpenOutcome};

/// Ephemeral resource, which is opened, renewed, and closed, and is never stored.
///
/// `open` is required. `renew` is called only if `open` returns a renewal time. `close` is always called.
///
/// The framework neither logs nor displays the result. If a handler panics, the panic is reported without its message,
/// because the message could contain a part of the result.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use tfplugin::{
///     Close, Diagnostics, EphemeralResource, Open, Opened, Planned, Private, Provider, Renew, Renewed, Schema,
///     Secret,
/// };
///
/// /// A token of the example service.
/// #[derive(Schema)]
/// #[ephemeral_resource(name = "hello_token")]
/// struct Token {
///     /// Service that accepts the token.
///     #[attr(required)]
///     audience: String,
///     /// The token.
///     #[attr(computed, sensitive)]
///     token: Secret,
/// }
///
/// struct Tokens;
///
/// /// Validity period of a token.
/// const VALIDITY: Duration = Duration::from_secs(600);
///
/// impl EphemeralResource for Tokens {
///     type Model = Token;
///
///     async fn open(&self, request: Open<Token>) -> Result<Opened<Token>, Diagnostics> {
///         let audience: String = request.config.audience.settle(Token::paths().audience())?;
///         let token = Secret::new(format!("token for {audience}"));
///         let mut private = Private::default();
///         private.set("lease", "lease-1".into());
///         let opened = Opened::new(Token { audience, token });
///         Ok(opened.private(private).renew_at(SystemTime::now() + VALIDITY / 2))
///     }
///
///     async fn renew(&self, request: Renew) -> Result<Renewed, Diagnostics> {
///         let _lease = request.private.get("lease");
///         Ok(Renewed::at(SystemTime::now() + VALIDITY / 2))
///     }
///
///     async fn close(&self, request: Close) -> Result<(), Diagnostics> {
///         let _lease = request.private.get("lease");
///         Ok(())
///     }
/// }
///
/// // `main` serves this provider.
/// let provider = Provider::new("hello", "1.0.0").ephemeral_resource(Tokens);
/// assert!(provider.schema().ephemeral_resources.contains_key("hello_token"));
///
/// // Unit tests run without Terraform and OpenTofu.
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let config = TokenPlan { audience: "shop".to_owned().into(), token: Planned::Null };
/// let opened = Tokens.open(Open::for_test(config)).await.expect("opened");
/// assert_eq!(opened.result.token.reveal(), "token for shop");
/// assert!(Tokens.close(Close::for_test(opened.private)).await.is_ok());
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait EphemeralResource: Send + Sync + 'static {
    /// Type of the configuration and the result.
    type Model: Model;

    /// Returns the schema and rules. Defaults to the definition of the model. Override this method if the schema is built at
    /// run time.
    fn definition(&self) -> Definition {
        Self::Model::definition()
    }

    /// Opens the resource and returns its result. Configured values must be unchanged in the result.
    ///
    /// # Errors
    /// Returns an error if the resource cannot be opened. `close` is not called in this case.
    fn open(
        &self,
        request: Open<Self::Model>,
    ) -> impl Future<Output = Result<Opened<Self::Model>, Diagnostics>> + Send;

    /// Renews the opened resource to extend the validity of its result. The result cannot change.
    ///
    /// # Errors
    /// Returns an error if the resource cannot be renewed. Terraform and OpenTofu continue, and do not call `renew` again.
    fn renew(&self, request: Renew) -> impl Future<Output = Result<Renewed, Diagnostics>> + Send {
        let detail = format!(
            "The ephemeral resource type {} returned a renewal time, but it does not implement renewal.",
            self.definition().type_name
        );
        let _ = request;
        async { Err(Diagnostic::bug("Renewal is not implemented", detail).into()) }
    }

    /// Closes the opened resource. Terraform passes the private data that `open` returned, and OpenTofu passes the private
    /// data that the last `renew` returned. Either must be sufficient.
    ///
    /// # Errors
    /// Returns an error if the resource cannot be closed.
    fn close(&self, request: Close) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = request;
        async { Ok(()) }
    }

    /// Validates the configuration beyond the validators for individual attributes. The method must not call an API, and
    /// must accept unknown values.
    fn validate(&self, request: Validate<Self::Model>) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }
}
