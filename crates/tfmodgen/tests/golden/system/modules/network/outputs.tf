# Golden of a test. `UPDATE=1 cargo test -p tfmodgen --test network` writes it.

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Subnets for load balancers, by zone."
  value       = { for key, subnet in aws_subnet.public : key => subnet.id }
}

output "private_subnet_ids" {
  description = "Subnets for tasks and databases."
  value       = values(aws_subnet.private)[*].id
}

output "nat_address" {
  description = "The address from which private subnets reach the internet; null without a NAT gateway."
  value       = one(aws_eip.nat[*].public_ip)
}
