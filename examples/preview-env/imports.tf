# Adopts the objects of an existing production environment. A plan with import_existing = true must report imports and changes in
# place, and must not create, replace, or destroy any of these objects. Omit the variable in later runs.
#
# hashicorp/kubernetes reads the values of an imported secret into the state, and keeps them. Replace the values after the import: change
# them, and increase secrets_version.
locals {
  imports = var.import_existing && var.profile == "production" ? toset(["existing"]) : toset([])
}

import {
  for_each = local.imports
  to       = module.environment.kubernetes_namespace_v1.this
  id       = "${var.app}-production"
}

import {
  for_each = local.imports
  to       = module.environment.kubernetes_config_map_v1.api
  id       = "${var.app}-production/api"
}

import {
  for_each = local.imports
  to       = module.environment.kubernetes_secret_v1.api
  id       = "${var.app}-production/api"
}

import {
  for_each = local.imports
  to       = module.environment.kubernetes_deployment_v1.web
  id       = "${var.app}-production/web"
}

import {
  for_each = local.imports
  to       = module.environment.kubernetes_deployment_v1.api
  id       = "${var.app}-production/api"
}

import {
  for_each = local.imports
  to       = module.environment.kubernetes_service_v1.web
  id       = "${var.app}-production/web"
}

import {
  for_each = local.imports
  to       = module.environment.kubernetes_service_v1.api
  id       = "${var.app}-production/api"
}

import {
  for_each = local.imports
  to       = module.environment.kubernetes_manifest.web
  id       = "apiVersion=gateway.networking.k8s.io/v1,kind=HTTPRoute,namespace=${var.app}-production,name=web"
}

import {
  for_each = local.imports
  to       = module.environment.kubernetes_manifest.api
  id       = "apiVersion=gateway.networking.k8s.io/v1,kind=HTTPRoute,namespace=${var.app}-production,name=api"
}
