# The base has its own state, so the cluster and its custom resource definitions exist before this configuration is planned.
data "terraform_remote_state" "base" {
  backend = var.base_state.backend
  config  = var.base_state.config
}

locals {
  base       = data.terraform_remote_state.base.outputs
  kubeconfig = yamldecode(local.base.kubeconfig)
  cluster    = local.kubeconfig.clusters[0].cluster
  user       = local.kubeconfig.users[0].user

  # The connection to the cluster, only from the outputs of the base. Every argument that has an environment variable is set,
  # because a provider reads the variable of an argument that is null. The file in config_path replaces a kubeconfig in
  # KUBE_CONFIG_PATH. hashicorp/helm prefers KUBE_CONFIG_PATHS to config_path, and then fails, because such a kubeconfig does
  # not contain the context. No provider reads KUBECONFIG.
  # In some versions, kubernetes_manifest prefers the variables to the arguments, so unset all variables that start with KUBE_.
  # Source: "Kubernetes Provider" and "Helm Provider", argument reference; helm/kubeconfig.go of hashicorp/helm;
  # manifest/provider/configure.go of hashicorp/kubernetes.
  connection = {
    host                   = local.cluster.server
    cluster_ca_certificate = base64decode(local.cluster["certificate-authority-data"])
    token                  = try(local.user.token, "")
    client_certificate     = try(base64decode(local.user["client-certificate-data"]), "")
    client_key             = try(base64decode(local.user["client-key-data"]), "")
    config_path            = "${path.module}/kubeconfig.yaml"
  }
}

provider "kubernetes" {
  host                     = local.connection.host
  cluster_ca_certificate   = local.connection.cluster_ca_certificate
  token                    = local.connection.token
  client_certificate       = local.connection.client_certificate
  client_key               = local.connection.client_key
  config_path              = local.connection.config_path
  config_context           = "outputs-of-the-base"
  config_context_auth_info = ""
  config_context_cluster   = ""
  username                 = ""
  password                 = ""
  insecure                 = false
  tls_server_name          = ""
  proxy_url                = ""
}

provider "helm" {
  kubernetes = {
    host                     = local.connection.host
    cluster_ca_certificate   = local.connection.cluster_ca_certificate
    token                    = local.connection.token
    client_certificate       = local.connection.client_certificate
    client_key               = local.connection.client_key
    config_path              = local.connection.config_path
    config_context           = "outputs-of-the-base"
    config_context_auth_info = ""
    config_context_cluster   = ""
    username                 = ""
    password                 = ""
    insecure                 = false
    tls_server_name          = ""
    proxy_url                = ""
  }
}
