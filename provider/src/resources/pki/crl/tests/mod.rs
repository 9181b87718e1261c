//! Tests with in-memory AWS services that can fail at any call, and with fixed clocks.

mod faults;
mod schedule;
mod scope;

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::{Create, Diagnostics, Plan, Planned, Read, Resource, Update};

use super::model::{CrlPlan, PublishPlan, Revoked};
use super::*;
use crate::aws::kms::KmsKeySource;
use crate::aws::secrets::SecretStores;
use crate::aws::tags::PlannedTags;
use crate::aws::tests::InMemoryObjects;
use crate::pki::revocation;
use crate::pki::{
    Certificate, CertifiedKey, Description, DistinguishedName, End, KeyAlgorithm, KeyDocument,
    NameAttribute, PublicKey, SerialNumber, Signer, SoftwareKey, SystemEntropy, Term, issue,
};
use crate::resources::pki::issuer::{Issuer, default_usage};
use crate::resources::pki::stored_key::account::keys::{Key, Keys};
use crate::resources::pki::stored_key::account::{Account, Secret};

const BUCKET: &str = "example-ca";
const DER: &str = ".well-known/crl.crl";
const PEM: &str = ".well-known/crl.pem";
const SECRET: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:root-AbCdEf";
const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// An account with a bucket.
#[derive(Clone)]
struct Stores {
    account: Account,
    objects: InMemoryObjects,
}

impl SecretStores for Stores {
    type Store = Account;

    async fn open_if_known(&self) -> Result<Option<Account>, Diagnostics> {
        self.account.open_if_known().await
    }

    async fn open(&self) -> Result<Account, Diagnostics> {
        SecretStores::open(&self.account).await
    }

    fn planned_default_tags(&self) -> PlannedTags {
        self.account.planned_default_tags()
    }
}

impl KmsKeySource for Stores {
    type Keys = Keys;

    async fn open_keys_if_known(&self) -> Result<Option<Keys>, Diagnostics> {
        self.account.open_keys_if_known().await
    }

    async fn open_keys(&self) -> Result<Keys, Diagnostics> {
        self.account.open_keys().await
    }
}

impl ObjectStores for Stores {
    type Objects = InMemoryObjects;

    async fn open_objects_if_known(&self) -> Result<Option<InMemoryObjects>, Diagnostics> {
        self.objects.open_objects_if_known().await
    }

    async fn open_objects(&self) -> Result<InMemoryObjects, Diagnostics> {
        self.objects.open_objects().await
    }
}

/// A root in an account, and a bucket for its list.
struct World {
    stores: Stores,
    root: Certificate,
    issuer: Issuer,
}

impl World {
    /// Creates a root whose key is in a secret, or in KMS.
    async fn new(algorithm: KeyAlgorithm, in_kms: bool) -> Self {
        let (account, objects) = (Account::default(), InMemoryObjects::default());
        objects.create_bucket(BUCKET);
        let (key, root) = match in_kms {
            false => {
                let key = SoftwareKey::generate(algorithm).unwrap();
                let root = certify(key.public_key(), &key).await;
                (CertifiedKey::Software(key), root)
            }
            true => {
                let key = Key::new(algorithm);
                let public_key = key.pair.public().clone();
                let root = certify(&public_key, &*key.pair).await;
                account.with(|contents| contents.keys.insert(KEY.to_owned(), key));
                let arn = KEY.to_owned();
                (CertifiedKey::Kms { arn, public_key }, root)
            }
        };
        let document = KeyDocument::pending(key, root.description().clone(), Vec::new());
        let document = document.with_certificate(root.clone()).unwrap();
        let value = document.to_text().unwrap().expose().to_owned();
        let secret = Secret {
            arn: SECRET.to_owned(),
            versions: BTreeMap::from([("v1".to_owned(), value)]),
            current: "v1".to_owned(),
            ..Secret::default()
        };
        account.with(|contents| contents.secrets.insert("root".to_owned(), secret));
        let issuer = Issuer {
            certificate_pem: root.to_pem(),
            chain_pem: String::new(),
            secret_arn: SECRET.to_owned(),
            kms_key_arn: in_kms.then(|| KEY.to_owned()),
            signature_algorithm: algorithm.default_signature_algorithm().name().to_owned(),
            usage: default_usage(),
            spki_sha256: root.public_key().sha256().to_string(),
        };
        Self {
            stores: Stores { account, objects },
            root,
            issuer,
        }
    }

    fn at(&self, now: fn() -> Timestamp) -> RevocationLists<Stores> {
        RevocationLists::new(self.stores.clone(), now)
    }

    /// Returns a copy of the issuer.
    fn plan_issuer(&self) -> Issuer {
        Issuer {
            certificate_pem: self.issuer.certificate_pem.clone(),
            chain_pem: String::new(),
            secret_arn: SECRET.to_owned(),
            kms_key_arn: self.issuer.kms_key_arn.clone(),
            signature_algorithm: self.issuer.signature_algorithm.clone(),
            usage: self.issuer.usage.clone(),
            spki_sha256: self.issuer.spki_sha256.clone(),
        }
    }

