//! Intermediate authorities: chains that `openssl verify` accepts, errors during planning, reissues, and reissued issuers.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::workspace::Stack;
use tfharness::{LocalAws, Workspace};

use crate::authority::Authority;
use crate::diagnostic::{PLAN, Saying, expect_refused, expect_warned};
use crate::imported::expect_imports;
use crate::infrastructure::text;
use crate::openssl::{self, openssl};
use crate::scenario::{expect_nothing_stored, with_one_cli};

const HEAD: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
"#;

/// Returns an authority block. `arguments` override the default arguments of the same name.
fn authority(kind: &str, name: &str, arguments: &str) -> String {
    let defaults = [
        format!("subject = {{ common_name = {name:?}, organization = \"skreg\" }}"),
        "key_algorithm = \"ECDSA_P384\"".to_owned(),
        "validity_days = 365".to_owned(),
        "deletion_protection = false".to_owned(),
        format!("secrets_manager = {{ name = {name:?}, recovery_window_in_days = 0 }}"),
    ];
    let argument = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let given: Vec<_> = arguments.lines().map(argument).collect();
    let kept = defaults
        .iter()
        .filter(|line| !given.contains(&argument(line)));
    let kept: Vec<&str> = kept.map(String::as_str).collect();
    let kept = kept.join("\n");
    format!("resource \"skreg_pki_{kind}_ca\" {name:?} {{\n{kept}\n{arguments}\n}}\n")
}

fn root(name: &str, arguments: &str) -> String {
    authority("root", name, &format!("validity_days = 3650\n{arguments}"))
}

fn intermediate(name: &str, arguments: &str) -> String {
    authority("intermediate", name, arguments)
}

/// Returns a root and an intermediate authority below it.
fn pair(of_root: &str, of_intermediate: &str) -> String {
    let signed_by = format!("signed_by = skreg_pki_root_ca.root.issuer\n{of_intermediate}");
    [
        HEAD,
        &root("root", of_root),
        &intermediate("issuing", &signed_by),
    ]
    .concat()
}

fn certificate(aws: &LocalAws, secret: &str) -> Result<String> {
    Ok(Authority::read(aws, secret)?.certificate_pem()?.to_owned())
}

/// Checks with strict rules that the root is a trust anchor for the certificate.
fn expect_chain(root: &str, between: &[String], certificate: &str) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let write = |name: &str, text: &str| -> Result<String> {
        let path = directory.path().join(name);
        std::fs::write(&path, text)?;
        Ok(path.to_str().context("the path is not UTF-8")?.to_owned())
    };
    let (anchor, below) = (write("root.pem", root)?, write("own.pem", certificate)?);
    let untrusted = write("between.pem", &between.concat())?;
    let mut arguments = vec![
        "verify",
        "-x509_strict",
        "-check_ss_sig",
        "-CAfile",
        &anchor,
    ];
    if !between.is_empty() {
        arguments.extend(["-untrusted", &untrusted]);
    }
    arguments.push(&below);
    let answer = openssl(&arguments, "")?;
    ensure!(answer.trim().ends_with(": OK"), "found {answer:?}");
    Ok(())
}

/// Checks the certificate of an intermediate authority, its outputs, and a second plan.
fn expect_issued(stack: &Stack, aws: &LocalAws) -> Result<()> {
    let (root, own) = (certificate(aws, "root")?, certificate(aws, "issuing")?);
    expect_chain(&root, &[], &own)?;
    let text = openssl::certificate_text(&own)?;
    for part in [
        "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0",
        "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign",
        "X509v3 Subject Key Identifier:",
        "X509v3 Authority Key Identifier:",
    ] {
        ensure!(text.contains(part), "expected {part:?} in\n{text}");
    }
    let found: String = stack.output("chain")?;
    ensure!(found == root, "expected chain_pem to be the root");
    let chains: std::collections::BTreeMap<String, String> = stack.output("chains")?;
    let roots: std::collections::BTreeMap<String, String> =
        [(stack.output("root_key")?, format!("{own}{root}"))].into();
    ensure!(chains == roots, "expected one chain, found {chains:?}");
    let issuer: serde_json::Value = stack.output("issuer")?;
    ensure!(issuer["certificate_pem"] == own.as_str() && issuer["chain_pem"] == root.as_str());
    ensure!(issuer["secret_arn"] == Authority::arn_of(aws, "issuing")?.as_str());
    stack.expect_empty_plan()?;
    Ok(())
}

