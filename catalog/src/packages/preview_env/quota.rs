//! Resources of the containers, the quota of the namespace, and the resources that the pods require during a rolling update.
//!
//! A quota that covers requests and limits rejects a pod with a container, or an init container, without them. Source: "Resource
//! Quotas", Kubernetes documentation.

use tfmodgen::prelude::*;
use tfmodgen::{Declared, Local};

use super::Inputs;
use super::in_production;

/// Requests and limits of a container: millicores and MiB.
struct Default {
    container: &'static str,
    requests: [i64; 2],
    limits: [i64; 2],
}

/// Resources of each container, if none are specified.
const DEFAULTS: [Default; 4] = [
    Default {
        container: "migration",
        requests: [200, 256],
        limits: [500, 512],
    },
    Default {
        container: "nginx",
        requests: [50, 64],
        limits: [100, 128],
    },
    Default {
        container: "php",
        requests: [200, 256],
        limits: [400, 512],
    },
    Default {
        container: "web",
        requests: [50, 64],
        limits: [200, 256],
    },
];

/// Resources of the environment.
pub(super) struct Sizes {
    /// Whether the namespace has a quota.
    pub(super) quota_enabled: Local<Bool>,
    pub(super) replicas: Local<Num>,
    /// Requests and limits of each container, as quantities.
    quantities: Local<Map<Object>>,
    /// Requests and limits of each container, as numbers.
    resources: Local<Map<Object>>,
    /// Resources that the pods require, by the name of the resource in a quota.
    pub(super) demand: Local<Map<Num>>,
    /// Resources that the quota allows.
    pub(super) allowed: Local<Map<Num>>,
}

impl Sizes {
    pub(super) fn declare(m: &mut Module, inputs: &Inputs<Declared>) -> Self {
        m.file("quota");
        let quota_enabled = m.local("quota_enabled", !in_production(inputs));
        let replicas = m.local(
            "replicas",
            r#try([
                coalesce([inputs.replicas.forward()]),
                conditional(in_production(inputs), 2, 1),
            ]),
        );
        let resources = resources(m, inputs, &quota_enabled);
        let quantities = quantities(m, &resources);
        let demand = demand(m, &replicas, &resources);
        let allowed = allowed(m, inputs);
        Self {
            quota_enabled,
            replicas,
            quantities,
            resources,
            demand,
            allowed,
        }
    }

    /// Returns the requests or limits of a container. Limits can be null.
    pub(super) fn of(&self, container: &str, kind: &str) -> Expr<Map<Str>> {
        self.quantities.get(container).attribute(kind)
    }

    /// Returns the conditions of the quota and their messages.
    pub(super) fn conditions(&self) -> [(Expr<Bool>, Expr<Str>); 2] {
        let limited = values(&self.resources).all("container", |container| {
            container.attribute::<Object>("limits").is_set()
        });
        let exceeded =
            |name: &Expr<Str>, required: &Expr<Num>| required.greater_than(self.allowed.get(name));
        let fits = self
            .demand
            .iterate("name", "required")
            .into_list(|name, required| !exceeded(&name, &required));
        let excess = self
            .demand
            .iterate("name", "required")
            .filter(|name, required| exceeded(&name, &required))
            .into_list(|name, required| {
                template([
                    (&name).into(),
                    ": ".into(),
                    required.into(),
                    " of ".into(),
                    self.allowed.get(&name).into(),
                ])
            });
        let message = template([
            "The quota is smaller than the sum that the pods require during a rolling update, with one additional pod for each deployment and the migration job: ".into(),
            join(", ", excess).into(),
            ". CPU is in millicores, and memory is in MiB. Increase the quota, or reduce the resources.".into(),
        ]);
        [
            (
                limited,
                "Each container must have limits, because the namespace has a quota.".into_expr(),
            ),
            (alltrue(fits), message),
        ]
    }
}

