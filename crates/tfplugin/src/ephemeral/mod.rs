//! Ephemeral resources, which provide values that are never stored, such as a token or a lease.
//!
//! Terraform and OpenTofu open an ephemeral resource in every plan and apply, renew it while it is in use, and then close
//! it. Its result is written to neither plan nor state.

mod ephemeral_type;
mod request;

use std::future::Future;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Definition, Model, Validate};

pub use request::{Close, Open, Opened, Renew, Renewed};

pub(crate) use ephemeral_type::{EphemeralType, OpenOutcome};

/// An ephemeral resource, which is opened, renewed and closed, and never stored.
///
/// `open` is required. `renew` is called only if `open` returned a renewal time. `close` is always called.
///
/// The framework neither logs nor displays the result. A panic in a handler is reported without its message, because the
/// message could contain a part of the result.
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
    /// Configuration and result.
    type Model: Model;

    /// Returns schema and rules. Defaults to those of the model. An ephemeral resource whose schema is built at run time
    /// overrides this method.
    fn definition(&self) -> Definition {
        Self::Model::definition()
    }

    /// Opens the resource and returns its result, in which configured values must be unchanged.
    ///
    /// # Errors
    /// The resource cannot be opened. `close` is not called.
    fn open(
        &self,
        request: Open<Self::Model>,
    ) -> impl Future<Output = Result<Opened<Self::Model>, Diagnostics>> + Send;

    /// Renews the opened resource so that its result remains valid. The result cannot change.
    ///
    /// # Errors
    /// The resource cannot be renewed. Terraform and OpenTofu continue and do not call `renew` again.
    fn renew(&self, request: Renew) -> impl Future<Output = Result<Renewed, Diagnostics>> + Send {
        let detail = format!(
            "The ephemeral resource type {} returned a renewal time, but does not implement renewal.",
            self.definition().type_name
        );
        let _ = request;
        async { Err(Diagnostic::bug("Renewal is not implemented", detail).into()) }
    }

    /// Closes the opened resource. Terraform passes the private data of `open`, OpenTofu that of the last `renew`. Either
    /// must be sufficient.
    ///
    /// # Errors
    /// The resource cannot be closed.
    fn close(&self, request: Close) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = request;
        async { Ok(()) }
    }

    /// Validates the configuration beyond the validators of single attributes. The method must not call an API, and must
    /// accept unknown values.
    fn validate(&self, request: Validate<Self::Model>) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }
}
