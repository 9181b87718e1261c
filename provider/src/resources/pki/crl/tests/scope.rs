//! Scopes, distribution points, and the calls of a plan, with fixed clocks.

use super::*;
use crate::pki::revocation::Scope;

/// URL of the list in the distribution point of certificates.
const URL: &str = "http://crl.example.com/1.crl";

/// Returns a plan for a list that covers only some certificates.
fn limited(world: &World, scope: &str, urls: &[&str]) -> CrlPlan {
    let known = urls.iter().map(|url| Planned::Known((*url).to_owned()));
    let known: Vec<_> = known.collect();
    CrlPlan {
        scope: scope.to_owned().into(),
        issuing_distribution_points: (!urls.is_empty()).then_some(known).into(),
        ..world.plan(&[])
    }
}

/// Returns the warnings of a plan.
async fn warnings(world: &World, prior: Option<CrlPlan>, plan: CrlPlan) -> String {
    let mut request = Plan::for_test(prior, Some(plan));
    let planned = world.at(start).plan(&mut request).await;
    planned.unwrap_or_else(|found| panic!("{}", text(found)));
    text(request.warnings.collected())
}

#[tokio::test]
async fn list_has_the_configured_scope_and_distribution_points() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    let plan = limited(&world, "user_only", &[URL, "http://crl.example.org/1.crl"]);
    let state: CrlPlan = world.create(plan, start).await.into();
    let crl = world.published();
    assert_eq!(crl.list().scope, Scope::UserOnly);
    let urls = [URL, "http://crl.example.org/1.crl"];
    assert_eq!(crl.list().distribution_points, urls);
    let (again, warnings) = world.unchanged(&state, start).await;
    assert_eq!((again == state, warnings.as_str()), (true, ""));
}

#[tokio::test]
async fn list_of_another_writer_with_another_scope_is_replaced() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    let state: CrlPlan = world.create(world.plan(&[]), start).await.into();
    for other in [
        limited(&world, "ca_only", &[]),
        limited(&world, "all", &[URL]),
    ] {
        world.create(other, start).await;
        let state = world.refresh(state.clone()).await;
        let (plan, warnings) = world.unchanged(&state, start).await;
        assert!(plan.crl_number.is_unknown(), "{warnings}");
        assert!(
            warnings.starts_with("scope\nRevocation list has another scope\n"),
            "{warnings}"
        );
        world.update(state, plan, start).await;
        assert_eq!(world.published().list().scope, Scope::All);
        assert!(world.published().list().distribution_points.is_empty());
    }
}

#[tokio::test]
async fn plan_warns_if_the_next_list_covers_fewer_certificates() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    let all: CrlPlan = world.create(world.plan(&[]), start).await.into();
    for (plan, path) in [
        (limited(&world, "user_only", &[]), "scope\n"),
        (
            limited(&world, "all", &[URL]),
            "issuing_distribution_points\n",
        ),
    ] {
        let warned = warnings(&world, Some(all.clone()), plan.clone()).await;
        let expected = format!("{path}Revocation list covers fewer certificates\n");
        assert!(warned.starts_with(&expected), "{warned}");
        // A new list and a wider scope have no such consequence.
        let state: CrlPlan = world.update(all.clone(), plan, start).await.into();
        let widened = warnings(&world, Some(state), world.plan(&[])).await;
        assert_eq!(widened, "");
    }
}

#[tokio::test]
async fn plan_of_a_new_list_reads_each_object_once() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    for published in [false, true] {
        if published {
            world.create(world.plan(&[]), start).await;
        }
        let script = world.stores.objects.script();
        let before = script.calls().len();
        warnings(&world, None, world.plan(&[])).await;
        let calls = script.calls().split_off(before);
        assert_eq!(calls, ["s3:GetObject", "s3:GetObject"]);
    }
}

/// The role of a plan does not need access to the objects of a list that does not exist yet.
#[tokio::test]
async fn denied_read_does_not_fail_the_plan_of_a_new_list() {
    let world = World::new(KeyAlgorithm::EcdsaP256, false).await;
    world.stores.objects.deny(BUCKET, true);
    assert_eq!(warnings(&world, None, world.plan(&[])).await, "");
    let resource = world.at(start);
    let created = resource.create(Create::for_test(world.plan(&[])));
    let refused = text(created.await.err().expect("S3 denies access").diagnostics);
    assert!(refused.contains("S3 denied the call"), "{refused}");
}
