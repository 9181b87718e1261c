//! Region and account that a connection leads to, compared with the ARNs in a state.
//!
//! An object that is missing in one region or account may exist in another, so "not found" counts only where the
//! connection leads to the place that the state names. Regions are unique across partitions, so a region that is the
//! same implies the same partition.
//!
//! The account comes from `sts:GetCallerIdentity`, which needs no permission. It is requested until STS has named it once
//! and only where something is missing or about to be created or deleted. An STS endpoint that does not answer within
//! [`LOOK_UP_TIME`] leaves the account unknown, and then only regions are compared: networks without a way to STS
//! worked before this comparison existed.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use tokio::sync::Mutex;

use super::arn::Arn;
use super::errors::AwsError;

/// How long STS may take to name the account.
const LOOK_UP_TIME: Duration = Duration::from_secs(10);
/// How often STS is tried within that time.
const LOOK_UP_ATTEMPTS: u32 = 3;

/// Region and account of a connection.
pub struct Identity {
    region: String,
    sts: Option<aws_sdk_sts::Client>,
    account: OnceLock<String>,
    /// Held during a call to STS, so that there is one at a time.
    calling: Mutex<()>,
    /// Number of calls to STS that have failed.
    failures: AtomicUsize,
}

impl Identity {
    /// Identity of a connection to `region`, whose account STS names when it is needed.
    #[must_use]
    pub fn new(region: String, sts: aws_sdk_sts::Client) -> Self {
        Self {
            region,
            sts: Some(sts),
            account: OnceLock::new(),
            calling: Mutex::default(),
            failures: AtomicUsize::default(),
        }
    }

    /// Identity whose account is known, or known to be unavailable.
    #[must_use]
    pub fn known(region: &str, account: Option<&str>) -> Self {
        Self {
            region: region.to_owned(),
            sts: None,
            account: account
                .map(str::to_owned)
                .map_or_else(OnceLock::new, OnceLock::from),
            calling: Mutex::default(),
            failures: AtomicUsize::default(),
        }
    }