const OUTPUTS: &str = r#"
    output "chain"    { value = skreg_pki_intermediate_ca.issuing.chain_pem }
    output "chains"   { value = skreg_pki_intermediate_ca.issuing.chains_pem }
    output "issuer"   { value = skreg_pki_intermediate_ca.issuing.issuer }
    output "root_key" { value = skreg_pki_root_ca.root.spki_sha256 }
"#;

fn destroy(stack: &Stack, aws: &LocalAws) -> Result<()> {
    stack.destroy()?;
    expect_nothing_stored(stack)?;
    ensure!(crate::authority::secret_names(aws)?.is_empty());
    Ok(())
}

#[test]
fn software_roots_issue_intermediates_that_openssl_accepts() -> Result<()> {
    with_one_cli(|cli, aws| {
        for (root, own) in [
            ("RSA_4096", "RSA_4096"),
            ("ECDSA_P384", "ED25519"),
            ("ED25519", "ECDSA_P384"),
        ] {
            let [root, own] = [root, own].map(|name| format!("key_algorithm = {name:?}"));
            let hcl = pair(&root, &own) + OUTPUTS;
            let stack = Workspace::inline(hcl).cli(cli).aws(aws).apply()?;
            expect_issued(&stack, aws).with_context(|| root.clone())?;
            let made = Authority::read(aws, "issuing")?;
            openssl::expect_pair(made.key_pem()?, made.certificate_pem()?)?;
            ensure!(made.document["kind"] == "intermediate");
            destroy(&stack, aws)?;
        }
        Ok(())
    })
}

#[test]
fn kms_root_issues_a_kms_intermediate_that_openssl_accepts() -> Result<()> {
    with_one_cli(|cli, aws| {
        let create = |spec: &str| -> Result<String> {
            let request = json!({ "KeySpec": spec, "KeyUsage": "SIGN_VERIFY" });
            text(&aws.call("kms", "CreateKey", request)?, "/KeyMetadata/Arn")
        };
        let (upper, lower) = (create("RSA_4096")?, create("ECC_NIST_P384")?);
        let with = |algorithm: &str, arn: &str| {
            format!("key_algorithm = {algorithm:?}\nkms = {{ key_arn = {arn:?} }}")
        };
        let hcl = pair(&with("RSA_4096", &upper), &with("ECDSA_P384", &lower)) + OUTPUTS;
        let stack = Workspace::inline(hcl).cli(cli).aws(aws).apply()?;
        expect_issued(&stack, aws)?;
        let made = Authority::read(aws, "issuing")?;
        ensure!(made.document["kms_key_arn"] == lower.as_str());
        ensure!(made.document["private_key_pem"].is_null());

        // The certified key must not be the key of the issuer.
        let same = pair(&with("RSA_4096", &upper), &with("RSA_4096", &upper));
        let same = same.replace("name = \"issuing\"", "name = \"other\"");
        stack.write("main.tf", &same.replace("\"issuing\" {", "\"other\" {"))?;
        let refused = Saying {
            at: Some("resource"),
            says: &["KMS key is the key of the issuer", "requires its own key"],
        };
        expect_refused(&stack, PLAN, &refused)?;
        stack.write("main.tf", HEAD)?;
        stack.apply()?;
        for arn in [upper, lower] {
            let request = json!({ "KeyId": arn, "PendingWindowInDays": 7 });
            aws.call("kms", "ScheduleKeyDeletion", request)?;
        }
        Ok(())
    })
}

