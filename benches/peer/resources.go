package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// inert is a resource that has a schema and does nothing.
type inert struct {
	name   string
	schema func() schema.Schema
}

func (r inert) Metadata(_ context.Context, _ resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = r.name
}

func (r inert) Schema(_ context.Context, _ resource.SchemaRequest, answer *resource.SchemaResponse) {
	answer.Schema = r.schema()
}

const nothing = "The peer manages nothing."

func (inert) Create(_ context.Context, _ resource.CreateRequest, answer *resource.CreateResponse) {
	answer.Diagnostics.AddError(nothing, "It is only measured.")
}

func (inert) Read(_ context.Context, _ resource.ReadRequest, answer *resource.ReadResponse) {
	answer.Diagnostics.AddError(nothing, "It is only measured.")
}

func (inert) Update(_ context.Context, _ resource.UpdateRequest, answer *resource.UpdateResponse) {
	answer.Diagnostics.AddError(nothing, "It is only measured.")
}

func (inert) Delete(_ context.Context, _ resource.DeleteRequest, answer *resource.DeleteResponse) {
	answer.Diagnostics.AddError(nothing, "It is only measured.")
}

func kept(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:      true,
		Description:   description,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, Description: description}
}

func needed(description string) schema.StringAttribute {
	return schema.StringAttribute{Required: true, Description: description}
}

func number(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Optional: true, Description: description}
}

func chosen(description string, value int64) schema.Int64Attribute {
	return schema.Int64Attribute{Optional: true, Computed: true, Default: int64default.StaticInt64(value), Description: description}
}

func flag(description string, value bool) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(value), Description: description}
}

func texts(description string) schema.MapAttribute {
	return schema.MapAttribute{Optional: true, ElementType: types.StringType, Description: description}
}

func list(description string) schema.ListAttribute {
	return schema.ListAttribute{Optional: true, ElementType: types.StringType, Description: description}
}

func timeouts() map[string]schema.Block {
	return map[string]schema.Block{
		"timeouts": schema.SingleNestedBlock{
			Description: "How long operations may take.",
			Attributes: map[string]schema.Attribute{
				"create": text("Such as 30m."),
				"read":   text("Such as 5m."),
				"update": text("Such as 30m."),
				"delete": text("Such as 20m."),
			},
		},
	}
}

func rootCA() schema.Schema {
	return schema.Schema{
		Description: "A root certificate authority whose private key never enters state, plan or log.",
		Blocks:      timeouts(),
		Attributes: map[string]schema.Attribute{
			"subject": schema.SingleNestedAttribute{
				Required:    true,
				Description: "Distinguished name.",
				Attributes: map[string]schema.Attribute{
					"common_name":         needed("Common name."),
					"organization":        text("Organization."),
					"organizational_unit": text("Organizational unit."),
					"country":             text("Country, two letters."),
					"locality":            text("Locality."),
					"province":            text("State or province."),
				},
			},
			"key_algorithm": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString("RSA_4096"), Description: "Algorithm of the key.",
			},
			"secrets_manager": schema.SingleNestedAttribute{
				Required:    true,
				Description: "Where the key is kept.",
				Attributes: map[string]schema.Attribute{
					"name":                    needed("Name of the secret."),
					"kms_key_id":              text("Key that encrypts the secret."),
					"recovery_window_in_days": chosen("Days to restore a deleted key.", 30),
				},
			},
			"validity_days":       number("Days of validity."),
			"not_after":           text("End of validity."),
			"path_length":         chosen("Authorities below this one.", 1),
			"deletion_protection": flag("Refuses plans that would delete the key.", true),
			"tags":                texts("Tags."),
			"certificate_pem":     kept("The certificate."),
			"public_key_pem":      kept("The public key."),
			"serial_number":       kept("Serial number, hexadecimal."),
			"subject_key_id":      kept("Subject key identifier, hexadecimal."),
			"spki_sha256":         kept("Digest of the public key."),
			"certificate_sha256":  kept("Digest of the certificate."),
			"not_before":          kept("Begin of validity."),
			"not_after_actual":    kept("End of validity."),
			"secret_arn":          kept("The secret."),
			"secret_version_id":   kept("Version of the secret."),
		},
	}
}

