//! An ECS capacity provider with GPU instances. The number of instances follows the tasks and can be zero.

use aws_blocks as aws;
use aws_blocks::data;
use tfmodgen::prelude::*;
use tfmodgen::{Declared, Maybe, Variable};

use crate::aws::conventions::{Conventions, Identity, module};
use crate::aws::fragments::security_group::security_group;
use crate::aws::inputs::{ONLY_IN_AWS, prefix, subnet_ids, tags, vpc_id, whole};
use crate::aws::mocks::{Mock, mock};
use crate::aws::policy::{allow, document};

/// Pattern for instance types with NVIDIA GPUs. Source: "Amazon ECS task definitions for GPU workloads", ECS developer
/// guide.
const GPU: &str = "^(p[2-9][a-z]*|g[4-9][a-z]*|gr[6-9][a-z]*)[.][0-9a-z]+$";
/// Parameter with the ID of the latest ECS image for GPU instances.
const IMAGE: &str =
    "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2/gpu/recommended/image_id";

/// Returns the part.
pub(crate) fn gpu_capacity(to: &Conventions) -> Part<Inputs, Outputs> {
    let mut m = module(
        "gpu-capacity",
        "An ECS capacity provider with GPU instances that scales to zero.",
    );
    let inputs = Inputs::declare(&mut m, to);
    let own = Identity::of(&inputs.name, &inputs.tags);
    let wanted = m.local("has_gpu", inputs.gpu.is_set());

    let profile = profile(&mut m, &own, &wanted);
    let provider = provider(&mut m, &own, &inputs, &wanted, &profile);
    mock(
        &mut m,
        to,
        &[
            Mock::Partition,
            Mock::Role,
            Mock::InstanceProfile,
            Mock::Group,
        ],
    );
    m.scenario("default_has_no_instances", |plan| {
        plan.expect(
            length(provider.object()).equals(0),
            "Without settings, a capacity provider must not exist.",
        )
    });
    m.scenario("settings_create_a_capacity_provider", |plan| {
        plan.given(
            &inputs.gpu,
            object_value([entry("instance_type", "g5.xlarge")]),
        )
        .expect(
            length(provider.object()).equals(1),
            "A capacity provider must exist.",
        )
    });
    let outputs = Outputs {
        capacity_provider_names: output(provider.list(|provider| provider.name())),
    };
    Part::new(m, inputs, outputs)
}

tfmodgen::inputs! {
    /// Inputs for the capacity provider.
    pub(crate) struct Inputs(input, to: &Conventions) {
        required name: Str = prefix(input, to),
        optional tags: Map<Str> = tags(input),
        required vpc_id: Str = vpc_id(input, to),
        required subnet_ids: List<Str> = subnet_ids(input, "IDs of the private subnets for the instances."),
        optional gpu: Object = settings(input),
    }
}

tfmodgen::outputs! {
    /// Outputs of the capacity provider.
    pub(crate) struct Outputs {
        /// Name of the capacity provider in a list. Empty without GPU instances.
        capacity_provider_names: List<Str>,
    }
}

