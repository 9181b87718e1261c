//! Environments of pull requests, from planned objects: admission, a second apply, a rolling update, and deletion.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::kubernetes::{ApiError, Client, Reference};

use crate::cluster::{object, with_cluster};
use crate::environment::{Environment, NOT_SERVED, label};
use crate::namespace::expect_deletion;
use crate::pods::{Amounts, amounts, await_pods, counted, report_ready, report_success, sum};

/// Number of octets in a mebibyte.
const MEBIBYTE: i64 = 1 << 20;

/// Waits until every pod of the environment exists. A quota or a policy that refuses a pod prevents this.
fn await_all_pods(client: &Client, environment: &Environment) -> Result<()> {
    for kind in ["Job", "Deployment"] {
        for owner in environment.of_kind(kind) {
            await_pods(client, owner, 1).with_context(|| label(owner))?;
        }
    }
    Ok(())
}

/// Waits until controllers have reported the status of all deployments and jobs, after which they change no object.
fn await_status(client: &Client, environment: &Environment) -> Result<()> {
    for (kind, field) in [("Job", "active"), ("Deployment", "unavailableReplicas")] {
        for owner in environment.of_kind(kind) {
            let reference = Reference::of(owner)?;
            client.wait(&format!("{reference} has no status"), |client| {
                let status = client.read(&reference)?.unwrap_or_default()["status"].take();
                Ok((status[field] == 1).then_some(()))
            })?;
        }
    }
    Ok(())
}

/// Waits until the quota counts these amounts.
fn expect_used(client: &Client, namespace: &str, expected: &Amounts) -> Result<()> {
    let quota = object("v1", "ResourceQuota", Some(namespace), "environment");
    let mut last = Value::Null;
    let counted = client.wait("the quota counts other amounts", |client| {
        last = client.read(&quota)?.unwrap_or_default()["status"].take();
        Ok(amounts(&last["used"])
            .is_ok_and(|used| used == *expected)
            .then_some(()))
    });
    counted.with_context(|| format!("expected {expected:?}; the status is {last}"))?;
    for (name, hard) in amounts(&last["hard"])? {
        let used = expected.get(&name).copied().unwrap_or_default();
        ensure!(used <= hard, "{name}: {used} of {hard}");
    }
    Ok(())
}

/// Returns the resources that the module computes, in the units of the test.
fn demand(environment: &Environment) -> Result<Amounts> {
    let demand = environment.demand.as_object().context("no demand")?;
    let one = |(name, amount): (&String, &Value)| {
        let factor = if name.ends_with("memory") {
            MEBIBYTE
        } else {
            1
        };
        let amount = amount.as_i64().with_context(|| name.clone())?;
        Ok((name.clone(), amount * factor))
    };
    demand.iter().map(one).collect()
}

fn version(object: &Value) -> Option<&str> {
    object["metadata"]["resourceVersion"].as_str()
}

#[test]
fn planned_objects_are_admitted_and_a_second_apply_changes_nothing() -> Result<()> {
    with_cluster(|client| {
        let environment = Environment::plan(client, 7, 'a')?;
        for kind in [
            "ResourceQuota",
            "NetworkPolicy",
            "Secret",
            "Deployment",
            "Job",
            "HTTPRoute",
        ] {
            ensure!(
                environment.of_kind(kind).next().is_some(),
                "no {kind} is planned"
            );
        }
        environment.apply(client)?;
        await_all_pods(client, &environment)?;
        await_status(client, &environment)?;
        for object in environment.served() {
            let before = client.read(&Reference::of(object)?)?.context("no object")?;
            let after = client.apply(object)?;
            ensure!(
                version(&before) == version(&after),
                "a second apply changes {}: {before} {after}",
                label(object)
            );
        }
        // The namespace is deleted first, and then the objects in the namespace of the database.
        expect_deletion(client, &environment.namespace)?;
        environment.delete_elsewhere(client)
    })
}