/// An intermediate that the plan rejects: name of the root, arguments of the intermediate, location, and message.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const REFUSED: [Row; 13] = [
    (
        "leaves",
        "",
        "resource",
        &["allows 0 authorities below it", "choose an issuer"],
    ),
    (
        "root",
        "path_length = 1",
        "path_length",
        &["Path length: 1 exceeds", "specify at most 0"],
    ),
    (
        "root",
        "validity_days = 3651",
        "validity_days",
        &[
            "Validity: the certificate would be valid until",
            "not_after_behavior = \"truncate\"",
        ],
    ),
    (
        "root",
        "validity_days = null\nnot_after = \"2050-01-01T00:00:00Z\"",
        "not_after",
        &["valid until 2050-01-01T00:00:00Z"],
    ),
    (
        "root",
        "validity_days = null\nnot_after = \"2020-01-01T00:00:00Z\"\nnot_after_behavior = \"truncate\"",
        "not_after",
        &["Validity period is out of range", "2020-01-01T00:00:00Z"],
    ),
    (
        "root",
        "subject = { common_name = \"root\", organization = \"skreg\" }",
        "subject",
        &["matches the name of the issuer", "choose another subject"],
    ),
    (
        "retired",
        "",
        "resource",
        &["Issuer is not allowed to sign", "sign_ca"],
    ),
    (
        "root",
        "signature_algorithm = \"SHA256WITHRSA\"",
        "signature_algorithm",
        &["does not fit the key", "SHA384WITHECDSA"],
    ),
    (
        "root",
        "name_constraints = { permitted = { ip_ranges = [\"10.0.0.1/8\"] } }",
        "resource",
        &["without host bits"],
    ),
    (
        "root",
        "name_constraints = { permitted = { dns_domains = [\"a_b\"] } }",
        "name_constraints",
        &["Invalid certificate extension", "a_b"],
    ),
    (
        "root",
        "crl_distribution_points = [\"https://crl.example.com/a.crl\"]",
        "crl_distribution_points",
        &["must be an http URL"],
    ),
    (
        "root",
        "extended_key_usage = [\"serverAuth\"]",
        "extended_key_usage",
        &["must be server_auth"],
    ),
    (
        "root",
        "usage = [\"sign_ca\"]",
        "usage",
        &["Path length does not permit sign_ca"],
    ),
];

#[test]
fn violations_of_the_issuer_are_rejected_during_planning() -> Result<()> {
    with_one_cli(|cli, aws| {
        let roots = [
            HEAD.to_owned(),
            root("root", ""),
            root("leaves", "path_length = 0"),
            root("retired", "usage = [\"sign_crl\"]"),
        ]
        .concat();
        let stack = Workspace::inline(&*roots).cli(cli).aws(aws).apply()?;
        for (issuer, arguments, at, says) in REFUSED {
            let arguments = format!("signed_by = skreg_pki_root_ca.{issuer}.issuer\n{arguments}");
            stack.write(
                "main.tf",
                &(roots.clone() + &intermediate("issuing", &arguments)),
            )?;
            let saying = Saying { at: Some(at), says };
            expect_refused(&stack, PLAN, &saying).context(arguments)?;
        }
        ensure!(crate::authority::secret_names(aws)?.len() == 3);
        stack.write("main.tf", &roots)?;
        destroy(&stack, aws)
    })
}

/// A root, an authority with constraints, and an authority below it.
fn three(of_lowest: &str) -> String {
    let constrained = intermediate(
        "policy",
        "signed_by = skreg_pki_root_ca.root.issuer\npath_length = 1\nusage = [\"sign_ca\", \"sign_crl\"]\n\
         extended_key_usage = [\"code_signing\"]\npolicy_oids = [\"1.3.6.1.4.1.99999.1\"]\n\
         crl_distribution_points = [\"http://pki.example.com/root.crl\"]\n\
         ca_issuers_urls = [\"http://pki.example.com/root.crt\"]\nocsp_urls = [\"http://ocsp.example.com\"]\n\
         name_constraints = {\n permitted = {\n directory_names = [{ organization = \"skreg\" }]\n\
         dns_domains = [\"example.com\"]\n}\n excluded = { ip_ranges = [\"10.0.0.0/8\"] }\n}",
    );
    let lowest = format!("signed_by = skreg_pki_intermediate_ca.policy.issuer\n{of_lowest}");
    let root = root("root", "path_length = 2");
    [HEAD, &root, &constrained, &intermediate("issuing", &lowest)].concat()
}

