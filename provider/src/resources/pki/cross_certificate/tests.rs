//! Tests for the plan, the validation, and the clock of cross-certificates.

use jiff::{SignedDuration, Timestamp};
use tfplugin::schema::AttributePath;
use tfplugin::{Create, Diagnostics, Plan, Planned, PlannedSet, Resource as _, Update, Validate};

use super::CrossCertificates;
use super::model::{CrossCertificate, CrossCertificatePlan};
use crate::pki::SystemEntropy;
use crate::resources::identities::Identities;
use crate::resources::pki::issuer::{Issuer, IssuerPlan};
use crate::resources::pki::root_ca::RootCas;
use crate::resources::pki::root_ca::model::RootCaPlan;
use crate::resources::pki::stored_key::SecretsManagerPlan;
use crate::resources::pki::stored_key::account::Account;
use crate::resources::pki::subject::SubjectPlan;

fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn later() -> Timestamp {
    start() + SignedDuration::from_hours(30)
}

fn text(diagnostics: &Diagnostics) -> String {
    let all = diagnostics
        .iter()
        .map(|found| format!("{}\n{}\n{}\n", found.path, found.summary, found.detail));
    all.collect()
}

async fn root(account: &Account, name: &str, now: fn() -> Timestamp) -> Planned<IssuerPlan> {
    let usage = ["sign_ca", "sign_crl"].map(|usage| Planned::Known(usage.to_owned()));
    let plan = RootCaPlan {
        subject: Planned::Known(SubjectPlan {
            common_name: name.to_owned().into(),
            ..SubjectPlan::default()
        }),
        key_algorithm: "ECDSA_P256".to_owned().into(),
        secrets_manager: Planned::Known(SecretsManagerPlan {
            name: name.to_owned().into(),
            recovery_window_in_days: 7.into(),
            ..SecretsManagerPlan::default()
        }),
        validity_days: 3650.into(),
        not_before_margin_minutes: 60.into(),
        path_length: 1.into(),
        policy_oids: Planned::Known(Vec::new()),
        certificate_revision: 1.into(),
        usage: Planned::Known(usage.into_iter().collect::<PlannedSet<_>>()),
        deletion_protection: false.into(),
        tags: Planned::Known([].into()),
        ..RootCaPlan::default()
    };
    let (account, none) = (account.clone(), Identities::default());
    let roots = RootCas::new(account, now, SystemEntropy, none);
    let created = roots.create(Create::for_test(plan)).await;
    let created = created.map_err(|failed| text(&failed.diagnostics)).unwrap();
    let state = RootCaPlan::from(created.state);
    let issuer: Issuer = state.issuer.settle(AttributePath::root()).unwrap();
    Planned::Known(issuer.into())
}

/// Returns an account with two roots, and the configuration of a certificate for the newer one.
async fn forward() -> (Account, CrossCertificatePlan) {
    let account = Account::default();
    let old = root(&account, "old", start).await;
    let new = root(&account, "new", || start() + SignedDuration::from_hours(1)).await;
    let urls = vec![Planned::Known("http://pki.example.com/old.crl".to_owned())];
    let configured = CrossCertificatePlan {
        subject_ca: new,
        signed_by: old,
        validity_days: 365.into(),
        not_after_behavior: "error".to_owned().into(),
        not_before_margin_minutes: 60.into(),
        path_length: 0.into(),
        crl_distribution_points: Planned::Known(urls),
        certificate_revision: 1.into(),
        ..CrossCertificatePlan::default()
    };
    (account, configured)
}

fn run(account: &Account) -> CrossCertificates<Account> {
    CrossCertificates::new(account.clone(), later, SystemEntropy)
}

async fn planned(
    account: &Account,
    prior: Option<&CrossCertificatePlan>,
    plan: CrossCertificatePlan,
) -> Result<CrossCertificatePlan, String> {
    let mut request = Plan::for_test(prior.cloned(), Some(plan));
    let planned = run(account).plan(&mut request).await;
    planned.map_err(|errors| text(&errors))?;
    Ok(request.plan.unwrap())
}

async fn created(account: &Account, configured: &CrossCertificatePlan) -> CrossCertificatePlan {
    let plan = planned(account, None, configured.clone()).await.unwrap();
    let stored = run(account).create(Create::for_test(plan)).await;
    let stored = stored.map_err(|failed| text(&failed.diagnostics)).unwrap();
    stored.state.into()
}