#[test]
fn every_kind_is_validated_except_for_the_rate_limit() -> Result<()> {
    with_cluster(|client| {
        let environment = Environment::plan(client, 10, 'a')?;
        let mut unknown = Vec::new();
        for object in &environment.objects {
            match client.read(&Reference::of(object)?) {
                Err(ApiError::UnknownKind { kind, .. }) => unknown.push(kind),
                other => drop(other?),
            }
        }
        ensure!(unknown == NOT_SERVED, "not served: {unknown:?}");
        Ok(())
    })
}

#[test]
fn rolling_update_uses_exactly_the_computed_resources() -> Result<()> {
    with_cluster(|client| {
        let first = Environment::plan(client, 8, 'a')?;
        let namespace = first.namespace.as_str();
        first.apply(client)?;
        let migration = first.migration()?;
        let deployments: Vec<Amounts> = first
            .of_kind("Deployment")
            .map(counted)
            .collect::<Result<_>>()?;
        let job = counted(migration)?;
        let pods = await_pods(client, migration, 1)?;
        let all = deployments.iter().map(|one| (one, 1));
        expect_used(client, namespace, &sum(all.chain([(&job, 1)])))?;

        // A completed job does not count. Old pods that are ready remain until the new pods are ready.
        report_success(client, migration, &pods)?;
        expect_used(
            client,
            namespace,
            &sum(deployments.iter().map(|one| (one, 1))),
        )?;
        for deployment in first.of_kind("Deployment") {
            report_ready(client, &await_pods(client, deployment, 1)?)?;
        }

        let second = Environment::plan(client, 8, 'b')?;
        let (before, after) = (label(migration), label(second.migration()?));
        ensure!(before != after, "both digests have the job {after}");
        second.apply(client)?;
        for deployment in second.of_kind("Deployment") {
            await_pods(client, deployment, 2)?;
        }
        let all = deployments.iter().map(|one| (one, 2));
        let largest = sum(all.chain([(&job, 1)]));
        expect_used(client, namespace, &largest)?;
        let computed = demand(&first)?;
        ensure!(
            computed == largest,
            "the module computes {computed:?}, not {largest:?}"
        );

        // The quota has no room for another pod.
        let mut another = second.migration()?.clone();
        another["metadata"]["name"] = json!("another");
        client.apply(&another)?;
        let refusal = crate::cluster::event(client, namespace, "another", "exceeded quota")?;
        ensure!(refusal.contains("pods=5, limited:"), "{refusal}");
        expect_deletion(client, namespace)?;
        second.delete_elsewhere(client)
    })
}

#[test]
fn changed_digest_changes_no_immutable_field() -> Result<()> {
    with_cluster(|client| {
        let first = Environment::plan(client, 9, 'a')?;
        let second = Environment::plan(client, 9, 'b')?;
        first.apply(client)?;
        second.apply(client)?;
        // Under the previous name, the API server refuses the new pod template.
        let mut renamed = second.migration()?.clone();
        renamed["metadata"]["name"] = first.migration()?["metadata"]["name"].clone();
        match client.apply(&renamed) {
            Err(ApiError::Refused {
                reason, message, ..
            }) => {
                let immutable = reason == "Invalid" && message.contains("field is immutable");
                ensure!(immutable, "another reason: {reason} {message}");
            }
            other => ensure!(false, "the changed job is not refused: {other:?}"),
        }
        expect_deletion(client, &first.namespace)?;
        second.delete_elsewhere(client)
    })
}

#[test]
fn pod_without_limits_is_refused_in_an_environment() -> Result<()> {
    with_cluster(|client| {
        let mut environment = Environment::plan(client, 11, 'a')?;
        let web = |object: &&mut Value| {
            object["kind"] == "Deployment" && object["metadata"]["name"] == "web"
        };
        let deployment = environment
            .objects
            .iter_mut()
            .find(web)
            .context("no deployment")?;
        let container = &mut deployment["spec"]["template"]["spec"]["containers"][0];
        let resources = container.as_object_mut().context("no container")?;
        ensure!(resources.remove("resources").is_some(), "no resources");
        environment.apply(client)?;
        crate::cluster::event(
            client,
            &environment.namespace,
            "web",
            "must specify limits.cpu",
        )?;
        expect_deletion(client, &environment.namespace)?;
        environment.delete_elsewhere(client)
    })
}
