// Command provider serves the schemas of the skreg provider with terraform-plugin-framework, as the peer in the
// benchmarks. It does not manage resources: every operation on a resource returns an error.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"skreg.dev/peer/generated/skreg"
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
	answer.Schema = skreg.Provider()
}

func (peer) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (peer) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (peer) Resources(context.Context) []func() resource.Resource {
	var resources []func() resource.Resource
	for name, schema := range skreg.Resources() {
		resources = append(resources, func() resource.Resource { return inert{name: name, schema: schema} })
	}
	return resources
}

// inert is a resource that has a schema but no operations.
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

const nothing = "The peer does not manage resources."

func (inert) Create(_ context.Context, _ resource.CreateRequest, answer *resource.CreateResponse) {
	answer.Diagnostics.AddError(nothing, "It serves only benchmarks.")
}

func (inert) Read(_ context.Context, _ resource.ReadRequest, answer *resource.ReadResponse) {
	answer.Diagnostics.AddError(nothing, "It serves only benchmarks.")
}

func (inert) Update(_ context.Context, _ resource.UpdateRequest, answer *resource.UpdateResponse) {
	answer.Diagnostics.AddError(nothing, "It serves only benchmarks.")
}

func (inert) Delete(_ context.Context, _ resource.DeleteRequest, answer *resource.DeleteResponse) {
	answer.Diagnostics.AddError(nothing, "It serves only benchmarks.")
}
