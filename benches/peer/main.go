// Command peer serves the schemas of the skreg provider on terraform-plugin-framework, to be measured against.
// It manages nothing: every operation on a resource answers with an error.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return peer{} }, providerserver.ServeOpts{
		Address: "registry.opentofu.org/skreg/skreg",
	})
	if err != nil {
		log.Fatal(err)
	}
}

type peer struct{}

func (peer) Metadata(_ context.Context, _ provider.MetadataRequest, answer *provider.MetadataResponse) {
	answer.TypeName = "skreg"
}

func (peer) Schema(_ context.Context, _ provider.SchemaRequest, answer *provider.SchemaResponse) {
	answer.Schema = schema.Schema{
		Description: "Certificate authorities whose keys never enter state, and ECS rollouts that tell the truth.",
		Attributes: map[string]schema.Attribute{
			"region":              schema.StringAttribute{Optional: true, Description: "AWS region."},
			"profile":             schema.StringAttribute{Optional: true, Description: "Profile of the shared configuration."},
			"access_key":          schema.StringAttribute{Optional: true, Sensitive: true, Description: "Access key id."},
			"secret_key":          schema.StringAttribute{Optional: true, Sensitive: true, Description: "Secret access key."},
			"token":               schema.StringAttribute{Optional: true, Sensitive: true, Description: "Session token."},
			"max_retries":         schema.Int64Attribute{Optional: true, Description: "Attempts after the first."},
			"allowed_account_ids": schema.SetAttribute{Optional: true, ElementType: types.StringType, Description: "Accounts that may be changed."},
			"default_tags":        schema.MapAttribute{Optional: true, ElementType: types.StringType, Description: "Tags of everything."},
			"endpoints": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "Endpoints by service.",
				Attributes: map[string]schema.Attribute{
					"ecs":            schema.StringAttribute{Optional: true, Description: "ECS."},
					"elbv2":          schema.StringAttribute{Optional: true, Description: "Elastic Load Balancing."},
					"secretsmanager": schema.StringAttribute{Optional: true, Description: "Secrets Manager."},
					"sts":            schema.StringAttribute{Optional: true, Description: "STS."},
				},
			},
			"assume_role": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "Role to assume.",
				Attributes: map[string]schema.Attribute{
					"role_arn":     schema.StringAttribute{Required: true, Description: "The role."},
					"session_name": schema.StringAttribute{Optional: true, Description: "Name of the session."},
					"external_id":  schema.StringAttribute{Optional: true, Description: "External id."},
				},
			},
			"assume_role_with_web_identity": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "Role to assume with a web identity.",
				Attributes: map[string]schema.Attribute{
					"role_arn":                schema.StringAttribute{Required: true, Description: "The role."},
					"session_name":            schema.StringAttribute{Optional: true, Description: "Name of the session."},
					"web_identity_token_file": schema.StringAttribute{Optional: true, Description: "File of the token."},
				},
			},
		},
	}
}

func (peer) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (peer) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (peer) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return inert{name: "skreg_pki_root_ca", schema: rootCA} },
		func() resource.Resource { return inert{name: "skreg_ecs_service_bundle", schema: serviceBundle} },
	}
}
