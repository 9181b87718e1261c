# Golden of a test. `UPDATE=1 cargo test -p tfmodgen --test network` writes it.

variable "cluster_settings" {
  description = "Settings of the cluster, by name."
  type        = map(string)
  default     = { containerInsights = "enabled" }
  nullable    = false
}

variable "owner" {
  description = "Who is called at night; null where nobody is."
  type        = string
  default     = null
}

variable "availability_zones" {
  description = "Zones to be in."
  type        = list(string)
  nullable    = false
}

variable "queue_password" {
  description = "Password of the queue. It is never stored."
  type        = string
  sensitive   = true
  ephemeral   = true
  nullable    = false
}
