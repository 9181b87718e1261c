//! Least privilege: evaluates every policy document that a registry creates, as the API returns it. Both missing
//! permissions and unexpected permissions are errors.

mod documents;
mod evaluate;
mod lint;
mod ml_api;
mod needs;
mod pipeline;
mod tests;
mod universe;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use tfharness::LocalAws;

use crate::facts::{all, list, text, texts};
use crate::requirements::Registry;
pub(crate) use ml_api::expect_ml_api;
pub(crate) use pipeline::{expect_codecommit_pipeline, expect_pipeline, expect_source};

use documents::{
    attached, identity_policies, of_bucket, of_key, of_key_with_arn, of_s3_endpoint, of_secret,
    trust,
};
use evaluate::{Caller, Request, Verdict, allowed, of_identity, of_resource};
use universe::Universe;

/// Actions required to push an image (ECR user guide, "IAM permissions for pushing an image"). BuildKit also reads
/// existing manifests.
const PUSH: [&str; 6] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];
/// Actions on all resources that are required to start a task, in addition to access to its secrets (`AmazonECSTaskExecutionRolePolicy`).
const PULL: [&str; 3] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
];

/// Checks all policies of a registry.
pub(crate) fn expect(registry: &Registry<'_>) -> Result<()> {
    all(&[
        ("roles and managed policies", &|| roles(registry)),
        ("GitHub role permissions", &|| github(registry)),
        ("GitHub role trust policy", &|| github_trust(registry)),
        ("execution role permissions", &|| execution(registry)),
        ("task role permissions", &|| tasks(registry)),
        ("task role trust policies", &|| services_trust(registry)),
        ("package bucket policy", &|| packages(registry)),
        ("access log bucket policy", &|| access_logs(registry)),
        ("KMS key policy", &|| key(registry)),
        ("key secret policies", &|| key_secrets(registry)),
        ("signing KMS key policies", &|| signing_keys(registry)),
        ("S3 endpoint policy", &|| s3_endpoint(registry)),
        ("policy linter", &|| lint::expect_clean(registry)),
    ])
}

fn roles(registry: &Registry<'_>) -> Result<()> {
    let own = format!("{}-", registry.prefix);
    let found = list(registry.aws, "iam", "ListRoles", Value::Null, "Roles")?;
    let found = texts(&found, "/RoleName")?.into_iter();
    // In addition to prod, another environment can exist with a prefix that starts with the same name.
    let found: Vec<_> = found
        .filter_map(|name| Some(name.strip_prefix(&own)?.to_owned()))
        .filter(|name| registry.prefix.contains("staging") || !name.starts_with("staging-"))
        .collect();
    let expected = [
        "api-task",
        "database-monitoring",
        "execution",
        "flow-logs",
        "github-push",
        "worker-task",
    ];
    ensure!(
        found == expected,
        "expected the roles {expected:?}, found {found:?}"
    );
    for (role, policy) in [
        (
            "database-monitoring",
            Some("AmazonRDSEnhancedMonitoringRole"),
        ),
        ("execution", Some("AmazonECSTaskExecutionRolePolicy")),
        ("api-task", None),
        ("worker-task", None),
        ("github-push", None),
        ("flow-logs", None),
    ] {
        let found = attached(registry, role)?;
        let service_role = |name| format!("arn:aws:iam::aws:policy/service-role/{name}");
        let expected: Vec<_> = policy.map(service_role).into_iter().collect();
        ensure!(
            found == expected,
            "{role}: expected {expected:?} attached, found {found:?}"
        );
    }
    Ok(())
}

/// Compares the permissions that a role has within [`Universe`] with a list of `action resource` strings.
fn expect_exactly(registry: &Registry<'_>, role: &str, expected: &[String]) -> Result<()> {
    let documents = identity_policies(registry, role)?;
    let (bucket, key) = (of_bucket(registry, &registry.bucket())?, of_key(registry)?);
    let own_key = registry.key_arn()?;
    let caller = Caller::Aws(format!(
        "arn:aws:iam::{}:role/{}-{role}",
        registry.aws.id(),
        registry.prefix
    ));
    let mut found = BTreeSet::new();
    for (action, asked) in Universe::of(registry)?.requests() {
        let (name, resource) = asked.map_or(("*", "*"), |asked| (&asked.name, &asked.arn));
        let context = asked.iter().flat_map(|asked| &asked.context);
        let request = Request::new(caller.clone(), action, resource);
        let request = context.fold(request, |request, (key, value)| request.with(key, value));
        let identity = of_identity(&documents, &request)?;
        let yes = match action.split(':').next() {
            Some("kms") if resource == own_key => {
                allowed(identity, of_resource(&key, &request)?, true)
            }
            // The policy of a foreign key denies access, regardless of identity policies.
            Some("kms") => false,
            Some("s3") if resource.starts_with(&format!("arn:aws:s3:::{}", registry.bucket())) => {
                allowed(identity, of_resource(&bucket, &request)?, false)
            }
            _ => identity == Verdict::Allowed,
        };
        if yes {
            found.insert(format!("{action} {name}"));
        }
    }
    let expected: BTreeSet<_> = expected.iter().cloned().collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    ensure!(
        surplus.is_empty() && missing.is_empty(),
        "{role}: unexpected permissions {surplus:#?}, missing permissions {missing:#?}"
    );
    Ok(())
}

