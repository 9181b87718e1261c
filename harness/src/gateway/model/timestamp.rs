//! Timestamp formats (Smithy, `timestampFormat` trait).

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::input::Input;
use super::shape::Shape;

/// RFC 3339 with or without an offset, as AWS SDKs send it.
const DATE_TIME: &str = r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$";
/// RFC 9110, section 5.6.7: IMF-fixdate.
const HTTP_DATE: &str =
    r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$";

/// Returns whether a value is a timestamp. JSON requires a number unless the shape has another format. A text can have
/// any of the three formats, because its binding selects the format.
pub(super) fn fits(shape: &Shape, input: &Input) -> bool {
    let epoch = matches!(
        shape.timestamp_format.as_deref(),
        None | Some("unixTimestamp")
    );
    match input {
        Input::Json(Value::Number(_)) => epoch,
        Input::Json(Value::String(text)) => !epoch && is_date(text),
        Input::Text(text) => is_date(text) || text.parse::<f64>().is_ok(),
        _ => false,
    }
}

fn is_date(text: &str) -> bool {
    static FORMATS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        [DATE_TIME, HTTP_DATE]
            .iter()
            .filter_map(|pattern| Regex::new(pattern).ok())
            .collect()
    });
    FORMATS.iter().any(|format| format.is_match(text))
}
