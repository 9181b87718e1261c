//! Definition of a metric alarm: its members, and the checks of PutMetricAlarm beyond the service model. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::super::request::Request;

/// Members that PutMetricAlarm does not allow together with `Metrics`.
const SINGLE: [&str; 7] = [
    "Namespace",
    "MetricName",
    "Dimensions",
    "Period",
    "Unit",
    "Statistic",
    "ExtendedStatistic",
];
/// Longest evaluation interval in seconds: "an alarm's total current evaluation period can be no longer than one day",
/// or seven days "for alarms with a period of at least one hour".
const DAY: u64 = 86_400;

/// Returns the members of an alarm. Numbers and Booleans remain text, as in the request.
pub(super) fn definition(request: &Request) -> Value {
    let mut alarm = Value::Object(Map::new());
    for (name, value) in request.fields() {
        let omitted = ["Action", "Version", "AlarmName"];
        if !omitted.contains(&name.as_str()) && !name.starts_with("Tags.") {
            let path: Vec<_> = name.split('.').collect();
            insert(&mut alarm, &path, value);
        }
    }
    if alarm["ActionsEnabled"].is_null() {
        alarm["ActionsEnabled"] = "true".into();
    }
    alarm
}

/// Inserts a value at a path such as `Metrics.member.1.Id`.
fn insert(target: &mut Value, path: &[&str], value: String) {
    match path {
        [name] => target[*name] = Value::String(value),
        [name, "member", index, rest @ ..] => {
            let list = &mut target[*name];
            if !list.is_array() {
                *list = Value::Array(Vec::new());
            }
            let index = index.parse::<usize>().unwrap_or(1).saturating_sub(1);
            // The fields of a list are in order, so an index is at most one entry beyond the end.
            if let Some(list) = list.as_array_mut() {
                if list.len() <= index {
                    list.push(Value::Null);
                }
                match (list.last_mut(), rest) {
                    (Some(entry), []) => *entry = Value::String(value),
                    (Some(entry), rest) => insert(entry, rest, value),
                    (None, _) => {}
                }
            }
        }
        [name, rest @ ..] => insert(&mut target[*name], rest, value),
        [] => {}
    }
}

/// Returns the message of the error for an invalid definition.
pub(super) fn checked(alarm: &Value) -> Result<(), String> {
    let by_band = !alarm["ThresholdMetricId"].is_null();
    if by_band == !alarm["Threshold"].is_null() {
        return error("Exactly one of Threshold and ThresholdMetricId must be specified");
    }
    let periods = number(&alarm["EvaluationPeriods"]).unwrap_or(1);
    if number(&alarm["DatapointsToAlarm"]).is_some_and(|count| count > periods) {
        return error("DatapointsToAlarm must be less than or equal to EvaluationPeriods");
    }
    let treatments = ["breaching", "notBreaching", "ignore", "missing"];
    if let Some(treatment) = alarm["TreatMissingData"].as_str()
        && !treatments.contains(&treatment)
    {
        return error(&format!(
            "Value '{treatment}' at 'treatMissingData' is not one of {}",
            treatments.join(", ")
        ));
    }
    for list in ["AlarmActions", "OKActions", "InsufficientDataActions"] {
        for action in alarm[list].as_array().into_iter().flatten() {
            let action = action.as_str().unwrap_or_default();
            if action.splitn(6, ':').count() < 6 || !action.starts_with("arn:") {
                return error(&format!("Invalid arn syntax: {action}"));
            }
        }
    }
    let longest = match alarm["Metrics"].as_array() {
        Some(metrics) => {
            if let Some(name) = SINGLE.iter().find(|name| !alarm[**name].is_null()) {
                return error(&format!(
                    "{name} must not be specified together with Metrics"
                ));
            }
            math(alarm, metrics)?
        }
        None => single(alarm)?,
    };
    let limit = if longest >= 3600 { 7 * DAY } else { DAY };
    match longest * periods > limit {
        true => error(
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)",
        ),
        false => Ok(()),
    }
}

/// Checks an alarm on a single metric. Returns the period.
fn single(alarm: &Value) -> Result<u64, String> {
    for name in ["MetricName", "Namespace", "Period"] {
        if alarm[name].is_null() {
            return error(&format!(
                "{name} is required for an alarm on a single metric"
            ));
        }
    }
    if alarm["Statistic"].is_null() == alarm["ExtendedStatistic"].is_null() {
        return error("Exactly one of Statistic and ExtendedStatistic must be specified");
    }
    if let Some(statistic) = alarm["ExtendedStatistic"].as_str()
        && !is_statistic(statistic)
    {
        return error(&format!(
            "The value {statistic} for parameter ExtendedStatistic is not supported."
        ));
    }
    period(&alarm["Period"])
}

