//! Tests the findings of the checker: each kind of problem, its location, and its remedy. The tests use the schemas of
//! the actual provider.

mod plain;

use plain::{Plain, PlainInputs, PlainReference, plain};
use tfmodgen::prelude::*;
use tfmodgen::{Block, NestedBlock, Problem, Schemas, check, render};
use tfschema::json::read_provider_schemas;

impl Plain {
    fn resource(ty: &str, name: &str) -> Self {
        Self(Block::resource(ty, name))
    }

    fn set(mut self, name: &str, value: impl Known) -> Self {
        self.0.body().set(name, value.known());
        self
    }

    fn nest(mut self, block: NestedBlock) -> Self {
        self.0.body().nest(block);
        self
    }
}

impl PlainReference {
    fn get<T>(&self, name: &str) -> Expr<T> {
        self.0.attribute(name)
    }
}

fn schemas() -> Schemas {
    let document = serde_json::from_str(include_str!("schemas/aws.json")).unwrap();
    read_provider_schemas(&document)
        .unwrap()
        .into_iter()
        .fold(Schemas::new(), |schemas, (source, schema)| {
            schemas.with(&source, schema)
        })
}

fn module() -> Module {
    let mut m = Module::new("sample", "A sample.");
    m.requires("aws", "hashicorp/aws", ">= 5.100");
    m
}

/// Returns the findings without their remedies.
fn found(m: &Module) -> Vec<String> {
    let findings = check(m, &schemas());
    let without_remedy = |text: String| text.rsplit_once("; ").unwrap().0.to_owned();
    findings
        .iter()
        .map(|finding| without_remedy(finding.to_string()))
        .collect()
}

#[track_caller]
fn finds(m: &Module, expected: &[&str]) {
    assert_eq!(found(m), expected);
}

fn setting(name: &str, value: &str) -> NestedBlock {
    let mut block = NestedBlock::new("setting");
    block.body().set::<Str>("name", name);
    block.body().set::<Str>("value", value);
    block
}

#[test]
fn findings_contain_location_problem_and_remedy() {
    let mut m = module();
    m.file("network");
    m.resource(Plain::resource("aws_vpc", "this").set("cidr", "10.0.0.0/16"));
    let findings = check(&m, &schemas());
    assert_eq!(
        findings[0].to_string(),
        "sample/network.tf: aws_vpc.this: cidr: unsupported argument \"cidr\"; correct the name, or remove it"
    );
    assert!(matches!(
        findings[0].problem,
        Problem::UnknownArgument { .. }
    ));
}

#[test]
fn render_returns_all_findings_and_no_files() {
    let mut m = module();
    m.resource(Plain::resource("aws_subnet", "a").set("vpc", "x"));
    m.resource(Plain::resource("aws_vpn", "b"));
    let Err(findings) = render(&m, &schemas()) else {
        panic!("rendered")
    };
    assert_eq!(findings.len(), 3);
}

#[test]
fn unknown_types_and_providers_are_reported() {
    let mut m = module();
    m.requires("random", "hashicorp/random", ">= 3");
    m.resource(Plain::resource("aws_subnets", "a"));
    m.resource(Plain::resource("google_project", "b"));
    m.resource(Plain::resource("random_id", "c"));
    finds(
        &m,
        &[
            r#"sample/main.tf: aws_subnets.a: the provider does not support `resource "aws_subnets"` (did you mean "aws_subnet"?)"#,
            r#"sample/main.tf: google_project.b: the module requires no provider for "google_project""#,
            r#"sample/main.tf: random_id.c: no schema is available for the provider "hashicorp/random""#,
        ],
    );
}

#[test]
fn unknown_missing_and_computed_arguments_are_reported() {
    let mut m = module();
    m.resource(
        Plain::resource("aws_subnet", "a")
            .set("cidr_blok", "10.0.1.0/24")
            .set("arn", "arn:aws:ec2:::subnet/a")
            .set("id", "subnet-1"),
    );
    m.resource(Plain::resource("aws_subnet", "b").set("vpc_id", Expr::<Str>::null()));
    finds(
        &m,
        &[
            r#"sample/main.tf: aws_subnet.a: cidr_blok: unsupported argument "cidr_blok" (did you mean "cidr_block"?)"#,
            r#"sample/main.tf: aws_subnet.a: arn: the attribute "arn" is read-only"#,
            r#"sample/main.tf: aws_subnet.a: id: the attribute "id" is read-only"#,
            r#"sample/main.tf: aws_subnet.a: the required argument "vpc_id" is not set"#,
            r#"sample/main.tf: aws_subnet.b: the required argument "vpc_id" is not set"#,
        ],
    );
}

