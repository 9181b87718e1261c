package main

import "github.com/hashicorp/terraform-plugin-framework/types"

type small struct {
	Name types.String `tfsdk:"name"`
	Note types.String `tfsdk:"note"`
	Size types.Int64  `tfsdk:"size"`
	ID   types.String `tfsdk:"id"`
}

type medium struct {
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	Enabled     types.Bool   `tfsdk:"enabled"`
	Size        types.Int64  `tfsdk:"size"`
	Port        types.Int64  `tfsdk:"port"`
	Image       types.String `tfsdk:"image"`
	RoleARN     types.String `tfsdk:"role_arn"`
	KeyARN      types.String `tfsdk:"key_arn"`
	Zones       types.List   `tfsdk:"zones"`
	Owners      types.Set    `tfsdk:"owners"`
	Tags        types.Map    `tfsdk:"tags"`
	Network     *network     `tfsdk:"network"`
	ID          types.String `tfsdk:"id"`
}

type network struct {
	CIDR    types.String `tfsdk:"cidr"`
	Subnets types.Set    `tfsdk:"subnets"`
	Public  types.Bool   `tfsdk:"public"`
}

type large struct {
	Name        types.String         `tfsdk:"name"`
	Description types.String         `tfsdk:"description"`
	Size        types.Int64          `tfsdk:"size"`
	Tags        types.Map            `tfsdk:"tags"`
	Network     *network             `tfsdk:"network"`
	Containers  map[string]container `tfsdk:"containers"`
	Rules       []rule               `tfsdk:"rules"`
	Members     []member             `tfsdk:"members"`
	ID          types.String         `tfsdk:"id"`
}

type container struct {
	Image       types.String `tfsdk:"image"`
	CPU         types.Int64  `tfsdk:"cpu"`
	Memory      types.Int64  `tfsdk:"memory"`
	Command     types.List   `tfsdk:"command"`
	Environment types.Map    `tfsdk:"environment"`
}

type rule struct {
	Protocol types.String `tfsdk:"protocol"`
	Port     types.Int64  `tfsdk:"port"`
	CIDRs    types.Set    `tfsdk:"cidrs"`
}

type member struct {
	Key   types.String `tfsdk:"key"`
	Value types.String `tfsdk:"value"`
}

// storedModel is implemented by models that can be stored in memory.
type storedModel[M any] interface {
	*M
	name() string
	identify(id string)
}

func (m *small) name() string  { return m.Name.ValueString() }
func (m *medium) name() string { return m.Name.ValueString() }
func (m *large) name() string  { return m.Name.ValueString() }

func (m *small) identify(id string)  { m.ID = types.StringValue(id) }
func (m *medium) identify(id string) { m.ID = types.StringValue(id) }
func (m *large) identify(id string)  { m.ID = types.StringValue(id) }
