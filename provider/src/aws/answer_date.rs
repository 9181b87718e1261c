//! Date of the last AWS response, for comparison with the local clock.
//!
//! Every HTTP response has a `Date` header (RFC 9110 section 6.6.1), including error responses. This module does not
//! read the local clock.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// `Date` header of the last response that a client received. Clones share the value.
#[derive(Clone, Debug, Default)]
pub(super) struct AnswerDate(Arc<Mutex<Option<Timestamp>>>);

impl AnswerDate {
    /// Returns the date of the last response that included one.
    pub(super) fn last(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, header: Option<&str>) {
        if let Some(date) = header.and_then(read) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(date);
        }
    }
}

impl Intercept for AnswerDate {
    fn name(&self) -> &'static str {
        "AnswerDate"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.note(context.response().headers().get("date"));
        Ok(())
    }
}

/// Parses `Sun, 06 Nov 1994 08:49:37 GMT`, the only format that RFC 9110 section 5.6.7 allows senders to generate.
fn read(header: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(header).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_without_valid_date_keeps_the_last_date() {
        let date = AnswerDate::default();
        assert_eq!(date.last(), None);
        date.clone().note(Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        let expected = Some("1994-11-06T08:49:37Z".parse().unwrap());
        assert_eq!(date.last(), expected);
        for header in [None, Some(""), Some("yesterday"), Some("784111777")] {
            date.note(header);
            assert_eq!(date.last(), expected, "{header:?}");
        }
    }
}