#[test]
fn wrong_types_are_reported() {
    let mut m = module();
    let zones = m.variable("zones", list(string())).describe("Zones.");
    m.resource(
        Plain::resource("aws_vpc", "this")
            .set("cidr_block", &zones)
            .set("enable_dns_support", "perhaps")
            .set("tags", true)
            .set(
                "enable_dns_hostnames",
                zones.any().typed::<Bool>().and(true),
            ),
    );
    finds(
        &m,
        &[
            "sample/main.tf: aws_vpc.this: cidr_block: expected string, found list(string)",
            r#"sample/main.tf: aws_vpc.this: enable_dns_support: expected bool, found the string "perhaps""#,
            "sample/main.tf: aws_vpc.this: tags: expected map(string), found bool",
            "sample/main.tf: aws_vpc.this: enable_dns_hostnames: expected bool, found list(string)",
        ],
    );
}

#[test]
fn invalid_nested_blocks_are_reported() {
    let mut m = module();
    m.resource(
        Plain::resource("aws_ecs_cluster", "a")
            .set("name", "a")
            .nest(setting("containerInsights", "enabled"))
            .nest(NestedBlock::new("setings"))
            .nest(NestedBlock::new("configuration"))
            .nest(NestedBlock::new("configuration")),
    );
    m.resource(
        Plain::resource("aws_ecs_cluster", "b")
            .set("name", "b")
            .nest(NestedBlock::new("setting")),
    );
    finds(
        &m,
        &[
            r#"sample/main.tf: aws_ecs_cluster.a: setings: unsupported nested block "setings" (did you mean "setting"?)"#,
            r#"sample/main.tf: aws_ecs_cluster.a: configuration: found 2 "configuration" blocks, expected 0 to 1"#,
            r#"sample/main.tf: aws_ecs_cluster.b: setting: the required argument "name" is not set"#,
            r#"sample/main.tf: aws_ecs_cluster.b: setting: the required argument "value" is not set"#,
        ],
    );
}

