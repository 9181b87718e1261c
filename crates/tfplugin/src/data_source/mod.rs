//! Data sources, which read objects that are managed elsewhere.
//!
//! A data source has no prior state, private state, or plan. Terraform and OpenTofu read it during planning if its
//! configuration is known, and during apply otherwise.

mod data_source_type;

use std::future::Future;

use crate::call::Call;
use crate::diagnostics::Diagnostics;
use crate::model::{Definition, Model, Validate};

pub(crate) use data_source_type::{DataSourceType, ReadOutcome};

/// Data source, which reads an object based on its configuration.
///
/// ```
/// use tfplugin::{DataSource, Diagnostic, Diagnostics, Planned, Provider, ReadData, Schema};
///
/// /// A greeting in a language.
/// #[derive(Schema)]
/// #[data_source(name = "hello_word")]
/// struct Word {
///     /// Language code, such as `fr`.
///     #[attr(required)]
///     language: String,
///     /// The greeting in this language.
///     #[attr(computed)]
///     word: String,
/// }
///
/// struct Words;
///
/// impl DataSource for Words {
///     type Model = Word;
///
///     async fn read(&self, request: ReadData<Word>) -> Result<Word, Diagnostics> {
///         let language: String = request.config.language.settle(Word::paths().language())?;
///         let word = match language.as_str() {
///             "en" => "hello",
///             "fr" => "bonjour",
///             _ => {
///                 let detail = format!("{language:?} is not a supported language. Use `en` or `fr`.");
///                 let error = Diagnostic::error("Unsupported language", detail);
///                 return Err(error.at(Word::paths().language()).into());
///             }
///         };
///         Ok(Word { language, word: word.to_owned() })
///     }
/// }
///
/// // `main` serves this provider.
/// let provider = Provider::new("hello", "1.0.0").data_source(Words);
/// assert!(provider.schema().data_sources.contains_key("hello_word"));
///
/// // Unit tests run without Terraform and OpenTofu.
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let config = WordPlan { language: "fr".to_owned().into(), word: Planned::Null };
/// let read = Words.read(ReadData::for_test(config)).await;
/// assert_eq!(read.expect("French is known").word, "bonjour");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait DataSource: Send + Sync + 'static {
    /// Type of the configuration and the result.
    type Model: Model;

    /// Returns the schema and rules. Defaults to the definition of the model. Override this method if the schema is built at
    /// run time.
    fn definition(&self) -> Definition {
        Self::Model::definition()
    }

    /// Reads the object.
    ///
    /// # Errors
    /// Returns an error if the object does not exist or cannot be read.
    fn read(
        &self,
        request: ReadData<Self::Model>,
    ) -> impl Future<Output = Result<Self::Model, Diagnostics>> + Send;

    /// Validates the configuration beyond the validators for individual attributes. The method must not call an API, and
    /// must accept unknown values.
    fn validate(&self, request: Validate<Self::Model>) -> Diagnostics {
        let _ = request;
        Diagnostics::new()
    }
}

/// Request to read a data source.
#[non_exhaustive]
pub struct ReadData<M: Model> {
    /// Configuration with defaults applied and without unknown values. Computed attributes are null.
    pub config: M::Plan,
    /// Cancellation, deadline, and warnings.
    pub call: Call,
}

impl<M: Model> ReadData<M> {
    /// Creates a request with this configuration, for use in unit tests.
    pub fn for_test(config: impl Into<M::Plan>) -> Self {
        Self {
            config: config.into(),
            call: Call::for_test(),
        }
    }
}