/// Checks a list of metrics. Returns the longest period.
fn math(alarm: &Value, metrics: &[Value]) -> Result<u64, String> {
    let id = |metric: &Value| metric["Id"].as_str().unwrap_or_default().to_owned();
    let known: BTreeSet<_> = metrics.iter().map(id).collect();
    if known.len() != metrics.len() {
        return error("Invalid metrics list: the ids must be unique");
    }
    let mut longest = 60;
    let mut returned = Vec::new();
    for metric in metrics {
        let id = id(metric);
        let starts = id.starts_with(|first: char| first.is_ascii_lowercase());
        if !starts
            || !id
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || one == '_')
        {
            return error(&format!("Invalid metrics list: the id {id} is not valid"));
        }
        match (
            metric["Expression"].as_str(),
            metric["MetricStat"].is_object(),
        ) {
            (Some(expression), false) => {
                // "You can't create an alarm based on a search expression."
                if expression.contains("SEARCH(") {
                    return error("Invalid metrics list: SEARCH is not supported on alarms");
                }
                if let Some(other) = operands(expression).find(|name| !known.contains(*name)) {
                    return error(&format!(
                        "Invalid metrics list: the expression of {id} refers to the unknown id {other}"
                    ));
                }
            }
            (None, true) => {
                let stat = &metric["MetricStat"];
                let name = stat["Stat"].as_str().unwrap_or_default();
                let plain = ["SampleCount", "Average", "Sum", "Minimum", "Maximum", "IQM"];
                if !plain.contains(&name) && !is_statistic(name) {
                    return error(&format!(
                        "The value {name} for parameter Stat is not supported."
                    ));
                }
                longest = longest.max(period(&stat["Period"])?);
            }
            _ => {
                return error(&format!(
                    "Invalid metrics list: {id} requires exactly one of Expression and MetricStat"
                ));
            }
        }
        if metric["ReturnData"] != "false" {
            returned.push(id);
        }
    }
    // An anomaly detection alarm also returns the band.
    returned.retain(|id| alarm["ThresholdMetricId"] != *id);
    match returned.len() {
        1 => Ok(longest),
        _ => error("Exactly one element of the metrics list should return data."),
    }
}

/// Returns the ids in a metric math expression: names that start with a lowercase letter, outside strings.
fn operands(expression: &str) -> impl Iterator<Item = &str> {
    let outside = expression
        .split(['"', '\''])
        .enumerate()
        .filter(|(index, _)| index % 2 == 0)
        .map(|(_, part)| part);
    let names =
        outside.flat_map(|part| part.split(|one: char| !one.is_ascii_alphanumeric() && one != '_'));
    names.filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase()))
}

/// Returns a valid period: 1, 5, 10, 20, 30, or a multiple of 60 seconds.
fn period(value: &Value) -> Result<u64, String> {
    match number(value) {
        Some(seconds @ (1 | 5 | 10 | 20 | 30)) => Ok(seconds),
        Some(seconds) if seconds > 0 && seconds % 60 == 0 => Ok(seconds),
        _ => error("Period must be 1, 5, 10, 20, 30, or a multiple of 60"),
    }
}

/// Returns whether a text is a percentile or a trimmed statistic, such as `p99.9`, `tm90`, or `TM(10%:90%)`.
fn is_statistic(text: &str) -> bool {
    let (prefix, bound) = text.split_at(
        text.len()
            - text
                .trim_start_matches(|one: char| one.is_ascii_alphabetic())
                .len(),
    );
    let simple = ["p", "tm", "wm", "tc", "ts"].contains(&prefix)
        && bound
            .parse::<f64>()
            .is_ok_and(|bound| (0.0..=100.0).contains(&bound));
    let range = ["PR", "TM", "WM", "TC", "TS"].contains(&prefix)
        && bound.starts_with('(')
        && bound.ends_with(')');
    simple || range
}

fn number(value: &Value) -> Option<u64> {
    value.as_str()?.parse().ok()
}

fn error<T>(message: &str) -> Result<T, String> {
    Err(message.to_owned())
}