#[test]
fn attributes_that_are_written_as_blocks_are_checked() {
    let mut m = module();
    let mut ingress = NestedBlock::new("ingress");
    ingress.body().set::<Num>("from_port", 443);
    ingress.body().set::<Num>("prot", 443);
    m.resource(Plain::resource("aws_security_group", "a").nest(ingress));
    finds(
        &m,
        &[r#"sample/main.tf: aws_security_group.a: ingress.prot: unsupported argument "prot""#],
    );
}

#[test]
fn references_to_undeclared_blocks_are_reported() {
    let mut m = module();
    let mut other = module();
    let vpc = other.resource(Plain::resource("aws_vpc", "main"));
    m.resource(Plain::resource("aws_vpc", "mine"));
    m.resource(
        Plain::resource("aws_subnet", "a")
            .set("vpc_id", vpc.get::<Str>("id"))
            .depends_on(&vpc),
    );
    finds(
        &m,
        &[
            "sample/main.tf: aws_subnet.a: vpc_id: aws_vpc.main is not declared (did you mean \"aws_vpc.mine\"?)",
            "sample/main.tf: aws_subnet.a: depends_on: aws_vpc.main is not declared (did you mean \"aws_vpc.mine\"?)",
        ],
    );
}

#[test]
fn references_to_undeclared_calls_are_reported() {
    let mut m = module();
    let mut network = Module::new("network", "A network.");
    network.variable("vpc_id", string()).describe("The VPC.");
    let compute = plain(Module::new("compute", "Services."));
    let later = compute.later(&m, "computer");
    let inputs = PlainInputs::default().and("vpc_id", later.get::<Str>("vpc_id"));
    m.call(plain(network).call("network", inputs));
    m.call(compute.call("compute", PlainInputs::default()));
    finds(
        &m,
        &[
            "sample/main.tf: module.network: vpc_id: module.computer is not declared (did you mean \"module.compute\"?)",
        ],
    );
}

#[test]
fn references_to_blocks_of_another_module_are_reported() {
    let mut network = Module::new("network", "A network.");
    let vpc = network.resource(Plain::resource("aws_vpc", "this"));
    let mut m = module();
    m.resource(Plain::resource("aws_vpc", "this"));
    m.resource(Plain::resource("aws_subnet", "a").set("vpc_id", vpc.get::<Str>("id")));
    finds(
        &m,
        &[r#"sample/main.tf: aws_subnet.a: vpc_id: aws_vpc.this belongs to the module "network""#],
    );
}

#[test]
fn unknown_attributes_are_reported_in_try_splat_and_for() {
    let mut m = module();
    let vpc = m.resource(Plain::resource("aws_vpc", "this"));
    let many = m.resource(
        Plain::resource("aws_subnet", "many")
            .set("vpc_id", vpc.get::<Str>("id"))
            .for_each(toset(["a", "b"]), |subnet, each| {
                subnet.set("cidr_block", each.key())
            }),
    );
    m.local("in_try", r#try([vpc.get::<Str>("idd"), "".into_expr()]));
    m.local("in_splat", many.list(|subnet| subnet.get::<Str>("cidr")));
    m.local("in_for", many.map(|subnet| subnet.get::<Str>("ident")));
    m.local("without_key", many.object().attribute::<Str>("id"));
    finds(
        &m,
        &[
            r#"sample/main.tf: local.in_try: aws_vpc.this, an object, has no attribute "idd" (did you mean "id"?)"#,
            r#"sample/main.tf: local.in_splat: values(aws_subnet.many), an object, has no attribute "cidr""#,
            r#"sample/main.tf: local.in_for: subnet, an object, has no attribute "ident""#,
            r#"sample/main.tf: local.without_key: aws_subnet.many, a map of objects, has no attribute "id""#,
        ],
    );
}

#[test]
fn sets_cannot_be_indexed() {
    let mut m = module();
    let cluster = m.resource(Plain::resource("aws_ecs_cluster", "a").set("name", "a"));
    m.local(
        "first",
        cluster.handle().first("setting").attribute::<Str>("name"),
    );
    finds(
        &m,
        &[
            "sample/main.tf: local.first: aws_ecs_cluster.a.setting is a set of objects and cannot be indexed",
        ],
    );
}

#[test]
fn write_only_attributes_cannot_be_read() {
    let mut m = module();
    let version = m.resource(
        Plain::resource("aws_secretsmanager_secret_version", "a")
            .set("secret_id", "a")
            .set("secret_string_wo", "x"),
    );
    m.local("copy", version.get::<Str>("secret_string_wo"));
    finds(
        &m,
        &[
            "sample/main.tf: local.copy: aws_secretsmanager_secret_version.a.secret_string_wo is write-only and cannot be read",
        ],
    );
}

#[test]
fn exposed_sensitive_and_stored_ephemeral_values_are_reported() {
    let mut m = module();
    let key = m.resource(Plain::resource("aws_iam_access_key", "a").set("user", "a"));
    let secret = m.ephemeral(
        Plain(Block::ephemeral("aws_secretsmanager_secret_version", "a")).set("secret_id", "a"),
    );
    let text: Expr<Str> = secret.get("secret_string");
    m.resource(
        Plain::resource("aws_secretsmanager_secret_version", "b")
            .set("secret_id", "b")
            .set("secret_string_wo", template(["x".into(), (&text).into()])),
    );
    m.resource(
        Plain::resource("aws_secretsmanager_secret_version", "c")
            .set("secret_id", "c")
            .set("secret_string", &text),
    );
    m.output("secret", key.get::<Str>("secret"))
        .describe("A secret.");
    m.output("whole", key.object()).describe("A secret within.");
    m.output("marked", key.get::<Str>("secret"))
        .describe("A secret.")
        .sensitive();
    m.output("text", &text).describe("A text.");
    finds(
        &m,
        &[
            "sample/main.tf: aws_secretsmanager_secret_version.c: secret_string: the ephemeral value ephemeral.aws_secretsmanager_secret_version.a is not allowed here",
            "sample/outputs.tf: output.secret: value: the output returns the sensitive value aws_iam_access_key.a.secret",
            "sample/outputs.tf: output.whole: value: the output returns the sensitive value aws_iam_access_key.a",
            "sample/outputs.tf: output.text: value: the output returns the sensitive value ephemeral.aws_secretsmanager_secret_version.a.secret_string",
            "sample/outputs.tf: output.text: value: the ephemeral value ephemeral.aws_secretsmanager_secret_version.a is not allowed here",
        ],
    );
}

#[test]
fn invalid_reserved_and_duplicate_names_are_reported() {
    let mut m = module();
    let a = m.variable("a", list(string())).describe("A.");
    m.variable("a", string()).describe("A again.");
    m.variable("version", string()).describe("Reserved.");
    m.variable("9 lives", string()).describe("No name.");
    m.local("dup", 1);
    m.local("dup", 2);
    m.local("reserved", a.map("each", |each| each));
    m.local("hidden", a.map("x", |x| a.map("x", |_| x)));
    m.local("unnamed", a.map("a b", |x| x));
    m.file("outputs");
    m.local("misplaced", 1);
    m.file("a/b");
    m.local("elsewhere", 1);
    finds(
        &m,
        &[
            "sample/variables.tf: variable.a: variable.a is declared more than once",
            "sample/main.tf: local.dup: local.dup is declared more than once",
            r#"sample/outputs.tf: local.misplaced: the name "outputs" is reserved"#,
            r#"sample/a/b.tf: local.elsewhere: "a/b" is not a valid identifier"#,
            r#"sample/variables.tf: variable.version: the name "version" is reserved"#,
            r#"sample/variables.tf: variable.9 lives: "9 lives" is not a valid identifier"#,
            r#"sample/main.tf: local.reserved: the name "each" is reserved"#,
            r#"sample/main.tf: local.hidden: the name "x" shadows another binding"#,
            r#"sample/main.tf: local.unnamed: "a b" is not a valid identifier"#,
        ],
    );
}

#[test]
fn dependency_cycles_are_reported() {
    let mut m = module();
    let placeholder = Module::new("sample", "A module with the same name.")
        .resource(Plain::resource("aws_vpc", "a"));
    let subnet =
        m.resource(Plain::resource("aws_subnet", "s").set("vpc_id", placeholder.get::<Str>("id")));
    m.resource(Plain::resource("aws_vpc", "a").set("cidr_block", subnet.get::<Str>("cidr_block")));
    finds(
        &m,
        &[
            "sample/main.tf: aws_subnet.s: dependency cycle: aws_subnet.s → aws_vpc.a → aws_subnet.s",
        ],
    );
}

#[test]
fn names_outside_their_scope_are_reported() {
    let mut m = module();
    let zones = m.variable("zones", set(string())).describe("Zones.");
    let mut taken = None;
    m.resource(
        Plain::resource("aws_vpc", "a").for_each(&zones, |vpc, each| {
            taken = Some(each.key());
            vpc
        }),
    );
    m.local("key", taken.unwrap());
    let mut taken = None;
    zones.map("zone", |zone| {
        taken = Some(zone.clone());
        zone
    });
    m.local("zone", taken.unwrap());
    finds(
        &m,
        &[
            r#"sample/main.tf: local.key: "each.key" is not available here"#,
            r#"sample/main.tf: local.zone: "zone" is not available here"#,
        ],
    );
}

#[test]
fn for_each_requires_a_map_or_a_set_of_strings() {
    let mut m = module();
    let zones = m.variable("zones", list(string())).describe("Zones.");
    let pretended: Expr<Set<Str>> = zones.any().typed();
    m.resource(Plain::resource("aws_vpc", "a").for_each(pretended, |vpc, _| vpc));
    finds(
        &m,
        &[
            "sample/main.tf: aws_vpc.a: for_each: for_each requires a map or a set of strings, found list(string)",
        ],
    );
}

#[test]
fn validation_conditions_and_messages_are_checked() {
    let mut m = module();
    let a = m.variable("a", number()).describe("A.");
    m.variable("b", number())
        .describe("B.")
        .validate(|_| a.at_least(1), "b must be positive");
    m.variable("c", number());
    m.output("d", 1);
    finds(
        &m,
        &[
            r#"sample/variables.tf: variable.b: validation.error_message: the message "b must be positive" is not a full sentence"#,
            "sample/variables.tf: variable.b: validation.condition: the condition does not refer to var.b",
            "sample/variables.tf: variable.c: description: the description is missing",
            "sample/outputs.tf: output.d: description: the description is missing",
        ],
    );
}

#[test]
fn invalid_literals_are_reported() {
    let mut m = module();
    m.local("endless", tfschema::Number::PositiveInfinity);
    m.local("twice", object_value([entry("a", 1), entry("a", 2)]));
    // Terraform and OpenTofu normalize strings to NFC, so the keys are equal.
    m.local(
        "alike",
        object_value([entry("\u{e9}", 1), entry("e\u{301}", 2)]),
    );
    m.local("other", object_value([entry("\u{e9}", 1), entry("e", 2)]));
    finds(
        &m,
        &[
            "sample/main.tf: local.endless: an infinite number cannot be represented",
            r#"sample/main.tf: local.twice: duplicate key "a""#,
            "sample/main.tf: local.alike: duplicate key \"e\\u{301}\"",
        ],
    );
}

#[test]
fn object_constraint_with_only_the_attribute_for_is_reported() {
    let mut m = module();
    let only = || object().required("for", string());
    m.variable("alone", only()).describe("Alone.");
    m.variable(
        "nested",
        object()
            .required("a", string())
            .optional("inner", list(only())),
    )
    .describe("Nested.");
    m.variable("both", only().required("b", string()))
        .describe("Both.");
    finds(
        &m,
        &[
            r#"sample/variables.tf: variable.alone: type.for: the name "for" is reserved"#,
            r#"sample/variables.tf: variable.nested: type.for: the name "for" is reserved"#,
        ],
    );
}

#[test]
fn mocks_of_unknown_types_and_attributes_are_reported() {
    let mut m = module();
    let id = |id: &str| object_value([entry("id", id)]);
    m.mock_resource("aws_vpc", id("vpc-0"));
    m.mock_resource("aws_vpc", id("vpc-1"));
    m.mock_resource("aws_vcp", id("vpc-0"));
    m.mock_resource("google_project", id("project"));
    m.mock_data("aws_vpcs_of_another", id("vpc-0"));
    let subnet = object_value([entry("idd", "subnet-0"), entry("tags", "none")]);
    m.mock_resource("aws_subnet", subnet);
    finds(
        &m,
        &[
            "sample/tests/inputs.tftest.hcl: mock_resource.aws_vpc: mock_resource.aws_vpc is declared more than once",
            r#"sample/tests/inputs.tftest.hcl: mock_resource.aws_vcp: the provider does not support `resource "aws_vcp"` (did you mean "aws_eip"?)"#,
            r#"sample/tests/inputs.tftest.hcl: mock_resource.google_project: the module requires no provider for "google_project""#,
            r#"sample/tests/inputs.tftest.hcl: mock_data.aws_vpcs_of_another: the provider does not support `data "aws_vpcs_of_another"`"#,
            r#"sample/tests/inputs.tftest.hcl: mock_resource.aws_subnet: defaults.idd: unsupported argument "idd" (did you mean "id"?)"#,
            "sample/tests/inputs.tftest.hcl: mock_resource.aws_subnet: defaults.tags: expected map(string), found string",
        ],
    );
}

#[test]
fn missing_function_arguments_are_reported() {
    let mut m = module();
    m.local("nothing", coalesce(Vec::<Expr<Str>>::new()));
    m.local("everything", merge(Vec::<Expr<Map<Str>>>::new()));
    let findings = check(&m, &schemas());
    let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "sample/main.tf: local.nothing: coalesce is called with 0 arguments, expected at least 1; pass the arguments that the function requires"
        ]
    );
}

#[test]
fn invalid_module_calls_are_reported() {
    let mut network = Module::new("network", "A network.");
    network.variable("cidr_block", string()).describe("Range.");
    network.variable("zones", list(string())).describe("Zones.");
    network.output("vpc_id", "vpc-1").describe("The VPC.");
    let mut m = module();
    let inputs = PlainInputs::default()
        .and("cidr_blok", "10.0.0.0/16")
        .and("zones", true);
    let network = m.call(plain(network).call("network", inputs));
    m.output("vpc", network.get::<Str>("vpc"))
        .describe("The VPC.");
    finds(
        &m,
        &[
            r#"sample/main.tf: module.network: cidr_blok: unsupported argument "cidr_blok" (did you mean "cidr_block"?)"#,
            "sample/main.tf: module.network: zones: expected list(string), found bool",
            r#"sample/main.tf: module.network: the required argument "cidr_block" is not set"#,
            r#"sample/outputs.tf: output.vpc: value: module.network, a module, has no attribute "vpc""#,
        ],
    );
}

#[test]
fn invalid_dynamic_blocks_aliases_and_moved_addresses_are_reported() {
    let mut m = module();
    let on = m.variable("on", bool()).describe("Whether it is on.");
    let mut cluster = Plain::resource("aws_ecs_cluster", "a").set("name", "a");
    let over: Expr<List<Str>> = on.any().typed();
    cluster.0.body().nest_each("setting", over, |each| {
        let mut block = setting("a", "b");
        block.body().set::<Str>("value", each.value());
        block
    });
    m.resource(cluster.provider("aws", "edge"));
    m.moved(
        Address::resource("aws_ecs_cluster", "a"),
        Address::resource("aws_ecs_cluster", "b"),
    );
    finds(
        &m,
        &[
            "sample/main.tf: aws_ecs_cluster.a: setting: expected a collection, found bool",
            "sample/main.tf: aws_ecs_cluster.a: provider: aws.edge is not declared",
            r#"sample/main.tf: moved: to: aws_ecs_cluster.b is not declared (did you mean "aws_ecs_cluster.a"?)"#,
            "sample/main.tf: moved: from: aws_ecs_cluster.a is declared more than once",
        ],
    );
}

#[test]
fn invalid_lifecycle_conditions_and_checks_are_reported() {
    let mut m = module();
    let vpc = m.resource(
        Plain::resource("aws_vpc", "this")
            .ignore_changes("tag")
            .postcondition(
                |own| own.attribute::<Str>("cidr").is_set(),
                "It has a range.",
            ),
    );
    m.check(
        "range",
        [(vpc.get::<Str>("range").is_set(), "It has a range.")],
    );
    finds(
        &m,
        &[
            r#"sample/main.tf: aws_vpc.this: lifecycle.ignore_changes: unsupported argument "tag" (did you mean "tags"?)"#,
            r#"sample/main.tf: aws_vpc.this: lifecycle.postcondition.condition: self, an object, has no attribute "cidr""#,
            r#"sample/main.tf: check.range: assert.condition: aws_vpc.this, an object, has no attribute "range""#,
        ],
    );
}

#[test]
fn invalid_nested_attributes_are_reported() {
    use tfschema::{Attribute, Block as Content, ObjectNesting, ProviderSchema, Schema, Type};
    let task = Attribute::nested(
        ObjectNesting::Map,
        [
            ("image".to_owned(), Attribute::of(Type::String).required()),
            ("cpu".to_owned(), Attribute::of(Type::Number).optional()),
        ]
        .into(),
    );
    let content = Content::new().attribute("tasks", task.required());
    let mut provider = ProviderSchema::default();
    provider
        .resources
        .insert("sample_bundle".to_owned(), Schema::new(0, content));
    let schemas = Schemas::new().with("sample/sample", provider);
    let mut m = Module::new("sample", "A sample.");
    m.requires("sample", "sample/sample", ">= 1");
    let tasks = |task: Vec<tfmodgen::Entry>| object_value([entry("api", object_value(task))]);
    let bundle =
        |name: &str, task| Plain::resource("sample_bundle", name).set("tasks", tasks(task));
    m.resource(bundle("good", vec![entry("image", "a")]));
    m.resource(bundle("typo", vec![entry("image", "a"), entry("cpus", 1)]));
    m.resource(bundle("without", vec![entry("cpu", 1)]));
    let found: Vec<String> = check(&m, &schemas)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with(
        r#"sample/main.tf: sample_bundle.typo: tasks: unsupported argument "cpus" (did you mean "cpu"?)"#
    ));
    assert!(
        found[1].starts_with("sample/main.tf: sample_bundle.without: tasks: expected map(object(")
    );
}
