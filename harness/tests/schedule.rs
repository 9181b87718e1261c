//! Tests that memory limits the admission of commands across processes.

use std::error::Error;
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tfharness::process::Group;
use tfharness::schedule::{Admission, Request, Schedule};

type Tested = Result<(), Box<dyn Error>>;

/// Time after which a test fails. No command waits this long if the schedule works.
const LIMIT: Duration = Duration::from_secs(60);

/// Requests memory in a separate thread. The thread continues to wait if the test fails.
fn admitted_soon(schedule: &Schedule, account: &'static str, request: Request) -> Tested {
    let (send, admitted) = mpsc::channel();
    let socket = schedule.socket().to_owned();
    thread::spawn(move || send.send(Admission::at(&socket, account, request).map(drop)));
    Ok(admitted.recv_timeout(LIMIT)??)
}

/// Waits until the specified number of commands wait for memory.
fn await_waiting(schedule: &Schedule, count: usize) -> Tested {
    let start = Instant::now();
    while schedule.waiting() != count {
        if start.elapsed() > LIMIT {
            return Err(format!(
                "expected {count} commands to wait, found {}",
                schedule.waiting()
            )
            .into());
        }
        thread::yield_now();
    }
    Ok(())
}

#[test]
fn command_waits_until_enough_memory_is_available() -> Tested {
    let schedule = Schedule::start(1000)?;
    let first = Admission::at(schedule.socket(), "first", Request::new("a", "apply", 600))?;
    let (send, admitted) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let request = Request::new("b", "apply", 600);
            let second = Admission::at(schedule.socket(), "second", request);
            send.send(()).map(|()| second)
        });
        await_waiting(&schedule, 1)?;
        assert!(
            admitted.try_recv().is_err(),
            "the command must not be admitted without memory"
        );
        drop(first);
        admitted.recv_timeout(LIMIT)?;
        Ok(())
    })
}

#[test]
fn further_command_for_a_busy_account_does_not_wait() -> Tested {
    let schedule = &Schedule::start(1000)?;
    let socket = schedule.socket();
    let first = Admission::at(socket, "shared", Request::new("a", "apply", 1000))?;
    let (send, admitted) = mpsc::channel();
    // The closure owns the first admission. A failure drops it and ends the threads that wait for it.
    thread::scope(move |scope| {
        scope.spawn(|| Admission::at(socket, "other", Request::new("b", "plan", 1000)).map(drop));
        await_waiting(schedule, 1)?;
        // The apply holds a lock that this plan waits for. The plan would never end if it waited for the memory of the
        // apply.
        scope.spawn(move || {
            let second = Admission::at(socket, "shared", Request::new("a", "plan", 1000));
            send.send(second.map(drop))
        });
        admitted.recv_timeout(LIMIT)??;
        drop(first);
        Ok(())
    })
}

#[test]
fn memory_is_released_when_the_process_dies() -> Tested {
    let schedule = Schedule::start(1000)?;
    let mut process = UnixStream::connect(schedule.socket())?;
    let request = br#"{"test":"a","command":"apply","mebibytes":1000,"joins":false}"#;
    process.write_all(request)?;
    process.write_all(b"\n")?;
    drop(process);
    admitted_soon(&schedule, "next", Request::new("b", "apply", 1000))
}

#[test]
fn command_that_exceeds_the_budget_runs_alone() -> Tested {
    let schedule = Schedule::start(1000)?;
    admitted_soon(&schedule, "large", Request::new("a", "apply", 4000))?;
    let large = Admission::at(schedule.socket(), "large", Request::new("a", "apply", 4000))?;
    thread::scope(|scope| {
        let small = scope.spawn(|| {
            Admission::at(schedule.socket(), "small", Request::new("b", "apply", 1)).map(drop)
        });
        await_waiting(&schedule, 1)?;
        drop(large);
        small.join().map_err(|_| "panic")??;
        Ok(())
    })
}

#[test]
fn processor_time_of_a_command_is_in_its_record() -> Tested {
    let schedule = Schedule::start(1000)?;
    let admit = |account| {
        Admission::at(
            schedule.socket(),
            account,
            Request::new(account, "apply", 1),
        )
    };
    admit("reported")?.end(Some(Duration::from_millis(1500)));
    drop(admit("unknown")?);
    let start = Instant::now();
    while schedule.records().len() < 2 {
        assert!(start.elapsed() < LIMIT, "expected two records");
        thread::yield_now();
    }
    for record in schedule.records() {
        let expected = (record.request.test == "reported").then_some(Duration::from_millis(1500));
        assert_eq!(record.processor, expected, "{}", record.request.test);
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn processor_time_includes_descendants() -> Tested {
    let busy = "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done";
    let mut command = Command::new("sh");
    // The second command keeps the first one in a child process.
    command.args(["-c", &format!("sh -c '{busy}'; true")]);
    let start = Instant::now();
    let mut group = Group::spawn(&mut command)?;
    assert_eq!(group.processor_time(), None);
    group.wait(LIMIT)?.ok_or("the command did not end")?;
    let time = group.processor_time().ok_or("no processor time")?;
    assert!(time > Duration::ZERO, "{time:?}");
    // A clock tick is 10 ms.
    let longest = start.elapsed() + Duration::from_millis(40);
    assert!(time <= longest, "{time:?} in {longest:?}");
    Ok(())
}
