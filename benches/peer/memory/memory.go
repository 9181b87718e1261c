package main

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var smallObjects, mediumObjects, largeObjects sync.Map

// memory is a resource that stores its objects by name.
type memory[M any, P storedModel[M]] struct {
	typeName string
	objects  *sync.Map
}

func (r memory[M, P]) Metadata(_ context.Context, _ resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = r.typeName
}

func (r memory[M, P]) Schema(_ context.Context, _ resource.SchemaRequest, answer *resource.SchemaResponse) {
	answer.Schema = schemaOf(r.typeName)
}

func (r memory[M, P]) Create(ctx context.Context, request resource.CreateRequest, answer *resource.CreateResponse) {
	var model M
	answer.Diagnostics.Append(request.Plan.Get(ctx, &model)...)
	if answer.Diagnostics.HasError() {
		return
	}
	r.keep(&model)
	answer.Diagnostics.Append(answer.State.Set(ctx, &model)...)
}

func (r memory[M, P]) Read(ctx context.Context, request resource.ReadRequest, answer *resource.ReadResponse) {
	var model M
	answer.Diagnostics.Append(request.State.Get(ctx, &model)...)
	if answer.Diagnostics.HasError() {
		return
	}
	object, found := r.objects.Load(P(&model).name())
	if !found {
		answer.State.RemoveResource(ctx)
		return
	}
	answer.Diagnostics.Append(answer.State.Set(ctx, object)...)
}

func (r memory[M, P]) Update(ctx context.Context, request resource.UpdateRequest, answer *resource.UpdateResponse) {
	var model M
	answer.Diagnostics.Append(request.Plan.Get(ctx, &model)...)
	if answer.Diagnostics.HasError() {
		return
	}
	r.keep(&model)
	answer.Diagnostics.Append(answer.State.Set(ctx, &model)...)
}

func (r memory[M, P]) Delete(ctx context.Context, request resource.DeleteRequest, answer *resource.DeleteResponse) {
	var model M
	answer.Diagnostics.Append(request.State.Get(ctx, &model)...)
	r.objects.Delete(P(&model).name())
}

func (r memory[M, P]) keep(model *M) {
	P(model).identify("id-" + P(model).name())
	r.objects.Store(P(model).name(), model)
}
