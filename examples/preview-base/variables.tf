variable "name" {
  type        = string
  description = "Name of the cluster."
  default     = "preview"
}

variable "profile" {
  type        = string
  description = "Profile: local, preview, or production."
  default     = "preview"
}

variable "domain" {
  type        = string
  description = "Domain of the environments."
}

variable "region" {
  type        = string
  description = "DigitalOcean region."
  default     = "fra1"
}

variable "kubernetes_version" {
  type        = string
  description = "Version with which the cluster is created. Omit it on a local cluster."
  default     = null
}

variable "kubeconfig" {
  type        = string
  description = "Kubeconfig of a local cluster."
  default     = null
  sensitive   = true
}

variable "network" {
  type = object({
    vpc_cidr      = optional(string)
    pods_cidr     = optional(string)
    services_cidr = optional(string)
  })
  description = "Address ranges of the VPC, the pods, and the services. Two bases in one account require different ranges."
  default     = {}
}

variable "node_pool" {
  type = object({
    size      = optional(string)
    min_nodes = optional(number)
    max_nodes = optional(number)
  })
  description = "Nodes of the cluster."
  default     = {}
}

variable "postgresql" {
  type = object({
    managed = optional(bool)
    version = optional(string)
    size    = optional(string)
    nodes   = optional(number)
  })
  description = "PostgreSQL in the cluster, or a managed database."
  default     = {}
}

variable "postgresql_password" {
  type        = string
  description = "Password of the administrator of PostgreSQL in the cluster. Pass it to each apply."
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "dns_token" {
  type        = string
  description = "DigitalOcean token with which cert-manager changes DNS records. Pass it to each apply."
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "registry_credentials" {
  type        = string
  description = "Credentials for the container registry, as the content of a Docker configuration file."
  default     = "{\"auths\":{}}"
  sensitive   = true
  ephemeral   = true
}

variable "secrets_version" {
  type        = number
  description = "Number of the secret values. Increase it to write them again."
  default     = 1
}

variable "acme_email" {
  type        = string
  description = "E-mail address of the account at Let's Encrypt."
  default     = null
}

variable "acme_server" {
  type        = string
  description = "Address of the ACME directory."
  default     = "https://acme-v02.api.letsencrypt.org/directory"
}

variable "disposable" {
  type        = bool
  description = "Whether destroy also deletes the load balancers and volumes of the cluster."
  default     = false
}
