# Golden file. Regenerate it with `UPDATE=1 cargo test -p tfmodgen --test network`.

output "vpc_id" {
  description = "ID of the VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "IDs of the load balancer subnets, by zone."
  value       = { for key, subnet in aws_subnet.public : key => subnet.id }
}

output "private_subnet_ids" {
  description = "IDs of the task and database subnets."
  value       = values(aws_subnet.private)[*].id
}

output "nat_address" {
  description = "Public IP address of the NAT gateway. Null if there is no NAT gateway."
  value       = one(aws_eip.nat[*].public_ip)
}