#[test]
fn constraints_of_an_authority_apply_to_the_authorities_below_it() -> Result<()> {
    with_one_cli(|cli, aws| {
        let foreign = "subject = { common_name = \"issuing\", organization = \"other\" }";
        let stack = Workspace::inline(three(
            "validity_days = 3000\nnot_after_behavior = \"truncate\"",
        ))
        .cli(cli)
        .aws(aws)
        .apply()?;
        let [root, policy, own] = ["root", "policy", "issuing"].map(|name| certificate(aws, name));
        let (root, policy, own) = (root?, policy?, own?);
        expect_chain(&root, std::slice::from_ref(&policy), &own)?;
        let shown = openssl::certificate_text(&policy)?;
        for part in [
            "X509v3 Name Constraints: critical",
            "DNS:example.com",
            "IP:10.0.0.0/255.0.0.0",
            "Code Signing",
            "Policy: 1.3.6.1.4.1.99999.1",
            "URI:http://pki.example.com/root.crl",
            "CA Issuers - URI:http://pki.example.com/root.crt",
            "OCSP - URI:http://ocsp.example.com",
        ] {
            ensure!(shown.contains(part), "expected {part:?} in\n{shown}");
        }
        let end = |pem: &str| openssl(&["x509", "-noout", "-enddate"], pem);
        ensure!(end(&own)? == end(&policy)?, "the end must be truncated");
        stack.expect_empty_plan()?;

        for (lowest, at, says) in [
            (foreign, "subject", "is not allowed by the name constraints"),
            (
                "extended_key_usage = [\"server_auth\"]",
                "extended_key_usage",
                "server_auth",
            ),
        ] {
            // The plan creates another authority. The existing one is unchanged.
            let added = lowest.replace("\"issuing\"", "\"new\"");
            let added = intermediate(
                "new",
                &format!(
                    "signed_by = skreg_pki_intermediate_ca.policy.issuer\nvalidity_days = 30\n{added}"
                ),
            );
            let unchanged = three("validity_days = 3000\nnot_after_behavior = \"truncate\"");
            stack.write("main.tf", &(unchanged + &added))?;
            let saying = Saying {
                at: Some(at),
                says: &["not valid below its issuer", says],
            };
            expect_refused(&stack, PLAN, &saying)?;
        }
        stack.write("main.tf", HEAD)?;
        stack.apply().map_err(Into::into)
    })
}