    /// Account of the credentials; `None` if STS does not name it.
    ///
    /// The account is kept, a failure is not: the next call requests it again. Calls that run while a request fails
    /// share the failure.
    pub async fn account(&self) -> Option<&str> {
        let failures = self.failures.load(Ordering::Acquire);
        let _turn = match self.account.get() {
            Some(account) => return Some(account),
            None => self.calling.lock().await,
        };
        if let Some(account) = self.account.get() {
            return Some(account);
        }
        if self.failures.load(Ordering::Acquire) != failures {
            return None;
        }
        let limits = aws_sdk_sts::config::Builder::new()
            .retry_config(RetryConfig::standard().with_max_attempts(LOOK_UP_ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_timeout(LOOK_UP_TIME)
                    .build(),
            );
        match self.request(Some(limits)).await {
            Ok(account) => account,
            Err(error) => {
                self.failures.fetch_add(1, Ordering::Release);
                tracing::debug!("accounts are not compared: {error}");
                None
            }
        }
    }

    /// Account of the credentials, with the retries of every other call; `None` if the answer does not name it.
    ///
    /// # Errors
    /// [`AwsError`] if STS does not answer.
    pub(super) async fn required_account(&self) -> Result<Option<&str>, AwsError> {
        self.request(None).await
    }

    /// Requests the account from STS and keeps it. `limits` replace those of the client.
    async fn request(
        &self,
        limits: Option<aws_sdk_sts::config::Builder>,
    ) -> Result<Option<&str>, AwsError> {
        if let Some(sts) = &self.sts {
            let request = sts.get_caller_identity().customize();
            let request = match limits {
                Some(limits) => request.config_override(limits),
                None => request,
            };
            let answer = request.send().await;
            let identity =
                answer.map_err(|error| AwsError::new("sts:GetCallerIdentity", &error))?;
            if let Some(account) = identity.account {
                self.account.get_or_init(|| account);
            }
        }
        Ok(self.account.get().map(String::as_str))
    }

    /// Compares the region of an ARN with that of the connection, without a call.
    ///
    /// # Errors
    /// [`Elsewhere`] if they differ. ARNs of global services have no region and never differ.
    pub fn expect_region(&self, arn: &Arn) -> Result<(), Elsewhere> {
        if arn.region.is_empty() || arn.region == self.region {
            return Ok(());
        }
        Err(Elsewhere::Region {
            arn: arn.to_string(),
            stored: arn.region.clone(),
            connected: self.region.clone(),
        })
    }

    /// Compares region and account of an ARN with those of the connection.
    ///
    /// # Errors
    /// [`Elsewhere`] if one of them differs.
    pub async fn expect(&self, arn: &Arn) -> Result<(), Elsewhere> {
        self.expect_region(arn)?;
        match self.account().await {
            Some(account) => same_account(arn, account),
            None => Ok(()),
        }
    }
}

/// Compares the account of an ARN with one that AWS has named, such as in the ARN of an object that was found.
///
/// # Errors
/// [`Elsewhere::Account`] if they differ.
pub fn same_account(arn: &Arn, account: &str) -> Result<(), Elsewhere> {
    if arn.account.is_empty() || account.is_empty() || arn.account == account {
        return Ok(());
    }
    Err(Elsewhere::Account {
        arn: arn.to_string(),
        stored: arn.account.clone(),
        connected: account.to_owned(),
    })
}

/// An object of the state is not where the connection leads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Elsewhere {
    /// The object is in another region.
    #[error("{arn} is in the region {stored}, but the provider is configured for {connected}")]
    Region {
        /// ARN in the state.
        arn: String,
        /// Region in the ARN.
        stored: String,
        /// Region of the connection.
        connected: String,
    },
    /// The object is in another account.
    #[error("{arn} belongs to the account {stored}, but the credentials belong to {connected}")]
    Account {
        /// ARN in the state.
        arn: String,
        /// Account in the ARN.
        stored: String,
        /// Account of the connection.
        connected: String,
    },
}

#[cfg(test)]
mod tests {
    use tfplugin::Diagnostic;

    use super::*;

    fn arn(text: &str) -> Arn {
        Arn::parse(text).unwrap_or_else(|| panic!("{text} is an ARN"))
    }

    #[tokio::test]
    async fn another_region_or_account_is_an_error_that_names_both() {
        let service = arn("arn:aws:ecs:eu-central-1:123456789012:service/main/api");
        let cases = [
            ("eu-central-1", Some("123456789012"), None),
            ("eu-central-1", None, None),
            (
                "us-east-1",
                Some("123456789012"),
                Some(("another region", ["eu-central-1", "us-east-1"])),
            ),
            (
                "cn-north-1",
                None,
                Some(("another region", ["eu-central-1", "cn-north-1"])),
            ),
            (
                "eu-central-1",
                Some("999999999999"),
                Some(("another account", ["123456789012", "999999999999"])),
            ),
        ];
        for (region, account, expected) in cases {
            let found = Identity::known(region, account)
                .expect(&service)
                .await
                .err();
            let found = found.map(Diagnostic::from);
            match (found, expected) {
                (None, None) => {}
                (Some(found), Some((summary, names))) => {
                    assert!(found.summary.ends_with(summary), "{}", found.summary);
                    for name in names {
                        assert!(found.detail.contains(name), "{name}: {}", found.detail);
                    }
                }
                (found, _) => panic!("{region} {account:?}: {found:?}"),
            }
        }
    }

    #[tokio::test]
    async fn global_arns_have_no_region_to_compare() {
        let role = arn("arn:aws:iam::123456789012:role/deploy");
        let identity = Identity::known("us-east-1", Some("123456789012"));
        assert_eq!(identity.expect(&role).await, Ok(()));
    }
}
