//! Region and account of a connection, for comparison with the ARNs in a state.
//!
//! An object that is missing in one region or account may exist in another. Therefore, "not found" is conclusive only
//! if the connection uses the region and the account in the state. Regions are unique across partitions, so the same
//! region implies the same partition.
//!
//! `sts:GetCallerIdentity`, which requires no permission, returns the account. The account is requested only if an
//! object is missing or about to be created or deleted, and is cached after the first successful response. If STS does
//! not respond within [`LOOK_UP_TIME`], the account stays unknown and only regions are compared, because networks
//! without access to STS must remain supported.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use tokio::sync::Mutex;

use super::arn::Arn;
use super::errors::AwsError;

/// Time limit for the account lookup.
const LOOK_UP_TIME: Duration = Duration::from_secs(10);
/// Maximum number of attempts within the time limit.
const LOOK_UP_ATTEMPTS: u32 = 3;

/// Region and account of a connection.
pub struct Identity {
    region: String,
    sts: Option<aws_sdk_sts::Client>,
    account: OnceLock<String>,
    /// ARN of the user or of the session of the role.
    caller_arn: OnceLock<String>,
    /// Lock that is held during a call to STS to prevent overlapping calls.
    calling: Mutex<()>,
    /// Number of failed calls to STS.
    failures: AtomicUsize,
}

impl Identity {
    /// Creates the identity for a connection to `region`. The account ID is retrieved from STS on demand.
    #[must_use]
    pub fn new(region: String, sts: aws_sdk_sts::Client) -> Self {
        Self {
            region,
            sts: Some(sts),
            account: OnceLock::new(),
            caller_arn: OnceLock::new(),
            calling: Mutex::default(),
            failures: AtomicUsize::default(),
        }
    }

    /// Creates an identity with a fixed account. `None` means that the account is unavailable.
    #[must_use]
    pub fn known(region: &str, account: Option<&str>) -> Self {
        Self {
            region: region.to_owned(),
            sts: None,
            account: account
                .map(str::to_owned)
                .map_or_else(OnceLock::new, OnceLock::from),
            caller_arn: account
                .map(|account| format!("arn:aws:iam::{account}:root"))
                .map_or_else(OnceLock::new, OnceLock::from),
            calling: Mutex::default(),
            failures: AtomicUsize::default(),
        }
    }

    /// Returns the region of the connection.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the account that the credentials belong to, or `None` if STS does not return it.
    ///
    /// The account is cached. A failure is not cached, so the next call requests the account again. Concurrent calls
    /// share the result of one request, including its failure.
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
                tracing::debug!("skipping the account comparison: {error}");
                None
            }
        }
    }

    /// Returns the account that the credentials belong to, with the standard retries. Returns `None` if the response
    /// does not contain the account.
    ///
    /// # Errors
    /// Returns an error if the call to STS fails.
    pub(super) async fn required_account(&self) -> Result<Option<&str>, AwsError> {
        self.request(None).await
    }

    /// Returns the ARN of the user or of the session of the role that the credentials belong to, with the standard
    /// retries. The ARN is cached.
    ///
    /// # Errors
    /// Returns an error if the call to STS fails, or if the response does not contain the ARN.
    pub async fn caller_arn(&self) -> Result<&str, AwsError> {
        let _turn = self.calling.lock().await;
        if self.caller_arn.get().is_none() {
            self.request(None).await?;
        }
        let arn = self.caller_arn.get().map(String::as_str);
        arn.ok_or_else(|| AwsError::incomplete("sts:GetCallerIdentity"))
    }

    /// Requests the account from STS and caches it, with the ARN of the caller. `limits` override the limits of the client.
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
            if let Some(arn) = identity.arn {
                self.caller_arn.get_or_init(|| arn);
            }
        }
        Ok(self.account.get().map(String::as_str))
    }

    /// Compares the region in an ARN with the region of the connection, without calling AWS.
    ///
    /// # Errors
    /// Returns an error if the regions differ. ARNs of global services have no region and never differ.
    pub fn expect_region(&self, arn: &Arn) -> Result<(), IdentityMismatch> {
        if arn.region.is_empty() || arn.region == self.region {
            return Ok(());
        }
        Err(IdentityMismatch::Region {
            arn: arn.to_string(),
            stored: arn.region.clone(),
            connected: self.region.clone(),
        })
    }

    /// Compares the region and the account in an ARN with the region and the account of the connection.
    ///
    /// # Errors
    /// Returns an error if the region or the account differs.
    pub async fn expect(&self, arn: &Arn) -> Result<(), IdentityMismatch> {
        self.expect_region(arn)?;
        match self.account().await {
            Some(account) => same_account(arn, account),
            None => Ok(()),
        }
    }
}

/// Compares the account in an ARN with an account that AWS returned, such as the account in the ARN of an existing
/// object.
///
/// # Errors
/// Returns an error if the accounts differ.
pub fn same_account(arn: &Arn, account: &str) -> Result<(), IdentityMismatch> {
    if arn.account.is_empty() || account.is_empty() || arn.account == account {
        return Ok(());
    }
    Err(IdentityMismatch::Account {
        arn: arn.to_string(),
        stored: arn.account.clone(),
        connected: account.to_owned(),
    })
}

/// The connection uses a different region or account than the ARN in the state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityMismatch {
    /// The object is in another region.
    #[error("{arn} is in region {stored}, but the provider is configured for {connected}")]
    Region {
        /// ARN in the state.
        arn: String,
        /// Region in the ARN.
        stored: String,
        /// Region of the connection.
        connected: String,
    },
    /// The object is in another account.
    #[error("{arn} belongs to account {stored}, but the credentials belong to account {connected}")]
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
    async fn region_or_account_mismatch_is_an_error_that_names_both() {
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