#[test]
fn reissued_issuers_update_the_chain_and_new_revisions_keep_the_key() -> Result<()> {
    with_one_cli(|cli, aws| {
        let (first, second) = ("certificate_revision = 1", "certificate_revision = 2");
        let stack = Workspace::inline(pair(first, "") + OUTPUTS)
            .cli(cli)
            .aws(aws)
            .apply()?;
        let before = Authority::read(aws, "issuing")?;

        // The issuer has another certificate for the same key.
        stack.write("main.tf", &(pair(second, "") + OUTPUTS))?;
        stack.apply()?;
        let rechained = Authority::read(aws, "issuing")?;
        rechained.expect_same(&before)?;
        expect_issued(&stack, aws)?;
        ensure!(rechained.document["chain"] == json!([certificate(aws, "root")?]));

        // The next certificate for the same key has the new attributes.
        let changed = "extended_key_usage = [\"code_signing\"]";
        stack.write("main.tf", &(pair(second, changed) + OUTPUTS))?;
        let refused = Saying {
            at: Some("extended_key_usage"),
            says: &[
                "Change requires a new certificate",
                "raise certificate_revision by 1",
            ],
        };
        expect_refused(&stack, PLAN, &refused)?;
        stack.write(
            "main.tf",
            &(pair(second, &format!("{changed}\n{second}")) + OUTPUTS),
        )?;
        stack.apply()?;
        expect_issued(&stack, aws)?;
        let reissued = Authority::read(aws, "issuing")?;
        ensure!(reissued.key_pem()? == before.key_pem()?);
        ensure!(reissued.certificate_pem()? != before.certificate_pem()?);
        ensure!(openssl::certificate_text(reissued.certificate_pem()?)?.contains("Code Signing"));

        // Another issuer requires another revision, and both chains remain available.
        let other = |revision: &str| {
            let moved = format!(
                "signed_by = skreg_pki_root_ca.next.issuer\n{changed}\ncertificate_revision = {revision}"
            );
            [
                HEAD,
                &root("root", second),
                &root("next", ""),
                &intermediate("issuing", &moved),
                OUTPUTS,
            ]
            .concat()
        };
        stack.write(
            "main.tf",
            &[
                pair(second, &format!("{changed}\n{second}")).as_str(),
                &root("next", ""),
                OUTPUTS,
            ]
            .concat(),
        )?;
        stack.apply()?;
        stack.write("main.tf", &other("2"))?;
        let refused = Saying {
            at: Some("signed_by"),
            says: &["Another issuer requires a new certificate"],
        };
        expect_refused(&stack, PLAN, &refused)?;
        stack.write("main.tf", &other("3"))?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        let chains: std::collections::BTreeMap<String, String> = stack.output("chains")?;
        ensure!(chains.len() == 2, "expected a chain for each root");
        for name in ["root", "next"] {
            let root = certificate(aws, name)?;
            let chain = chains.values().find(|chain| chain.ends_with(&root));
            let own = chain.and_then(|chain| chain.strip_suffix(&root));
            expect_chain(
                &root,
                &[],
                own.context("the chain does not end with the root")?,
            )?;
        }
        destroy(&stack, aws)
    })
}

#[test]
fn imported_intermediates_need_no_call() -> Result<()> {
    with_one_cli(|cli, aws| {
        let hcl = pair("", "usage = [\"sign_leaf\", \"sign_crl\"]") + OUTPUTS;
        let stack = Workspace::inline(hcl).cli(cli).aws(aws).apply()?;
        let arn = Authority::arn_of(aws, "issuing")?;
        stack.succeed(&["state", "rm", "skreg_pki_intermediate_ca.issuing"])?;
        let id = format!("secretsmanager:{arn}");
        stack.import("skreg_pki_intermediate_ca.issuing", &id)?;
        let written = aws.count("secretsmanager", "PutSecretValue");
        stack.apply()?;
        expect_issued(&stack, aws)?;
        ensure!(aws.count("secretsmanager", "PutSecretValue") == written);
        destroy(&stack, aws)
    })
}

#[test]
fn imported_authorities_have_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let request = json!({ "KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY" });
        let key = text(&aws.call("kms", "CreateKey", request)?, "/KeyMetadata/Arn")?;
        // A certificate and its secret do not contain the recovery window and the protection against deletion.
        let protected = |name: &str, more: &str| {
            format!("deletion_protection = true\nsecrets_manager = {{ name = {name:?} }}\n{more}")
        };
        let with = |revision: u8| {
            let revision = format!("certificate_revision = {revision}");
            let root = format!("kms = {{ key_arn = {key:?} }}\n{revision}");
            let issuing = format!("path_length = 0\n{revision}");
            pair(&protected("root", &root), &protected("issuing", &issuing))
        };
        let stack = Workspace::inline(with(1)).cli(cli).aws(aws).apply()?;
        for revision in [1, 2] {
            let hcl = with(revision);
            stack.write("main.tf", &hcl)?;
            stack.apply()?;
            stack.expect_empty_plan()?;
            let written = aws.count("secretsmanager", "PutSecretValue");
            for (address, secret) in [
                ("skreg_pki_root_ca.root", "root"),
                ("skreg_pki_intermediate_ca.issuing", "issuing"),
            ] {
                let id = format!("secretsmanager:{}", Authority::arn_of(aws, secret)?);
                expect_imports(&stack, &hcl, address, &id)?;
            }
            ensure!(aws.count("secretsmanager", "PutSecretValue") == written);
        }

        // The next certificate, and therefore the next state, contains the location of the issuer.
        stack.write("main.tf", &(with(3) + OUTPUTS))?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        let state = stack.show()?;
        let signed_by = &state.resources["skreg_pki_intermediate_ca.issuing"].values["signed_by"];
        ensure!(signed_by["kms_key_arn"] == key.as_str());
        expect_chain(
            &certificate(aws, "root")?,
            &[],
            &certificate(aws, "issuing")?,
        )
    })
}

