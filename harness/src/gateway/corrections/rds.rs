//! RDS: which logs an instance exports to CloudWatch. The emulator forgets them, so they are kept here, checked.
//!
//! Follows the API Reference, pages CreateDBInstance (`EnableCloudwatchLogsExports`), ModifyDBInstance
//! (`CloudwatchLogsExportConfiguration`) and the data type DBInstance (`EnabledCloudwatchLogsExports`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use hyper::StatusCode;

use super::super::answer::{Answer, escape};
use super::super::request::Request;
use super::super::upstream::{Upstream, UpstreamError};

/// Log types by account and instance.
#[derive(Default)]
pub(super) struct LogExports {
    instances: Mutex<BTreeMap<(String, String), BTreeSet<String>>>,
}

impl LogExports {
    pub(super) async fn answer(
        &self,
        request: &Request,
        upstream: &Upstream,
    ) -> Result<Answer, UpstreamError> {
        let wanted = request.form_list("EnableCloudwatchLogsExports.member.");
        let engine = request.form("Engine").unwrap_or_default();
        if let Some(unknown) = wanted.iter().find(|log| !exports(&engine, log)) {
            let message =
                format!("You cannot use the log types '{unknown}' with engine version {engine}.");
            return Ok(Answer::error(
                request,
                StatusCode::BAD_REQUEST,
                "InvalidParameterCombination",
                &message,
            ));
        }
        let answer = upstream.forward(request).await?;
        if !answer.status.is_success() {
            return Ok(answer);
        }
        self.learn(request, wanted);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if !text.contains("<DBInstanceIdentifier>") {
            return Ok(answer);
        }
        let patched = self.show(&request.account, &text);
        Ok(answer.with_body(patched))
    }

    fn learn(&self, request: &Request, wanted: Vec<String>) {
        let Some(name) = request.form("DBInstanceIdentifier") else {
            return;
        };
        let key = (request.account.clone(), name);
        let mut instances = self
            .instances
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match request.action.as_str() {
            "CreateDBInstance" => {
                instances.insert(key, wanted.into_iter().collect());
            }
            "ModifyDBInstance" => {
                let logs = instances.entry(key).or_default();
                logs.extend(
                    request.form_list("CloudwatchLogsExportConfiguration.EnableLogTypes.member."),
                );
                for log in
                    request.form_list("CloudwatchLogsExportConfiguration.DisableLogTypes.member.")
                {
                    logs.remove(&log);
                }
            }
            "DeleteDBInstance" => {
                instances.remove(&key);
            }
            _ => {}
        }
    }

    /// Puts the list into each instance of an answer.
    fn show(&self, account: &str, text: &str) -> String {
        let instances = self
            .instances
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut parts = text.split("<DBInstanceIdentifier>");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            out.push_str("<DBInstanceIdentifier>");
            let name = part.split('<').next().unwrap_or_default();
            let logs = instances.get(&(account.to_owned(), name.to_owned()));
            match (logs, part.split_once("</DBInstanceIdentifier>")) {
                (Some(logs), Some((_, rest))) if !logs.is_empty() => {
                    let members: String = logs
                        .iter()
                        .map(|log| format!("<member>{}</member>", escape(log)))
                        .collect();
                    let rest = rest.replace("<EnabledCloudwatchLogsExports/>", "");
                    out.push_str(&format!(
                        "{name}</DBInstanceIdentifier><EnabledCloudwatchLogsExports>{members}\
                         </EnabledCloudwatchLogsExports>{rest}"
                    ));
                }
                _ => out.push_str(part),
            }
        }
        out
    }
}

/// Log types per engine, from "Publishing database logs to Amazon CloudWatch Logs" of the RDS User Guide.
fn exports(engine: &str, log: &str) -> bool {
    let known: &[&str] = match engine.split('-').next().unwrap_or_default() {
        "postgres" | "aurora" => &[
            "postgresql",
            "upgrade",
            "iam-db-auth-error",
            "instance",
            "audit",
            "error",
            "general",
            "slowquery",
        ],
        "mysql" | "mariadb" => &[
            "audit",
            "error",
            "general",
            "slowquery",
            "iam-db-auth-error",
        ],
        "oracle" => &["alert", "audit", "listener", "trace", "oemagent"],
        "sqlserver" => &["agent", "error"],
        _ => return true,
    };
    known.contains(&log)
}
