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
			"region":                   schema.StringAttribute{Optional: true, Description: "Region of every resource."},
			"profile":                  schema.StringAttribute{Optional: true, Description: "Profile of the shared files."},
			"access_key":               schema.StringAttribute{Optional: true, Description: "Access key id."},
			"secret_key":               schema.StringAttribute{Optional: true, Sensitive: true, Description: "Secret access key."},
			"token":                    schema.StringAttribute{Optional: true, Sensitive: true, Description: "Session token."},
			"shared_config_files":      schema.ListAttribute{Optional: true, ElementType: types.StringType, Description: "Configuration files."},
			"shared_credentials_files": schema.ListAttribute{Optional: true, ElementType: types.StringType, Description: "Credentials files."},
			"max_retries":              schema.Int64Attribute{Optional: true, Description: "Attempts after the first."},
			"allowed_account_ids":      schema.SetAttribute{Optional: true, ElementType: types.StringType, Description: "Accounts that may be touched."},
			"default_tags":             schema.MapAttribute{Optional: true, ElementType: types.StringType, Description: "Tags of everything."},
			"endpoints":                schema.MapAttribute{Optional: true, ElementType: types.StringType, Description: "Endpoints by service."},
			"assume_role": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "A role to assume.",
				Attributes: map[string]schema.Attribute{
					"role_arn":     schema.StringAttribute{Required: true, Description: "The role."},
					"session_name": schema.StringAttribute{Optional: true, Description: "Name of the session."},
					"external_id":  schema.StringAttribute{Optional: true, Description: "External id."},
					"duration":     schema.StringAttribute{Optional: true, Description: "Life of a session."},
					"policy":       schema.StringAttribute{Optional: true, Description: "A policy that narrows the session."},
					"policy_arns":  schema.SetAttribute{Optional: true, ElementType: types.StringType, Description: "Managed policies."},
					"tags":         schema.MapAttribute{Optional: true, ElementType: types.StringType, Description: "Tags of the session."},
				},
			},
			"assume_role_with_web_identity": schema.SingleNestedAttribute{
				Optional:    true,
				Description: "A role to assume with a web identity token.",
				Attributes: map[string]schema.Attribute{
					"role_arn":                schema.StringAttribute{Required: true, Description: "The role."},
					"web_identity_token":      schema.StringAttribute{Optional: true, Sensitive: true, Description: "The token."},
					"web_identity_token_file": schema.StringAttribute{Optional: true, Description: "File of the token."},
					"session_name":            schema.StringAttribute{Optional: true, Description: "Name of the session."},
					"duration":                schema.StringAttribute{Optional: true, Description: "Life of a session."},
					"policy":                  schema.StringAttribute{Optional: true, Description: "A policy that narrows the session."},
					"policy_arns":             schema.SetAttribute{Optional: true, ElementType: types.StringType, Description: "Managed policies."},
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