#[test]
fn imported_authority_for_a_request_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let (_, request) = request()?;
        let address = "skreg_pki_intermediate_ca.issuing";
        let hcl = requested(&request, "certificate_revision = 1");
        let stack = Workspace::inline(hcl.clone()).cli(cli).aws(aws).apply()?;
        let next = hcl.replace("certificate_revision = 1", "certificate_revision = 2");
        // An output with the location of the issuer differs from the imported state.
        let (next, _) = next.split_once("output").context("no output")?;
        stack.write("main.tf", next)?;
        stack.apply()?;
        let values = stack.show()?.resources[address].values.clone();
        let own = text(&values, "/certificate_pem")?;
        let root = certificate(aws, "root")?;
        let signatures = aws.count("secretsmanager", "GetSecretValue");
        let id = format!("certificate_revision=2|{request}{own}{root}");
        expect_imports(&stack, next, address, &id)?;
        ensure!(text(&stack.show()?.resources[address].values, "/certificate_pem")? == own);
        ensure!(aws.count("secretsmanager", "GetSecretValue") == signatures);

        // The certificates are not those of the request, or incomplete.
        let (_, other) = self::request()?;
        stack.succeed(&["state", "rm", address])?;
        for (id, says) in [
            (
                format!("{other}{own}{root}"),
                "the request contains the key",
            ),
            (format!("{request}{own}"), "certificate of its issuer"),
            (format!("{request}{root}{own}"), "not usable"),
            (format!("{own}{root}"), "request could not be read"),
            (
                format!("certificate_revision=0|{request}{own}{root}"),
                "between 1 and",
            ),
        ] {
            let refused = stack.failing(|stack| stack.import(address, &id))?;
            ensure!(
                unwrapped(&refused).contains(says),
                "expected {says:?} in {refused:?}"
            );
        }
        stack.import(address, &id)?;
        let third = next.replace(
            "certificate_revision = 2",
            "certificate_revision = 3\ndeletion_protection = false",
        );
        stack.write("main.tf", &third)?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        let renewed = text(&stack.show()?.resources[address].values, "/certificate_pem")?;
        ensure!(renewed != own);
        expect_chain(&root, &[], &renewed)?;
        destroy(&stack, aws)
    })
}

