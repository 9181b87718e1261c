//! Interruptions and lost responses at every call to S3.

use std::sync::Arc;

use super::*;
use crate::aws::tests::{Crash, Fault};

/// Number of calls that an operation makes at most.
const CALLS: usize = 7;

const FAULTS: [Fault; 5] = [
    Fault::Crash(Crash::BeforeEffect),
    Fault::Crash(Crash::AfterEffect),
    Fault::LoseResponse,
    Fault::Throttle,
    Fault::Refuse("InternalError", "We encountered an internal error."),
];

fn name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Crash(Crash::BeforeEffect) => "crash before",
        Fault::Crash(Crash::AfterEffect) => "crash after",
        Fault::LoseResponse => "lost response",
        Fault::Throttle => "throttled",
        _ => "refused",
    }
}

/// Runs an operation until it ends or the process crashes. Returns the state after a success.
async fn run(
    world: &World,
    operation: impl Future<Output = tfplugin::Outcome<Crl>>,
) -> Option<CrlPlan> {
    let script = world.stores.objects.script();
    tokio::select! {
        done = operation => done.ok().map(|stored| stored.state.into()),
        () = script.crashed() => None,
    }
}

#[tokio::test]
async fn create_converges_after_a_fault_at_every_call() {
    let plan = |world: &World| world.plan(&[("0a", revoked("superseded", None))]);
    for fault in FAULTS {
        for call in 0..CALLS {
            let case = format!("{} at call {call}", name(&fault));
            let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
            let script = world.stores.objects.script();
            script.fault_at(call, fault.clone());
            let resource = world.at(start);
            let state = run(&world, resource.create(Create::for_test(plan(&world)))).await;
            script.recover();
            let before = world.number();
            let state: CrlPlan = match state {
                Some(state) => world.refresh(state).await,
                None => world.create(plan(&world), start).await.into(),
            };
            assert!(world.number() >= before.max(1), "{case}");
            let list = world.published();
            assert_eq!(list.list().entries.len(), 1, "{case}");
            let (again, warnings) = world.unchanged(&state, start).await;
            assert_eq!((again == state, warnings.as_str()), (true, ""), "{case}");
        }
    }
}

#[tokio::test]
async fn update_converges_after_a_fault_at_every_call() {
    let after = |world: &World| {
        let entries = [
            ("0a", revoked("superseded", None)),
            ("0b", revoked("key_compromise", None)),
        ];
        world.plan(&entries)
    };
    for fault in FAULTS {
        for call in 0..CALLS {
            let case = format!("{} at call {call}", name(&fault));
            let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
            let before = world.plan(&[("0a", revoked("superseded", None))]);
            let prior: CrlPlan = world.create(before, start).await.into();
            let script = world.stores.objects.script();
            script.fault_at(call, fault.clone());
            let resource = world.at(start);
            let update = Update::for_test(prior.clone(), after(&world));
            let state = run(&world, resource.update(update)).await;
            script.recover();
            let interrupted = world.number();
            assert!(interrupted >= 1, "{case}");
            let mut state = world.refresh(state.unwrap_or(prior)).await;
            if state.revoked != after(&world).revoked {
                state = world.update(state, after(&world), start).await.into();
            }
            assert!(world.number() >= interrupted.max(2), "{case}");
            assert_eq!(world.published().list().entries.len(), 2, "{case}");
            let (again, warnings) = world.unchanged(&state, start).await;
            assert_eq!((again == state, warnings.as_str()), (true, ""), "{case}");
        }
    }
}

/// Another writer publishes before each call of this writer.
#[tokio::test]
async fn writers_that_meet_at_any_call_publish_ascending_numbers() {
    for call in 0..CALLS {
        let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
        let plan = || world.plan(&[("0a", revoked("superseded", None))]);
        let prior: CrlPlan = world.create(plan(), start).await.into();
        let other: CrlPlan = prior.clone();
        // The other writer issues its list in another account with the same key, and both objects appear at once.
        let shadow = World {
            stores: Stores {
                account: world.stores.account.clone(),
                objects: InMemoryObjects::default(),
            },
            root: world.root.clone(),
            issuer: world.plan_issuer(),
        };
        shadow.stores.objects.create_bucket(BUCKET);
        let copy = |from: &InMemoryObjects, to: &InMemoryObjects| {
            for key in [DER, PEM] {
                to.overwrite(BUCKET, key, &from.content(BUCKET, key).unwrap());
            }
        };
        copy(&world.stores.objects, &shadow.stores.objects);
        shadow.update(other, plan(), start).await;
        let (from, to) = (shadow.stores.objects.clone(), world.stores.objects.clone());
        let published = Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = Arc::clone(&published);
        let root = world.root.clone();
        world.stores.objects.script().fault_at(
            call,
            Fault::Meanwhile(Arc::new(move || {
                let number = |objects: &InMemoryObjects| {
                    let der = objects.content(BUCKET, DER).unwrap();
                    revocation::Crl::read(&der, &root).unwrap().list().number
                };
                // A writer whose list is not newer loses the race.
                if number(&to) < number(&from) {
                    for key in [DER, PEM] {
                        to.overwrite(BUCKET, key, &from.content(BUCKET, key).unwrap());
                    }
                    seen.lock().unwrap().push(number(&from).to_string());
                }
            })),
        );
        let updated = world
            .at(start)
            .update(Update::for_test(prior, plan()))
            .await;
        let updated = updated.unwrap_or_else(|found| panic!("{}", text(found.diagnostics)));
        world.stores.objects.script().recover();
        let other = published.lock().unwrap().clone();
        let own = updated.state.crl_number.to_string();
        assert!(
            !other.contains(&own),
            "call {call}: number {own} was issued twice"
        );
        let expected = 2 + other.len() as u64;
        assert_eq!(world.number(), expected, "call {call}");
        world.published();
    }
}