/// Declares the instances.
fn settings(input: NewInput<'_>) -> Variable<Object> {
    let valid = |gpu: &Expr<Object>, rule: Expr<Bool>| {
        conditional(gpu.is_null(), true, r#try([rule, false.into_expr()]))
    };
    input
        .declare(
            object()
                .required("instance_type", string())
                .optional_or("max_instances", number(), 1),
        )
        .describe("GPU instances for tasks that Fargate cannot run: the instance type, and the maximum number of instances. Without tasks, no instance runs. If `null`, the cluster has only Fargate.")
        .nullable()
        .validate(
            |gpu| valid(gpu, matches(GPU, gpu.attribute::<Str>("instance_type"))),
            "The value of gpu.instance_type must be an EC2 instance type with a GPU, such as g5.xlarge.",
        )
        .refuses(object_value([entry("instance_type", "m7i.large")]))
        .validate(
            |gpu| valid(gpu, whole(&gpu.attribute("max_instances"), 1, 100)),
            "The value of gpu.max_instances must be an integer from 1 to 100.",
        )
        .refuses(object_value([
            entry("instance_type", "g5.xlarge"),
            entry("max_instances", 0),
        ]))
}

/// Declares the role of the instances.
fn profile(
    m: &mut Module,
    own: &Identity,
    wanted: &Expr<Bool>,
) -> Maybe<aws::IamInstanceProfileReference> {
    m.file("role");
    let partition = m.data(data::Partition::new("current"));
    let trust = document([allow("sts:AssumeRole").by("Service", "ec2.amazonaws.com")]);
    let role = aws::IamRole::new("gpu", trust)
        .comment("EC2 does not specify the account when it assumes a role for an instance profile.")
        .name(own.with("-gpu"))
        .description("Role of the GPU instances: joins the cluster and pulls images.")
        .tags(&own.tags)
        .precondition(partition.partition().equals("aws"), ONLY_IN_AWS);
    let role = m.resource(role.when(wanted));
    m.resource(
        aws::IamRolePolicyAttachment::new(
            "gpu",
            template([
                "arn:".into(),
                partition.partition().into(),
                ":iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role".into(),
            ]),
            role.assumed().name(),
        )
        .when(wanted),
    );
    m.resource(
        aws::IamInstanceProfile::new("gpu")
            .name(own.with("-gpu"))
            .role(role.assumed().name())
            .tags(&own.tags)
            .when(wanted),
    )
}

/// Declares the instances and the capacity provider.
fn provider(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    wanted: &Expr<Bool>,
    profile: &Maybe<aws::IamInstanceProfileReference>,
) -> Maybe<aws::EcsCapacityProviderReference> {
    m.file("instances");
    let group = m.resource(
        security_group(
            "gpu",
            own,
            "-gpu",
            &inputs.vpc_id,
            "GPU instances: HTTPS to AWS services.",
        )
        .when(wanted),
    );
    m.resource(
        aws::VpcSecurityGroupEgressRule::new("gpu", "tcp", group.assumed().id())
            .description("HTTPS to AWS services.")
            .cidr_ipv4("0.0.0.0/0")
            .from_port(443)
            .to_port(443)
            .tags(&own.tags)
            .when(wanted),
    );
    let template = launch_template(m, own, inputs, wanted, profile, &group);
    let tag = |key: &str, value: Expr<Str>| aws::AutoscalingGroupTag::new(key, true, value);
    let group = m.resource(
        aws::AutoscalingGroup::new("gpu", inputs.gpu.attribute::<Num>("max_instances"), 0)
            .name(own.with("-gpu"))
            .vpc_zone_identifier(&inputs.subnet_ids)
            .health_check_type("EC2")
            .force_delete(true)
            .tag(tag("AmazonECSManaged", "true".into_expr()))
            .argument_comment("ECS adds this tag to Auto Scaling groups that it manages.")
            .tag(tag("Name", own.with("-gpu")))
            .launch_template(
                aws::AutoscalingGroupLaunchTemplate::new()
                    .name(template.assumed().name())
                    .version("$Latest"),
            )
            .ignore_changes("desired_capacity")
            .lifecycle_comment("ECS changes the number of instances.")
            .when(wanted),
    );
    m.resource(
        aws::EcsCapacityProvider::new(
            "gpu",
            own.with("-gpu"),
            aws::EcsCapacityProviderAutoScalingGroupProvider::new(group.assumed().arn())
                .managed_termination_protection("DISABLED")
                .managed_scaling(
                    aws::EcsCapacityProviderAutoScalingGroupProviderManagedScaling::new()
                        .status("ENABLED")
                        .target_capacity(100)
                        .minimum_scaling_step_size(1)
                        .maximum_scaling_step_size(1),
                ),
        )
        .tags(&own.tags)
        .when(wanted),
    )
}

/// Declares the launch template.
fn launch_template(
    m: &mut Module,
    own: &Identity,
    inputs: &Inputs<Declared>,
    wanted: &Expr<Bool>,
    profile: &Maybe<aws::IamInstanceProfileReference>,
    group: &Maybe<aws::SecurityGroupReference>,
) -> Maybe<aws::LaunchTemplateReference> {
    let user_data = template([
        "#!/bin/bash\necho ECS_CLUSTER=".into(),
        (&own.name).into(),
        " >> /etc/ecs/ecs.config\necho ECS_ENABLE_GPU_SUPPORT=true >> /etc/ecs/ecs.config\n".into(),
    ]);
    m.resource(
        aws::LaunchTemplate::new("gpu")
            .name(own.with("-gpu"))
            .description("GPU instances that join the cluster.")
            .image_id(IMAGE)
            .instance_type(inputs.gpu.attribute::<Str>("instance_type"))
            .vpc_security_group_ids([group.assumed().id()])
            .update_default_version(true)
            .user_data(base64encode(user_data))
            .tags(own.tagged("-gpu"))
            .iam_instance_profile(
                aws::LaunchTemplateIamInstanceProfile::new().arn(profile.assumed().arn()),
            )
            .metadata_options(
                aws::LaunchTemplateMetadataOptions::new()
                    .http_endpoint("enabled")
                    .http_tokens("required")
                    .http_put_response_hop_limit(1),
            )
            .monitoring(aws::LaunchTemplateMonitoring::new().enabled(true))
            .block_device_mappings(
                aws::LaunchTemplateBlockDeviceMappings::new()
                    .device_name("/dev/xvda")
                    .ebs(
                        aws::LaunchTemplateBlockDeviceMappingsEbs::new()
                            .encrypted("true")
                            .volume_size(100)
                            .volume_type("gp3"),
                    ),
            )
            .when(wanted),
    )
}