    /// Returns a plan for a list with revoked certificates.
    fn plan(&self, revoked: &[(&str, Revoked)]) -> CrlPlan {
        let issuer = self.plan_issuer();
        let revoked = revoked.iter().map(|(serial_number, revoked)| {
            let revoked = Revoked {
                revoked_at: revoked.revoked_at.clone(),
                reason: revoked.reason.clone(),
                invalidity_date: None,
                certificate_not_after: revoked.certificate_not_after.clone(),
            };
            ((*serial_number).to_owned(), Planned::Known(revoked.into()))
        });
        let mut plan = CrlPlan {
            issuer: Planned::Known(issuer.into()),
            revoked: Planned::Known(revoked.collect()),
            scope: "all".to_owned().into(),
            validity_hours: 100.into(),
            refresh_before_hours: 20.into(),
            publish: Planned::Known(PublishPlan {
                bucket: BUCKET.to_owned().into(),
                key_der: DER.to_owned().into(),
                key_pem: PEM.to_owned().into(),
                ..PublishPlan::default()
            }),
            on_destroy: "retain".to_owned().into(),
            ..CrlPlan::default()
        };
        plan.set_outputs_unknown();
        plan
    }

    async fn create(&self, plan: CrlPlan, now: fn() -> Timestamp) -> Crl {
        let created = self.at(now).create(Create::for_test(plan)).await;
        created
            .unwrap_or_else(|failure| panic!("{}", text(failure.diagnostics)))
            .state
    }

    async fn update(&self, prior: CrlPlan, plan: CrlPlan, now: fn() -> Timestamp) -> Crl {
        let updated = self.at(now).update(Update::for_test(prior, plan)).await;
        updated
            .unwrap_or_else(|failure| panic!("{}", text(failure.diagnostics)))
            .state
    }

    async fn refresh(&self, prior: CrlPlan) -> CrlPlan {
        let read = self.at(start).read(Read::for_test(prior)).await;
        let read = read.unwrap_or_else(|found| panic!("{}", text(found)));
        read.expect("the list remains in the state").state.into()
    }

    /// Returns the plan for an unchanged configuration, and its warnings.
    async fn unchanged(&self, state: &CrlPlan, now: fn() -> Timestamp) -> (CrlPlan, String) {
        let mut request = Plan::for_test(Some(state.clone()), Some(state.clone()));
        let planned = self.at(now).plan(&mut request).await;
        planned.unwrap_or_else(|found| panic!("{}", text(found)));
        (request.plan.unwrap(), text(request.warnings.collected()))
    }

    /// Returns the error of a plan.
    async fn rejected(&self, prior: Option<CrlPlan>, plan: CrlPlan) -> String {
        let mut request = Plan::for_test(prior, Some(plan));
        let planned = self.at(start).plan(&mut request).await;
        text(planned.expect_err("the plan must be rejected"))
    }

    /// Reads both objects, and checks that they contain the same list.
    fn published(&self) -> revocation::Crl {
        let objects = &self.stores.objects;
        let der = objects.content(BUCKET, DER).expect("the DER object exists");
        let pem = objects.content(BUCKET, PEM).expect("the PEM object exists");
        let crl = revocation::Crl::read(&der, &self.root).unwrap();
        let pem = String::from_utf8(pem).unwrap();
        assert_eq!(revocation::Crl::read_pem(&pem, &self.root).unwrap(), crl);
        crl
    }

    /// Returns the position of the DER list: 1 for the first list, or 0 if it does not exist.
    fn number(&self) -> u64 {
        let der = self.stores.objects.content(BUCKET, DER);
        der.map_or(0, |der| {
            let crl = revocation::Crl::read(&der, &self.root).unwrap();
            ordinal(&crl.list().number)
        })
    }
}

/// Returns the position of a CRL number after the number of the first list, which is the time in seconds: 1 for the first list.
fn ordinal(number: &impl ToString) -> u64 {
    let number: u64 = number.to_string().parse().unwrap();
    number + 1 - u64::try_from(start().as_second()).unwrap()
}

async fn certify(public_key: &PublicKey, signer: &impl Signer) -> Certificate {
    let term = Term {
        end: End::Days(3650),
        not_before_margin_minutes: 60,
    };
    let name = [(NameAttribute::CommonName, "List Root".to_owned())];
    let description = Description::root(
        DistinguishedName::new(name).unwrap(),
        SerialNumber::random(&SystemEntropy).unwrap(),
        term.from(start()).unwrap(),
        Some(1),
        public_key.algorithm().default_signature_algorithm(),
    );
    issue(&description, public_key, signer).await.unwrap()
}

fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn revoked(reason: &str, not_after: Option<&str>) -> Revoked {
    Revoked {
        revoked_at: "2026-11-01T00:00:00Z".to_owned(),
        reason: Some(reason.to_owned()),
        invalidity_date: None,
        certificate_not_after: not_after.map(str::to_owned),
    }
}

fn text(diagnostics: Diagnostics) -> String {
    let all = diagnostics
        .into_iter()
        .map(|found| format!("{}\n{}\n{}\n", found.path, found.summary, found.detail));
    all.collect()
}
