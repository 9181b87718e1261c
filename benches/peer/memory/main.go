// Command memory serves resources that are stored in memory, in three sizes, with
// terraform-plugin-framework. It is the peer of benches/subject.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	provider_schema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"

	generated "skreg.dev/peer/generated/bench"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return peer{} }, providerserver.ServeOpts{
		Address: "registry.opentofu.org/skreg/bench",
	})
	if err != nil {
		log.Fatal(err)
	}
}

type peer struct{}

func (peer) Metadata(_ context.Context, _ provider.MetadataRequest, answer *provider.MetadataResponse) {
	answer.TypeName = "bench"
}

func (peer) Schema(_ context.Context, _ provider.SchemaRequest, answer *provider.SchemaResponse) {
	answer.Schema = provider_schema.Schema{}
}

func (peer) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (peer) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (peer) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return memory[small, *small]{"bench_small", &smallObjects} },
		func() resource.Resource { return memory[medium, *medium]{"bench_medium", &mediumObjects} },
		func() resource.Resource { return memory[large, *large]{"bench_large", &largeObjects} },
	}
}

// planned adds defaults and plan modifiers, which schemas do not include, to a generated schema.
func planned(made schema.Schema) schema.Schema {
	id := made.Attributes["id"].(schema.StringAttribute)
	id.PlanModifiers = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	made.Attributes["id"] = id
	name := made.Attributes["name"].(schema.StringAttribute)
	name.PlanModifiers = []planmodifier.String{stringplanmodifier.RequiresReplace()}
	made.Attributes["name"] = name
	size := made.Attributes["size"].(schema.Int64Attribute)
	size.Default = int64default.StaticInt64(1)
	made.Attributes["size"] = size
	if enabled, found := made.Attributes["enabled"].(schema.BoolAttribute); found {
		enabled.Default = booldefault.StaticBool(true)
		made.Attributes["enabled"] = enabled
	}
	return made
}

func schemaOf(name string) schema.Schema { return planned(generated.Resources()[name]()) }
