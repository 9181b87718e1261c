//! Issues certificates and revocation lists with the provider's library, and prints the time of each sample and the peak
//! memory of the process as one JSON object.
//!
//! Linux only: CPU time and memory are read from procfs. `benches/peer/pki` has the same tasks, arguments, and output.

mod list;
mod root;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;

/// Times of all samples of a task.
#[derive(Default)]
struct Samples {
    /// Milliseconds of CPU time.
    cpu: Vec<f64>,
    /// Milliseconds.
    elapsed: Vec<f64>,
}

impl Samples {
    /// Measures a part of a task.
    async fn measure<T>(&mut self, part: impl Future<Output = Result<T>>) -> Result<T> {
        let (cpu, started) = (cpu_milliseconds()?, Instant::now());
        let done = part.await?;
        self.elapsed.push(started.elapsed().as_secs_f64() * 1000.0);
        self.cpu.push(cpu_milliseconds()? - cpu);
        Ok(done)
    }
}

fn main() -> Result<()> {
    ensure!(
        cfg!(target_os = "linux"),
        "bench-pki reads CPU time and memory from procfs; run it on Linux"
    );
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [task, subject, samples, rest @ ..] = &arguments[..] else {
        bail!(
            "usage: bench-pki root ALGORITHM SAMPLES, bench-pki list ENTRIES SAMPLES, or bench-pki publish ENTRIES SAMPLES \
             BUCKET"
        );
    };
    let count: usize = samples.parse().context("SAMPLES must be a number")?;
    let entries = || subject.parse().context("ENTRIES must be a number");
    // One thread, so that its CPU time is the CPU time of the task.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let samples = match (*task, rest) {
        ("root", []) => runtime.block_on(root::create(subject, count))?,
        ("list", []) => runtime.block_on(list::sign(entries()?, count))?,
        ("publish", [bucket]) => runtime.block_on(list::publish(entries()?, count, bucket))?,
        _ => bail!("`{task}` is not a task with these arguments; use root, list, or publish"),
    };
    let line = json!({ "cpu": samples.cpu, "elapsed": samples.elapsed, "peak_kib": peak_kib()? });
    println!("{line}");
    Ok(())
}

/// Returns the CPU time of the main thread (`/proc/pid/schedstat`, first field in nanoseconds).
fn cpu_milliseconds() -> Result<f64> {
    // The kernel updates the value when the thread gives up the processor.
    std::thread::sleep(Duration::from_micros(1));
    let text = std::fs::read_to_string("/proc/self/schedstat").context("reading the CPU time")?;
    let nanoseconds = text.split_whitespace().next().unwrap_or_default();
    let nanoseconds: f64 = nanoseconds.parse().context("reading the CPU time")?;
    Ok(nanoseconds / 1_000_000.0)
}

/// Returns the largest resident memory of the process (`VmHWM`, proc_pid_status(5)).
fn peak_kib() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status").context("reading the memory")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .context("the process has no VmHWM")?
        .parse()
        .context("reading the memory")
}
