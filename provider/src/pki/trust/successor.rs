//! Rules for the successor of a published trust bundle.

use jiff::{SignedDuration, Timestamp};

use super::anchor::TrustAnchor;
use super::bundle::{MAX_VERSION, TrustBundle, TrustedRoot};
use super::error::{CrossCertificateFault, TrustError};
use super::rules;
use super::status::RootStatus;
use crate::pki::first_number::first_number;

/// Configured root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootPolicy {
    /// Certificate of the root.
    pub anchor: TrustAnchor,
    /// Status of the root.
    pub status: RootStatus,
    /// Start of the window. `None` keeps the published start, and starts the window of a new root immediately.
    pub distribute_from: Option<Timestamp>,
    /// End of the window.
    pub trust_until: Option<Timestamp>,
}

/// Time of a change and the minimum time that relying parties require to receive a bundle.
#[derive(Clone, Copy)]
struct Change {
    now: Timestamp,
    min_distribution: SignedDuration,
}

impl TrustBundle {
    /// Returns the bundle that succeeds `published`. If the content does not change, returns `published`, even if a window has
    /// ended since. Otherwise, the version is one higher. The version of the first bundle is the time in seconds since 1970. The order of the roots does not affect the result. `cross_certificates`
    /// contains one PEM block in each text.
    ///
    /// # Errors
    /// Returns an error if the bundle or the change violates a rule.
    pub fn successor(
        published: Option<&Self>,
        roots: &[RootPolicy],
        cross_certificates: &[String],
        min_distribution_days: u32,
        now: Timestamp,
    ) -> Result<Self, TrustError> {
        let outside = |_| TrustError::Calendar(min_distribution_days);
        let change = Change {
            now: Timestamp::from_second(now.as_second()).map_err(outside)?,
            min_distribution: SignedDuration::from_hours(24 * i64::from(min_distribution_days)),
        };
        // All later sums are within the supported time range.
        change.after(change.now).map_err(outside)?;
        let of_published = |anchor: &TrustAnchor| {
            published.and_then(|published| published.root(anchor.spki_sha256()))
        };
        let with_times = |root: &RootPolicy| {
            let before = of_published(&root.anchor);
            let published_at = before.map_or(change.now, |before| before.published_at);
            let from = before.map_or(change.now, |before| before.distribute_from);
            let since = before.and_then(|before| before.retiring_since);
            TrustedRoot {
                anchor: root.anchor.clone(),
                status: root.status,
                distribute_from: root.distribute_from.unwrap_or(from),
                published_at,
                retiring_since: match root.status {
                    RootStatus::Retiring => since.or(Some(change.now)),
                    RootStatus::Retired => since,
                    RootStatus::Next | RootStatus::Active => None,
                },
                trust_until: root.trust_until,
            }
        };
        let mut bundle = Self {
            version: first_number(now),
            roots: roots.iter().map(with_times).collect(),
            cross_certificates: rules::read_cross_certificates(cross_certificates)?,
        };
        bundle.roots.sort_by_key(|root| rules::name(&root.anchor));
        rules::check(&bundle.roots, &bundle.cross_certificates)?;
        if let Some(published) = published {
            bundle.version = published.version;
        }
        if published == Some(&bundle) {
            return Ok(bundle);
        }
        change.check_cross_certificates(&bundle)?;
        for root in &bundle.roots {
            change.check_active(root)?;
            if published.is_some() {
                let before = of_published(&root.anchor);
                change.check_root(before, root)?;
                change.check_start(before, root)?;
            }
        }
        let Some(published) = published else {
            return Ok(bundle);
        };
        let mut before = published.roots.iter();
        before.try_for_each(|root| change.check_removal(root, &bundle))?;
        match bundle.version == MAX_VERSION {
            true => Err(TrustError::VersionExhausted),
            false => {
                bundle.version += 1;
                Ok(bundle)
            }
        }
    }
}

impl Change {
    fn after(self, start: Timestamp) -> Result<Timestamp, jiff::Error> {
        start.checked_add(self.min_distribution)
    }

    /// Checks that an active root is within its validity period and its window.
    fn check_active(self, root: &TrustedRoot) -> Result<(), TrustError> {
        let certificate = root.anchor.certificate();
        let has_started =
            root.distribute_from <= self.now && !certificate.not_before.is_after(self.now);
        let has_ended = root.trust_until.is_some_and(|end| end <= self.now)
            || certificate.not_after.is_before(self.now);
        if root.status != RootStatus::Active || has_started && !has_ended {
            return Ok(());
        }
        let (from, until) = (root.distribute_from.to_string(), root.trust_until);
        let (not_before, not_after) = (certificate.not_before, certificate.not_after);
        Err(TrustError::ActiveOutsideWindow {
            root: rules::name(&root.anchor),
            now: self.now,
            from: match not_before.is_after(root.distribute_from) {
                true => not_before.to_string(),
                false => from,
            },
            until: match until {
                Some(until) if !not_after.is_before(until) => until.to_string(),
                _ => not_after.to_string(),
            },
        })
    }