func serviceBundle() schema.Schema {
	return schema.Schema{
		Description: "Services of one image on one ECS cluster, rolled out together.",
		Blocks:      timeouts(),
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required: true, Description: "Name of the bundle.", PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"cluster": schema.StringAttribute{
				Required: true, Description: "The cluster.", PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"image":                   image(),
			"log":                     logs(),
			"cpu_architecture":        picked("Architecture.", "X86_64"),
			"operating_system_family": picked("Operating system.", "LINUX"),
			"propagate_tags":          picked("Where tasks get tags from.", "SERVICE"),
			"execution_role_arn":      needed("Role that starts tasks."),
			"task_role_arn":           text("Role of the containers."),
			"network": schema.SingleNestedAttribute{
				Required:    true,
				Description: "Where tasks run.",
				Attributes: map[string]schema.Attribute{
					"subnets":          schema.SetAttribute{Required: true, ElementType: types.StringType, Description: "Subnets."},
					"security_groups":  schema.SetAttribute{Optional: true, ElementType: types.StringType, Description: "Security groups."},
					"assign_public_ip": flag("Public addresses.", false),
				},
			},
			"environment":                 texts("Variables of every container."),
			"allow_plaintext_environment": schema.SetAttribute{Optional: true, ElementType: types.StringType, Description: "Names that are no secrets."},
			"secrets":                     texts("Secrets of every container."),
			"deployment": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "How rollouts go.",
				Attributes: map[string]schema.Attribute{
					"minimum_healthy_percent": chosen("Least share of healthy tasks.", 100),
					"maximum_percent":         chosen("Greatest share of tasks.", 200),
					"order":                   list("Order of services."),
					"circuit_breaker": schema.SingleNestedAttribute{
						Optional:    true,
						Description: "When a rollout is given up.",
						Attributes: map[string]schema.Attribute{
							"enable":   flag("Give up.", true),
							"rollback": flag("Roll back.", true),
						},
					},
					"wait": flag("Wait for the end.", true),
				},
			},
			"deletion_protection":  flag("Refuses plans that would delete services.", true),
			"keep_revisions":       chosen("Revisions to keep.", 5),
			"tags":                 texts("Tags."),
			"task_definition_arns": schema.MapAttribute{Computed: true, ElementType: types.StringType, Description: "Revisions."},
			"services": schema.MapNestedAttribute{
				Required:     true,
				Description:  "The services.",
				NestedObject: schema.NestedAttributeObject{Attributes: service()},
			},
			"deployments": schema.MapNestedAttribute{
				Computed:    true,
				Description: "The last rollout of each service.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"service_arn":            kept("The service."),
					"service_deployment_arn": kept("The deployment."),
					"status":                 kept("Its status."),
					"status_reason":          kept("Its reason."),
					"drift":                  schema.ListAttribute{Computed: true, ElementType: types.StringType, Description: "Differences."},
				}},
			},
		},
	}
}

func image() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "The image.",
		Attributes: map[string]schema.Attribute{
			"repository_url": needed("Repository."),
			"tag":            text("Tag."),
			"digest":         text("Digest."),
		},
	}
}

func logs() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:    true,
		Description: "Where containers log to.",
		Attributes: map[string]schema.Attribute{
			"group":         needed("Log group."),
			"stream_prefix": text("Prefix of streams."),
			"region":        text("Region of the group."),
		},
	}
}

func picked(description string, value string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString(value), Description: description}
}

func service() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"cpu":                               schema.Int64Attribute{Required: true, Description: "CPU units."},
		"memory":                            schema.Int64Attribute{Required: true, Description: "MiB."},
		"command":                           list("Command."),
		"entry_point":                       list("Entry point."),
		"desired_count":                     number("Tasks."),
		"environment":                       texts("Variables."),
		"secrets":                           texts("Secrets."),
		"port":                              number("Port."),
		"health_check_grace_period_seconds": number("Grace."),
		"stop_timeout":                      number("Seconds to stop."),
		"task_role_arn":                     text("Role."),
		"image":                             image(),
		"log":                               logs(),
		"enable_execute_command":            flag("Shell.", false),
		"availability_zone_rebalancing":     picked("Balance over zones.", "ENABLED"),
		"health_check": schema.SingleNestedAttribute{
			Optional:    true,
			Description: "Health check of the container.",
			Attributes: map[string]schema.Attribute{
				"command":      list("Command."),
				"interval":     chosen("Seconds.", 30),
				"timeout":      chosen("Seconds.", 5),
				"retries":      chosen("Tries.", 3),
				"start_period": chosen("Seconds.", 0),
			},
		},
		"load_balancer": schema.ListNestedAttribute{
			Optional:    true,
			Description: "Target groups.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"target_group_arn": needed("Target group."),
				"container_port":   number("Port."),
			}},
		},
	}
}
