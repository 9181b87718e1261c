//! The sizes a Fargate task can have. Source: "Fargate task CPU and memory", Amazon ECS Developer Guide.

/// CPU units, least memory, most memory and step of memory in MiB; 256 CPU units take 512, 1024 or 2048 MiB.
const SIZES: [(i64, i64, i64, i64); 6] = [
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16_384, 1024),
    (4096, 8192, 30_720, 1024),
    (8192, 16_384, 61_440, 4096),
    (16_384, 32_768, 122_880, 8192),
];

/// Why Fargate has no task of a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// There is no such number of CPU units.
    #[error("{cpu} is none of 256, 512, 1024, 2048, 4096, 8192 and 16384 CPU units")]
    Cpu {
        /// CPU units asked for; 1024 are one vCPU.
        cpu: i64,
    },
    /// The memory does not go with the CPU.
    #[error("{cpu} CPU units do not go with {memory} MiB; they go with {allowed}", allowed = memory_of(*cpu))]
    Memory {
        /// CPU units asked for.
        cpu: i64,
        /// Memory asked for, in MiB.
        memory: i64,
    },
}

/// Checks that Fargate has tasks of this many CPU units (1024 are one vCPU) and MiB of memory.
///
/// # Errors
/// [`SizeError`] with what would be possible.
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

/// The memory that goes with a number of CPU units, in words: each amount where they are few.
fn memory_of(cpu: i64) -> String {
    let Some(&(_, least, most, step)) = SIZES.iter().find(|(units, ..)| *units == cpu) else {
        return "512, 1024 or 2048 MiB".to_owned();
    };
    let amounts = (most - least) / step + 1;
    if amounts > 8 {
        return format!("{least} to {most} MiB in steps of {step}");
    }
    let amounts: Vec<String> = (0..amounts)
        .map(|n| (least + n * step).to_string())
        .collect();
    format!("{} MiB", amounts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the developer guide, written out in GiB as it stands there.
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
    fn the_error_says_what_would_be_possible() {
        let text = |cpu, memory| check_size(cpu, memory).expect_err("refused").to_string();
        assert_eq!(
            text(512, 512),
            "512 CPU units do not go with 512 MiB; they go with 1024, 2048, 3072, 4096 MiB"
        );
        assert!(text(4096, 512).ends_with("they go with 8192 to 30720 MiB in steps of 1024"));
        assert!(text(256, 4096).ends_with("they go with 512, 1024 or 2048 MiB"));
        assert!(text(300, 512).starts_with("300 is none of 256"));
    }
}