    /// Checks the change of a root. `before` is the root in the published bundle.
    fn check_root(
        self,
        before: Option<&TrustedRoot>,
        root: &TrustedRoot,
    ) -> Result<(), TrustError> {
        use RootStatus::{Active, Next, Retired, Retiring};
        let name = || rules::name(&root.anchor);
        let from = before.map(|before| before.status);
        match (from, root.status) {
            // In an emergency, an active root is retired at once.
            (Some(Active), Retired) if self.min_distribution.is_zero() => {}
            (Some(from @ (Active | Retiring)), to @ Next)
            | (Some(from @ Next), to @ Retiring)
            | (Some(from @ Active), to @ Retired)
            | (Some(from @ Retired), to @ (Next | Active | Retiring)) => {
                return Err(TrustError::Transition {
                    root: name(),
                    from,
                    to,
                });
            }
            (Some(Retiring), Retired) => self.check_retirement(before, root)?,
            (None, status @ (Retiring | Retired)) if !self.min_distribution.is_zero() => {
                return Err(TrustError::NotNext {
                    root: name(),
                    status,
                });
            }
            (Some(Active), Active) => {}
            (_, Active) => {
                let start = root.published_at.max(root.distribute_from);
                let earliest = self.after(start).unwrap_or(Timestamp::MAX);
                if self.now < earliest {
                    let root = name();
                    return Err(TrustError::Distribution { root, earliest });
                }
            }
            _ => {}
        }
        let announced = before.and_then(|before| before.trust_until);
        match (before, root.trust_until) {
            (Some(_), Some(trust_until)) => self.check_end(announced, trust_until, root),
            _ => Ok(()),
        }
    }

    /// Checks that relying parties received the announcement before the root leaves the PEM bundle.
    fn check_retirement(
        self,
        before: Option<&TrustedRoot>,
        root: &TrustedRoot,
    ) -> Result<(), TrustError> {
        let since = before.and_then(|before| before.retiring_since);
        let earliest = self.after(since.unwrap_or(self.now));
        let earliest = earliest.unwrap_or(Timestamp::MAX);
        match self.now < earliest {
            true => Err(TrustError::RetiredEarly {
                root: rules::name(&root.anchor),
                earliest,
            }),
            false => Ok(()),
        }
    }

    /// Checks that the start of a window does not move, and that the certificate has the published subject. Only the start of a
    /// root that has signed nothing can move, but not to a time before its publication.
    fn check_start(
        self,
        before: Option<&TrustedRoot>,
        root: &TrustedRoot,
    ) -> Result<(), TrustError> {
        let root_name = rules::name(&root.anchor);
        let start = root.distribute_from;
        let earliest = match before {
            Some(before) if start == before.distribute_from => start,
            Some(before) if before.status == RootStatus::Next => before.published_at,
            Some(before) => before.distribute_from,
            None if self.min_distribution.is_zero() => start,
            None => self.now,
        };
        let is_fixed = before.is_some_and(|before| before.status != RootStatus::Next);
        if start < earliest || is_fixed && start != earliest {
            return Err(TrustError::StartMoved {
                root: root_name,
                distribute_from: start,
                earliest,
            });
        }
        let subject = |root: &TrustedRoot| root.anchor.certificate().subject.clone();
        match before.map(subject) {
            Some(published) if !published.matches(&subject(root)) => {
                Err(TrustError::OtherSubject {
                    root: root_name,
                    published: published.to_string(),
                    found: subject(root).to_string(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Checks that no cross-certificate has expired, because such a certificate connects nothing.
    fn check_cross_certificates(self, bundle: &TrustBundle) -> Result<(), TrustError> {
        let mut certificates = (1..).zip(&bundle.cross_certificates);
        let expired =
            certificates.find(|(_, certificate)| certificate.not_after.is_before(self.now));
        match expired {
            None => Ok(()),
            Some((position, _)) => Err(TrustError::CrossCertificate {
                position,
                fault: CrossCertificateFault::Expired,
            }),
        }
    }

    /// Checks that relying parties receive the new end of a window in time. An announced end can be repeated and extended.
    fn check_end(
        self,
        announced: Option<Timestamp>,
        trust_until: Timestamp,
        root: &TrustedRoot,
    ) -> Result<(), TrustError> {
        let earliest = self.after(self.now).unwrap_or(Timestamp::MAX);
        let earliest = announced.map_or(earliest, |announced| announced.min(earliest));
        match trust_until < earliest {
            true => Err(TrustError::EndsEarly {
                root: rules::name(&root.anchor),
                trust_until,
                earliest,
            }),
            false => Ok(()),
        }
    }

    /// Checks that a root in the published bundle is in the new bundle, or that its removal was announced and is due.
    fn check_removal(self, before: &TrustedRoot, bundle: &TrustBundle) -> Result<(), TrustError> {
        let root = || rules::name(&before.anchor);
        if bundle.root(before.anchor.spki_sha256()).is_some() {
            return Ok(());
        }
        match (before.status, before.trust_until) {
            (RootStatus::Retired, Some(trust_until)) if self.now < trust_until => {
                Err(TrustError::RemovedEarly {
                    root: root(),
                    trust_until,
                })
            }
            (RootStatus::Retired, _) => Ok(()),
            (status, _) => Err(TrustError::Unannounced {
                root: root(),
                status,
            }),
        }
    }
}