#[tokio::test]
async fn a_plan_knows_the_chain_and_the_direction_and_reads_no_key() {
    let (account, configured) = forward().await;
    account.with(|contents| contents.calls.clear());
    let plan = planned(&account, None, configured.clone()).await.unwrap();
    assert_eq!(plan.direction, "forward".to_owned().into());
    let issuer = configured.signed_by.known().unwrap();
    assert_eq!(plan.chain_pem, issuer.certificate_pem);
    assert!(plan.certificate_pem.is_unknown() && plan.serial_number.is_unknown());
    account.with(|contents| assert!(contents.calls.is_empty(), "{:?}", contents.calls));
}

#[tokio::test]
async fn a_changed_attribute_of_the_certificate_requires_the_next_revision() {
    let (account, configured) = forward().await;
    let state = created(&account, &configured).await;
    let kept = planned(&account, Some(&state), state.clone())
        .await
        .unwrap();
    assert!(kept == state);

    let other = Planned::Known(vec![Planned::Known("http://pki.example.com/b".to_owned())]);
    let changes: [(&str, fn(&mut CrossCertificatePlan, &CrossCertificatePlan)); 4] = [
        ("path_length", |plan, _| plan.path_length = 1.into()),
        ("crl_distribution_points", |plan, _| {
            plan.crl_distribution_points = Planned::Null;
        }),
        ("signed_by", |plan, state| {
            plan.signed_by = state.subject_ca.clone();
        }),
        ("certificate_revision", |plan, _| {
            plan.certificate_revision = 3.into();
        }),
    ];
    for (path, change) in changes {
        let mut plan = state.clone();
        change(&mut plan, &state);
        let refused = planned(&account, Some(&state), plan.clone()).await;
        let message = refused.err().unwrap_or_default();
        assert!(message.starts_with(path), "{path}: {message}");
        let update = Update::for_test(state.clone(), plan);
        assert!(run(&account).update(update).await.is_err(), "{path}");
    }
    let mut next = state.clone();
    next.ocsp_urls = other;
    next.certificate_revision = 2.into();
    let plan = planned(&account, Some(&state), next).await.unwrap();
    assert!(plan.certificate_pem.is_unknown() && plan.not_after_actual.is_unknown());
}

#[tokio::test]
async fn the_validity_period_is_checked_against_the_clock_and_the_authority() {
    let (account, configured) = forward().await;
    for (end, says) in [
        ("2026-11-20T12:00:00Z", "not_after"),
        ("2050-01-01T00:00:00Z", "valid until"),
    ] {
        let mut plan = configured.clone();
        plan.validity_days = Planned::Null;
        plan.not_after = end.to_owned().into();
        let message = planned(&account, None, plan)
            .await
            .err()
            .unwrap_or_default();
        assert!(message.contains(says), "{end}: {message}");
    }
    // The system clock differs from the AWS clock.
    let plan = planned(&account, None, configured).await.unwrap();
    account.with(|contents| contents.date = Some(later() + SignedDuration::from_mins(6)));
    let refused = run(&account).create(Create::for_test(plan)).await;
    let message = refused.err().map(|failed| text(&failed.diagnostics));
    let message = message.unwrap_or_default();
    assert!(
        message.contains("System clock is not accurate"),
        "{message}"
    );
}

#[tokio::test]
async fn exactly_one_end_of_validity_is_required() {
    let (account, configured) = forward().await;
    let errors = |days: Planned<i64>, end: Planned<String>| {
        let mut config = configured.clone();
        (config.validity_days, config.not_after) = (days, end);
        text(&run(&account).validate(Validate::<CrossCertificate>::for_test(config)))
    };
    let end = || Planned::Known("2031-01-01T00:00:00Z".to_owned());
    assert_eq!(errors(30.into(), Planned::Null), "");
    assert_eq!(errors(Planned::Null, end()), "");
    assert_eq!(errors(30.into(), Planned::Unknown), "");
    assert!(errors(Planned::Null, Planned::Null).contains("End of validity is missing"));
    assert!(errors(30.into(), end()).contains("Conflicting ends of validity"));
}