/// Declares the resources: those that are specified, or the defaults. The defaults include limits only where a quota exists.
fn resources(
    m: &mut Module,
    inputs: &Inputs<Declared>,
    quota_enabled: &Local<Bool>,
) -> Local<Map<Object>> {
    let amount = |[cpu, memory]: [i64; 2]| {
        object_value([entry("cpu_millicores", cpu), entry("memory_mib", memory)])
    };
    let defaults = DEFAULTS.map(|one| {
        let sizes = object_value([
            entry("requests", amount(one.requests)),
            entry("limits", amount(one.limits)),
        ]);
        entry(one.container, sizes)
    });
    let defaults = m.local(
        "default_resources",
        object_value(defaults).typed::<Map<Object>>(),
    );
    let given = &inputs.resources;
    let merged = defaults.iterate("name", "sizes").into_map(|name, sizes| {
        let of_given = |kind: &str| given.get(&name).attribute::<Object>(kind);
        let is_given = contains(keys(given), &name);
        let limits = conditional(
            quota_enabled,
            sizes.attribute::<Object>("limits"),
            Expr::null(),
        );
        let sizes = object_value([
            entry(
                "requests",
                r#try([of_given("requests"), sizes.attribute("requests")]),
            ),
            entry(
                "limits",
                conditional(is_given, r#try([of_given("limits"), Expr::null()]), limits),
            ),
        ]);
        (name, sizes)
    });
    m.local("resources", merged)
        .comment("A container for which resources are specified has no limits unless they are also specified.")
}

/// Declares the resources in the form of manifests.
fn quantities(m: &mut Module, resources: &Local<Map<Object>>) -> Local<Map<Object>> {
    let quantity = |amount: Expr<Object>| -> Expr<Map<Str>> {
        [
            (
                "cpu",
                template([amount.attribute::<Num>("cpu_millicores").into(), "m".into()]),
            ),
            (
                "memory",
                template([amount.attribute::<Num>("memory_mib").into(), "Mi".into()]),
            ),
        ]
        .into_expr()
    };
    let quantities = resources.iterate("name", "sizes").into_map(|name, sizes| {
        let limits: Expr<Object> = sizes.attribute("limits");
        let sizes = object_value([
            entry("requests", quantity(sizes.attribute("requests"))),
            entry(
                "limits",
                r#try([quantity(limits), Expr::<Map<Str>>::null()]),
            ),
        ]);
        (name, sizes)
    });
    m.local("quantities", quantities)
}

/// Declares the resources that all pods require during a rolling update.
fn demand(
    m: &mut Module,
    replicas: &Local<Num>,
    resources: &Local<Map<Object>>,
) -> Local<Map<Num>> {
    let of = |container: &str, kind: &str, unit: &str| {
        let amount: Expr<Object> = resources.get(container).attribute(kind);
        r#try([amount.attribute::<Num>(unit), 0.into_expr()])
    };
    let total = |kind: &str, unit: &str| {
        let web = of("web", kind, unit);
        let api = max([
            of("migration", kind, unit),
            of("nginx", kind, unit) + of("php", kind, unit),
        ]);
        (&**replicas + 1) * (web + api) + of("migration", kind, unit)
    };
    let pods = (&**replicas + 1) * 2 + 1;
    let demand: Expr<Map<Num>> = [
        ("requests.cpu", total("requests", "cpu_millicores")),
        ("requests.memory", total("requests", "memory_mib")),
        ("limits.cpu", total("limits", "cpu_millicores")),
        ("limits.memory", total("limits", "memory_mib")),
        ("pods", pods),
    ]
    .into_expr();
    m.local("demand", demand)
        .comment("Both deployments with one additional pod each, and one job. A pod with an init container requires the greater of the init container and the sum of its containers.")
}

/// Declares the resources that the quota allows.
fn allowed(m: &mut Module, inputs: &Inputs<Declared>) -> Local<Map<Num>> {
    let of = |name: &str| inputs.quota.attribute::<Num>(name);
    let allowed: Expr<Map<Num>> = [
        ("requests.cpu", of("cpu_millicores")),
        ("requests.memory", of("memory_mib")),
        ("limits.cpu", of("cpu_millicores")),
        ("limits.memory", of("memory_mib")),
        ("pods", of("pods")),
    ]
    .into_expr();
    m.local("allowed", allowed)
}
