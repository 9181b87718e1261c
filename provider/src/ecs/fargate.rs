//! Supported Fargate task sizes. Source: "Fargate task CPU and memory", Amazon ECS Developer Guide.

/// CPU units, with the minimum, maximum, and step of memory in MiB. 256 CPU units are not listed, because their memory
/// sizes (512, 1024, and 2048 MiB) do not have a uniform step.
const SIZES: [(i64, i64, i64, i64); 6] = [
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16_384, 1024),
    (4096, 8192, 30_720, 1024),
    (8192, 16_384, 61_440, 4096),
    (16_384, 32_768, 122_880, 8192),
];

/// Reason why Fargate does not support a task size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// The number of CPU units is not supported.
    #[error(
        "{cpu} CPU units are not supported; must be one of 256, 512, 1024, 2048, 4096, 8192, or 16384"
    )]
    Cpu {
        /// Configured CPU units. 1024 units are one vCPU.
        cpu: i64,
    },
    /// The amount of memory is not supported with the configured CPU units.
    #[error("{memory} MiB is not supported with {cpu} CPU units; must be {allowed}", allowed = memory_of(*cpu))]
    Memory {
        /// Configured CPU units.
        cpu: i64,
        /// Configured memory in MiB.
        memory: i64,
    },
}

/// Checks that Fargate supports a task size, specified in CPU units (1024 units are one vCPU) and in MiB of memory.
///
/// # Errors
/// Returns an error if the size is not supported. The error includes the supported values.
pub fn check_size(cpu: i64, memory: i64) -> Result<(), SizeError> {
    if cpu == 256 {
        return if [512, 1024, 2048].contains(&memory) {
            Ok(())
        } else {
            Err(SizeError::Memory { cpu, memory })
        };
    }
    let size = SIZES.iter().find(|(units, ..)| *units == cpu);
    let &(_, least, most, step) = size.ok_or(SizeError::Cpu { cpu })?;
    if (least..=most).contains(&memory) && memory % step == 0 {
        Ok(())
    } else {
        Err(SizeError::Memory { cpu, memory })
    }
}

/// Returns a description of the supported memory sizes for a number of CPU units. Lists each size if there are only a
/// few.
fn memory_of(cpu: i64) -> String {
    let Some(&(_, least, most, step)) = SIZES.iter().find(|(units, ..)| *units == cpu) else {
        return "512, 1024, or 2048 MiB".to_owned();
    };
    let amounts = (most - least) / step + 1;
    if amounts > 8 {
        return format!("{least} to {most} MiB in steps of {step}");
    }
    let amounts: Vec<String> = (0..amounts)
        .map(|n| (least + n * step).to_string())
        .collect();
    format!("one of {} MiB", amounts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the sizes in the developer guide table. Most amounts of memory are written in GiB, as in the guide.
    fn documented() -> Vec<(i64, i64)> {
        let gib = |cpu: i64, sizes: Vec<i64>| sizes.into_iter().map(move |g| (cpu, g * 1024));
        let mut all = vec![(256, 512), (256, 1024), (256, 2048)];
        all.extend(gib(512, vec![1, 2, 3, 4]));
        all.extend(gib(1024, (2..=8).collect()));
        all.extend(gib(2048, (4..=16).collect()));
        all.extend(gib(4096, (8..=30).collect()));
        all.extend(gib(8192, (16..=60).step_by(4).collect()));
        all.extend(gib(16_384, (32..=120).step_by(8).collect()));
        all
    }

    #[test]
    fn exactly_the_documented_sizes_are_accepted() {
        let documented = documented();
        for cpu in (0..=20_480).step_by(128) {
            for memory in (0..=131_072).step_by(256) {
                let expected = documented.contains(&(cpu, memory));
                assert_eq!(check_size(cpu, memory).is_ok(), expected, "{cpu}/{memory}");
            }
        }
        for (cpu, memory) in documented {
            assert!(check_size(cpu, memory + 1).is_err() && check_size(cpu + 1, memory).is_err());
        }
    }

    #[test]
    fn errors_name_the_supported_sizes() {
        let text = |cpu, memory| check_size(cpu, memory).expect_err("refused").to_string();
        assert_eq!(
            text(512, 512),
            "512 MiB is not supported with 512 CPU units; must be one of 1024, 2048, 3072, 4096 MiB"
        );
        assert!(text(4096, 512).ends_with("must be 8192 to 30720 MiB in steps of 1024"));
        assert!(text(256, 4096).ends_with("must be 512, 1024, or 2048 MiB"));
        assert!(text(300, 512).starts_with("300 CPU units are not supported"));
    }
}