/// Returns the text of an error without the line breaks and the frames that a CLI adds.
fn unwrapped(error: &tfharness::workspace::Error) -> String {
    let text = error.failure().map_or("", |failure| &failure.text);
    let text = text.replace('│', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Creates a key and a certificate signing request: `(private_key_pem, request_pem)`.
fn request() -> Result<(String, String)> {
    let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"];
    let key = openssl(&[&["genpkey"], &curve[..]].concat(), "")?;
    let create = [
        "req",
        "-new",
        "-key",
        "/dev/stdin",
        "-subj",
        "/CN=requested",
    ];
    let request = openssl(&create, &key)?;
    Ok((key, request))
}

/// Returns a root and an authority for a request below it.
fn requested(request: &str, more: &str) -> String {
    [
        HEAD,
        &root("root", "not_before_margin_minutes = 600"),
        "resource \"skreg_pki_intermediate_ca\" \"issuing\" {\n\
         subject = { common_name = \"issuing\", organization = \"skreg\" }\n\
         signed_by = skreg_pki_root_ca.root.issuer\n\
         validity_days = 365\n",
        &format!("csr_pem = {request:?}\n{more}\n}}\n"),
        "output \"authority\" { value = skreg_pki_intermediate_ca.issuing }\n",
    ]
    .concat()
}

#[test]
fn request_certifies_a_key_that_the_provider_never_reads() -> Result<()> {
    with_one_cli(|cli, aws| {
        let (key, first) = request()?;
        let hcl = requested(&first, "");
        let stack = Workspace::inline(hcl).cli(cli).aws(aws).apply()?;
        stack.expect_empty_plan()?;
        let root = certificate(aws, "root")?;
        let made: serde_json::Value = stack.output("authority")?;
        let own = text(&made, "/certificate_pem")?;
        expect_chain(&root, &[], &own)?;
        openssl::expect_pair(&key, &own)?;
        let found = openssl::certificate_text(&own)?;
        ensure!(found.contains("CN = issuing") && found.contains("CA:TRUE, pathlen:0"));
        ensure!(made["key_algorithm"] == "ECDSA_P384" && made["chain_pem"] == root.as_str());
        ensure!(made["issuer"].is_null() && made["secret_arn"].is_null());
        ensure!(crate::authority::secret_names(aws)? == ["root"]);

        // The next revision is for the same key, even if another request contains it.
        stack.write("main.tf", &requested(&first, "certificate_revision = 2"))?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        let next: serde_json::Value = stack.output("authority")?;
        let renewed = text(&next, "/certificate_pem")?;
        openssl::expect_pair(&key, &renewed)?;
        expect_chain(&root, &[], &renewed)?;
        let history = next["certificate_history"].as_array();
        let history = history.context("the history is not a list")?;
        let of = |revision: usize| history[revision]["certificate_pem"].as_str();
        ensure!(history.len() == 2 && of(0) == Some(&own) && of(1) == Some(&renewed));
        ensure!(own != renewed);

        // A reissued root replaces the chain of the same certificate.
        let with_second_root =
            |hcl: &str| hcl.replace("\"root\" {\n", "\"root\" {\ncertificate_revision = 2\n");
        let reissued = with_second_root(&requested(&first, "certificate_revision = 2"));
        stack.write("main.tf", &reissued)?;
        stack.apply()?;
        stack.expect_empty_plan()?;
        let rechained: serde_json::Value = stack.output("authority")?;
        let reissued_root = certificate(aws, "root")?;
        ensure!(reissued_root != root && rechained["certificate_pem"] == renewed.as_str());
        ensure!(rechained["chain_pem"] == reissued_root.as_str());
        expect_chain(&reissued_root, &[], &renewed)?;

        let (_, second) = request()?;
        for (request, more, at, says) in [
            (&second, "", "csr_pem", "Key of the request was changed"),
            (
                &first,
                "key_algorithm = \"ECDSA_P384\"",
                "key_algorithm",
                "conflicts with csr_pem",
            ),
            (
                &first,
                "signature_algorithm = \"SHA384WITHECDSA\"",
                "signature_algorithm",
                "conflicts",
            ),
            (
                &first,
                "secrets_manager = { name = \"a\" }",
                "csr_pem",
                "Conflicting sources",
            ),
            (&key, "", "csr_pem", "not usable"),
        ] {
            let more = format!("certificate_revision = 2\n{more}");
            stack.write("main.tf", &with_second_root(&requested(request, &more)))?;
            let saying = Saying {
                at: Some(at),
                says: &[says],
            };
            expect_refused(&stack, PLAN, &saying)?;
        }
        stack.write("main.tf", &reissued)?;
        let refused = Saying {
            at: Some("resource"),
            says: &["protected from deletion", "the state is its only location"],
        };
        expect_refused(&stack, &["plan", "-destroy"], &refused)?;
        let unprotected = reissued.replace("csr_pem", "deletion_protection = false\ncsr_pem");
        stack.write("main.tf", &unprotected)?;
        stack.apply()?;
        let remains = Saying {
            at: Some("resource"),
            says: &["remains valid", "revoke the serial number"],
        };
        expect_warned(&stack, &["plan", "-destroy"], &remains)?;
        destroy(&stack, aws)
    })
}