fn each(actions: &[&str], resources: &[&str]) -> Vec<String> {
    let of = |action: &&str| {
        let action = (*action).to_owned();
        resources
            .iter()
            .map(move |resource| format!("{action} {resource}"))
            .collect::<Vec<_>>()
    };
    actions.iter().flat_map(of).collect()
}

fn github(registry: &Registry<'_>) -> Result<()> {
    let mut expected = each(&PUSH, &["repository api", "repository worker"]);
    expected.push("ecr:GetAuthorizationToken *".to_owned());
    expect_exactly(registry, "github-push", &expected)
}

fn execution(registry: &Registry<'_>) -> Result<()> {
    // The AWS managed policy applies to any resource.
    let repositories = [
        "repository api",
        "repository worker",
        "repository of another registry",
    ];
    let mut expected = each(&PULL, &repositories);
    expected.push("ecr:GetAuthorizationToken *".to_owned());
    let groups = [
        "log group api",
        "log group worker",
        "log group vpc",
        "log group of another service",
    ];
    expected.extend(each(
        &["logs:CreateLogStream", "logs:PutLogEvents"],
        &groups,
    ));
    // Tasks can read one secret, but not the root key.
    expected.push("secretsmanager:GetSecretValue secret database/url".to_owned());
    expected.push("kms:Decrypt key for database/url".to_owned());
    expect_exactly(registry, "execution", &expected)
}

