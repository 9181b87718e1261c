//! Scheduled actions.
//!
//! Follows the API Reference, pages PutScheduledAction, DescribeScheduledActions, DeleteScheduledAction, and
//! ScalableTargetAction.

use serde_json::{Value, json};

use super::super::super::request::Request;
use super::super::{Failure, Outcome, chosen, entries, now, refuse, text, texts};
use super::{ApplicationAutoScaling, TARGET, agrees, arn_of, invalid, named};

const NAME: &str = "ScheduledActionName";
/// Precedes the name in an ARN.
const NAME_LABEL: &str = "scheduledActionName";

impl ApplicationAutoScaling {
    /// PutScheduledAction: creates or updates an action. An update replaces every value.
    pub(super) fn put_action(&self, request: &Request, body: &Value) -> Outcome {
        self.target(request, body)?;
        let identity = named(body, NAME);
        let prior = self.actions.get(request, &identity);
        let schedule = body["Schedule"].as_str();
        match (schedule, &prior) {
            (Some(schedule), _) => check_schedule(schedule)?,
            (None, None) => return invalid("Schedule is required"),
            (None, Some(_)) => {}
        }
        let wanted = &body["ScalableTargetAction"];
        let (least, most) = (&wanted["MinCapacity"], &wanted["MaxCapacity"]);
        if prior.is_none() && least.is_null() && most.is_null() {
            return invalid("A minimum or maximum capacity is required");
        }
        if least.is_number() && most.is_number() && least.as_i64() > most.as_i64() {
            return invalid("Maximum capacity cannot be less than minimum capacity");
        }
        if body["StartTime"].as_f64() > body["EndTime"].as_f64() && body["EndTime"].is_number() {
            return invalid("The end time must be later than the start time");
        }
        let members = [
            "Schedule",
            "Timezone",
            "StartTime",
            "EndTime",
            "ScalableTargetAction",
        ];
        let mut action = Value::Object(chosen(body, &TARGET));
        action[NAME] = body[NAME].clone();
        for (name, value) in chosen(body, &members) {
            action[name] = value;
        }
        match prior {
            Some(prior) => {
                for name in ["Schedule", "ScalableTargetAction"] {
                    if action[name].is_null() {
                        action[name] = prior[name].clone();
                    }
                }
                action["ScheduledActionARN"] = prior["ScheduledActionARN"].clone();
            }
            None => {
                let name = text(body, NAME);
                action["ScheduledActionARN"] =
                    arn_of(request, body, "scheduledAction", NAME_LABEL, name).into();
            }
        }
        action["CreationTime"] = now();
        self.actions.insert(request, &identity, action);
        Ok(json!({}))
    }

    pub(super) fn describe_actions(&self, request: &Request, body: &Value) -> Outcome {
        let any_name = entries(body, "ScheduledActionNames").next().is_none();
        let found = self.actions.matching(request, |action| {
            let by_name =
                any_name || texts(body, "ScheduledActionNames").any(|name| action[NAME] == name);
            by_name && agrees(body, action, &TARGET)
        });
        Ok(json!({ "ScheduledActions": found }))
    }

    pub(super) fn delete_action(&self, request: &Request, body: &Value) -> Outcome {
        match self.actions.remove(request, &named(body, NAME)) {
            Some(_) => Ok(json!({})),
            None => refuse(
                "ObjectNotFoundException",
                format!(
                    "No scheduled action found with the name {}",
                    text(body, NAME)
                ),
            ),
        }
    }
}

/// "At expressions - at(yyyy-mm-ddThh:mm:ss)", "Rate expressions - rate(value unit)", "Cron expressions - cron(fields)"
/// with six fields.
fn check_schedule(schedule: &str) -> Result<(), Failure> {
    let (kind, rest) = schedule.split_once('(').unwrap_or_default();
    let inner = rest.strip_suffix(')').unwrap_or_default();
    let fields: Vec<_> = inner.split_whitespace().collect();
    let is_valid = match (kind, fields.as_slice()) {
        ("at", [time]) => is_time(time),
        ("rate", [value, unit]) => {
            let units = ["minute", "minutes", "hour", "hours", "day", "days"];
            value.parse::<u32>().is_ok_and(|value| value > 0) && units.contains(unit)
        }
        // One of the day fields must be `?` (User Guide, "Schedule recurring scaling actions using cron expressions").
        ("cron", [_, _, day, _, weekday, _]) => (*day == "?") != (*weekday == "?"),
        _ => false,
    };
    match is_valid {
        true => Ok(()),
        false => invalid(format!("Invalid schedule expression: {schedule}")),
    }
}

/// Returns whether a text has the format `yyyy-mm-ddThh:mm:ss`.
fn is_time(text: &str) -> bool {
    let pattern = "0000-00-00T00:00:00";
    let mut pairs = text.chars().zip(pattern.chars());
    text.len() == pattern.len()
        && pairs.all(|(found, wanted)| match wanted {
            '0' => found.is_ascii_digit(),
            other => found == other,
        })
}
