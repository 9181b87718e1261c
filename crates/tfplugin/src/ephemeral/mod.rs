//! Ephemeral resources: how an author gives out something that is never stored, such as a token or a lease.
//!
//! The command lines open an ephemeral resource in every plan and in every apply, renew it while it is in use, and
//! close it at the end. Its result is written to neither plan nor state.

mod ephemeral_type;
mod request;

use std::future::Future;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Definition, Model, Validate};

pub use request::{Close, Open, Opened, Renew, Renewed};

pub(crate) use ephemeral_type::{EphemeralType, OpenOutcome};

/// An ephemeral resource: opened, renewed and closed, and never stored.
///
/// `open` is required. `renew` is called only where `open` returned a time for it, `close` always.
///
/// The framework neither logs nor shows the result. A panic in a handler is reported without its message, which could
/// hold a part of the result.
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
/// /// How long a token is valid.
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
/// // What `main` serves.
/// let provider = Provider::new("hello", "1.0.0").ephemeral_resource(Tokens);
/// assert!(provider.schema().ephemeral_resources.contains_key("hello_token"));
///
/// // A unit test needs no command line.
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

    /// Returns schema and rules; by default those of the model. An ephemeral resource made of data overrides this.
    fn definition(&self) -> Definition {
        Self::Model::definition()
    }

    /// Opens: obtains the result. What is configured stays as it is in the result.
    ///
    /// # Errors
    /// There is no result. `close` is not called.
    fn open(
        &self,
        request: Open<Self::Model>,
    ) -> impl Future<Output = Result<Opened<Self::Model>, Diagnostics>> + Send;

    /// Renews what is open, so that the result stays valid. It cannot change the result.
    ///
    /// # Errors
    /// It cannot be renewed; the command lines do not call `renew` again, and continue.
    fn renew(&self, request: Renew) -> impl Future<Output = Result<Renewed, Diagnostics>> + Send {
        let detail = format!(
            "An ephemeral resource of type {} has no renewal, but returned a time for one.",
            self.definition().type_name
        );
        let _ = request;
        async { Err(Diagnostic::bug("Renewal is not implemented", detail).into()) }
    }

    /// Closes: gives up what was opened. Terraform passes the private data of `open`, OpenTofu those of the last `renew`,
    /// so both must suffice.
    ///
    /// # Errors
    /// It cannot be closed.
    fn close(&self, request: Close) -> impl Future<Output = Result<(), Diagnostics>> + Send {
        let _ = request;
        async { Ok(()) }
    }

    /// Checks configuration beyond the validators of single attributes. It must not call an API, and must accept
    /// unknown values.
    fn validate(&self, request: Validate<Self::Model>) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }
}