fn tasks(registry: &Registry<'_>) -> Result<()> {
    for role in ["api-task", "worker-task"] {
        let mut expected = each(
            &["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
            &["object in the package bucket"],
        );
        // Objects that represent the whole registry are read-only.
        expected.push("s3:GetObject revocation list in the package bucket".to_owned());
        expected.push("s3:ListBucket package bucket".to_owned());
        expected.push("secretsmanager:GetSecretValue secret storage/service-account".to_owned());
        expected.extend(each(
            &["kms:Decrypt", "kms:GenerateDataKey"],
            &["key for the package bucket", "key for a package"],
        ));
        expected.push("kms:Decrypt key for storage/service-account".to_owned());
        if role == "worker-task" {
            let secret = "pki/package-signing-key";
            expected.push(format!("secretsmanager:GetSecretValue secret {secret}"));
            expected.push(format!("kms:Decrypt key for {secret}"));
        }
        expect_exactly(registry, role, &expected)?;
    }
    let write = [
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    ];
    let mut expected = each(&write, &["log group vpc"]);
    expected.push("logs:DescribeLogGroups *".to_owned());
    expect_exactly(registry, "flow-logs", &expected)
}

/// Checks the verdicts for named requests on a document.
fn expect_verdicts(document: &Value, table: &[(&str, Request, Verdict)]) -> Result<()> {
    let mut wrong = Vec::new();
    for (what, request, expected) in table {
        let found = of_resource(document, request)?;
        if found != *expected {
            wrong.push(format!("{what}: expected {expected:?}, found {found:?}"));
        }
    }
    ensure!(wrong.is_empty(), "{}\nby {document}", wrong.join("\n"));
    Ok(())
}

fn github_trust(registry: &Registry<'_>) -> Result<()> {
    let account = registry.aws.id();
    let issuer = "token.actions.githubusercontent.com";
    let provider = |account: &str, issuer: &str| {
        Caller::Federated(format!("arn:aws:iam::{account}:oidc-provider/{issuer}"))
    };
    let role = format!(
        "arn:aws:iam::{account}:role/{}-github-push",
        registry.prefix
    );
    let assume = |caller: Caller| Request::new(caller, "sts:AssumeRoleWithWebIdentity", &role);
    let token = |audience: &str, subject: &str| {
        assume(provider(account, issuer))
            .with(&format!("{issuer}:aud"), audience)
            .with(&format!("{issuer}:sub"), subject)
    };
    let (own, sts) = (registry.repository, "sts.amazonaws.com");
    let main = format!("repo:{own}:ref:refs/heads/main");
    let mut table = vec![("a push to main", token(sts, &main), Verdict::Allowed)];
    let owner = own.split('/').next().context("owner/name")?;
    for (what, audience, subject) in [
        ("a pull request", sts, format!("repo:{own}:pull_request")),
        ("a tag", sts, format!("repo:{own}:ref:refs/tags/main")),
        (
            "another branch",
            sts,
            format!("repo:{own}:ref:refs/heads/main2"),
        ),
        (
            "a branch below main",
            sts,
            format!("repo:{own}:ref:refs/heads/main/x"),
        ),
        (
            "an environment",
            sts,
            format!("repo:{own}:environment:main"),
        ),
        (
            "another repository with the same owner",
            sts,
            format!("repo:{owner}/other:ref:refs/heads/main"),
        ),
        (
            "a repository with a longer name",
            sts,
            format!("repo:{own}x:ref:refs/heads/main"),
        ),
        ("a wildcard", sts, "repo:*:ref:refs/heads/main".to_owned()),
        (
            "a token with another audience",
            "https://github.com/acme",
            main.clone(),
        ),
    ] {
        table.push((what, token(audience, &subject), Verdict::NotAllowed));
    }
    let without_claims = assume(provider(account, issuer));
    let without_audience = without_claims.clone().with(&format!("{issuer}:sub"), &main);
    let gitlab = token(sts, &main).by(provider(account, "gitlab.com"));
    let foreign = token(sts, &main).by(provider("999999999999", issuer));
    let user = Caller::Aws(format!("arn:aws:iam::{account}:user/someone"));
    let user = Request::new(user, "sts:AssumeRole", &role);
    table.push((
        "a token without claims",
        without_claims,
        Verdict::NotAllowed,
    ));
    table.push((
        "a token without audience",
        without_audience,
        Verdict::NotAllowed,
    ));
    table.push(("another issuer", gitlab, Verdict::NotAllowed));
    table.push((
        "the issuer in another account",
        foreign,
        Verdict::NotAllowed,
    ));
    table.push(("a user in the account", user, Verdict::NotAllowed));
    expect_verdicts(&trust(registry, "github-push")?, &table)
}

fn services_trust(registry: &Registry<'_>) -> Result<()> {
    let account = registry.aws.id();
    for (role, service) in [
        ("execution", "ecs-tasks.amazonaws.com"),
        ("api-task", "ecs-tasks.amazonaws.com"),
        ("worker-task", "ecs-tasks.amazonaws.com"),
        ("flow-logs", "vpc-flow-logs.amazonaws.com"),
        ("database-monitoring", "monitoring.rds.amazonaws.com"),
    ] {
        let arn = format!("arn:aws:iam::{account}:role/{}-{role}", registry.prefix);
        let assume = |caller| Request::new(caller, "sts:AssumeRole", &arn);
        let by = |name: &str| assume(Caller::Service(name.to_owned()));
        let foreign = by(service).with("aws:SourceAccount", "999999999999");
        let user = assume(Caller::Aws(format!("arn:aws:iam::{account}:user/someone")));
        let table = [
            (
                "the service, for this account",
                by(service).with("aws:SourceAccount", account),
                Verdict::Allowed,
            ),
            (
                "the service, for another account",
                foreign,
                Verdict::NotAllowed,
            ),
            (
                "another service",
                by("ec2.amazonaws.com").with("aws:SourceAccount", account),
                Verdict::NotAllowed,
            ),
            ("a user in the account", user, Verdict::NotAllowed),
        ];
        expect_verdicts(&trust(registry, role)?, &table).with_context(|| role.to_owned())?;
    }
    Ok(())
}

fn packages(registry: &Registry<'_>) -> Result<()> {
    let (bucket, account) = (registry.bucket(), registry.aws.id());
    let object = format!("arn:aws:s3:::{bucket}/index.json");
    let own = registry.distribution()?["ARN"]
        .as_str()
        .context("ARN")?
        .to_owned();
    let other = format!("arn:aws:cloudfront::{account}:distribution/EOTHER");
    let cdn = |action: &str, source: &str| {
        let caller = Caller::Service("cloudfront.amazonaws.com".to_owned());
        Request::new(caller, action, &object).with("aws:SourceArn", source)
    };
    let service = || Caller::Service("cloudfront.amazonaws.com".to_owned());
    let list = format!("arn:aws:s3:::{bucket}/.well-known/crl.pem");
    let bundle = format!("arn:aws:s3:::{bucket}/.well-known/trust-bundle.pem");
    let reads = |source: &str, object: &str| {
        Request::new(service(), "s3:GetObject", object).with("aws:SourceArn", source)
    };
    let lists = |source: &str| {
        let bucket = format!("arn:aws:s3:::{bucket}");
        Request::new(service(), "s3:ListBucket", &bucket).with("aws:SourceArn", source)
    };
    let public = Request::new(Caller::Anonymous, "s3:GetObject", &object);
    let foreign = Caller::Aws("arn:aws:iam::999999999999:role/admin".to_owned());
    let plain = |request: Request| request.with("aws:SecureTransport", "false");
    let task = Caller::Aws(format!(
        "arn:aws:iam::{account}:role/{}-api-task",
        registry.prefix
    ));
    let table = [
        (
            "the CDN reads an object",
            cdn("s3:GetObject", &own),
            Verdict::Allowed,
        ),
        (
            "the CDN reads an object over plain HTTP",
            plain(cdn("s3:GetObject", &own)),
            Verdict::NotAllowed,
        ),
        (
            "the CDN reads the revocation list over plain HTTP",
            plain(reads(&own, &list)),
            Verdict::Allowed,
        ),
        (
            "another distribution reads the revocation list",
            reads(&other, &list),
            Verdict::NotAllowed,
        ),
        (
            "the CDN reads the trust bundle",
            reads(&own, &bundle),
            Verdict::Allowed,
        ),
        (
            "the CDN reads the trust bundle over plain HTTP",
            plain(reads(&own, &bundle)),
            Verdict::NotAllowed,
        ),
        (
            "an anonymous caller reads the revocation list over plain HTTP",
            plain(reads(&own, &list).by(Caller::Anonymous)),
            Verdict::Denied,
        ),
        ("the CDN lists the bucket", lists(&own), Verdict::Allowed),
        (
            "another distribution lists the bucket",
            lists(&other),
            Verdict::NotAllowed,
        ),
        (
            "an anonymous caller lists the bucket",
            lists(&own).by(Caller::Anonymous),
            Verdict::NotAllowed,
        ),
        (
            "the CDN writes an object",
            cdn("s3:PutObject", &own),
            Verdict::NotAllowed,
        ),
        (
            "the CDN deletes an object",
            cdn("s3:DeleteObject", &own),
            Verdict::NotAllowed,
        ),
        (
            "another distribution reads an object",
            cdn("s3:GetObject", &other),
            Verdict::NotAllowed,
        ),
        (
            "an anonymous caller reads an object",
            public.clone(),
            Verdict::NotAllowed,
        ),
        (
            "an anonymous caller reads an object over plain HTTP",
            plain(public),
            Verdict::Denied,
        ),
        (
            "another account reads an object",
            Request::new(foreign, "s3:GetObject", &object),
            Verdict::NotAllowed,
        ),
        (
            "a task reads an object over plain HTTP",
            plain(Request::new(task, "s3:GetObject", &object)),
            Verdict::Denied,
        ),
    ];
    expect_verdicts(&of_bucket(registry, &bucket)?, &table)
}

fn access_logs(registry: &Registry<'_>) -> Result<()> {
    let account = registry.aws.id();
    let bucket = format!("{}-access-logs-{account}", registry.prefix);
    let put = |service: &str, key: &str| {
        let caller = Caller::Service(service.to_owned());
        Request::new(
            caller,
            "s3:PutObject",
            &format!("arn:aws:s3:::{bucket}/{key}"),
        )
    };
    let (balancer, storage) = (
        "logdelivery.elasticloadbalancing.amazonaws.com",
        "logging.s3.amazonaws.com",
    );
    let own = format!("load-balancer/AWSLogs/{account}/x.gz");
    let stored = put(storage, "packages/x").with("aws:SourceAccount", account);
    let of_another = put(storage, "packages/x").with("aws:SourceAccount", "999999999999");
    let object = format!("arn:aws:s3:::{bucket}/{own}");
    let table = [
        (
            "load balancer logs in this account",
            put(balancer, &own),
            Verdict::Allowed,
        ),
        (
            "load balancer logs in another account",
            put(balancer, "load-balancer/AWSLogs/999999999999/x.gz"),
            Verdict::NotAllowed,
        ),
        ("package bucket logs", stored.clone(), Verdict::Allowed),
        (
            "bucket logs in another account",
            of_another,
            Verdict::NotAllowed,
        ),
        (
            "package bucket logs over plain HTTP",
            stored.with("aws:SecureTransport", "false"),
            Verdict::Denied,
        ),
        (
            "an anonymous caller reads a log",
            Request::new(Caller::Anonymous, "s3:GetObject", &object),
            Verdict::NotAllowed,
        ),
    ];
    expect_verdicts(&of_bucket(registry, &bucket)?, &table)
}

fn key(registry: &Registry<'_>) -> Result<()> {
    let (arn, account) = (registry.key_arn()?, registry.aws.id());
    let by = |service: &str, action: &str| {
        Request::new(Caller::Service(service.to_owned()), action, &arn)
    };
    let cdn = |action: &str, account: &str| {
        let source = format!("arn:aws:cloudfront::{account}:distribution/E1");
        by("cloudfront.amazonaws.com", action).with("aws:SourceArn", &source)
    };
    let logs = |account: &str| {
        let group = format!("arn:aws:logs:us-east-1:{account}:log-group:/ecs/skreg-api");
        by("logs.us-east-1.amazonaws.com", "kms:GenerateDataKey")
            .with("kms:EncryptionContext:aws:logs:arn", &group)
    };
    let user = |account: &str| {
        let caller = Caller::Aws(format!("arn:aws:iam::{account}:user/someone"));
        Request::new(caller, "kms:Decrypt", &arn)
    };
    let table = [
        (
            "a distribution in this account decrypts data",
            cdn("kms:Decrypt", account),
            Verdict::Allowed,
        ),
        (
            "a distribution in another account decrypts data",
            cdn("kms:Decrypt", "999999999999"),
            Verdict::NotAllowed,
        ),
        (
            "CloudFront without a distribution decrypts data",
            by("cloudfront.amazonaws.com", "kms:Decrypt"),
            Verdict::NotAllowed,
        ),
        (
            "a distribution encrypts data",
            cdn("kms:Encrypt", account),
            Verdict::NotAllowed,
        ),
        (
            "a distribution deletes the key",
            cdn("kms:ScheduleKeyDeletion", account),
            Verdict::NotAllowed,
        ),
        (
            "log groups in this account",
            logs(account),
            Verdict::Allowed,
        ),
        (
            "log groups in another account",
            logs("999999999999"),
            Verdict::NotAllowed,
        ),
        (
            "CloudWatch Logs without a log group",
            by("logs.us-east-1.amazonaws.com", "kms:Decrypt"),
            Verdict::NotAllowed,
        ),
        (
            "another service",
            by("ec2.amazonaws.com", "kms:Decrypt"),
            Verdict::NotAllowed,
        ),
        ("a user in this account", user(account), Verdict::Delegated),
        ("another account", user("999999999999"), Verdict::NotAllowed),
        (
            "an anonymous caller",
            Request::new(Caller::Anonymous, "kms:Decrypt", &arn),
            Verdict::NotAllowed,
        ),
    ];
    expect_verdicts(&of_key(registry)?, &table)
}

/// Roles of a registry.
const ROLES: [&str; 6] = [
    "api-task",
    "database-monitoring",
    "execution",
    "flow-logs",
    "github-push",
    "worker-task",
];

/// Checks that roles in the registry cannot read private keys, regardless of their policies. The worker can read the
/// signing key.
fn key_secrets(registry: &Registry<'_>) -> Result<()> {
    let account = registry.aws.id();
    for (secret, allowed) in [
        ("pki/root-ca-key", None),
        ("pki/intermediate-ca-key", None),
        ("pki/package-signing-key", Some("worker-task")),
    ] {
        let arn = text(&registry.secret_facts(secret)?, "/ARN")?;
        let by = |account: &str, who: &str| {
            let caller = Caller::Aws(format!("arn:aws:iam::{account}:{who}"));
            Request::new(caller, "secretsmanager:GetSecretValue", &arn)
        };
        let role = |name: &str| by(account, &format!("role/{}-{name}", registry.prefix));
        let verdict = |name| match Some(name) == allowed {
            true => Verdict::NotAllowed,
            false => Verdict::Denied,
        };
        let mut table: Vec<_> = ROLES
            .into_iter()
            .map(|name| (name, role(name), verdict(name)))
            .collect();
        table.push((
            "a user in this account",
            by(account, "user/someone"),
            Verdict::NotAllowed,
        ));
        table.push((
            "another account",
            by("999999999999", "role/admin"),
            Verdict::Denied,
        ));
        expect_verdicts(&of_secret(registry, secret)?, &table)
            .with_context(|| secret.to_owned())?;
    }
    Ok(())
}

/// Checks that roles in the registry cannot sign with the KMS keys of the authorities, or grant the permission to sign,
/// regardless of their policies.
fn signing_keys(registry: &Registry<'_>) -> Result<()> {
    if registry.hsm_backend == "software" {
        return Ok(());
    }
    let (account, pki) = (registry.aws.id(), registry.pki()?);
    for secret in ["root-ca-key", "intermediate-ca-key"] {
        let arn = text(&pki.document(secret)?, "/kms_key_arn")?;
        let by = |who: &str, action: &str| Request::new(Caller::Aws(who.to_owned()), action, &arn);
        let mut table = Vec::new();
        for name in ROLES {
            let role = format!("arn:aws:iam::{account}:role/{}-{name}", registry.prefix);
            for action in ["kms:Sign", "kms:CreateGrant"] {
                table.push((name, by(&role, action), Verdict::Denied));
            }
        }
        let user = |account: &str| by(&format!("arn:aws:iam::{account}:user/someone"), "kms:Sign");
        table.push(("a user in this account", user(account), Verdict::Delegated));
        table.push(("another account", user("999999999999"), Verdict::NotAllowed));
        let policy = of_key_with_arn(registry.aws, &arn)?;
        expect_verdicts(&policy, &table).with_context(|| secret.to_owned())?;
    }
    Ok(())
}

/// Checks whether a user in the account can delete or disable the enabled KMS keys in the account, if policies attached to
/// the user allow it.
pub(crate) fn expect_keys_can_be_deleted(aws: &LocalAws, deletable: bool) -> Result<()> {
    let user = Caller::Aws(format!("arn:aws:iam::{}:user/someone", aws.id()));
    let deletion = if deletable {
        Verdict::Delegated
    } else {
        Verdict::Denied
    };
    let mut enabled = 0;
    for arn in texts(
        &list(aws, "kms", "ListKeys", Value::Null, "Keys")?,
        "/KeyArn",
    )? {
        let key = aws.call("kms", "DescribeKey", json!({ "KeyId": arn }))?;
        if text(&key, "/KeyMetadata/KeyState")? != "Enabled" {
            continue;
        }
        enabled += 1;
        let request = |action: &str| Request::new(user.clone(), action, &arn);
        let table = [
            ("deletes", request("kms:ScheduleKeyDeletion"), deletion),
            ("disables", request("kms:DisableKey"), deletion),
            (
                "changes the policy",
                request("kms:PutKeyPolicy"),
                Verdict::Delegated,
            ),
        ];
        expect_verdicts(&of_key_with_arn(aws, &arn)?, &table).with_context(|| arn.clone())?;
    }
    ensure!(enabled > 0, "the account has no enabled KMS key");
    Ok(())
}

/// Checks that the endpoint rejects credentials from other accounts. Clients request image layers without credentials.
fn s3_endpoint(registry: &Registry<'_>) -> Result<()> {
    let bucket = format!("arn:aws:s3:::{}/x", registry.bucket());
    let by = |account: &str| Caller::Aws(format!("arn:aws:iam::{account}:role/task"));
    let own = by(registry.aws.id());
    let layer = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/x";
    let request = |caller: Caller, action: &str, on: &str| Request::new(caller, action, on);
    let table = [
        (
            "a role in this account writes a package",
            request(own.clone(), "s3:PutObject", &bucket),
            Verdict::Allowed,
        ),
        (
            "a role in another account writes to another bucket",
            request(by("999999999999"), "s3:PutObject", "arn:aws:s3:::another/x"),
            Verdict::NotAllowed,
        ),
        (
            "an anonymous caller reads an image layer",
            request(Caller::Anonymous, "s3:GetObject", layer),
            Verdict::Allowed,
        ),
        (
            "an anonymous caller writes an image layer",
            request(Caller::Anonymous, "s3:PutObject", layer),
            Verdict::NotAllowed,
        ),
    ];
    expect_verdicts(&of_s3_endpoint(registry)?, &table)
}
