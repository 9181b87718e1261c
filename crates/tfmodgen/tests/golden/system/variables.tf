# Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.

variable "cluster_settings" {
  description = "Settings of the cluster, by name."
  type        = map(string)
  default     = { containerInsights = "enabled" }
  nullable    = false
}

variable "owner" {
  description = "Owner of the system, as a tag."
  type        = string
  default     = null
}

variable "availability_zones" {
  description = "Availability Zones of the network."
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
