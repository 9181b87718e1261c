# The token comes from DIGITALOCEAN_TOKEN. A local cluster does not require one.
provider "digitalocean" {}

locals {
  kubeconfig = yamldecode(module.base.kubeconfig)
  cluster    = local.kubeconfig.clusters[0].cluster
  user       = local.kubeconfig.users[0].user

  # The connection to the cluster, only from the kubeconfig of the module. Every argument that has an environment variable is set,
  # because a provider reads the variable of an argument that is null. The file in config_path replaces a kubeconfig in
  # KUBE_CONFIG_PATH. hashicorp/helm prefers KUBE_CONFIG_PATHS to config_path, and then fails, because such a kubeconfig does
  # not contain the context. No provider reads KUBECONFIG.
  # Source: "Kubernetes Provider" and "Helm Provider", argument reference; helm/kubeconfig.go of hashicorp/helm.
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
